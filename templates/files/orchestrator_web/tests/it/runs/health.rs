//! How executors are: their programs, versions and credentials.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use serde_json::{Value, json};

use super::support::{Host, program};
use crate::support::program::Program;

/// Executors whose programs are these scripts, each of the kind that the name says.
fn scripts(scripts: &[(&str, &str)]) -> Program {
    let table = |(name, _): &(&str, &str)| {
        format!(
            "[executors.{name}]\nprogram = ['./bin/{name}']\nenv = ['HOME', 'PATH', 'OPENAI_API_KEY']\n"
        )
    };
    let tables: String = scripts.iter().map(table).collect();
    let mut program = program(&tables);
    for (name, script) in scripts {
        program = program.file(&format!("bin/{name}"), format!("#!/bin/sh\n{script}\n"));
        let path = program.path(&format!("bin/{name}"));
        std::fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
    }
    program
}

async fn executor(host: &Host, name: &str) -> Value {
    let status = host.get("/api/status").await;
    let executors = status["executors"].as_array().unwrap();
    executors
        .iter()
        .find(|it| it["name"] == name)
        .unwrap()
        .clone()
}

/// The version, once it is known.
async fn version(host: &Host, name: &str) -> Value {
    loop {
        let executor = executor(host, name).await;
        if !executor["version"].is_null() {
            return executor["version"].clone();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_asked_once_for_its_version_and_again_when_it_was_replaced() {
    let script = "echo $@ >> asked; printf '\\033[1m2.0.1 (Claude Code)\\n\\nmore\\n'";
    let host = Host::with(scripts(&[("claude", script)])).await;
    assert_eq!(version(&host, "claude").await, "2.0.1 (Claude Code)");
    assert_eq!(
        host.get("/api/executors").await[0]["version"],
        "2.0.1 (Claude Code)"
    );
    let asked = std::fs::read_to_string(host.service.program.path("asked")).unwrap();
    assert_eq!(asked, "--version\n");
    let path = host.service.program.path("bin/claude");
    std::fs::write(path, "#!/bin/sh\necho 2.0.2\n").unwrap();
    while version(&host, "claude").await != "2.0.2" {}
    assert_eq!(
        executor(&host, "demo").await["version"],
        env!("CARGO_PKG_VERSION")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_answers_badly_or_not_at_all_has_no_version() {
    let host = Host::with(scripts(&[
        ("claude", "echo oops; exit 3"),
        ("codex", "echo $$ > pid; sleep 1000 & wait"),
        ("gemini", "yes | tr -d '\\n'"),
    ]))
    .await;
    let find = |name| {
        let name: &str = name;
        executor(&host, name)
    };
    assert_eq!(find("codex").await["version"], json!(null));
    let pid = host.service.program.path("pid");
    let pid = loop {
        let text = std::fs::read_to_string(&pid).unwrap_or_default();
        if let Ok(pid) = text.trim().parse() {
            break Pid::from_raw(pid).unwrap();
        }
    };
    // It is ended when it has had its time, with what it has started.
    let child = children(pid);
    for pid in child.into_iter().chain([pid]) {
        let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) else {
            continue;
        };
        poll(&mut [PollFd::new(&process, PollFlags::IN)], None).unwrap();
    }
    for name in ["claude", "codex", "gemini"] {
        let executor = find(name).await;
        assert_eq!(
            (&executor["version"], &executor["is_available"]),
            (&json!(null), &json!(true)),
            "{executor}"
        );
    }
}

fn children(pid: Pid) -> Vec<Pid> {
    let file = format!("/proc/{pid}/task/{pid}/children");
    let pids = std::fs::read_to_string(Path::new(&file)).unwrap_or_default();
    let pids = pids.split_whitespace().map(|pid| pid.parse().unwrap());
    pids.filter_map(Pid::from_raw).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_passed_on_or_a_login_in_its_place_is_seen() {
    let program = scripts(&[("claude", "true"), ("codex", "true"), ("gemini", "true")]);
    let home = program.path("");
    let program = program
        .file(".gemini/oauth_creds.json", "{}")
        .variable("HOME", home.to_str().unwrap())
        .variable("OPENAI_API_KEY", "sk-1")
        // Its executor does not pass it on.
        .variable("ANTHROPIC_API_KEY", "sk-2");
    let host = Host::with(program).await;
    for (name, expected) in [
        ("claude", json!(false)),
        ("codex", json!(true)),
        ("gemini", json!(true)),
        ("demo", json!(null)),
    ] {
        assert_eq!(
            executor(&host, name).await["has_credentials"],
            expected,
            "{name}"
        );
    }
    let status = host.get_text("/api/status").await;
    assert!(!status.contains("sk-"), "{status}");
}
