//! `tac-bootstrap new` against `cp -r` of the tree that it makes.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, ensure};

use crate::report::{Row, Target};
use crate::rounds::{Rounds, median};

const ROUNDS: usize = 30;
/// In memory: a disk that others use, or that has just deleted as many files, hides the difference.
const FOLDER: &str = "/dev/shm";

pub fn measure(cli: &Path) -> anyhow::Result<[Row; 2]> {
    eprintln!("new: in turns with cp");
    let folder = tempfile::tempdir_in(FOLDER)?;
    let run = |program: &Path, arguments: &[&str]| {
        let mut command = Command::new(program);
        time(command.args(arguments).current_dir(folder.path()))
    };
    let remove = |name| fs::remove_dir_all(folder.path().join(name));
    let new = |name| run(cli, &["new", name, "--yes"]);
    // Both sides warm: the programs, and the tree that is copied.
    new("tree")?;
    let files = files(&folder.path().join("tree"))?;

    let (mut rounds, mut without_git) = (Rounds::default(), Vec::new());
    for _ in 0..ROUNDS {
        let made = new("made")?;
        remove("made")?;
        without_git.push(run(cli, &["new", "made", "--yes", "--vcs", "none"])?);
        remove("made")?;
        rounds.push(made, run(Path::new("cp"), &["-r", "tree", "copied"])?);
        remove("copied")?;
    }
    let without_git = median(without_git);
    Ok([
        Row::beside("new against cp -r", "ms", &rounds, Target::RatioAtMost(4.0)).note(format!(
            "the same {files} files, git's own folder among them, in {FOLDER}; with --vcs none {without_git:.1} ms"
        )),
        Row::alone("new", "ms", median(rounds.service), Target::AtMost(30.0)),
    ])
}

/// Milliseconds until `command` has ended well.
pub fn time(command: &mut Command) -> anyhow::Result<f64> {
    let began = Instant::now();
    let output = command.stdin(Stdio::null()).output();
    let took = began.elapsed();
    let output = output.with_context(|| format!("run {command:?}"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}: {complaint}");
    Ok(took.as_secs_f64() * 1e3)
}

fn files(folder: &Path) -> anyhow::Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        count += if entry.file_type()?.is_dir() {
            files(&entry.path())?
        } else {
            1
        };
    }
    Ok(count)
}
