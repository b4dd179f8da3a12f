//! `upgrade`, and `add`, `remove` and `set`: one engine, on other templates or on other answers.

use std::process::ExitCode;

use crate::answers::again::{Wishes, again};
use crate::args::{self, Bring, Conflicts, Verify};
use crate::interrupt::Interrupt;
use crate::merge::Side;
use crate::output::Format;
use crate::plan::{Broken, Style};
use crate::project::{self, Project, Unresolved};
use crate::report::{Outcome, Story};
use crate::templates::TemplateSet;
use crate::transaction::{self, Label, Lock, Progress};
use crate::upgrade::{Upgrade, prepare};
use crate::verify::{self, Job};
use crate::{Error, Result, vcs};

/// Conflicts are left for a person to decide.
pub(super) const CONFLICTS: u8 = 2;
/// There is something to upgrade.
const AVAILABLE: u8 = 3;

pub fn upgrade(args: &args::Upgrade, format: Format) -> Result<ExitCode> {
    if args.abort {
        return super::undo::abort(format);
    }
    if args.check {
        refuse_pending(&project::root()?)?;
    }
    let wishes = Wishes {
        with: args.with.clone(),
        without: args.without.clone(),
        set: args.set.clone(),
    };
    let bringing = Bringing::new("upgrade", &args.bring, &wishes)?;
    if args.check {
        return bringing.check(format);
    }
    bringing.bring(format)
}

/// `add`, `remove` and `set`: the templates stay those that the project was made from.
pub fn change(command: &str, bring: &Bring, wishes: &Wishes, format: Format) -> Result<ExitCode> {
    let bringing = Bringing::new(command, bring, wishes)?;
    let (state, set) = (&bringing.upgrade.project.state, &bringing.set);
    if state.templates.digest != set.digest() {
        return Err(Error::new(
            format!(
                "the project was made from {} {}, here is {} {}",
                state.templates.name,
                state.templates.version,
                set.manifest.name,
                set.manifest.version
            ),
            "`tac-bootstrap upgrade` first; or both at once, with its `--with`, `--without` and `--set`",
        ));
    }
    bringing.bring(format)
}

struct Bringing<'a> {
    command: &'a str,
    flags: &'a Bring,
    set: TemplateSet,
    upgrade: Upgrade,
}

impl<'a> Bringing<'a> {
    /// Everything is planned, nothing is written; but for what an interrupted command has left, which is taken back
    /// first.
    fn new(command: &'a str, flags: &'a Bring, wishes: &Wishes) -> Result<Self> {
        let root = project::root()?;
        if flags.dry_run {
            refuse_job(flags.verify)?;
            refuse_pending(&root)?;
        } else {
            super::undo::recover(&root, command)?;
        }
        let project = Project::open(&root)?;
        refuse_conflicts(&project::unresolved(&project)?)?;
        let set = super::template_set(flags.templates.as_deref())?;
        if flags.templates.is_none() {
            refuse_unfit(&project, &set)?;
        }
        let choices = again(&project.choices(), wishes, &set)?;
        let upgrade = prepare(
            project,
            &set,
            &choices,
            style(flags.conflict),
            broken(flags.verify),
        )?;
        Ok(Self {
            command,
            flags,
            set,
            upgrade,
        })
    }

    fn check(&self, format: Format) -> Result<ExitCode> {
        let story = self.story(Vec::new());
        let is_new = !self.upgrade.changes.is_empty();
        let text = if is_new {
            let state = &self.upgrade.state.templates;
            format!("an update is available: {} {}\n", state.name, state.version)
        } else {
            story.text(Outcome::Planned)
        };
        super::show(format, &text, || story.json(Outcome::Planned))?;
        Ok(if is_new {
            AVAILABLE.into()
        } else {
            ExitCode::SUCCESS
        })
    }

    fn bring(self, format: Format) -> Result<ExitCode> {
        let upgrade = &self.upgrade;
        let conflicts: Vec<String> = upgrade
            .plan
            .conflicts()
            .map(|(path, _)| path.to_string())
            .collect();
        if self.flags.conflict == Conflicts::Fail && !conflicts.is_empty() {
            let what = format!(
                "{} would conflict; nothing was written",
                counted(conflicts.len())
            );
            let hint = "`--dry-run` shows the three versions; another `--conflict` says what becomes of them";
            return Err(Error::new(what, hint).details(conflicts));
        }
        let dirty = if self.flags.allow_dirty || upgrade.edited.is_empty() {
            Vec::new()
        } else {
            vcs::uncommitted(&upgrade.project.root, &upgrade.edited)?
        };
        let story = self.story(dirty);
        if self.flags.dry_run || upgrade.changes.is_empty() {
            super::show(format, &story.text(Outcome::Planned), || {
                story.json(Outcome::Planned)
            })?;
            return Ok(code(conflicts.len()));
        }
        if !story.dirty.is_empty() {
            let dirty: Vec<String> = story.dirty.iter().map(ToString::to_string).collect();
            let holds = match dirty.len() {
                1 => "1 file that is to change holds".to_owned(),
                count => format!("{count} files that are to change hold"),
            };
            let what = format!("{holds} edits that are not committed; nothing was written");
            return Err(Error::new(
                what,
                "commit them, or say `--allow-dirty`: `undo` brings them back either way",
            )
            .details(dirty));
        }
        let interrupt = Interrupt::default();
        interrupt.watch()?;
        if let Some(job) = job(self.flags.verify) {
            verify::verify(job, upgrade, &interrupt)?;
        }
        let lock = Lock::take(&upgrade.project.root, self.command)?;
        let (from, to) = (&upgrade.project.state.templates, &upgrade.state.templates);
        let label = Label {
            command: self.command.to_owned(),
            from: format!("{} {}", from.name, from.version),
            to: format!("{} {}", to.name, to.version),
        };
        transaction::apply(&lock, &label, &upgrade.changes, &interrupt)?;
        super::show(format, &story.text(Outcome::Written), || {
            story.json(Outcome::Written)
        })
        .map_err(|error| {
            let done = "`tac-bootstrap status` tells the state, `tac-bootstrap undo` takes it back";
            Error::new(format!("{error}; the project is written"), done)
        })?;
        Ok(code(conflicts.len()))
    }

