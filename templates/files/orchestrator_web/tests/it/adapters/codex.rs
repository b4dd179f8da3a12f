//! GPT-5 costs 1.25 dollars for a million tokens in, 0.125 from the cache, 10 out.

use insta::assert_snapshot;
use orchestrator::adapters::{Before, Exit, ExitReason, Kind, Retry, Spent, Totals};

use super::{Told, estimated, tell, tell_after, tokens, totals, transcript};

fn codex(spent: Totals, name: &str) -> Told {
    let before = Before {
        model: Some("gpt-5".into()),
        spent,
        ..Before::default()
    };
    tell_after(before, Kind::Codex, transcript(name), Some(Exit::Code(0)))
}

fn gpt(spent: Spent) -> Totals {
    totals([("gpt-5", spent)])
}

#[test]
fn a_run_is_told_event_by_event() {
    let told = codex(Totals::default(), "codex_plain");
    assert_snapshot!(told.lines(), @r#"
    {"type":"session","session_id":"0199a213-81c0-7800-8aa1-bbab2a035a53","model":"gpt-5","version":null}
    {"type":"thinking","text":"**Looking at the tests**","parent":null}
    {"type":"tool_call","id":"item_1","name":"command","input":{"command":"bash -lc 'cargo test'"},"parent":null}
    {"type":"tool_result","id":"item_1","text":"running 1 test\nFAILED\n","is_error":true}
    {"type":"file_change","path":"src/lib.rs","kind":"modified"}
    {"type":"file_change","path":"docs/new.md","kind":"added"}
    {"type":"file_change","path":"old.rs","kind":"deleted"}
    {"type":"notice","level":"warning","text":"/etc/passwd could not be changed"}
    {"type":"tool_call","id":"item_4","name":"docs.find","input":{"q":"serde"},"parent":null}
    {"type":"tool_result","id":"item_4","text":"found","is_error":false}
    {"type":"tool_call","id":"item_5","name":"web_search","input":{"query":"rust 1.95"},"parent":null}
    {"type":"tool_result","id":"item_5","text":"","is_error":false}
    {"type":"notice","level":"info","text":"[x] read\n[ ] write"}
    {"type":"notice","level":"warning","text":"the sandbox is weak"}
    {"type":"notice","level":"error","text":"Reconnecting... 1/5"}
    {"type":"message","text":"Mended.","parent":null}
    {"type":"usage","tokens":{"input":315,"output":122,"cache_read":24448,"cache_write":0},"cost_usd":0.00467,"is_estimate":true}
    {"type":"result","status":"completed","exit_reason":null,"retry":"never","session_id":"0199a213-81c0-7800-8aa1-bbab2a035a53","text":"Mended.","error":null}
    "#);
    // 315 · 1.25 + 24,448 · 0.125 + 122 · 10 = 393.75 + 3,056 + 1,220
    let expected = gpt(estimated(tokens(24_763 - 24_448, 122, 24_448, 0), 4670));
    assert_eq!(told.totals, expected);
}

#[test]
fn the_usage_of_a_turn_is_the_running_total_of_the_thread() {
    let told = codex(Totals::default(), "codex_two_turns");
    // 11,000 · 1.25 + 14,000 · 0.125 + 900 · 10
    let expected = gpt(estimated(
        tokens(11_000, 900, 14_000, 0),
        13_750 + 1750 + 9000,
    ));
    assert_eq!(told.totals, expected);
    assert_eq!(told.outcome.text.as_deref(), Some("Two."));
}

#[test]
fn a_resumed_thread_goes_on_from_what_it_had_used() {
    let before = gpt(estimated(tokens(5000, 300, 4000, 0), 0));
    let told = codex(before, "codex_two_turns");
    // 6,000 · 1.25 + 10,000 · 0.125 + 600 · 10
    let expected = gpt(estimated(tokens(6000, 600, 10_000, 0), 7500 + 1250 + 6000));
    assert_eq!(told.totals, expected);
}

#[test]
fn a_thread_that_counts_from_nothing_again_is_believed() {
    let before = gpt(estimated(tokens(90_000, 300, 4000, 0), 0));
    let told = codex(before, "codex_two_turns");
    let expected = gpt(estimated(tokens(11_000, 900, 14_000, 0), 24_500));
    assert_eq!(told.totals, expected);
}

#[test]
fn a_failed_turn_tells_why_and_whether_to_try_again() {
    let told = tell(Kind::Codex, transcript("codex_failed"), Exit::Code(1));
    assert_eq!(told.outcome.exit_reason, Some(ExitReason::RateLimit));
    assert_eq!(told.outcome.retry, Retry::Later);
    assert_eq!(told.outcome.session_id.as_deref(), Some("t-3"));
    let error = told.outcome.error.unwrap();
    assert_eq!(
        error,
        "exceeded retry limit, last status: 429 Too Many Requests"
    );
}

#[test]
fn an_exit_in_the_middle_of_a_turn_is_no_result() {
    let transcript = transcript("codex_two_turns");
    let end = transcript.len() - b"\n".len();
    let last = transcript[..end].iter().rposition(|byte| *byte == b'\n');
    let cut = &transcript[..last.unwrap()];
    let told = tell(Kind::Codex, cut, Exit::Code(1));
    assert_eq!(told.outcome.exit_reason, Some(ExitReason::NoResult));
    assert_eq!(told.totals.sum().tokens, tokens(6000, 500, 4000, 0));
}

/// The totals of turns that end with these usages, after a thread had used `before`.
fn turns(model: &str, before: Spent, usages: &[&str]) -> Totals {
    let lines = usages
        .iter()
        .map(|usage| format!("{{\"type\":\"turn.completed\",\"usage\":{{{usage}}}}}\n"));
    let before = Before {
        model: Some(model.into()),
        spent: totals([(model, before)]),
        ..Before::default()
    };
    let lines: String = lines.collect();
    tell_after(before, Kind::Codex, lines, Some(Exit::Code(0))).totals
}

#[test]
fn a_part_of_the_running_total_that_shrinks_begins_no_new_count() {
    let before = estimated(tokens(20_000, 5000, 80_000, 0), 0);
    let usage = r#""input_tokens":101000,"cached_input_tokens":79000,"output_tokens":5100"#;
    // 2,000 more are read, and 100 written: 2,000 · 1.25 + 100 · 10.
    let expected = estimated(tokens(2000, 100, 0, 0), 2500 + 1000);
    assert_eq!(turns("gpt-5", before, &[usage]), gpt(expected));
}

#[test]
fn what_is_written_to_a_cache_is_part_of_the_input_and_thoughts_are_part_of_the_output() {
    let first = r#""input_tokens":1000,"cached_input_tokens":300,"cache_write_input_tokens":200,
        "output_tokens":90,"reasoning_output_tokens":60"#;
    let second = r#""input_tokens":4000,"cached_input_tokens":2300,"cache_write_input_tokens":800,
        "output_tokens":100,"reasoning_output_tokens":60"#;
    let usages = [first, second].map(|it| it.replace('\n', ""));
    let usages = usages.each_ref().map(String::as_str);
    // GPT-5.6 Sol: 5 dollars for a million tokens, 0.50 from the cache, 6.25 into it, 30 out.
    let cost = 900 * 5 + 2300 / 2 + 800 * 625 / 100 + 100 * 30;
    let expected = estimated(tokens(900, 100, 2300, 800), cost);
    let told = turns("gpt-5.6-sol-2026-07-09", Spent::default(), &usages);
    assert_eq!(told, totals([("gpt-5.6-sol-2026-07-09", expected)]));
}
