//! `status`: what has become of each file of the project.

use std::process::ExitCode;

use serde_json::json;

use crate::output::Format;
use crate::project::{self, Condition, Project};
use crate::transaction::{self, Progress};
use crate::tree::{RelPath, Tree};
use crate::{Result, upgrade, vcs};

pub fn status(format: Format) -> Result<ExitCode> {
    let root = project::root()?;
    let pending = transaction::pending(&root)?;
    let project = Project::open(&root)?;
    let conditions = project::conditions(&project)?;
    let unresolved = project::unresolved(&project)?;
    let foreign = vcs::not_ignored(&root, upgrade::foreign(&project, &Tree::new()));

    let templates = &project.state.templates;
    let mut text = format!("{} {}\n", templates.name, templates.version);
    if let Some(pending) = &pending {
        text += &match pending.state {
            Progress::Running => format!("`{}` is at work in the project\n", pending.command),
            Progress::Interrupted => format!(
                "`{}` was interrupted: `tac-bootstrap upgrade --abort` takes it back\n",
                pending.command
            ),
        };
    }
    let mut pristine = 0;
    for (path, condition) in &conditions {
        if *condition == Condition::Pristine {
            pristine += 1;
        } else if *condition != Condition::Conflicted {
            text += &format!("  {:<10} {path}\n", word(*condition));
        }
    }
    for conflict in &unresolved {
        text += &format!("  {:<10} {conflict}\n", word(Condition::Conflicted));
    }
    for path in &foreign {
        text += &format!("  {:<10} {path}\n", "foreign");
    }
    text += &match pristine {
        1 => "1 file is as it was generated\n".to_owned(),
        _ => format!("{pristine} files are as they were generated\n"),
    };
    if !unresolved.is_empty() {
        text += "next: decide each conflict in its file, then `tac-bootstrap resolve`\n";
    }

    let file =
        |(path, condition): (&RelPath, &Condition)| json!({ "path": path, "condition": condition });
    let conflict = |conflict: &project::Unresolved| json!({ "path": conflict.path, "lines": conflict.lines, "beside": conflict.beside });
    super::show(format, &text, || {
        json!({
            "path": project.root.display().to_string(),
            "templates": templates,
            "answers": project.state.answers,
            "options": project.state.options,
            "files": conditions.iter().map(file).collect::<Vec<_>>(),
            "foreign": foreign,
            "conflicts": unresolved.iter().map(conflict).collect::<Vec<_>>(),
            "pending": pending.as_ref().map(|pending| json!({ "command": pending.command, "when": pending.when, "running": pending.state == Progress::Running })),
        })
    })?;
    Ok(if unresolved.is_empty() {
        ExitCode::SUCCESS
    } else {
        super::upgrade::CONFLICTS.into()
    })
}

fn word(condition: Condition) -> &'static str {
    match condition {
        Condition::Pristine => "pristine",
        Condition::Edited => "edited",
        Condition::Missing => "missing",
        Condition::Once => "once",
        Condition::Kept => "kept",
        Condition::Stale => "stale",
        Condition::Conflicted => "conflicted",
    }
}
