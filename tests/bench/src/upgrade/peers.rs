//! The same upgrade by other tools, where they are installed.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::trees::{self, Size, Version};
use crate::new::time;
use crate::rounds::median;

const ROUNDS: usize = 3;

/// A tool, what it is told to make a project of the first version, and to bring it to the second.
struct Peer {
    name: &'static str,
    /// Where a template repository of it keeps the files, and what else it needs.
    files: &'static str,
    settings: &'static [(&'static str, &'static str)],
    new: &'static [&'static str],
    /// None for a tool that cannot.
    upgrade: Option<&'static [&'static str]>,
}

const PEERS: [Peer; 3] = [
    Peer {
        name: "copier",
        files: "files",
        settings: &[
            ("copier.yml", "_subdirectory: files\n"),
            (
                "files/{{ _copier_conf.answers_file }}.jinja",
                "{{ _copier_answers|to_nice_yaml }}\n",
            ),
        ],
        new: &[
            "copy",
            "--quiet",
            "--defaults",
            "--vcs-ref",
            "v1",
            "template",
            "project",
        ],
        upgrade: Some(&["update", "--quiet", "--defaults", "--vcs-ref", "v2"]),
    },
    Peer {
        name: "cruft",
        files: "{{cookiecutter.slug}}",
        settings: &[("cookiecutter.json", "{\"slug\": \"project\"}\n")],
        new: &["create", "template", "--no-input", "--checkout", "v1"],
        upgrade: Some(&["update", "--skip-apply-ask", "--checkout", "v2"]),
    },
    Peer {
        name: "cargo-generate",
        files: ".",
        settings: &[],
        new: &[
            "generate", "--silent", "--vcs", "none", "--path", "template", "--name", "project",
        ],
        upgrade: None,
    },
];

/// How long each takes: `copier 6200 ms`.
pub fn told(size: &Size) -> String {
    let told = |peer: &Peer| {
        if Command::new(peer.name).arg("--help").output().is_err() {
            return format!("{} is not installed", peer.name);
        }
        let what = match (peer.measure(size), peer.upgrade) {
            (Ok(took), Some(_)) => format!("{took:.0} ms"),
            (Ok(took), None) => format!("{took:.0} ms, without an upgrade"),
            (Err(error), _) => format!("failed, {error}"),
        };
        format!("{} {what}", peer.name)
    };
    PEERS.each_ref().map(told).join("; ")
}

impl Peer {
    /// Milliseconds of an upgrade, or of generating where there is none.
    fn measure(&self, size: &Size) -> anyhow::Result<f64> {
        eprintln!("upgrade: {}", self.name);
        let folder = tempfile::tempdir()?;
        let (template, project) = (
            folder.path().join("template"),
            folder.path().join("project"),
        );
        for (tag, version) in [("v1", Version::First), ("v2", Version::Second)] {
            trees::write(&template.join(self.files), size, version)?;
            for (path, text) in self.settings {
                fs::write(template.join(path), text)?;
            }
            commit(&template)?;
            git(&template, &["tag", tag])?;
        }
        // A project remembers where its template is.
        let place = |word: &&'static str| match *word {
            "template" => template.clone().into_os_string(),
            word => word.into(),
        };
        let run = |folder: &Path, words: &[&'static str]| {
            let mut peer = Command::new(self.name);
            time(peer.args(words.iter().map(place)).current_dir(folder))
        };
        let mut took = Vec::new();
        let Some(upgrade) = self.upgrade else {
            for _ in 0..ROUNDS {
                took.push(run(folder.path(), self.new)?);
                fs::remove_dir_all(&project)?;
            }
            return Ok(median(took));
        };
        run(folder.path(), self.new)?;
        commit(&project)?;
        trees::write(&project, size, Version::Edited)?;
        commit(&project)?;
        for _ in 0..ROUNDS {
            time(
                Command::new("cp")
                    .args(["-r", "project", "copy"])
                    .current_dir(folder.path()),
            )?;
            took.push(run(&folder.path().join("copy"), upgrade)?);
            fs::remove_dir_all(folder.path().join("copy"))?;
        }
        Ok(median(took))
    }
}

fn commit(folder: &Path) -> anyhow::Result<()> {
    git(folder, &["init", "--quiet"])?;
    git(folder, &["add", "--all"])?;
    git(folder, &["commit", "--quiet", "--message", "bench"])
}

fn git(folder: &Path, words: &[&str]) -> anyhow::Result<()> {
    let person = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"];
    time(
        Command::new("git")
            .args(person)
            .args(words)
            .current_dir(folder),
    )?;
    Ok(())
}
