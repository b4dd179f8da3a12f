//! Repositories that have git run programs, by whatever they may hold: none of these runs.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::json;

use super::support::{Lab, Repo, exists, lab, with_git};
use crate::support::program::Program;

const HOOKS: [&str; 13] = [
    "post-checkout",
    "pre-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "post-merge",
    "pre-merge-commit",
    "reference-transaction",
    "post-index-change",
    "pre-auto-gc",
    "post-rewrite",
    "fsmonitor-watchman",
    "push-to-checkout",
];

/// A program that notes that it was run, and then does as `cat` does.
fn evil(program: &Program) -> String {
    let path = program.path("evil.sh");
    let note = program.path("EVIL");
    executable(
        &path,
        &format!("#!/bin/sh\necho \"$0 $*\" >> {}\ncat\n", note.display()),
    );
    path.to_str().unwrap().to_owned()
}

fn executable(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn what_ran(lab: &Lab) -> String {
    std::fs::read_to_string(lab.host.service.program.path("EVIL")).unwrap_or_default()
}

/// Everything that the service does with a work tree.
async fn live_through(lab: &Lab) {
    // By other means than git, which would run what the agent's own call allows.
    let run = lab.run("echo 2 >> a; echo new > new; rm -f sub/b").await;
    lab.diff(&run).await.ok();
    lab.patch(&run).await;
    lab.preview(&run).await.ok();
    lab.merge(&run).await.ok();
    lab.tree(&run).await.write("late", "x");
    lab.discard(&run, json!({ "force": true })).await.ok();
    assert_eq!(what_ran(lab), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_do_not_run_wherever_they_are() {
    let program = lab("");
    let repo = Repo::new(program.path("work"));
    let evil = evil(&program);
    for folder in [".git/hooks", "hooks"] {
        std::fs::create_dir_all(repo.path.join(folder)).unwrap();
        for hook in HOOKS {
            std::fs::copy(&evil, repo.path.join(folder).join(hook)).unwrap();
        }
    }
    repo.write(".git/info/exclude", "/hooks\n");
    let lab = Lab::around(program, repo).await;
    live_through(&lab).await;
    lab.repo.git(&["config", "core.hooksPath", "hooks"]);
    live_through(&lab).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_that_settings_name_do_not_run() {
    let program = lab("");
    let repo = Repo::new(program.path("work"));
    let evil = evil(&program);
    repo.write(".gitattributes", "* diff=evil\n");
    repo.commit("attributes");
    let settings = [
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.askPass",
        "core.sshCommand",
        "core.gitProxy",
        "core.alternateRefsCommand",
        "sequence.editor",
        "credential.helper",
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "gpg.program",
        "pager.diff",
        "pager.config",
        "interactive.diffFilter",
        "trailer.evil.command",
    ];
    let setting = |name: &str| {
        let (section, key) = name.rsplit_once('.').unwrap();
        let section = match section.split_once('.') {
            Some((section, name)) => format!("{section} \"{name}\""),
            None => section.to_owned(),
        };
        format!("[{section}]\n{key} = {evil}\n")
    };
    let aliases = ["diff", "status", "add", "worktree", "rev-parse"];
    let alias = |name: &str| format!("[alias]\n{name} = !{evil}\n");
    let mut text: String = settings.iter().map(|name| setting(name)).collect();
    text.extend(aliases.iter().map(|name| alias(name)));
    text += "[commit]\ngpgSign = true\n[diff]\nautoRefreshIndex = true\nnoprefix = true\n[log]\n\
             showSignature = true\n[color]\nui = always\n[core]\nquotePath = false\n";
    // As a file that another one includes.
    repo.write(".git/included", text);
    repo.git(&["config", "include.path", "included"]);
    let lab = Lab::around(program, repo).await;
    live_through(&lab).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_lacks_objects_fetches_none() {
    let program = lab("");
    let repo = Repo::new(program.path("work"));
    let evil = evil(&program);
    repo.git(&["config", "core.repositoryFormatVersion", "1"]);
    repo.git(&["config", "extensions.partialClone", "origin"]);
    repo.git(&["config", "remote.origin.promisor", "true"]);
    repo.git(&["config", "protocol.ext.allow", "always"]);
    let blob = repo.git(&["rev-parse", "HEAD:a"]);
    let lab = Lab::around(program, repo).await;
    std::fs::remove_file(
        lab.repo
            .path
            .join(".git/objects")
            .join(&blob[..2])
            .join(&blob[2..]),
    )
    .unwrap();
    for url in [
        format!("ext::{evil} %S"),
        "file:///nowhere".to_owned(),
        "ssh://nobody@localhost/x".to_owned(),
    ] {
        lab.repo.git(&["config", "remote.origin.url", &url]);
        lab.repo.git(&["config", "remote.origin.uploadpack", &evil]);
        let (_, error) = lab.host.failure(&lab.host.run("true").await).await;
        assert!(error.contains("git reset failed"), "{error}");
    }
    assert_eq!(what_ran(&lab), "");
    assert_eq!(lab.repo.git(&["branch", "--list", "tac/*"]), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_with_filters_or_merge_drivers_of_its_own_is_refused_and_its_work_is_kept() {
    for (key, attribute) in [
        ("filter.evil.clean", "filter"),
        ("filter.evil.smudge", "filter"),
        ("filter.evil.process", "filter"),
        ("merge.evil.driver", "merge"),
    ] {
        let program = lab("");
        let repo = Repo::new(program.path("work"));
        let evil = evil(&program);
        repo.write(".gitattributes", format!("* {attribute}=evil\n"));
        repo.commit("attributes");
        let lab = Lab::around(program, repo).await;
        let run = lab.run("echo 2 >> a; echo new > new").await;
        // Set by a run, say, that is going on.
        lab.repo.git(&["config", key, &evil]);
        let refused = [
            lab.diff(&run).await,
            lab.preview(&run).await,
            lab.merge(&run).await,
        ];
        for refused in refused {
            assert!(
                refused
                    .refusal()
                    .contains(&format!("name a program, in `{key}`")),
                "{refused:?}"
            );
        }
        let (_, error) = lab.host.failure(&lab.host.run("true").await).await;
        assert!(error.contains(key), "{error}");
        let done = lab.discard(&run, json!({ "force": true })).await;
        let rescue = done.ok()["rescue"].as_str().unwrap();
        assert_eq!(lab.repo.blob(rescue, "a"), b"one\n2\n");
        assert_eq!(lab.repo.blob(rescue, "new"), b"new\n");
        assert_eq!(what_ran(&lab), "", "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_of_the_users_own_settings_are_the_users_and_run() {
    let program = lab("");
    let home = program.path("home");
    std::fs::create_dir(&home).unwrap();
    let settings = "[filter \"shout\"]\nclean = tr a-z A-Z\nsmudge = tr A-Z a-z\n";
    std::fs::write(home.join(".gitconfig"), settings).unwrap();
    let repo = Repo::new(program.path("work"));
    repo.write(".gitattributes", "*.txt filter=shout\n");
    repo.commit("attributes");
    let lab = Lab::around(program.variable("HOME", home.to_str().unwrap()), repo).await;
    let run = lab.run("echo hello > a.txt").await;
    lab.merge(&run).await.ok();
    assert_eq!(lab.repo.blob("HEAD", "a.txt"), b"HELLO\n");
    assert_eq!(lab.repo.read("a.txt"), "hello\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_of_the_service_do_not_lead_git_elsewhere() {
    let program = lab("");
    let evil = evil(&program);
    let elsewhere = Repo::new(program.path("elsewhere"));
    let shown = elsewhere.path.to_str().unwrap().to_owned();
    let program = program
        .variable("GIT_DIR", &format!("{shown}/.git"))
        .variable("GIT_WORK_TREE", &shown)
        .variable("GIT_INDEX_FILE", &format!("{shown}/.git/index"))
        .variable("GIT_EXTERNAL_DIFF", &evil)
        .variable("GIT_SSH_COMMAND", &evil)
        .variable("GIT_CONFIG_COUNT", "1")
        .variable("GIT_CONFIG_KEY_0", "core.fsmonitor")
        .variable("GIT_CONFIG_VALUE_0", &evil)
        .variable("GIT_TRACE", &format!("{shown}/trace"));
    let state = elsewhere.state();
    let lab = Lab::with(program).await;
    live_through(&lab).await;
    assert_eq!(elsewhere.state(), state);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_work_tree_whose_pointer_an_agent_has_turned_elsewhere_is_not_looked_at() {
    let lab = Lab::start().await;
    let script = "git init -q --separate-git-dir=../evil.git ../x && echo \"gitdir: $(cd .. && pwd)/evil.git\" > .git";
    let run = lab.run(script).await;
    for refused in [
        lab.diff(&run).await,
        lab.merge(&run).await,
        lab.discard(&run, json!({ "force": true })).await,
    ] {
        assert!(
            refused
                .refusal()
                .contains("is not the work tree that was made for the run"),
            "{refused:?}"
        );
    }
    let run = lab
        .run("cp -r .git ../copy; rm .git; ln -s ../copy .git")
        .await;
    assert!(
        lab.diff(&run)
            .await
            .refusal()
            .contains("is not the work tree")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_git_that_does_not_end_is_ended_with_all_that_it_has_started() {
    let program = lab("[worktrees]\ngit_timeout_seconds = 1");
    let pid = program.path("pid");
    let script = format!(
        "case \"$*\" in *\" worktree add \"*) sleep 1000 & echo $! > {}; sleep 1000;; esac",
        pid.display()
    );
    let lab = Lab::with(with_git(program, &script)).await;
    let (_, error) = lab.host.failure(&lab.host.run("true").await).await;
    assert!(
        error.contains("git worktree took longer than 1 s, and was ended"),
        "{error}"
    );
    let pid = std::fs::read_to_string(pid).unwrap();
    let process = Path::new("/proc").join(pid.trim()).join("stat");
    let stat = std::fs::read_to_string(process).unwrap_or_default();
    assert!(stat.is_empty() || stat.contains(") Z "), "{stat}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_git_that_does_not_stop_printing_is_ended() {
    let script = "case \"$*\" in *--raw*) exec yes;; esac";
    let lab = Lab::with(with_git(lab(""), script)).await;
    let run = lab.run("true").await;
    let refused = lab.diff(&run).await;
    assert_eq!(
        refused.refusal(),
        "git diff failed: it prints more than 67108864 bytes"
    );
    assert!(!exists(&lab.host.service.program.path("EVIL")));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_git_the_reason_is_told() {
    let program = lab("").variable("PATH", "/nowhere");
    let lab = Lab::with(program).await;
    let (_, error) = lab.host.failure(&lab.host.run("true").await).await;
    assert_eq!(error, "git rev-parse failed: there is no such program");
}
