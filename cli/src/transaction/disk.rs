//! What a transaction does to a file system, and nothing more, so that a test can let each of it fail.

use std::fmt;
use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::PathBuf;
use std::thread::{self, ScopedJoinHandle};

use serde::{Deserialize, Serialize};

use crate::tree::File;

/// The folder of a project. Paths are relative to it, with `/` between their parts; its own is the empty one.
/// No operation follows a link in the last part of a path.
pub trait Disk {
    /// What is at `path`; `None` also where a folder above it is missing or is none.
    fn look(&self, path: &str) -> io::Result<Option<Found>>;

    /// The names in a folder, in no order.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;

    /// Makes a file that was not there; without `bits` it gets those that the umask leaves.
    fn write(&self, path: &str, file: &File, bits: Option<Bits>) -> io::Result<()>;

    /// Makes a folder unless it is there, and gives it `bits`, if there are any.
    fn make_folder(&self, path: &str, bits: Option<Bits>) -> io::Result<()>;

    /// Moves a file over another, or a folder to where nothing is.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file, a link or an empty folder.
    fn remove(&self, path: &str) -> io::Result<()>;

    /// Makes what is in these files, the names in these folders and the bits of all survive a power cut. Links do so
    /// with their names.
    fn sync(&self, paths: &[&str]) -> io::Result<()>;
}

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    File {
        file: File,
        bits: Bits,
    },
    Folder {
        bits: Bits,
    },
    /// A socket, a device, or a link whose target is not UTF-8.
    Other,
}

impl Found {
    pub fn is_link(&self) -> bool {
        let Self::File { file, .. } = self else {
            return false;
        };
        matches!(file, File::Link { .. })
    }
}

/// The permission bits of a file or a folder, set-user-id and its like among them. In text: octal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bits(u32);

impl Bits {
    pub fn new(mode: u32) -> Self {
        Self(mode & 0o7777)
    }

    /// The same bits, but for `x`, which is as `file` has it. Whoever may read it may then run it.
    #[must_use]
    pub fn fitting(self, file: &File) -> Self {
        let wanted = matches!(
            file,
            File::Regular {
                executable: true,
                ..
            }
        );
        match (wanted, self.executable()) {
            (true, false) => Self(self.0 | (self.0 & 0o444) >> 2 | 0o100),
            (false, true) => Self(self.0 & !0o111),
            _ => self,
        }
    }

    pub fn executable(self) -> bool {
        self.0 & 0o100 != 0
    }
}

impl TryFrom<String> for Bits {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match u32::from_str_radix(&text, 8) {
            Ok(bits) if bits <= 0o7777 => Ok(Self(bits)),
            _ => Err(format!("`{text}` are no permission bits")),
        }
    }
}

impl From<Bits> for String {
    fn from(bits: Bits) -> Self {
        bits.to_string()
    }
}

impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03o}", self.0)
    }
}

/// Each sync waits for the disk, which serves many of them in the time of one.
const SYNCED_AT_ONCE: usize = 16;

/// A project on the disk of this machine.
#[derive(Clone)]
pub struct Project {
    root: PathBuf,
}

impl Project {
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    pub fn path(&self, path: &str) -> PathBuf {
        // Joining an empty path would add a slash at the end.
        if path.is_empty() {
            self.root.clone()
        } else {
            self.root.join(path)
        }
    }

    fn sync_one_by_one(&self, paths: &[&str]) -> io::Result<()> {
        for path in paths {
            let path = self.path(path);
            if path.symlink_metadata()?.is_symlink() {
                continue;
            }
            match fs::File::open(path)?.sync_all() {
                // A file system that has no such thing for folders.
                Err(cause) if cause.kind() == io::ErrorKind::InvalidInput => {}
                synced => synced?,
            }
        }
        Ok(())
    }
}

impl Disk for Project {
    fn look(&self, path: &str) -> io::Result<Option<Found>> {
        let path = self.path(path);
        let found = match path.symlink_metadata() {
            Ok(found) => found,
            Err(cause) => return absent(cause),
        };
        let bits = Bits::new(found.permissions().mode());
        let file = if found.is_dir() {
            return Ok(Some(Found::Folder { bits }));
        } else if found.is_symlink() {
            match fs::read_link(&path)?.into_os_string().into_string() {
                Ok(target) => File::Link { target },
                Err(_) => return Ok(Some(Found::Other)),
            }
        } else if found.is_file() {
            File::Regular {
                bytes: fs::read(&path)?,
                executable: bits.executable(),
            }
        } else {
            return Ok(Some(Found::Other));
        };
        Ok(Some(Found::File { file, bits }))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let names = fs::read_dir(self.path(folder))?;
        let name =
            |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
        names.map(name).collect()
    }

    fn write(&self, path: &str, file: &File, bits: Option<Bits>) -> io::Result<()> {
        let path = self.path(path);
        let (bytes, executable) = match file {
            File::Link { target } => return symlink(target, path),
            File::Regular { bytes, executable } => (bytes, *executable),
        };
        let mode = match (bits, executable) {
            (Some(_), _) => 0o600,
            (None, true) => 0o777,
            (None, false) => 0o666,
        };
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(mode).open(path)?;
        file.write_all(bytes)?;
        if let Some(bits) = bits {
            file.set_permissions(Permissions::from_mode(bits.0))?;
        }
        Ok(())
    }

    fn make_folder(&self, path: &str, bits: Option<Bits>) -> io::Result<()> {
        let path = self.path(path);
        let mode = if bits.is_some() { 0o700 } else { 0o777 };
        match DirBuilder::new().mode(mode).create(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => return Err(cause),
            Err(cause) if !path.symlink_metadata()?.is_dir() => return Err(cause),
            _ => {}
        }
        match bits {
            Some(bits) => fs::set_permissions(path, Permissions::from_mode(bits.0)),
            None => Ok(()),
        }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path(from), self.path(to))
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let path = self.path(path);
        if path.symlink_metadata()?.is_dir() {
            fs::remove_dir(path)
        } else {
            fs::remove_file(path)
        }
    }

    fn sync(&self, paths: &[&str]) -> io::Result<()> {
        let share = paths.len().div_ceil(SYNCED_AT_ONCE).max(1);
        thread::scope(|scope| {
            let sync = |part| {
                let sync = move || self.sync_one_by_one(part);
                thread::Builder::new().spawn_scoped(scope, sync)
            };
            let parts: io::Result<Vec<_>> = paths.chunks(share).map(sync).collect();
            let wait = |part: ScopedJoinHandle<_>| part.join().expect("nothing panics there");
            parts?.into_iter().try_for_each(wait)
        })
    }
}

fn absent(cause: io::Error) -> io::Result<Option<Found>> {
    match cause.kind() {
        io::ErrorKind::NotFound
        | io::ErrorKind::NotADirectory
        // Too long: nothing can be there.
        | io::ErrorKind::InvalidFilename => Ok(None),
        _ => Err(cause),
    }
}
