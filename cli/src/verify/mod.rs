//! `--verify=build` and `test`: whether the project builds, or passes its tests, with what is to be written.
//!
//! A copy of the project, outside of it, takes the changes, and cargo runs there. The project itself changes later, or
//! not at all.

mod cargo;
mod fault;
mod shadow;

pub use cargo::Job;

use cargo::Cargo;
use shadow::Shadow;

use crate::destination::SERVICE;
use crate::interrupt::Interrupt;
use crate::upgrade::Upgrade;
use crate::{Error, Result, output};

/// Runs the project's own code. An error names what fails, and where; the project has not changed.
pub fn verify(job: Job, upgrade: &Upgrade, interrupt: &Interrupt) -> Result<()> {
    refuse_markers(upgrade)?;
    let shadow = Shadow::new(upgrade, interrupt)?;
    let service = shadow.root().join(SERVICE);
    if !service.join("Cargo.toml").is_file() {
        return Err(Error::new(
            format!("there is no {SERVICE}/Cargo.toml to build; nothing was written"),
            "`--verify parse` does without a build",
        ));
    }
    output::note(&format!(
        "`cargo {}` in a copy of the project: this runs the project's own code\n",
        job.words().join(" ")
    ));
    let target = upgrade.project.root.join(SERVICE).join("target");
    let cargo = Cargo {
        service: &service,
        target: &target,
        interrupt,
    };
    let ended = cargo.run(job)?;
    if ended.is_good {
        return Ok(());
    }
    Err(fault::error(job, &ended, upgrade, shadow.root()))
}

/// Text between markers is no program.
fn refuse_markers(upgrade: &Upgrade) -> Result<()> {
    let conflicts = upgrade.plan.conflicts();
    let marked = conflicts.filter(|(_, step)| step.sidecar.is_none());
    let marked: Vec<String> = marked.map(|(path, _)| path.to_string()).collect();
    if marked.is_empty() {
        return Ok(());
    }
    let error = Error::new(
        "with conflict markers in it, the project cannot be built; nothing was written",
        "`--conflict ours`, `theirs` or `sidecar` leaves no markers; or upgrade without `--verify`, and decide them",
    );
    Err(error.details(marked))
}
