//! The program itself, started in a folder of its own with an environment of its own.

use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

pub struct Program {
    binary: PathBuf,
    folder: TempDir,
    variables: Vec<(String, String)>,
}

/// How a run ended; the folder's path in its output is shown as `[folder]`.
#[derive(Debug)]
pub struct Run {
    pub succeeded: bool,
    pub out: String,
    pub err: String,
}

impl Program {
    /// A folder with an empty `orchestrator.toml`, so that none further up is found.
    pub fn new() -> Self {
        let program = Self {
            binary: env!("CARGO_BIN_EXE_orchestrator_web").into(),
            folder: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
        };
        program.file("orchestrator.toml", "")
    }

    /// The same, and the program is a copy in the folder: `program`.
    pub fn of_its_own() -> Self {
        let mut program = Self::new();
        let copy = program.path("program");
        std::fs::copy(&program.binary, &copy).unwrap();
        program.binary = copy;
        program
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// A command that starts in the folder, and sees no variable of the one who runs the tests.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(self.variables.iter().cloned());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        self.ended(&self.command(arguments).output().unwrap())
    }

    pub fn ended(&self, output: &Output) -> Run {
        let folder = self.folder.path().to_str().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(folder, "[folder]");
        Run {
            succeeded: output.status.success(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }

    /// The messages of a run that is refused with exit status 1.
    pub fn refusal(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
        self.ended(&output).err
    }
}
