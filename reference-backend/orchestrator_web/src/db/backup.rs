//! Copies of the database: online, consistent, verified.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use rusqlite::{Connection, OpenFlags, backup::Backup};

use super::connect;

const PAGES_A_STEP: i32 = 1024;

/// Writes a copy of the database at `path` into the new file `copy`, while others go on reading
/// and writing. The copy is verified before it gets its name.
pub fn backup(path: &Path, copy: &Path) -> anyhow::Result<()> {
    if copy.exists() {
        bail!("{} exists already; name a new file", copy.display());
    }
    let source = open_existing(path)?;
    let partial = partial(copy);
    let result = copy_into(&source, &partial)
        .and_then(|()| verify(&partial))
        .and_then(|()| {
            fs::rename(&partial, copy).with_context(|| format!("name the copy {}", copy.display()))
        });
    if result.is_err() {
        // Whatever was written is of no use; the error that counts is the one above.
        let _ = fs::remove_file(&partial);
    }
    result
}

/// Puts the verified backup `copy` in the place of the database at `path`. What was there is kept
/// beside it; its path is returned. The service must not be running, and cannot be started
/// meanwhile. A program that asks for no lock of ours (`sqlite3`) and opens the database just as it
/// is replaced goes on with the one that is kept.
pub fn restore(path: &Path, copy: &Path) -> anyhow::Result<Option<PathBuf>> {
    verify(copy)?;
    super::make_folder(path)?;
    let _alone = super::lock::take(path)?;
    let partial = partial(path);
    if path.exists() {
        refuse_while_in_use(path)?;
    }
    copy_into(&open_existing(copy)?, &partial)?;
    let kept = if path.exists() {
        // A second name first: at no moment is there no database.
        let kept = free_name(path, "before-restore");
        let kept_as = || format!("keep {} as {}", path.display(), kept.display());
        fs::hard_link(path, &kept).with_context(kept_as)?;
        Some(kept)
    } else {
        None
    };
    remove_logs(path)?;
    fs::rename(&partial, path).with_context(|| format!("put {} in place", path.display()))?;
    Ok(kept)
}

/// A name beside `path`, ending in `-1.db` or the next number that nothing has.
pub(super) fn free_name(path: &Path, about: &str) -> PathBuf {
    let names = (1..).map(|n| path.with_extension(format!("{about}-{n}.db")));
    let mut free = names.filter(|name| !name.exists());
    free.next().expect("numbers do not end")
}

/// What a kill left of the old database's log would be played into the new one.
fn remove_logs(path: &Path) -> anyhow::Result<()> {
    for ending in ["-wal", "-shm", "-journal"] {
        let mut log = path.as_os_str().to_owned();
        log.push(ending);
        match fs::remove_file(&log) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("remove {}", log.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

fn partial(path: &Path) -> PathBuf {
    path.with_extension("partial")
}

fn open_existing(path: &Path) -> anyhow::Result<Connection> {
    connect(path).with_context(|| format!("open the database {}", path.display()))
}

fn copy_into(source: &Connection, target: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = fs::OpenOptions::new();
    file.write(true).create(true).truncate(true).mode(0o600);
    file.open(target)
        .with_context(|| format!("write {}", target.display()))?;
    let mut into = open_existing(target)?;
    // One state of the source for all steps: without it the copy begins again whenever somebody
    // writes, and never ends on a busy database.
    source.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema")?;
    let copy = Backup::new(source, &mut into)?;
    copy.run_to_completion(PAGES_A_STEP, Duration::from_millis(1), None)
        .with_context(|| format!("copy into {}", target.display()))?;
    drop(copy);
    // One file, without a log beside it.
    into.pragma_update(None, "journal_mode", "DELETE")?;
    drop(into);
    fs::File::open(target)?
        .sync_all()
        .with_context(|| format!("sync {}", target.display()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a copy may lie on a medium that is read-only"
)]
fn verify(copy: &Path) -> anyhow::Result<()> {
    let damaged = || format!("{} is not a whole database", copy.display());
    let conn = Connection::open_with_flags(copy, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .with_context(|| format!("open {}", copy.display()))?;
    let check: String = conn
        .query_row("PRAGMA integrity_check(1)", (), |row| row.get(0))
        .with_context(damaged)?;
    if check != "ok" {
        bail!("{}: {check}", damaged());
    }
    super::migrations::refuse_what_is_not_ours(&conn)
        .with_context(|| format!("{} is not a backup for this program", copy.display()))
}

/// An exclusive lock in vain: somebody has the database open.
fn refuse_while_in_use(path: &Path) -> anyhow::Result<()> {
    let conn = open_existing(path)?;
    conn.busy_timeout(Duration::ZERO)?;
    conn.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    let taken = conn.execute_batch("BEGIN EXCLUSIVE; ROLLBACK; PRAGMA wal_checkpoint(TRUNCATE)");
    taken.with_context(|| format!("{} is in use; stop the service first", path.display()))?;
    // Leaving WAL mode folds the log into the file, so that the file alone is the database.
    conn.pragma_update(None, "journal_mode", "DELETE")
        .with_context(|| format!("{} is in use; stop the service first", path.display()))
}
