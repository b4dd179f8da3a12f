//! What an agent is started with, and what is written to one that runs.

use orchestrator::adapters::{
    AgentEvent, Answer, Exit, Kind, Request, answer, interrupt, is_never_passed, refuse, start,
};
use orchestrator::money::MicroUsd;
use serde_json::{Value, json};

use super::{tell, transcript};

const FULL: Request = Request {
    prompt: "Say \"hello\".\n",
    model: Some("gpt-5"),
    session_id: Some("0199a213-81c0"),
    budget: Some(MicroUsd::from_micros(2_500_000)),
};

fn arguments(kind: Kind, request: Request) -> String {
    start(kind, &[], request).unwrap().arguments.join(" ")
}

#[test]
fn each_kind_has_its_own_arguments() {
    let claude = "--model gpt-5 --resume 0199a213-81c0 --max-budget-usd 2.500000";
    assert_eq!(arguments(Kind::Claude, FULL), claude);
    assert_eq!(arguments(Kind::Demo, FULL), claude);
    assert_eq!(
        arguments(Kind::Codex, FULL),
        "--model gpt-5 resume 0199a213-81c0 -"
    );
    assert_eq!(
        arguments(Kind::Gemini, FULL),
        "--model gpt-5 --resume 0199a213-81c0"
    );
    assert_eq!(arguments(Kind::Command, FULL), "");
    assert_eq!(arguments(Kind::Claude, Request::default()), "");
    assert_eq!(arguments(Kind::Codex, Request::default()), "-");
}

#[test]
fn prompts_go_by_the_input_as_they_are() {
    for kind in Kind::ALL {
        let start = start(*kind, &[], FULL).unwrap();
        assert_eq!(start.stdin, FULL.prompt.as_bytes());
        assert!(!start.is_dialogue);
        assert!(!start.arguments.iter().any(|it| it.contains("hello")));
    }
}

#[test]
fn what_could_be_an_option_or_more_than_a_word_is_refused() {
    for word in [
        "--dangerously-skip-permissions",
        "-x",
        "",
        "a b",
        "$(id)",
        "a\nb",
        "é",
    ] {
        let model = Request {
            model: Some(word),
            ..FULL
        };
        let session = Request {
            session_id: Some(word),
            ..FULL
        };
        for kind in Kind::ALL {
            let refused = start(*kind, &[], model).unwrap_err();
            assert!(refused.starts_with("the model must "), "{refused}");
            let refused = start(*kind, &[], session).unwrap_err();
            assert!(refused.starts_with("the session id must "), "{refused}");
        }
    }
}

#[test]
fn a_model_is_called_as_its_provider_calls_it() {
    for model in [
        "claude-opus-4-8[1m]",
        "claude-sonnet-4@20250514",
        "arn:aws:bedrock:us-east-1:0:inference-profile/us.anthropic.claude-sonnet-4-v1:0",
    ] {
        let request = Request {
            model: Some(model),
            ..Request::default()
        };
        let expected = format!("--model {model}");
        assert_eq!(arguments(Kind::Claude, request), expected);
    }
    let session = Request {
        session_id: Some("a[1m]"),
        ..Request::default()
    };
    assert!(start(Kind::Claude, &[], session).is_err());
}

fn one_line(bytes: &[u8]) -> Value {
    let line = bytes.strip_suffix(b"\n").unwrap();
    assert!(!line.contains(&b'\n'));
    serde_json::from_slice(line).unwrap()
}

#[test]
fn a_dialogue_begins_with_the_prompt_as_a_line_of_json() {
    let together = vec!["-p".into(), "--input-format=stream-json".into()];
    let apart = vec!["--input-format".into(), "stream-json".into()];
    for args in [together, apart] {
        let start = start(Kind::Claude, &args, FULL).unwrap();
        assert!(start.is_dialogue);
        let message = json!({ "role": "user", "content": "Say \"hello\".\n" });
        let expected = json!({ "type": "user", "message": message });
        assert_eq!(one_line(&start.stdin), expected);
    }
    let output = ["--output-format".into(), "stream-json".into()];
    assert!(!start(Kind::Claude, &output, FULL).unwrap().is_dialogue);
}

#[test]
fn an_approval_is_answered_with_the_input_that_was_asked_about() {
    let told = tell(Kind::Claude, transcript("claude_approval"), Exit::Code(0));
    let asked = told.events.iter().find_map(|event| match event {
        AgentEvent::Approval {
            request_id, input, ..
        } => Some((request_id, input)),
        _ => None,
    });
    let (id, input) = asked.unwrap();
    let expected = |response: Value| {
        json!({ "type": "control_response", "response": {
            "subtype": "success", "request_id": "req_1", "response": response } })
    };
    let allowed = one_line(&answer(id, Answer::Allow { input }));
    let input = json!({ "command": "rm -r build", "timeout": 1000 });
    let response = json!({ "behavior": "allow", "updatedInput": input });
    assert_eq!(allowed, expected(response));
    let denied = one_line(&answer(
        id,
        Answer::Deny {
            reason: "not\nhere",
        },
    ));
    let response = json!({ "behavior": "deny", "message": "not\nhere" });
    assert_eq!(denied, expected(response));
}

#[test]
fn what_nobody_can_do_is_refused_by_the_name_of_the_request() {
    let refusal = one_line(&refuse("req_2"));
    let response = &refusal["response"];
    assert_eq!(refusal["type"], "control_response");
    assert_eq!(
        (&response["subtype"], &response["request_id"]),
        (&json!("error"), &json!("req_2"))
    );
}

#[test]
fn an_interrupt_is_a_request_of_its_own() {
    let expected = json!({ "type": "control_request", "request_id": "stop-1",
        "request": { "subtype": "interrupt" } });
    assert_eq!(one_line(&interrupt("stop-1")), expected);
}

#[test]
fn no_agent_learns_the_secrets_of_the_service() {
    for variable in [
        "ORCHESTRATOR_TOKEN",
        "ORCHESTRATOR_TOKEN_FILE",
        "CLAUDECODE",
    ] {
        assert!(is_never_passed(variable), "{variable}");
    }
    for variable in ["ANTHROPIC_API_KEY", "HOME", "PATH"] {
        assert!(!is_never_passed(variable), "{variable}");
    }
}
