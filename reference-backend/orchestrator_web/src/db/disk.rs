//! What the database takes of its disk, and what is left there.

use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;
use utoipa::ToSchema;

use super::Db;

/// In bytes.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Disk {
    pub database_bytes: u64,
    /// What was committed and not put into the database file yet.
    pub log_bytes: u64,
    /// What is left on its disk for the user that the service runs as.
    pub free_bytes: u64,
    pub total_bytes: u64,
}

impl Db {
    pub fn disk(&self) -> io::Result<Disk> {
        let path = self.path();
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
        let space = rustix::fs::statvfs(folder.unwrap_or(Path::new(".")))?;
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        // A file that is not there takes no room.
        let bytes = |path: &Path| fs::metadata(path).map_or(0, |it| it.len());
        Ok(Disk {
            database_bytes: bytes(path),
            log_bytes: bytes(log.as_ref()),
            free_bytes: space.f_bavail.saturating_mul(space.f_frsize),
            total_bytes: space.f_blocks.saturating_mul(space.f_frsize),
        })
    }
}
