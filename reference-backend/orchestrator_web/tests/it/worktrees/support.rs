//! A service, a repository, and an agent whose prompts are scripts for the shell.

use std::path::{Path, PathBuf};
use std::process::Command;

use reqwest::Method;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::runs::support::{Host, Reply, program, reply};
use crate::support::program::Program;

pub struct Repo {
    pub path: PathBuf,
}

impl Repo {
    /// With one commit on `main`, that holds `a` and `sub/b`.
    pub fn new(path: PathBuf) -> Self {
        std::fs::create_dir_all(path.join("sub")).unwrap();
        let repo = Self { path };
        repo.git(&["init", "--quiet", "--initial-branch=main"]);
        repo.git(&["config", "user.name", "Somebody"]);
        repo.git(&["config", "user.email", "somebody@example.org"]);
        repo.write("a", "one\n")
            .write("sub/b", "two\n")
            .write(".gitignore", "ignored\n");
        repo.commit("first");
        repo
    }

    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// What it prints, without the line's end. It must succeed.
    pub fn git(&self, arguments: &[&str]) -> String {
        let (succeeded, out) = self.try_git(arguments);
        assert!(succeeded, "git {arguments:?}: {out}");
        out
    }

    pub fn try_git(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = Command::new("git");
        command.current_dir(&self.path).args(arguments);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null");
        let output = command.output().unwrap();
        let printed = if output.status.success() {
            output.stdout
        } else {
            output.stderr
        };
        let printed = String::from_utf8_lossy(&printed).trim_end().to_owned();
        (output.status.success(), printed)
    }

    /// A file of a commit, byte for byte.
    pub fn blob(&self, commit: &str, name: &str) -> Vec<u8> {
        let name = format!("{commit}:{name}");
        let mut command = Command::new("git");
        let output = command
            .current_dir(&self.path)
            .args(["cat-file", "blob", &name])
            .output();
        output.unwrap().stdout
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        std::fs::write(self.path.join(name), bytes).unwrap();
        self
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path.join(name)).unwrap()
    }

    /// Everything that there is.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub fn status(&self) -> String {
        self.git(&["status", "--porcelain"])
    }

    /// Its branches, its work trees, and what is checked out: all that a refusal must leave alone.
    pub fn state(&self) -> String {
        let refs = self.git(&["for-each-ref", "--format=%(refname) %(objectname)"]);
        let trees = self.git(&["worktree", "list", "--porcelain"]);
        format!(
            "{refs}\n{trees}\n{}\n{}",
            self.status(),
            self.try_git(&["symbolic-ref", "HEAD"]).1
        )
    }
}

pub struct Lab {
    pub host: Host,
    pub repo: Repo,
}

/// `sh` runs its prompt in a work tree; agents may work in `work`.
pub fn lab(toml: &str) -> Program {
    program(&format!(
        "[agents]\nroots = ['work']\n[executors.sh]\nkind = 'command'\nprogram = ['/bin/sh']\n\
         worktree = true\nstop_pause_seconds = 0\n{toml}"
    ))
}

impl Lab {
    pub async fn start() -> Self {
        Self::with(lab("")).await
    }

    pub async fn with(program: Program) -> Self {
        let repo = Repo::new(program.path("work"));
        Self::around(program, repo).await
    }

    pub async fn around(program: Program, repo: Repo) -> Self {
        let mut host = Host::with(program).await;
        host.agent = host
            .agent_with(json!({ "name": "Build it!", "executor": "sh" }))
            .await;
        Self { host, repo }
    }

    pub fn restart(self, signal: Signal) -> Self {
        Self {
            host: self.host.restart(signal),
            ..self
        }
    }

    /// Runs a script to its end, which is to be a good one.
    pub async fn run(&self, script: &str) -> String {
        let run = self.host.run(script).await;
        let told = self.host.end(&run).await;
        assert_eq!(
            told.status,
            "completed",
            "{}",
            self.host.instance(&run).await
        );
        run
    }

    pub async fn worktree(&self, run: &str) -> Value {
        self.host
            .get(&format!("/api/runtime/agents/{run}/worktree"))
            .await
    }

    /// The work tree of a run.
    pub async fn tree(&self, run: &str) -> Repo {
        Repo::at(self.worktree(run).await["path"].as_str().unwrap())
    }

    pub async fn diff(&self, run: &str) -> Reply {
        let path = format!("/api/runtime/agents/{run}/diff");
        reply(self.host.request(Method::GET, &path)).await
    }

    pub async fn patch(&self, run: &str) -> Vec<u8> {
        let path = format!("/api/runtime/agents/{run}/diff?format=patch");
        let answer = self.host.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/x-diff");
        answer.bytes().await.unwrap().into()
    }

    pub async fn merge(&self, run: &str) -> Reply {
        self.host
            .post(&format!("/api/runtime/agents/{run}/merge"), json!({}))
            .await
    }

    pub async fn preview(&self, run: &str) -> Reply {
        self.host
            .post(
                &format!("/api/runtime/agents/{run}/merge?preview=true"),
                json!({}),
            )
            .await
    }

    pub async fn discard(&self, run: &str, body: Value) -> Reply {
        self.host
            .post(&format!("/api/runtime/agents/{run}/discard"), body)
            .await
    }

    /// Waits for an event, from the first one of all on; what it tells.
    pub async fn event(&self, topic: &str) -> Value {
        let path = format!("/api/events?after=0&topics={topic}");
        let address = self.host.service.addresses[0];
        let mut events = crate::support::live::Events::open(address, &path, None).await;
        let event: Value = serde_json::from_str(&events.next().await.data).unwrap();
        event["data"].clone()
    }
}

impl Reply {
    /// The reason of a refusal.
    pub fn refusal(&self) -> &str {
        assert_eq!(self.status, 409, "{self:?}");
        self.body["detail"].as_str().unwrap()
    }

    pub fn ok(&self) -> &Value {
        assert_eq!(self.status, 200, "{self:?}");
        &self.body
    }
}

/// The names of the files that differ, with where they stand and how.
pub fn told(diff: &Value) -> Vec<String> {
    let files = diff["files"].as_array().unwrap().iter();
    files
        .map(|file| {
            let word = |key: &str| file[key].as_str().unwrap().to_owned();
            format!("{} {} {}", word("part"), word("change"), word("path"))
        })
        .collect()
}

/// Puts a `git` before the real one that acts on some calls as `script` says; the rest reach the real
/// one. In it, `$3` is the folder.
pub fn with_git(program: Program, script: &str) -> Program {
    use std::os::unix::fs::PermissionsExt as _;
    let wrapper = format!("#!/bin/sh\n{script}\nexec /usr/bin/git \"$@\"\n");
    let program = program.file("bin/git", wrapper);
    let path = program.path("bin/git");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", program.path("bin").display());
    program.variable("PATH", &path)
}

pub fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}
