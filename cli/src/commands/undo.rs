//! `undo`, `upgrade --abort`, and what an interrupted command has left.

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::output::Format;
use crate::project::{self, Project};
use crate::transaction::{self, Lock, Progress, Record, Undone};
use crate::{Error, Result};

pub fn undo(list: bool, format: Format) -> Result<ExitCode> {
    let root = project::root()?;
    if list {
        let records = transaction::records(&root)?;
        return super::show(
            format,
            &listed(&records),
            || json!({ "records": records.iter().map(document).collect::<Vec<_>>() }),
        );
    }
    let lock = Lock::take(&root, "undo")?;
    let undone = match transaction::recover(&lock)? {
        Some(undone) => Some(undone),
        None => transaction::undo(&lock)?,
    };
    let undone = undone.ok_or_else(|| {
        Error::new(
            "there is nothing to take back",
            "`tac-bootstrap undo --list` shows what can be taken back",
        )
    })?;
    tell(&undone, format)
}

/// Takes back what was interrupted, else the last upgrade while its conflicts are not decided.
pub fn abort(format: Format) -> Result<ExitCode> {
    let root = project::root()?;
    let lock = Lock::take(&root, "upgrade --abort")?;
    if let Some(undone) = transaction::recover(&lock)? {
        return tell(&undone, format);
    }
    if project::unresolved(&Project::open(&root)?)?.is_empty() {
        return Err(Error::new(
            "no upgrade is under way: none was interrupted, no conflict is left",
            "`tac-bootstrap undo` takes back one that is done",
        ));
    }
    tell(&undo_with_decisions(&lock)?, format)
}

/// The upgrade that has left conflicts, and what `resolve` has done since.
fn undo_with_decisions(lock: &Lock) -> Result<Undone> {
    let mut saved = Vec::new();
    while let Some(mut undone) = transaction::undo(lock)? {
        saved.append(&mut undone.saved);
        if undone.record.command != "resolve" {
            return Ok(Undone { saved, ..undone });
        }
    }
    Err(Error::new(
        "take the upgrade back: there is no record of it in .tac/undo",
        "decide the conflicts, then `tac-bootstrap resolve`; or bring the project back from version control",
    ))
}

/// Says on standard error that a transaction is under way, or was interrupted: what is on disk is then half of it.
pub fn tell_pending(root: &Path) -> Result<()> {
    if let Some(pending) = transaction::pending(root)? {
        let command = &pending.command;
        crate::output::note(&match pending.state {
            Progress::Running => format!("`{command}` is at work in the project\n"),
            Progress::Interrupted => format!(
                "`{command}` was interrupted: `tac-bootstrap upgrade --abort` takes it back\n"
            ),
        });
    }
    Ok(())
}

/// Takes back what an interrupted command has left, and says so on standard error.
pub fn recover(root: &Path, command: &str) -> Result<()> {
    if transaction::pending(root)?.is_none() {
        return Ok(());
    }
    let lock = Lock::take(root, command)?;
    if let Some(undone) = transaction::recover(&lock)? {
        crate::output::note(&text(&undone));
    }
    Ok(())
}

fn tell(undone: &Undone, format: Format) -> Result<ExitCode> {
    super::show(format, &text(undone), || {
        let saved = undone.saved.iter();
        let saved = saved.map(|(path, name)| json!({ "path": path, "saved": name }));
        json!({ "undone": document(&undone.record), "saved": saved.collect::<Vec<_>>() })
    })
}

fn text(undone: &Undone) -> String {
    let record = &undone.record;
    let mut text = format!("took back {}\n", line(record));
    for (path, name) in &undone.saved {
        text += &format!("  {path} was edited since: that is now {name}\n");
    }
    text
}

fn listed(records: &[Record]) -> String {
    if records.is_empty() {
        return "there is nothing to take back\n".to_owned();
    }
    records.iter().map(|record| line(record) + "\n").collect()
}

/// `4  2026-11-21T07:00:00Z  upgrade, orchestrator 0.1.0 → orchestrator 0.2.0, 12 files`.
fn line(record: &Record) -> String {
    let files = record.paths().filter(|path| !path.is_reserved()).count();
    let step = if record.from == record.to {
        record.to.clone()
    } else {
        format!("{} → {}", record.from, record.to)
    };
    let plural = if files == 1 { "" } else { "s" };
    format!(
        "{} of {}: {step}, {files} file{plural}",
        record.command, record.when
    )
}

fn document(record: &Record) -> Value {
    json!({
        "number": record.number,
        "when": record.when,
        "command": record.command,
        "from": record.from,
        "to": record.to,
        "paths": record.paths().filter(|path| !path.is_reserved()).collect::<Vec<_>>(),
    })
}
