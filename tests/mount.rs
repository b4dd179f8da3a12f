//! File systems that are mounted for the length of a test, which takes root.

use std::path::PathBuf;
use std::process::Command;

pub struct Mount(PathBuf);

impl Mount {
    pub fn new(args: &[&str], on: PathBuf) -> Self {
        let output = Command::new("mount")
            .args(args)
            .arg(&on)
            .output()
            .expect("the program `mount` is there");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "this test mounts a file system, which takes root: {said}"
        );
        Self(on)
    }

    /// A file system in memory with room for so many files and folders, or so many bytes.
    pub fn tmpfs(limit: &str, on: PathBuf) -> Self {
        Self::new(&["-t", "tmpfs", "-o", limit, "tmpfs"], on)
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Nothing can be done about it in a test that fails anyway.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}
