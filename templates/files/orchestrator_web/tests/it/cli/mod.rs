//! The subcommands for people without a browser: the program itself, against a service that runs.

mod answers;
mod following;
mod help;
mod lists;
mod workflows;

use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::runs::support::{self, Host};
use crate::support::program::{Program, Run};

/// The subcommand, told where the service is.
fn command(host: &Host, arguments: &[&str]) -> Command {
    let port = host.service.port().to_string();
    host.service
        .program
        .command(&[arguments, &["--port", &port]].concat())
}

fn ask(host: &Host, arguments: &[&str]) -> Run {
    let output = command(host, arguments).output().unwrap();
    host.service.program.ended(&output)
}

/// The text of a subcommand that succeeds.
fn text(host: &Host, arguments: &[&str]) -> String {
    let run = ask(host, arguments);
    assert!(run.succeeded, "{run:?}");
    run.out
}

/// The document of one that succeeds.
fn json(host: &Host, arguments: &[&str]) -> Value {
    serde_json::from_str(&text(host, &[arguments, &["--json"]].concat())).unwrap()
}

/// The words of one that fails.
fn refusal(host: &Host, arguments: &[&str]) -> String {
    let run = ask(host, arguments);
    assert!(!run.succeeded && run.out.is_empty(), "{run:?}");
    run.err
}

fn begin(host: &Host, arguments: &[&str]) -> Child {
    let mut command = command(host, arguments);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// An agent called demo, in a service that runs nothing yet.
async fn host() -> Host {
    host_with("").await
}

/// The same, with more in its `orchestrator.toml`.
async fn host_with(toml: &str) -> Host {
    let program = support::program(&(support::demo("") + toml));
    let mut host = Host::again(program, String::new());
    text(&host, &["agents", "add", "demo", "--executor", "demo"]);
    host.agent = crate::support::id(&json(&host, &["agents"])[0]);
    host
}

#[tokio::test]
async fn the_first_minute_needs_nothing_else() {
    let host = host().await;
    let prompt = "say Hello.\ntool Read README.md\ncost 0.0042\nDone.";
    let out = text(&host, &["run", "demo", prompt, "--follow"]);
    let words = [
        "of demo\n",
        "  Hello.\n",
        "  tool Read\n",
        "  Done.\n",
        "completed after",
    ];
    let places: Vec<_> = words.iter().map(|it| out.find(it).expect(it)).collect();
    assert!(places.is_sorted(), "{out}");
    assert!(out.ends_with(" 0.0042 USD\n"), "{out}");
    assert!(text(&host, &["ps", "--all"]).contains("  demo   completed  "));
    assert!(text(&host, &["status"]).contains("1 runs, 100 % of those that ended completed"));
    assert_eq!(json(&host, &["costs"])[0]["cost_usd"], 0.0042);
}

#[test]
fn a_service_that_does_not_run_is_told_with_the_way_to_start_it() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    drop(listener);
    for arguments in [
        &["status"][..],
        &["run", "demo", "x", "--follow"],
        &["logs", "-f", "0197f3c2-0000-7000-8000-000000000000"],
    ] {
        let refusal = Program::new().refusal(&[arguments, &["--port", &port]].concat());
        insta::allow_duplicates! {
            insta::assert_snapshot!(refusal.replace(&port, "PORT"), @"
            error: the service at http://127.0.0.1:PORT does not answer: connection refused
            hint: start it with `orchestrator_web`, or with --port name the one that it has: `orchestrator_web config` shows the settings used here
            ");
        }
    }
}
