//! A folder on disk as a [`Tree`].

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use walkdir::WalkDir;

use crate::error::Context;
use crate::tree::{File, RelPath, Tree};
use crate::{Error, Result};

const READABLE: &str = "make it readable, or take it away";
const RENAME: &str = "give it a name in UTF-8 without backslashes and control characters";

/// Reads every file and link below `root` whose path, and the path of each folder above it, passes `keep`.
/// Links are read as links. A path that is no UTF-8, a socket or a device is an error.
pub fn read(root: &Path, keep: impl Fn(&RelPath) -> bool) -> Result<Tree> {
    let mut tree = Tree::new();
    let mut walk = WalkDir::new(root).min_depth(1).into_iter();
    while let Some(entry) = walk.next() {
        let entry = entry.context(format_args!("read {}", root.display()), READABLE)?;
        let path = relative(root, entry.path())?;
        let is_folder = entry.file_type().is_dir();
        if keep(&path) {
            if !is_folder {
                tree.insert(path, file(entry.path())?);
            }
        } else if is_folder {
            walk.skip_current_dir();
        }
    }
    Ok(tree)
}

/// The path of `entry` below `root`. One that is no UTF-8 is an error.
pub fn relative(root: &Path, entry: &Path) -> Result<RelPath> {
    let below = entry.strip_prefix(root).unwrap_or(entry);
    let unusable = || {
        Error::new(
            format!("read {}: the path is not UTF-8", entry.display()),
            RENAME,
        )
    };
    let text = below.to_str().ok_or_else(unusable)?;
    RelPath::try_from(text).context(format_args!("read {}", root.display()), RENAME)
}

/// Reads the file or the link at `path`. Anything else is an error.
pub fn file(path: &Path) -> Result<File> {
    let act = format!("read {}", path.display());
    let found = path.symlink_metadata().context(&act, READABLE)?;
    if found.is_symlink() {
        let target = fs::read_link(path).context(&act, READABLE)?;
        let target = target
            .to_str()
            .ok_or_else(|| Error::new(format!("{act}: the link's target is not UTF-8"), RENAME))?;
        return Ok(File::Link {
            target: target.to_owned(),
        });
    }
    if !found.is_file() {
        return Err(Error::new(
            format!("{act}: it is neither a file, a folder nor a link"),
            "take it away: only those can be copied",
        ));
    }
    Ok(File::Regular {
        bytes: fs::read(path).context(&act, READABLE)?,
        executable: found.permissions().mode() & 0o100 != 0,
    })
}
