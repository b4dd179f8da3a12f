//! What stands in prompts.

use orchestrator::workflows::template::{LONGEST, Place, Template, cut, cut_start};
use serde_json::json;

use super::support::{Flows, shells, step};
use crate::support::id;

const FLOW: &str = "[workflows.flow]\n[workflows.flow.input.task]\n[workflows.flow.input.tone]\ndefault = 'plain'\n\
    [[workflows.flow.steps]]\nname = 'plan'\nagent = 'planner'\nprompt = '''say {input.task} / {input.tone}'''\n\
    [[workflows.flow.steps]]\nname = 'build'\nagent = 'builder'\nprompt = '''say {steps.plan.text} {{input.task}} {steps.build.text}'''\n";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_inserted_is_text_and_never_read_again() {
    let flows = Flows::with(shells(FLOW));
    let hostile = "{steps.plan.text} {input} {{input.task}} $(touch pwned) `id` '\"\\ </script> \u{7}\u{202e} ünï";
    let reply = flows
        .start_with(json!({ "input": { "task": hostile } }))
        .await;
    assert_eq!(reply.status, 202, "{reply:?}");
    let ended = flows.end(&id(&reply.body)).await;
    assert_eq!(ended["status"], "completed", "{ended}");
    assert_eq!(
        ended["input_data"],
        json!({ "task": hostile, "tone": "plain" })
    );
    for (name, expected) in [
        ("plan", format!("say {hostile} / plain")),
        ("build", format!("say {hostile} / plain {{input.task}} ")),
    ] {
        let run = step(&ended, name)["run_id"].as_str().unwrap();
        let prompts = flows
            .host
            .get(&format!("/api/runtime/prompts?agent_id={run}"))
            .await;
        assert_eq!(prompts[0]["prompt_text"], expected);
    }
    assert!(!flows.host.service.program.path("pwned").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_that_does_not_fit_is_refused_with_all_that_is_wrong() {
    let flows = Flows::with(shells(FLOW));
    let errors = async |body| {
        let refused = flows.start_with(body).await;
        assert_eq!(refused.status, 422, "{refused:?}");
        let errors = refused.body["errors"].as_array().unwrap().clone();
        let text = |it: &serde_json::Value| it.as_str().unwrap().to_owned();
        let pairs = errors
            .iter()
            .map(|it| format!("{} {}", text(&it["pointer"]), text(&it["detail"])));
        pairs.collect::<Vec<_>>().join("; ")
    };
    let missing = "/input/task is required";
    assert_eq!(errors(json!({})).await, missing);
    assert_eq!(errors(json!({ "input": { "task": null } })).await, missing);
    let unknown = "/input/a~1b is not a member that is known here; /input/task is required";
    assert_eq!(errors(json!({ "input": { "a/b": 1 } })).await, unknown);
    assert_eq!(
        errors(json!({ "input": "task" })).await,
        "/input must be an object"
    );
    assert_eq!(
        errors(json!({ "inputs": {} })).await,
        "/inputs is not a member that is known here"
    );
    assert_eq!(flows.host.get("/api/workflows").await, json!([]));
}

fn filled(template: &str) -> String {
    let template = Template::from(template.to_owned());
    template.fill(|place| match place {
        Place::Input => "<input>".to_owned(),
        Place::InputPart(key) => format!("<{key}>"),
        Place::Step { step, part } => format!("<{step} {part:?}>"),
    })
}

#[test]
fn places_are_filled_and_other_braces_stay() {
    for (template, expected) in [
        ("", ""),
        ("{input}", "<input>"),
        ("a {input.task-1} b", "a <task-1> b"),
        (
            "{steps.a_b.text}{steps.c.output}{steps.c.error}",
            "<a_b Text><c Output><c Error>",
        ),
        ("{{input}} {{{input}}}", "{input} {{input}}"),
        ("{{input.task} {input.task}}", "{<task> <task>}"),
        (
            "fn main() { } {} { input } {\"a\": {\"b\": 1}} ${HOME} {0}",
            "fn main() { } {} { input } {\"a\": {\"b\": 1}} ${HOME} {0}",
        ),
        ("{input", "{input"),
        ("{", "{"),
        ("}{ü}", "}{ü}"),
    ] {
        assert_eq!(filled(template), expected, "{template}");
    }
}

#[test]
fn a_name_that_is_no_place_is_told_from_those_that_are() {
    let unknown = |template: &str| {
        let template = Template::from(template.to_owned());
        let names = template.places().filter(|(_, place)| place.is_none());
        names.map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
    };
    let template = "{input} {task} {input.a.b} {steps.a} {steps.a.word} {steps.a.text.b} {{task}}";
    assert_eq!(
        unknown(template),
        [
            "task",
            "input.a.b",
            "steps.a",
            "steps.a.word",
            "steps.a.text.b"
        ]
    );
}

#[test]
fn what_is_too_long_is_cut_with_a_mark_between_two_characters() {
    let long = "ü".repeat(LONGEST + 5);
    assert_eq!(
        cut(long.clone()),
        format!("{} … [cut: 5 more characters]", "ü".repeat(LONGEST))
    );
    assert_eq!(
        cut_start(long),
        format!("[cut: only the end is kept] … {}", "ü".repeat(LONGEST))
    );
    let whole = "ü".repeat(LONGEST);
    assert_eq!(cut(whole.clone()), whole);
    assert_eq!(cut_start(whole.clone()), whole);
}