    fn story(&self, dirty: Vec<crate::tree::RelPath>) -> Story<'_> {
        let options = self.set.manifest.options.keys().map(String::as_str);
        let on = &self.upgrade.state.options;
        Story {
            command: self.command,
            upgrade: &self.upgrade,
            available: options
                .filter(|name| !on.iter().any(|on| on == name))
                .collect(),
            dirty,
        }
    }
}

fn code(conflicts: usize) -> ExitCode {
    if conflicts > 0 {
        CONFLICTS.into()
    } else {
        ExitCode::SUCCESS
    }
}

fn counted(files: usize) -> String {
    match files {
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    }
}

fn style(flag: Conflicts) -> Style {
    match flag {
        Conflicts::Inline => Style::Inline,
        // Nothing is written where it would come to that.
        Conflicts::Sidecar | Conflicts::Fail => Style::Sidecar,
        Conflicts::Ours => Style::Take(Side::Ours),
        Conflicts::Theirs => Style::Take(Side::Theirs),
    }
}

fn broken(flag: Verify) -> Broken {
    match flag {
        Verify::None => Broken::IsWritten,
        Verify::Parse | Verify::Build | Verify::Test => Broken::Conflicts,
    }
}

fn job(flag: Verify) -> Option<Job> {
    match flag {
        Verify::None | Verify::Parse => None,
        Verify::Build => Some(Job::Check),
        Verify::Test => Some(Job::Test),
    }
}

/// A command that writes nothing cannot take back what is half done.
fn refuse_pending(root: &std::path::Path) -> Result<()> {
    match transaction::pending(root)? {
        None => Ok(()),
        Some(pending) if pending.state == Progress::Running => Err(Error::new(
            format!("`{}` is at work in the project", pending.command),
            "wait until that has ended, then try again",
        )),
        Some(pending) => Err(Error::new(
            format!(
                "`{}` was interrupted in the project and has left it half done",
                pending.command
            ),
            "`tac-bootstrap upgrade --abort` takes it back",
        )),
    }
}

fn refuse_conflicts(unresolved: &[Unresolved]) -> Result<()> {
    if unresolved.is_empty() {
        return Ok(());
    }
    let count = counted(unresolved.len());
    let error = Error::new(
        format!("conflicts are left in {count}; nothing was written"),
        "decide each, then `tac-bootstrap resolve`; `tac-bootstrap upgrade --abort` takes the upgrade back",
    );
    Err(error.details(unresolved.iter().map(ToString::to_string).collect()))
}

/// A build writes, if only into `target`.
fn refuse_job(flag: Verify) -> Result<()> {
    match job(flag) {
        None => Ok(()),
        Some(job) => Err(Error::new(
            format!(
                "`--dry-run` writes nothing, `cargo {}` does",
                job.words().join(" ")
            ),
            "leave out `--dry-run`: nothing is written unless that succeeds, and `undo` takes it back",
        )),
    }
}

/// The built-in templates must not take a project back that is newer, nor one that was made from others.
pub fn refuse_unfit(project: &Project, set: &TemplateSet) -> Result<()> {
    let state = &project.state;
    if state.templates.name != set.manifest.name {
        return Err(Error::new(
            format!(
                "the project was made from the template set {}, this program brings {}; nothing was written",
                state.templates.name, set.manifest.name
            ),
            "name the set: `--templates DIR`",
        ));
    }
    if numbers(&set.manifest.version) >= numbers(&state.templates.version) {
        return Ok(());
    }
    Err(Error::new(
        format!(
            "the project is at {} {}, this program brings {}; nothing was written",
            state.templates.name, state.templates.version, set.manifest.version
        ),
        format!("update tac-bootstrap to {} or later", state.tool),
    ))
}

/// A version as numbers that can be compared; what follows a `-` does not count.
fn numbers(version: &str) -> Vec<u64> {
    let release = version.split(['-', '+']).next().unwrap_or_default();
    let numbers = release.split('.').map(|number| number.parse().unwrap_or(0));
    numbers.collect()
}
