//! The service ends, or nobody looks, while workflows go on.

use std::sync::Arc;

use orchestrator::config::{Flags, Settings, load};
use orchestrator::runtime::Status;
use orchestrator::runtime::agents::commands::{RuntimeAgentChanges, update};
use orchestrator::workflows::engine;
use rustix::process::Signal;
use serde_json::{Value, json};

use super::support::{Flows, flow, shells, step, told};
use crate::support::program::Program;
use crate::support::{Service, id};

const NAMES: [&str; 4] = ["first", "left", "right", "last"];

/// When the service is killed, of a step.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// Its run is in the queue.
    Begun,
    /// It works, and ends while there is no service.
    Working,
    /// It ends just now.
    Ending,
}

/// Each step notes that it runs, and ends when there is a file for it. The last one fails at first, and
/// goes back to one side of the diamond.
fn diamond() -> Program {
    let work = |name: &str, more: &str| {
        format!(
            "name = '{name}'\nprompt = 'echo {name} >> ran; while [ ! -e go-{name} ]; do sleep 0.01; done; {more}'"
        )
    };
    let last = work("last", "[ $(grep -c last ran) -ge 2 ]");
    shells(&flow(&[
        &work("first", "echo 1"),
        &work("left", "echo 2 after {steps.first.text}"),
        &format!("{}\nneeds = ['first']", work("right", "echo 3")),
        &format!("{last}\nneeds = ['left', 'right']\non_failure = {{ goto = 'left' }}"),
    ]))
}

/// How it ends, and what has run, in any order.
async fn outcome(flows: &Flows, workflow: &str) -> (Value, Vec<String>, Vec<String>) {
    let ended = flows.end(workflow).await;
    let mut ran = flows.lines("ran");
    ran.sort();
    let whole = json!([
        ended["status"],
        ended["completed_steps"],
        ended["error_count"],
        ended["output_data"]
    ]);
    (whole, told(&ended), ran)
}

fn let_go(flows: &Flows, names: impl IntoIterator<Item = &'static str>) {
    for name in names {
        flows.write(&format!("go-{name}"), "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_killed_between_any_two_steps_leads_to_the_same_end() {
    let flows = Flows::with(diamond());
    let_go(&flows, NAMES);
    let expected = outcome(&flows, &flows.start().await).await;
    assert_eq!(expected.0[0], "completed");
    assert_eq!(
        expected.2,
        ["first", "last", "last", "left", "left", "right"]
    );
    for name in NAMES {
        for moment in [Moment::Begun, Moment::Working, Moment::Ending] {
            let flows = Flows::with(diamond());
            let_go(&flows, NAMES.into_iter().filter(|it| *it != name));
            let workflow = flows.start().await;
            flows.run_of(&workflow, name).await;
            if !matches!(moment, Moment::Begun) {
                while !flows.lines("ran").iter().any(|it| it == name) {
                    tokio::task::yield_now().await;
                }
            }
            if matches!(moment, Moment::Ending) {
                let_go(&flows, [name]);
            }
            let ended = flows.host.service.stop(Signal::KILL);
            let go = ended.program.path(&format!("go-{name}"));
            std::fs::write(go, "").unwrap();
            let flows = Flows::with(ended.program);
            assert_eq!(
                outcome(&flows, &workflow).await,
                expected,
                "{name} {moment:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_started_stays_as_it_was_when_the_definition_changes() {
    let first =
        "name = 'first'\nprompt = 'echo first >> ran; while [ ! -e go ]; do sleep 0.01; done'";
    let flows = Flows::of(&[
        first,
        "name = 'second'\nprompt = 'echo second {input} >> ran'",
    ]);
    let workflow = id(&flows.start_with(json!({ "input": "as asked" })).await.body);
    flows.run_of(&workflow, "first").await;
    let ended = flows.host.service.stop(Signal::TERM);
    let toml = std::fs::read_to_string(ended.program.path("orchestrator.toml")).unwrap();
    let other = toml
        .replace("echo second", "echo other")
        .replace("name = 'second'", "name = 'third'");
    let flows = Flows::with(ended.program.file("orchestrator.toml", other));
    flows.write("go", "");
    let ended = flows.end(&workflow).await;
    assert_eq!(
        told(&ended),
        ["first completed 1.1", "second completed 1.1"]
    );
    assert_eq!(flows.lines("ran"), ["first", "second as asked"]);
    // So it does when it is started again; and one that is started anew is the new one.
    let again = flows
        .restart(&workflow, json!({ "from_step": "second" }))
        .await;
    assert_eq!(told(&flows.end(&id(&again.body)).await), told(&ended));
    let new = flows.end(&flows.start().await).await;
    assert_eq!(told(&new), ["first completed 1.1", "third completed 1.1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_out_that_passed_while_there_was_no_service_is_heeded_by_the_next() {
    let hangs = flow(&["name = 'hangs'\nprompt = 'echo ready; sleep 600'"]);
    let toml = hangs.replace("[workflows.flow]", "[workflows.flow]\ntimeout_seconds = 1");
    let flows = Flows::with(shells(&toml));
    let workflow = flows.start().await;
    let run = flows.run_of(&workflow, "hangs").await;
    flows.host.hear(&run, "ready").await;
    let ended = flows.host.service.stop(Signal::KILL);
    let flows = Flows::with(ended.program);
    let ended = flows.end(&workflow).await;
    assert_eq!(ended["error_message"], "it took longer than 1 s");
    assert_eq!(told(&ended), ["hangs cancelled 1.1"]);
}

/// Of a workflow of two steps.
fn settings() -> Arc<Settings> {
    let toml = flow(&["name = 'one'\nprompt = 'x'", "name = 'two'\nprompt = 'x'"]);
    let program = shells(&toml);
    let flags = Flags {
        config: Some(program.path("orchestrator.toml")),
        ..Flags::default()
    };
    load(flags).unwrap().settings
}

/// Ends the step's run in the place of the supervisor.
async fn complete(service: &Service, workflow: &Value, name: &str) {
    let run = step(workflow, name)["run_id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let completed = RuntimeAgentChanges {
        status: Some(Status::Completed),
        ..RuntimeAgentChanges::default()
    };
    let end = service.app.db.write(move |db| update(db, run, completed));
    end.await.unwrap();
}

#[tokio::test]
async fn what_has_ended_while_no_engine_ran_is_made_up_for_by_the_next() {
    let service = Service::with(Settings::clone(&settings()));
    let started = service
        .post("/api/workflows/start/flow", json!({}))
        .await
        .body;
    complete(&service, &started, "one").await;
    let path = format!("/api/workflows/{}", id(&started));
    let before = service.get(&path).await.body;
    assert_eq!(told(&before), ["one running 1.1", "two pending 0.0"]);
    tokio::spawn(engine::run(service.app.clone()));
    let mut bell = service.app.db.bell();
    let mut until = async |expected: [&str; 2]| {
        loop {
            bell.mark_unchanged();
            let workflow = service.get(&path).await.body;
            if told(&workflow) == expected {
                return workflow;
            }
            bell.changed().await.unwrap();
        }
    };
    let second = until(["one completed 1.1", "two running 1.1"]).await;
    complete(&service, &second, "two").await;
    let ended = until(["one completed 1.1", "two completed 1.1"]).await;
    assert_eq!(ended["status"], "completed");
}
