//! Why runs fail, and which of them are worth another attempt.

use orchestrator::adapters::{
    Adapter, AgentEvent, Before, Exit, ExitReason, Kind, Outcome, Retry, Stream,
};
use orchestrator::runtime::Status;
use serde_json::json;

use super::{tell, tell_after, transcript};

fn claude_result(result: &serde_json::Value) -> Outcome {
    tell(Kind::Claude, result.to_string(), Exit::Code(1)).outcome
}

#[test]
fn a_success_that_is_an_error_has_failed() {
    let told = tell(Kind::Claude, transcript("claude_is_error"), Exit::Code(1));
    assert_eq!(told.outcome.status, Status::Failed);
    assert_eq!(told.outcome.exit_reason, Some(ExitReason::Overloaded));
    assert_eq!(told.outcome.retry, Retry::Later);
    assert!(told.lines().contains("attempt 1 of 10: 529 overloaded"));
}

#[test]
fn a_rejected_limit_names_the_time_of_its_reset() {
    let told = tell(Kind::Claude, transcript("claude_limit"), Exit::Code(1));
    assert_eq!(told.outcome.exit_reason, Some(ExitReason::RateLimit));
    assert_eq!(told.outcome.session_id.as_deref(), Some("s-limit"));
    let Retry::At(at) = told.outcome.retry else {
        panic!("{:?}", told.outcome);
    };
    // 1,795,284,000 seconds are 20,778 days and 18:00 hours.
    assert_eq!(at.as_str(), "2026-11-21T18:00:00.000Z");
    let limits = told.events.iter().filter_map(|event| match event {
        AgentEvent::RateLimit { status, kind, .. } => Some(format!("{status:?} {kind:?}")),
        _ => None,
    });
    let limits: Vec<_> = limits.collect();
    let expected = [
        r#"Warning Some("five_hour")"#,
        r#"Rejected Some("five_hour")"#,
    ];
    assert_eq!(limits, expected);
}

#[test]
fn a_failure_after_a_rejection_is_a_rate_limit_whatever_it_says() {
    let output = |status: &str| {
        let limit = json!({ "type": "rate_limit_event",
            "rate_limit_info": { "status": status, "resetsAt": 1_795_284_000 } });
        let result = json!({ "type": "result", "subtype": "error_during_execution" });
        format!("{limit}\n{result}")
    };
    let reason = |status| {
        let told = tell(Kind::Claude, output(status), Exit::Code(1));
        told.outcome.exit_reason
    };
    assert_eq!(reason("rejected"), Some(ExitReason::RateLimit));
    assert_eq!(reason("allowed"), Some(ExitReason::AgentError));
}

#[test]
fn older_versions_name_the_reset_in_their_words() {
    let outcome = claude_result(&json!({
        "type": "result", "subtype": "success", "is_error": true,
        "result": "Claude AI usage limit reached|1795284000",
    }));
    let Retry::At(at) = outcome.retry else {
        panic!("{outcome:?}");
    };
    assert_eq!(at.as_str(), "2026-11-21T18:00:00.000Z");
}

#[test]
fn results_that_are_no_success_say_what_stopped_them() {
    let reason = |subtype: &str| {
        let result = json!({ "type": "result", "subtype": subtype, "errors": ["odd"] });
        let outcome = claude_result(&result);
        assert_eq!(outcome.error.as_deref(), Some("odd"));
        assert_eq!(outcome.retry, Retry::Never);
        outcome.exit_reason.unwrap()
    };
    assert_eq!(reason("error_max_turns"), ExitReason::MaxTurns);
    assert_eq!(reason("error_max_budget_usd"), ExitReason::Budget);
    assert_eq!(reason("error_during_execution"), ExitReason::AgentError);
    assert_eq!(reason("error_of_the_future"), ExitReason::AgentError);
}

#[test]
fn messages_of_failure_fall_into_classes() {
    let cases = [
        (
            "API Error: 529 Overloaded",
            ExitReason::Overloaded,
            Retry::Later,
        ),
        (
            "API Error: 500 Internal server error",
            ExitReason::ServerError,
            Retry::Later,
        ),
        (
            "API Error: 429 rate_limit_error",
            ExitReason::RateLimit,
            Retry::Later,
        ),
        (
            "{\"error\":{\"code\":400,\"message\":\"API key not valid.\",\"status\":\"INVALID_ARGUMENT\"}}",
            ExitReason::Auth,
            Retry::Never,
        ),
        (
            "unexpected status 504 Gateway",
            ExitReason::RequestTimeout,
            Retry::Later,
        ),
        (
            "Request timed out.",
            ExitReason::RequestTimeout,
            Retry::Later,
        ),
        (
            "unexpected status 401 Unauthorized",
            ExitReason::Auth,
            Retry::Never,
        ),
        (
            "Invalid API key · Please run /login",
            ExitReason::Auth,
            Retry::Never,
        ),
        (
            "API Error: 400 invalid_request_error",
            ExitReason::InvalidRequest,
            Retry::Never,
        ),
        (
            "Prompt is too long",
            ExitReason::InvalidRequest,
            Retry::Never,
        ),
        (
            "Credit balance is too low",
            ExitReason::Billing,
            Retry::Never,
        ),
        (
            "You exceeded your current quota",
            ExitReason::RateLimit,
            Retry::Later,
        ),
        (
            "wrote 500 lines to error.log",
            ExitReason::AgentError,
            Retry::Never,
        ),
    ];
    for (message, reason, retry) in cases {
        let outcome = claude_result(&json!({
            "type": "result", "subtype": "success", "is_error": true, "result": message,
        }));
        assert_eq!(outcome.exit_reason, Some(reason), "{message}");
        assert_eq!(outcome.retry, retry, "{message}");
    }
}

