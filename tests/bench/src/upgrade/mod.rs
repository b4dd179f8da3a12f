//! `tac-bootstrap upgrade`, `--dry-run` and `status` against `cp -r` of the same project, and against other tools.

mod peers;
mod trees;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use tempfile::TempDir;

use self::trees::{Size, Version};
use crate::new::time;
use crate::report::{Row, Target};
use crate::rounds::Rounds;

const UPGRADE: [&str; 3] = ["upgrade", "--templates", "../v2"];
const DRY_RUN: [&str; 4] = ["upgrade", "--templates", "../v2", "--dry-run"];

/// A folder on the disk, which replaced files have to reach, with two template sets and an edited project of the first.
struct Bench<'a> {
    cli: &'a Path,
    folder: TempDir,
    size: Size,
}

pub fn measure(cli: &Path) -> anyhow::Result<Vec<Row>> {
    let small = Bench::new(cli, trees::SMALL)?;
    let (mut upgrade, mut dry_run, mut status) =
        (Rounds::default(), Rounds::default(), Rounds::default());
    for _ in 0..small.size.rounds {
        small.round(&mut upgrade, &UPGRADE)?;
        small.round(&mut dry_run, &DRY_RUN)?;
        small.round(&mut status, &["status"])?;
    }
    let large = Bench::new(cli, trees::LARGE)?;
    let mut of_large = Rounds::default();
    for _ in 0..large.size.rounds {
        large.round(&mut of_large, &UPGRADE)?;
    }
    let row = |what, rounds, most| Row::beside(what, "ms", rounds, Target::AtMost(most));
    let peak = |what, bench: &Bench| {
        let peak = bench.peak()?;
        anyhow::Ok(Row::alone(what, "MB", peak, Target::AtMost(50.0)))
    };
    let peers = peers::told(&small.size);
    Ok(vec![
        row("upgrade, 100 files", &upgrade, 100.0).note(format!("{}; {peers}", small.size)),
        row("upgrade --dry-run, 100 files", &dry_run, 50.0),
        row("status, 100 files", &status, 50.0),
        peak("upgrade, 100 files, peak memory", &small)?,
        row("upgrade, 1,000 files", &of_large, 500.0).note(large.size.to_string()),
        peak("upgrade, 1,000 files, peak memory", &large)?,
    ])
}

impl<'a> Bench<'a> {
    fn new(cli: &'a Path, size: Size) -> anyhow::Result<Self> {
        eprintln!("upgrade: {} files, in turns with cp", size.files);
        let folder = tempfile::tempdir()?;
        for (name, version) in [("v1", Version::First), ("v2", Version::Second)] {
            let set = folder.path().join(name);
            trees::write(&set.join("files"), &size, version)?;
            let manifest = format!("name = \"bench\"\nversion = \"{name}\"\n");
            fs::write(set.join("set.toml"), manifest)?;
        }
        let new = [
            "new",
            "project",
            "--yes",
            "--vcs",
            "none",
            "--templates",
            "v1",
        ];
        time(Command::new(cli).args(new).current_dir(folder.path()))?;
        let bench = Self { cli, folder, size };
        bench.runs_no_git()?;
        let project = bench.folder.path().join("project");
        trees::write(&project, &bench.size, Version::Edited)?;
        Ok(bench)
    }

    /// Fails if the upgrade of an untouched project, in a repository, runs git.
    fn runs_no_git(&self) -> anyhow::Result<()> {
        let bin = self.folder.path().join("bin");
        fs::create_dir(&bin)?;
        symlink("/bin/false", bin.join("git"))?;
        self.copy()?;
        fs::create_dir(self.folder.path().join("copy/.git"))?;
        time(self.program(&UPGRADE).env("PATH", &bin)).context("an untouched project ran git")?;
        self.remove_copy()
    }

    /// The program in a fresh copy, which takes it that long, and `cp` the other time.
    fn round(&self, rounds: &mut Rounds, arguments: &[&str]) -> anyhow::Result<()> {
        let copied = self.copy()?;
        rounds.push(time(&mut self.program(arguments))?, copied);
        self.remove_copy()
    }

    /// Megabytes that an upgrade has in memory at once.
    fn peak(&self) -> anyhow::Result<f64> {
        self.copy()?;
        let mut alone = Command::new(std::env::current_exe()?);
        alone.arg("peak").arg(self.cli).args(UPGRADE);
        let said = alone
            .current_dir(self.folder.path().join("copy"))
            .output()?;
        let bytes: u64 = String::from_utf8(said.stdout)?.trim().parse()?;
        self.remove_copy()?;
        Ok(bytes as f64 / 1e6)
    }

    /// Copies the project, in that many milliseconds.
    fn copy(&self) -> anyhow::Result<f64> {
        let copy = ["-r", "project", "copy"];
        time(
            Command::new("cp")
                .args(copy)
                .current_dir(self.folder.path()),
        )
    }

    fn remove_copy(&self) -> anyhow::Result<()> {
        Ok(fs::remove_dir_all(self.folder.path().join("copy"))?)
    }

    fn program(&self, arguments: &[&str]) -> Command {
        let mut program = Command::new(self.cli);
        program
            .args(arguments)
            .current_dir(self.folder.path().join("copy"));
        program
    }
}
