//! The state of the project, and what commands have left in it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Finding;
use crate::Result;
use crate::answers::{PORT, port};
use crate::merge::markers;
use crate::plan::There;
use crate::project::{self, Condition, Left, Project, State, look};
use crate::transaction::{self, Progress};
use crate::tree::{File, RelPath};

/// What there is to say of the project at `root`, and the port that it was given.
pub fn findings(root: Option<&Path>) -> (Vec<Finding>, u16) {
    let Some(root) = root else {
        return (vec![Finding::good("project", "you are in none")], PORT);
    };
    let (mut findings, port) = match read(root) {
        Ok((project, findings)) => (findings, port(&project.state.answers)),
        Err(error) => {
            let damaged = Finding::bad("project", error.what(), error.next_step());
            (vec![damaged], PORT)
        }
    };
    findings.extend([pending(root), at_work(root)]);
    (findings, port)
}

fn read(root: &Path) -> Result<(Project, Vec<Finding>)> {
    let project = Project::open(root)?;
    let mut findings = vec![condition(&project, &project::conditions(&project)?)];
    let left: Vec<Finding> = [conflicts(&project)?, strays(&project)?]
        .into_iter()
        .flatten()
        .collect();
    if left.is_empty() {
        findings.push(Finding::good("conflicts", "none"));
    }
    findings.extend(left);
    Ok((project, findings))
}

fn condition(project: &Project, conditions: &BTreeMap<RelPath, Condition>) -> Finding {
    let shown = project.root.display();
    let copies = project.state.files.keys();
    let missing: Vec<&RelPath> = copies
        .filter(|path| !project.base.contains_key(*path))
        .collect();
    if let Some(first) = missing.first() {
        let (count, of) = (missing.len(), project.state.files.len());
        return Finding::bad(
            "project",
            format!(
                "{shown}: {count} of {of} copies in .tac/base are missing, the first is that of {first}"
            ),
            "bring them back from version control: `git checkout HEAD -- .tac`",
        );
    }
    let count = |wanted: &[Condition]| {
        let conditions = conditions.values();
        conditions
            .filter(|condition| wanted.contains(condition))
            .count()
    };
    let detail = format!(
        "{shown}: {} generated files unedited, {} edited, {} missing, {} yours",
        count(&[Condition::Pristine]),
        count(&[Condition::Edited]),
        count(&[Condition::Missing]),
        count(&[Condition::Once, Condition::Kept, Condition::Stale]),
    );
    Finding::good("project", detail)
}

/// What an upgrade has left to be decided.
fn conflicts(project: &Project) -> Result<Option<Finding>> {
    let left = project::unresolved(project)?;
    let each: Vec<String> = left.iter().map(ToString::to_string).collect();
    Ok((!each.is_empty()).then(|| {
        Finding::warning(
            "conflicts",
            format!("not decided: {}", each.join(", ")),
            "decide each in its file, then `tac-bootstrap resolve`; `tac-bootstrap upgrade --abort` takes the upgrade back",
        )
    }))
}

/// Markers and template's versions that belong to no conflict: somebody has taken `.tac/` back, or kept them.
fn strays(project: &Project) -> Result<Option<Finding>> {
    let State {
        files, conflicts, ..
    } = &project.state;
    let mut strays = Vec::new();
    for (path, there) in look(&project.root, files.keys())? {
        let There::File(file) = there else {
            continue;
        };
        let generated = project.base.get(&path).map(File::bytes).unwrap_or_default();
        let is_known = conflicts.contains_key(&path) || !markers(generated).is_empty();
        if let (Some(line), false) = (markers(file.bytes()).first(), is_known) {
            strays.push(format!("{path} (markers from line {line} on)"));
        }
    }
    let beside: Vec<RelPath> = files.keys().map(|path| path.beside(".theirs")).collect();
    for name in look(&project.root, &beside)?.into_keys() {
        let is_it = |left: &Left| *left == Left::Beside(name.clone());
        if !conflicts.values().any(is_it) {
            strays.push(name.to_string());
        }
    }
    Ok((!strays.is_empty()).then(|| {
        Finding::warning(
            "conflicts",
            format!("left over, and known to no upgrade: {}", strays.join(", ")),
            "take the markers out, and the files away: no command waits for them",
        )
    }))
}

/// A transaction that is not ended.
fn pending(root: &Path) -> Finding {
    match transaction::pending(root) {
        Err(error) => Finding::bad("transaction", error.what(), error.next_step()),
        Ok(None) => Finding::good("transaction", "none is pending"),
        Ok(Some(pending)) if pending.state == Progress::Running => Finding::warning(
            "transaction",
            format!("`{}` of {} is at work", pending.command, pending.when),
            "wait until it has ended",
        ),
        Ok(Some(pending)) => Finding::bad(
            "transaction",
            format!("`{}` of {} was interrupted", pending.command, pending.when),
            "`tac-bootstrap upgrade --abort` takes it back; so does the next command that writes",
        ),
    }
}

/// Who has the lock. One that nobody holds means nothing.
fn at_work(root: &Path) -> Finding {
    match transaction::at_work(root) {
        None => Finding::good("lock", "nobody writes to the project"),
        Some(holder) => Finding::warning(
            "lock",
            format!(
                "`{}` writes to the project (process {})",
                holder.command, holder.process
            ),
            "wait until it has ended; if it hangs, end it: the next command takes back what it has begun",
        ),
    }
}

/// What a `new` that was killed has left, beside the folder that the user is in or in the project.
pub fn leftovers(here: &Path, root: Option<&Path>) -> Finding {
    let folders = BTreeSet::from([here, root.unwrap_or(here)]);
    let left = folders.into_iter().flat_map(transaction::leftovers);
    let left: Vec<String> = left.map(|(path, _)| path.display().to_string()).collect();
    if left.is_empty() {
        return Finding::good("leftovers", "none");
    }
    Finding::warning(
        "leftovers",
        format!("a `new` that was killed left {}", left.join(", ")),
        "remove it; the next `new` in that folder does so too",
    )
}