#[test]
fn the_agents_own_class_of_an_error_beats_its_words() {
    let output = format!(
        "{}\n{}",
        json!({ "type": "assistant", "error": "authentication_failed",
            "message": { "content": [{ "type": "text", "text": "500 timeout" }] } }),
        json!({ "type": "result", "subtype": "success", "is_error": true, "result": "500 timeout" }),
    );
    let told = tell(Kind::Claude, output, Exit::Code(1));
    assert_eq!(told.outcome.exit_reason, Some(ExitReason::Auth));
}

#[test]
fn without_a_result_the_exit_decides() {
    let end = |exit| {
        let output = r#"{"type":"system","subtype":"init","session_id":"s"}"#;
        let outcome = tell_after(Before::default(), Kind::Claude, output, exit).outcome;
        assert_eq!(outcome.session_id.as_deref(), Some("s"));
        (outcome.status, outcome.exit_reason)
    };
    let no_result = Some(ExitReason::NoResult);
    assert_eq!(end(Some(Exit::Code(0))), (Status::Completed, no_result));
    assert_eq!(end(Some(Exit::Code(3))), (Status::Failed, no_result));
    let signal = Some(ExitReason::Signal);
    assert_eq!(end(Some(Exit::Signal(11))), (Status::Failed, signal));
    assert_eq!(end(None), (Status::Lost, None));
}

#[test]
fn any_command_is_judged_by_its_exit_alone() {
    let end = |exit| {
        let outcome = tell_after(Before::default(), Kind::Command, "{}\n", exit).outcome;
        (outcome.status, outcome.exit_reason)
    };
    assert_eq!(end(Some(Exit::Code(0))), (Status::Completed, None));
    let exit_code = Some(ExitReason::ExitCode);
    assert_eq!(end(Some(Exit::Code(3))), (Status::Failed, exit_code));
    assert_eq!(end(None), (Status::Lost, None));
}

#[test]
fn the_last_words_on_standard_error_explain_a_failure() {
    let mut adapter = Adapter::new(Kind::Claude, Before::default());
    let events = adapter.read(Stream::Stderr, b"starting\nInvalid API key\n\n");
    assert_eq!(events.len(), 3);
    let (_, outcome) = adapter.finish(Some(Exit::Code(1)));
    assert_eq!(
        outcome.error.as_deref(),
        Some("exit code 1: Invalid API key")
    );
    assert_eq!(outcome.exit_reason, Some(ExitReason::Auth));
}

#[test]
fn a_result_stands_whatever_the_exit() {
    for exit in [Some(Exit::Signal(9)), Some(Exit::Code(1)), None] {
        let output = transcript("claude_plain");
        let told = tell_after(Before::default(), Kind::Claude, output, exit);
        assert_eq!(told.outcome.status, Status::Completed);
    }
}

#[test]
fn a_turn_that_begins_after_a_result_needs_a_result_of_its_own() {
    let transcript = transcript("claude_two_turns");
    let mut adapter = Adapter::new(Kind::Claude, Before::default());
    let known = transcript
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| {
            adapter.read(Stream::Stdout, line);
            adapter.outcome_so_far().is_some()
        });
    let known: Vec<_> = known.collect();
    assert_eq!(known, [false, false, true, false, false, true]);
}

#[test]
fn an_error_is_cut_where_it_is_longer_than_anybody_reads() {
    let mut adapter = Adapter::new(Kind::Command, Before::default());
    adapter.read(Stream::Stderr, "é".repeat(1_000_000).as_bytes());
    let (_, outcome) = adapter.finish(Some(Exit::Code(3)));
    let error = outcome.error.unwrap();
    assert!(error.starts_with("exit code 3: éé"));
    assert!(error.ends_with("é … [cut]"));
    assert!(error.len() < 17_000, "{} bytes", error.len());
}

#[test]
fn an_error_is_plain_text_whatever_its_colour() {
    let mut adapter = Adapter::new(Kind::Gemini, Before::default());
    adapter.read(
        Stream::Stderr,
        b"\x1b[31mThis folder is not trusted.\n\x1b[0m\x1b[?25h\n",
    );
    let (_, outcome) = adapter.finish(Some(Exit::Code(55)));
    let expected = "exit code 55: This folder is not trusted.";
    assert_eq!(outcome.error.as_deref(), Some(expected));
}
