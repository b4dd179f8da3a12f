//! A project and the template set that it was made from, both of which change.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Command;

use crate::program::{Ran, Scratch};

/// The project lies in `work/`, its template set in `set/` beside it.
pub struct Story {
    pub scratch: Scratch,
    version: Cell<u32>,
}

impl Story {
    /// A project of these files, untouched.
    pub fn new<T: AsRef<[u8]>>(files: &[(&str, T)]) -> Self {
        Self::of_set("", files)
    }

    /// The same, of a set that says more in its `set.toml`.
    pub fn of_set<T: AsRef<[u8]>>(manifest: &str, files: &[(&str, T)]) -> Self {
        let story = Self::before();
        story.learns_set(manifest, files);
        story.make(&[]);
        story
    }

    /// There is no project yet.
    pub fn before() -> Self {
        Self {
            scratch: Scratch::new(),
            version: Cell::new(0),
        }
    }

    pub fn make(&self, args: &[&str]) {
        let new = [
            &["new", ".", "--vcs", "none", "--templates", "../set"],
            args,
        ]
        .concat();
        self.scratch.run(&new).succeeds();
    }

    /// The next version of the set has these files, and no others.
    pub fn learns<T: AsRef<[u8]>>(&self, files: &[(&str, T)]) {
        self.learns_set("", files);
    }

    pub fn learns_set<T: AsRef<[u8]>>(&self, manifest: &str, files: &[(&str, T)]) {
        self.version.set(self.version.get() + 1);
        fs::remove_dir_all(self.path("../set")).unwrap();
        let head = format!("name = \"story\"\nversion = \"{}\"\n", self.version.get());
        self.write("../set/set.toml", head + manifest);
        for (path, bytes) in files {
            self.write(&format!("../set/files/{path}"), bytes);
        }
    }

    /// Runs a command on the project with the set as it is now.
    pub fn with_set(&self, args: &[&str]) -> Ran {
        self.scratch
            .run(&[args, &["--templates", "../set"]].concat())
    }

    pub fn upgrade(&self) -> Ran {
        self.with_set(&["upgrade"])
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        self.scratch.run(args)
    }

    pub fn git(&self, args: &[&str]) {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=Story", "-c", "user.email=story@localhost"])
            .args(args)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .current_dir(self.path("."));
        let output = git.output().unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.scratch.work().join(path)
    }

    /// Makes the folders above it as well.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        self.scratch.read(path)
    }

    pub fn bytes(&self, path: &str) -> Vec<u8> {
        fs::read(self.path(path)).unwrap()
    }

    /// Whether anything is there, a dangling link included.
    pub fn has(&self, path: &str) -> bool {
        self.path(path).symlink_metadata().is_ok()
    }

    pub fn remove(&self, path: &str) {
        let path = self.path(path);
        if path.symlink_metadata().unwrap().is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
    }

    /// Puts a link in the place of what is there.
    pub fn link(&self, path: &str, target: &str) {
        if self.has(path) {
            self.remove(path);
        }
        symlink(target, self.path(path)).unwrap();
    }

    pub fn target(&self, path: &str) -> String {
        let target = fs::read_link(self.path(path)).unwrap();
        target.into_os_string().into_string().unwrap()
    }

    pub fn mode(&self, path: &str) -> u32 {
        let found = self.path(path).symlink_metadata().unwrap();
        found.permissions().mode() & 0o7777
    }

    pub fn set_mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.path(path), Permissions::from_mode(mode)).unwrap();
    }

    /// All that can be told of everything in `work/`, times and inodes included.
    pub fn disk(&self) -> BTreeMap<String, String> {
        let told = |path: String| {
            let at = self.path(&path);
            let found = at.symlink_metadata().unwrap();
            let holds = if found.is_symlink() {
                self.target(&path).into_bytes()
            } else if found.is_file() {
                fs::read(&at).unwrap()
            } else {
                Vec::new()
            };
            let (inode, mode) = (found.ino(), found.mode());
            let (seconds, nanos) = (found.mtime(), found.mtime_nsec());
            let holds = holds.escape_ascii();
            let told = format!("{inode} {mode:o} {seconds}.{nanos} {holds}");
            (path, told)
        };
        let listed = self.scratch.listing().into_iter();
        listed.chain([".".to_owned()]).map(told).collect()
    }

    /// The files, folders and links of the project with contents and modes, what is in `.tac/` left out.
    pub fn project(&self) -> BTreeMap<String, String> {
        self.contents(|path| !path.starts_with(".tac/"))
    }

    /// The same with what a project commits of `.tac/`.
    pub fn committed(&self) -> BTreeMap<String, String> {
        self.contents(|path| {
            let own = [".tac/lock", ".tac/undo/"];
            !own.iter().any(|own| path.starts_with(own))
        })
    }

    fn contents(&self, is_meant: impl Fn(&str) -> bool) -> BTreeMap<String, String> {
        let told = |path: String| {
            let at = self.path(&path);
            let holds = if at.is_symlink() {
                format!("-> {}", self.target(&path))
            } else if at.is_dir() {
                format!("{:o}", self.mode(&path))
            } else {
                let bytes = fs::read(&at).unwrap();
                format!("{:o} {}", self.mode(&path), bytes.escape_ascii())
            };
            (path, holds)
        };
        let listed = self.scratch.listing().into_iter();
        listed.filter(|path| is_meant(path)).map(told).collect()
    }
}
