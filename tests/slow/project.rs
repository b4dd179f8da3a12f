//! Projects that the program has written, and the one warm target directory that they are built in.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tac_bootstrap::disk;
use tac_bootstrap::templates::TemplateSet;
use tac_bootstrap::templates::released::Released;
use tac_bootstrap::tree::Tree;
use tempfile::TempDir;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_tac-bootstrap");

/// Where generated services are built. `scripts/test` builds the reference there too.
const TARGET: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/projects");

/// A project called `demo`; it goes away with the test.
pub struct Project(TempDir);

impl Project {
    /// What `program new demo --yes` writes with these arguments.
    pub fn new(program: impl AsRef<Path>, args: &[&str]) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        let mut command = Command::new(program.as_ref());
        command.args(["new", "demo", "--yes"]).args(args);
        succeed(command.current_dir(project.0.path()));
        project
    }

    /// The same with these options and no others.
    pub fn with_options(program: impl AsRef<Path>, options: &BTreeSet<String>) -> Self {
        let every = every_option();
        let choices = every.iter().flat_map(|option| {
            let chosen = options.contains(option);
            [if chosen { "--with" } else { "--without" }, option]
        });
        Self::new(program, &choices.collect::<Vec<_>>())
    }

    /// What that version wrote, as far as its templates decide.
    pub fn of_release(released: &Released) -> Self {
        let set = tempfile::tempdir().unwrap();
        for (path, file) in released.stored().unwrap() {
            let to = set.path().join(path.as_str());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(to, file.bytes()).unwrap();
        }
        let templates = set.path().to_str().unwrap();
        Self::new(PROGRAM, &["--templates", templates, "--with", "systemd"])
    }

    /// What `upgrade` prints, which must leave no conflict.
    pub fn upgrade(&self) -> String {
        let mut upgrade = Command::new(PROGRAM);
        let upgrade = upgrade.args(["upgrade", "--allow-dirty"]);
        let output = succeed(upgrade.current_dir(self.root()));
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn root(&self) -> PathBuf {
        self.0.path().join("demo")
    }

    pub fn service(&self) -> PathBuf {
        self.root().join("orchestrator_web")
    }

    /// Every file with its mode.
    pub fn tree(&self) -> Tree {
        disk::read(&self.root(), |path| !path.as_str().starts_with(".git/")).unwrap()
    }
}

/// The target directory, held for one project: cargo takes a second project of the same name and
/// version for the first one.
pub struct Bench {
    _held: MutexGuard<'static, ()>,
}

impl Bench {
    /// Waits for the directory, and removes what the project before this one left; the dependencies
    /// stay.
    pub fn take() -> Self {
        static HELD: Mutex<()> = Mutex::new(());
        // A test that failed leaves nothing here that the cleaning does not remove.
        let held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        let bench = Self { _held: held };
        let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("reference-backend");
        let folder = reference.join("orchestrator_web");
        bench.cargo(&folder, &["clean", "--package", "orchestrator_web"]);
        bench
    }

    /// Runs cargo in a service's folder and returns what it wrote to standard output.
    pub fn cargo(&self, folder: &Path, args: &[&str]) -> String {
        let mut cargo = self.command("cargo");
        let output = succeed(cargo.args(args).arg("--locked").current_dir(folder));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The service that was built last.
    #[expect(clippy::unused_self, reason = "nobody else may build one meanwhile")]
    pub fn program(&self) -> PathBuf {
        Path::new(TARGET).join("debug/orchestrator_web")
    }

    /// A program that, with each cargo below it, builds here and takes a warning for an error.
    #[expect(
        clippy::unused_self,
        reason = "nobody builds here without holding the bench"
    )]
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("CARGO_TARGET_DIR", TARGET)
            .env("RUSTFLAGS", "-D warnings");
        command
    }
}

/// The service with every option, built once.
pub fn service() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let project = Project::with_options(PROGRAM, &every_option());
        let bench = Bench::take();
        bench.cargo(&project.service(), &["build"]);
        // Others will build theirs in the same place.
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("orchestrator_web");
        // What an earlier test has left at work may still run that of then.
        let _ = fs::remove_file(&kept);
        fs::copy(bench.program(), &kept).unwrap();
        kept
    })
}

pub fn every_option() -> BTreeSet<String> {
    let set = TemplateSet::embedded().unwrap();
    set.manifest.options.keys().cloned().collect()
}

#[track_caller]
pub fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?} fails:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}
