use insta::assert_snapshot;
use orchestrator::adapters::{Adapter, AgentEvent, Before, Exit, ExitReason, Kind, Stream};
use orchestrator::runtime::Status;

use super::{estimated, tell, tokens, totals, transcript};

#[test]
fn a_run_is_told_event_by_event() {
    let told = tell(Kind::Gemini, transcript("gemini_plain"), Exit::Code(0));
    assert_snapshot!(told.lines(), @r#"
    {"type":"output","stream":"stdout","text":"Loaded cached credentials."}
    {"type":"session","session_id":"g-1","model":"gemini-2.5-pro","version":null}
    {"type":"message","text":"I write a file.","parent":null}
    {"type":"tool_call","id":"write_file-1","name":"write_file","input":{"file_path":"hello.txt","content":"hello"},"parent":null}
    {"type":"tool_result","id":"write_file-1","text":"written","is_error":false}
    {"type":"file_change","path":"hello.txt","kind":"modified"}
    {"type":"tool_call","id":"shell-1","name":"run_shell_command","input":{"command":"false"},"parent":null}
    {"type":"tool_result","id":"shell-1","text":"exit code 1","is_error":true}
    {"type":"notice","level":"warning","text":"a hook is slow"}
    {"type":"message","text":"Hello.","parent":null}
    {"type":"usage","tokens":{"input":4000,"output":1000,"cache_read":8000,"cache_write":0},"cost_usd":0.01343,"is_estimate":true}
    {"type":"result","status":"completed","exit_reason":null,"retry":"never","session_id":"g-1","text":"Hello.","error":null}
    "#);
}

#[test]
fn cached_tokens_are_part_of_the_input_and_thoughts_are_output() {
    let told = tell(Kind::Gemini, transcript("gemini_plain"), Exit::Code(0));
    // Dollars for a million: Pro 1.25, 10, cached 0.125; Flash-Lite 0.10, 0.40.
    let pro = 2600 * 125 / 100 + 900 * 10 + 8000 / 8;
    let expected = totals([
        (
            "gemini-2.5-pro",
            estimated(tokens(2600, 11_500 - 10_600, 8000, 0), pro),
        ),
        (
            "gemini-2.5-flash-lite",
            estimated(tokens(1400, 100, 0, 0), 140 + 40),
        ),
    ]);
    assert_eq!(told.totals, expected);
}

#[test]
fn stats_without_models_are_those_of_the_session() {
    let told = tell(Kind::Gemini, transcript("gemini_loop"), Exit::Code(0));
    let expected = estimated(tokens(1000, 100, 0, 0), 300 + 250);
    assert_eq!(told.totals, totals([("gemini-2.5-flash", expected)]));
}

#[test]
fn success_is_not_success_after_a_loop_an_error_or_another_exit_code() {
    let reason = |name, code| {
        let told = tell(Kind::Gemini, transcript(name), Exit::Code(code));
        told.outcome.exit_reason
    };
    assert_eq!(reason("gemini_loop", 0), Some(ExitReason::Loop));
    assert_eq!(reason("gemini_turns", 0), Some(ExitReason::MaxTurns));
    assert_eq!(reason("gemini_plain", 0), None);
    assert_eq!(reason("gemini_plain", 1), Some(ExitReason::ExitCode));
    assert_eq!(reason("gemini_plain", 42), Some(ExitReason::InvalidRequest));
    assert_eq!(reason("gemini_plain", 53), Some(ExitReason::MaxTurns));
    assert_eq!(reason("gemini_plain", 55), Some(ExitReason::InvalidRequest));
}

#[test]
fn an_exit_code_tells_even_without_a_result() {
    let told = tell(Kind::Gemini, "", Exit::Code(42));
    assert_eq!(told.outcome.exit_reason, Some(ExitReason::InvalidRequest));
    let told = tell(Kind::Gemini, "", Exit::Code(1));
    assert_eq!(told.outcome.exit_reason, Some(ExitReason::NoResult));
    assert_eq!(told.outcome.status, Status::Failed);
}

#[test]
fn one_that_hangs_after_its_result_and_is_ended_has_done_its_work() {
    let mut adapter = Adapter::new(Kind::Gemini, Before::default());
    adapter.read(Stream::Stdout, &transcript("gemini_plain"));
    let so_far = adapter.outcome_so_far().unwrap().clone();
    let (_, outcome) = adapter.finish(Some(Exit::Signal(9)));
    assert_eq!(outcome, so_far);
    assert_eq!(outcome.status, Status::Completed);
    assert_eq!(outcome.text.as_deref(), Some("Hello."));
}

#[test]
fn a_line_that_is_not_understood_ends_a_message_and_loses_none_of_it() {
    let piece = r#"{"type":"message","role":"assistant","content":"PIECE","delta":true}"#;
    let one = piece.replace("PIECE", "one");
    let two = piece.replace("PIECE", "two");
    let told = tell(
        Kind::Gemini,
        format!("{one}\n{one}\n{{\"type\":\"new\"}}\n{two}\nnoise\n{one}"),
        Exit::Code(0),
    );
    let expected = ["oneone", r#"{"type":"new"}"#, "two", "noise", "one"];
    let texts = told.events.iter().map(|event| match event {
        AgentEvent::Message { text, .. } | AgentEvent::Output { text, .. } => text.as_str(),
        other => panic!("{other:?}"),
    });
    assert_eq!(texts.collect::<Vec<_>>(), expected);
}
