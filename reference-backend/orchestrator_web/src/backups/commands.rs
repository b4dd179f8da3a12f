use super::Backup;
use crate::Result;
use crate::db::Write;
use crate::events::Event;

/// Tells followers of a new backup, and how many old ones are gone.
pub fn made(db: &mut Write, backup: Backup, removed: usize) -> Result<()> {
    db.record(&Event::BackupMade {
        path: backup.path,
        bytes: backup.bytes,
        removed,
    })
}
