//! `adopt`: a project whose `.tac/` is lost, or that was never ours, gets one.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;

use crate::adopt::Candidate;
use crate::answers::given::Given;
use crate::args;
use crate::destination::Destination;
use crate::error::Context;
use crate::interrupt::Interrupt;
use crate::output::Format;
use crate::project::{self, Project, Templates};
use crate::report::Adoption;
use crate::templates::TemplateSet;
use crate::templates::released::RELEASED;
use crate::transaction::{self, Stage};
use crate::{Error, Result};

/// What a `.tac/` may hold that is adopted: what can be undone stays so.
const STAYS: [&str; 3] = ["journal", "lock", "undo"];

pub fn adopt(args: &args::Adopt, format: Format) -> Result<ExitCode> {
    let interrupt = Interrupt::default();
    let destination = Destination::find(&args.path)?;
    let root = &destination.root;
    if destination.existing != *root {
        return Err(Error::new(
            format!("adopt {}: there is no such folder", destination.shown),
            "name the folder of a project; `tac-bootstrap new` makes one",
        ));
    }
    refuse_what_is_there(root, &destination.shown)?;
    let given = args.answers.given()?;
    let sets = match &args.templates {
        Some(folder) => vec![TemplateSet::from_dir(folder)?],
        None => carried()?,
    };
    let folder = root.file_name().unwrap_or_default().to_string_lossy();
    let candidates = candidates(sets, &given, &folder, root)?;
    let compared = candidates.iter();
    let compared =
        compared.map(|(candidate, _)| (Templates::of(&candidate.set), candidate.exact()));
    let compared: Vec<(Templates, usize)> = compared.collect();
    let best = candidates.into_iter();
    let best = best.max_by(|(one, _), (other, _)| one.compare(other));
    let (mut best, mut refused) = best.expect("there is one, or an error before");
    if !best.fits() {
        refuse_inside_of_another(root, &destination.shown)?;
        best = Candidate::new(best.set, &given, &folder, root)?;
        refused.clear();
    }
    let (remembered, base) = best.remembered();
    let adoption = Adoption {
        root,
        best,
        compared,
        refused,
        is_written: !args.dry_run,
    };
    if !args.dry_run {
        interrupt.watch()?;
        let stage = Stage::new(&destination, &interrupt)?;
        stage.write(&project::tac_folder(&remembered, &base))?;
        stage.finish()?;
    }
    super::show(format, &adoption.text(), || adoption.json())
}

/// Every set that this program carries, the oldest first.
fn carried() -> Result<Vec<TemplateSet>> {
    let ours = TemplateSet::embedded()?;
    let mut sets = Vec::new();
    for released in &RELEASED {
        let set = released.set()?;
        if set.digest() != ours.digest() {
            sets.push(set);
        }
    }
    sets.push(ours);
    Ok(sets)
}

/// The sets that can be made with what is given, with what stands in the project and cannot be an answer. An error
/// where there is none.
fn candidates(
    sets: Vec<TemplateSet>,
    given: &Given,
    folder: &str,
    root: &Path,
) -> Result<Vec<(Candidate, Vec<String>)>> {
    let mut candidates = Vec::new();
    let mut unfit = None;
    for set in sets {
        match Candidate::read(set, given, folder, root) {
            Ok(candidate) => candidates.push(candidate),
            // An option that an earlier set did not know, for one.
            Err(error) => unfit = Some(error),
        }
    }
    match unfit {
        Some(error) if candidates.is_empty() => Err(error),
        _ => Ok(candidates),
    }
}

/// A `.tac/` that is whole has nothing to gain, and one that is damaged may hold what its owner wants back.
fn refuse_what_is_there(root: &Path, shown: &str) -> Result<()> {
    let act = format!("adopt {shown}");
    match root.join(".tac").symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Ok(found) if found.is_dir() => {}
        _ => {
            return Err(Error::new(
                format!("{act}: its .tac is no folder"),
                "take it away, then try again",
            ));
        }
    }
    if let Some(pending) = transaction::pending(root)? {
        return Err(Error::new(
            format!("{act}: `{}` is half done in it", pending.command),
            "`tac-bootstrap upgrade --abort` in that folder takes it back",
        ));
    }
    let Err(damage) = Project::open(root) else {
        return Err(Error::new(
            format!("{act}: it is a project of tac-bootstrap already"),
            "`tac-bootstrap doctor` in that folder tells its state",
        ));
    };
    let left = in_the_way(root).context(&act, "make `.tac` readable, then try again")?;
    if left.is_empty() {
        return Ok(());
    }
    let error = Error::new(
        format!("{act}: its .tac/ is there, and damaged: {}", damage.what()),
        "bring `.tac` back from version control; or remove what is listed, then try again",
    );
    Err(error.details(left))
}

/// A folder of a project is none, unless it was made as one.
fn refuse_inside_of_another(root: &Path, shown: &str) -> Result<()> {
    let mut above = root.ancestors().skip(1);
    match above.find(|folder| folder.join(".tac").exists()) {
        None => Ok(()),
        Some(project) => Err(Error::new(
            format!(
                "adopt {shown}: it is a folder of the project {}",
                project.display()
            ),
            "name the folder of a project of its own",
        )),
    }
}

/// What has to go out of `.tac/`.
fn in_the_way(root: &Path) -> std::io::Result<Vec<String>> {
    let mut left = Vec::new();
    for entry in fs::read_dir(root.join(".tac"))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !STAYS.contains(&name.as_str()) {
            let slash = if entry.file_type()?.is_dir() { "/" } else { "" };
            left.push(format!(".tac/{name}{slash}"));
        }
    }
    left.sort();
    Ok(left)
}
