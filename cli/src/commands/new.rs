//! `new`: a project out of a template set and answers.

use std::collections::BTreeSet;
use std::io::{IsTerminal, stderr, stdin};
use std::path::Component;
use std::process::ExitCode;

use super::run;
use crate::answers;
use crate::answers::ask::{Ask, Defaults, Terminal};
use crate::answers::given::Given;
use crate::answers::names::Name;
use crate::args::{New, Vcs};
use crate::destination::{Destination, SERVICE};
use crate::interrupt::Interrupt;
use crate::output::Format;
use crate::plan::{Plan, Rules, Verdict, Versions, plan};
use crate::project::{self, Before, State};
use crate::render::render;
use crate::report::{Report, Status};
use crate::transaction::Stage;
use crate::tree::{RelPath, Tree};
use crate::vcs::{self, Repository};
use crate::{Error, Result};

pub fn new(args: &New, format: Format) -> Result<ExitCode> {
    let interrupt = Interrupt::default();
    let set = super::template_set(args.templates.as_deref())?;
    let given = args.answers.given()?;
    let (name, destination) = name_and_place(args, &given)?;
    let mut ask = asker(args, format, &interrupt)?;
    let choices = answers::resolve(&name, &given, &set, ask.as_mut())?;

    let mut rendered = render(&set, &choices)?;
    let manifest = format!("{SERVICE}/Cargo.toml");
    if args.run && !rendered.contains_key(manifest.as_str()) {
        return Err(Error::new(
            format!("run the service: the template set has no {manifest}; nothing was written"),
            "leave out `--run`",
        ));
    }
    refuse_clashes(&destination, &rendered)?;
    let (plan, kept) = first_plan(&destination, &rendered)?;
    let before = Before {
        kept: &kept,
        stale: &BTreeSet::new(),
    };
    let state = State::new(&set, &choices, &rendered, &plan, before);
    let mut to_write = project::tac_folder(&state, &rendered);
    to_write.extend(
        plan.with(&Verdict::Create)
            .filter_map(|path| rendered.remove_entry(path)),
    );

    let mut report = Report::new(&destination, choices, &plan, &to_write);
    if args.dry_run {
        return super::show(format, &report.text(), || report.json());
    }
    if !ask.agree(&report.summary())? {
        return Err(Error::new(
            "stopped; nothing was written",
            "the same command asks again",
        ));
    }
    interrupt.watch()?;
    report.status = write(&destination, &to_write, args.vcs, &interrupt)?;
    let what_next = if args.run {
        String::new()
    } else {
        report.what_next()
    };
    super::show(format, &(report.text() + &what_next), || report.json()).map_err(|error| {
        let place = destination.root.display();
        Error::new(
            format!("{error}; the project is written"),
            format!("it is in {place}, whole"),
        )
    })?;
    if args.run {
        return run::run(&destination, report.port(), &interrupt);
    }
    Ok(ExitCode::SUCCESS)
}

/// The plan of an upgrade from nothing, and the files that the user has already.
fn first_plan(destination: &Destination, rendered: &Tree) -> Result<(Plan, BTreeSet<RelPath>)> {
    let ours = project::look(&destination.root, rendered.keys())?;
    let kept: BTreeSet<RelPath> = ours.keys().cloned().collect();
    let nothing = Tree::new();
    let versions = Versions {
        base: &nothing,
        ours: &ours,
        theirs: rendered,
        others: &nothing,
    };
    let rules = Rules {
        kept: kept.clone(),
        ..Rules::default()
    };
    Ok((plan(&versions, &rules), kept))
}

/// The name that was given, else the last part of the path; `.` stands for the name of the folder.
fn name_and_place(args: &New, given: &Given) -> Result<(Name, Destination)> {
    if let Some(name) = given.answers.get("name") {
        let text = name.value.as_str().ok_or_else(|| {
            Error::new(
                "a string is wanted",
                "a name is like `name = \"my-agents\"`",
            )
        });
        let name = text
            .and_then(Name::try_from)
            .map_err(|error| error.within(&name.place))?;
        return Ok((name, Destination::find(&args.path)?));
    }
    match args.path.components().next_back() {
        Some(Component::CurDir) => {
            let destination = Destination::find(&args.path)?;
            let folder = destination.root.file_name().unwrap_or_default();
            let name = Name::try_from(&*folder.to_string_lossy());
            let name = name.map_err(|error| {
                error.hint("give the project a name of its own: `--name my-agents`")
            })?;
            Ok((name, destination))
        }
        last => {
            let last = last
                .map(|part| part.as_os_str().to_string_lossy())
                .unwrap_or_default();
            Ok((Name::try_from(&*last)?, Destination::find(&args.path)?))
        }
    }
}

/// Nobody is asked without a terminal, or where a program reads the result.
fn asker(args: &New, format: Format, interrupt: &Interrupt) -> Result<Box<dyn Ask>> {
    let is_ci = std::env::var_os("CI").is_some_and(|ci| !ci.is_empty());
    let is_terminal = stdin().is_terminal() && stderr().is_terminal();
    if args.yes || format == Format::Json || is_ci || !is_terminal {
        return Ok(Box::new(Defaults));
    }
    interrupt.watch_keys()?;
    Ok(Box::new(Terminal))
}

fn refuse_clashes(destination: &Destination, theirs: &Tree) -> Result<()> {
    let clashes = destination.in_the_way(theirs)?;
    if clashes.is_empty() {
        return Ok(());
    }
    let is_project = clashes.iter().any(|path| path == ".tac/tac.toml");
    let hint = if is_project {
        "a project of tac-bootstrap is here already; `tac-bootstrap doctor` tells its state"
    } else {
        "move them away, or choose another folder"
    };
    let (count, shown) = (clashes.len(), &destination.shown);
    let things = if count == 1 {
        "one thing is"
    } else {
        &format!("{count} things are")
    };
    let error = Error::new(
        format!("{things} in the way in {shown}; nothing was written"),
        hint,
    );
    Err(error.details(clashes))
}

/// Writes the files, and the repository, or nothing.
fn write(
    destination: &Destination,
    files: &Tree,
    wish: Option<Vcs>,
    interrupt: &Interrupt,
) -> Result<Status> {
    let stage = Stage::new(destination, interrupt)?;
    stage.write(files)?;
    let wants_git = match wish {
        Some(Vcs::None) => false,
        Some(Vcs::Git) => !destination.root.join(".git").exists(),
        None => !destination.is_in_repository(),
    };
    let repository = if wants_git {
        let made = vcs::init(&stage.root());
        // A Ctrl-C reaches git as well, which then fails.
        interrupt.check()?;
        Some(made?)
    } else {
        None
    };
    if repository == Some(Repository::NoGit) && wish == Some(Vcs::Git) {
        return Err(Error::new(
            "make a git repository: there is no program `git`; nothing was written",
            "install git, or leave it out with `--vcs none`",
        ));
    }
    stage.finish()?;
    Ok(Status::Written(repository))
}
