//! The program, run as a user runs it, in a folder of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;
use walkdir::WalkDir;

/// A small template set: an answer in a template, an option, an executable.
const SET: [(&str, &str); 7] = [
    (
        "set.toml",
        r#"
name = "small"
version = "1.0.0"

[answers.name]
type = "string"
help = "The name"

[answers.title]
type = "string"
help = "The title"

[answers.port]
type = "integer"
help = "The port"

[options.extra]
description = "Notes that few need"
paths = ["orchestrator_web/extra/**"]

[files."README.md"]
policy = "once"

[files."orchestrator_web/start.sh"]
mode = "755"
"#,
    ),
    ("files/README.md.tera", "# <@ answers.title @>\n"),
    ("files/dot_gitignore", "/data\n"),
    ("files/docs/usage.md", "Type `cargo run`.\n"),
    (
        "files/orchestrator_web/Cargo.toml.tera",
        "[package]\nname = \"orchestrator_web\"\nedition = \"2024\"\n\n[workspace]\n",
    ),
    ("files/orchestrator_web/start.sh", "#!/bin/sh\ncargo run\n"),
    ("files/orchestrator_web/extra/notes.md", "Notes.\n"),
];

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_tac-bootstrap");

/// A folder that goes away with the test. The program runs in `work/`, its template set lies beside it.
pub struct Scratch(TempDir);

impl Scratch {
    pub fn new() -> Self {
        let scratch = Self(tempfile::tempdir().unwrap());
        fs::create_dir(scratch.work()).unwrap();
        for (path, text) in SET {
            scratch.write(&format!("../set/{path}"), text);
        }
        scratch
    }

    pub fn work(&self) -> PathBuf {
        self.0.path().join("work")
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.work().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.work().join(path)).unwrap()
    }

    /// Puts a shell script on the front of the program's `PATH`.
    pub fn shim(&self, name: &str, script: &str) {
        let path = format!("../bin/{name}");
        self.write(&path, &format!("#!/bin/sh\n{script}\n"));
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(self.work().join(path), executable).unwrap();
    }

    /// The program with these arguments, without what this machine's environment would add.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        let path = std::env::var("PATH").unwrap();
        let shims = self.work().join("../bin");
        command
            .args(args)
            .current_dir(self.work())
            .stdin(Stdio::null())
            .env("PATH", format!("{}:{path}", shims.display()))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env_remove("CI")
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE");
        command
    }

    /// Runs `new` with the small template set.
    pub fn new_project(&self, args: &[&str]) -> Ran {
        self.run(&[&["new"], args, &["--templates", "../set"]].concat())
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        let output = self.command(args).output().unwrap();
        Ran::new(self, args, &output)
    }

    /// Everything in `work/`: files, links and folders (with `/`), sorted; what lies in `.git` left out.
    pub fn listing(&self) -> Vec<String> {
        listing(&self.work())
    }
}

pub fn listing(root: &Path) -> Vec<String> {
    let walk = WalkDir::new(root).min_depth(1).sort_by_file_name();
    let in_git = |path: &Path| path.parent().is_some_and(|above| above.ends_with(".git"));
    let entries = walk.into_iter().filter_entry(|entry| !in_git(entry.path()));
    let name = |entry: walkdir::DirEntry| {
        let path = entry
            .path()
            .strip_prefix(root)
            .unwrap()
            .display()
            .to_string();
        if entry.file_type().is_dir() {
            path + "/"
        } else {
            path
        }
    };
    entries.map(|entry| name(entry.unwrap())).collect()
}

/// What came of a run.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
    /// What a person would have seen, the scratch folder called `[HERE]`.
    pub transcript: String,
}

impl Ran {
    pub fn new(scratch: &Scratch, args: &[&str], output: &Output) -> Self {
        let out = String::from_utf8(output.stdout.clone()).unwrap();
        let err = String::from_utf8(output.stderr.clone()).unwrap();
        let code = output.status.code();
        let words: Vec<String> = args.iter().map(|word| in_quotes(word)).collect();
        let command = words.join(" ").replace(" --templates ../set", "");
        let here = scratch.work().canonicalize().unwrap();
        let transcript = format!(
            "$ tac-bootstrap {command}\n{out}{err}(exit code {})\n",
            code.unwrap_or(-1)
        );
        let transcript = transcript.replace(&*here.to_string_lossy(), "[HERE]");
        Self {
            code,
            out,
            err,
            transcript,
        }
    }

    #[track_caller]
    pub fn succeeds(self) -> Self {
        self.exits(0)
    }

    #[track_caller]
    pub fn fails(self) -> Self {
        self.exits(1)
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.transcript);
        self
    }
}

fn in_quotes(word: &str) -> String {
    let is_plain = !word.is_empty()
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_./=,:".contains(&b));
    if is_plain {
        word.to_owned()
    } else {
        format!("'{}'", word.escape_debug())
    }
}

/// Compares with the file of that name in `snapshots/`, which holds no time.
#[track_caller]
pub fn assert_snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "[TIME]");
    settings.bind(|| insta::assert_snapshot!(name, text));
}
