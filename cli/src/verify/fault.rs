//! Which of the files that are to be written break the project.

use std::collections::BTreeSet;
use std::path::Path;

use super::cargo::{Diagnostic, Ended, Job, Span};
use crate::destination::SERVICE;
use crate::plan::{Effect, Verdict};
use crate::tree::RelPath;
use crate::upgrade::Upgrade;
use crate::{Error, disk, report};

/// Where the compiler's errors are, which tests failed, and which files the upgrade would have written there.
pub fn error(job: Job, ended: &Ended, upgrade: &Upgrade, shadow: &Path) -> Error {
    let cargo = job.words().join(" ");
    let error = Error::new(
        format!("`cargo {cargo}` fails with what was to be written; nothing was written"),
        format!(
            "cargo says above why; `cargo {cargo}` in {SERVICE} tells whether it fails without that, too"
        ),
    );
    if ended.errors.is_empty() && ended.failed.is_empty() {
        return error;
    }
    let errors = ended.errors.iter().map(|error| place(error, shadow));
    let failed = ended.failed.iter().map(|test| format!("test {test} fails"));
    let mut places: Vec<String> = errors.chain(failed).collect();
    places.extend(culprits(&ended.errors, upgrade, shadow));
    error
        .details(places)
        .hint("change your part of these files first; or upgrade without `--verify`, and mend what comes out")
}

/// `orchestrator_web/src/app.rs, line 12: cannot find function …`.
fn place(error: &Diagnostic, shadow: &Path) -> String {
    let primary = error.spans.iter().find(|span| span.is_primary);
    let found = primary.and_then(|span| Some((file(span, shadow)?, span.line_start)));
    match found {
        Some((path, line)) => format!("{path}, line {line}: {}", error.message),
        None => error.message.clone(),
    }
}

/// The files that the upgrade writes and the errors point at; where they point at none, those that it merges.
fn culprits(errors: &[Diagnostic], upgrade: &Upgrade, shadow: &Path) -> Vec<String> {
    let spans = errors.iter().flat_map(|error| &error.spans);
    let touched: BTreeSet<RelPath> = spans.filter_map(|span| file(span, shadow)).collect();
    let steps = || upgrade.plan.0.iter();
    let mut found: Vec<_> = steps()
        .filter(|(path, step)| step.effect != Effect::Nothing && touched.contains(*path))
        .collect();
    if found.is_empty() {
        found = steps()
            .filter(|(_, step)| step.verdict == Verdict::Merge)
            .collect();
    }
    let told = |(path, step): (&RelPath, _)| format!("{path} would be {}", report::word(step));
    found.into_iter().map(told).collect()
}

/// The file of the project; `None` for one of a library.
fn file(span: &Span, shadow: &Path) -> Option<RelPath> {
    // The workspace is the service by itself, or one that the user has made around it.
    let folders = [shadow.join(SERVICE), shadow.to_owned()];
    let paths = folders.map(|folder| folder.join(&span.file_name));
    let path = paths.iter().find(|path| path.is_file())?;
    path.starts_with(shadow)
        .then(|| disk::relative(shadow, path).ok())?
}
