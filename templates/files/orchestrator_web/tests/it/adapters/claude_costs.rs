//! The sums are worked out here by hand, from the list prices of one million tokens in dollars:
//! Sonnet 3 in, 15 out, 0.30 cache read, 3.75 cache write; Haiku 1, 5, 0.10, 1.25.

use orchestrator::adapters::{Adapter, AgentEvent, Before, Exit, Kind, Prices, Stream};

use super::{Told, estimated, spent, tell, tell_after, tokens, totals, transcript};

const SONNET: &str = "claude-sonnet-4-5-20250929";
const HAIKU: &str = "claude-haiku-4-5-20251001";
const OPUS: &str = "claude-opus-4-5-20251101";
const EXIT: Exit = Exit::Code(0);

#[test]
fn tokens_and_costs_are_those_of_the_models_in_the_result() {
    let told = tell(Kind::Claude, transcript("claude_plain"), EXIT);
    let sonnet = 18 * 3 + 180 * 15 + 24_300 * 3 / 10 + 12_400 * 375 / 100;
    assert_eq!(sonnet, 56_544);
    let expected = totals([
        (SONNET, spent(tokens(18, 180, 24_300, 12_400), sonnet)),
        // 0.0052985 dollars: halves go to the even millionth.
        (HAIKU, spent(tokens(3298, 400, 0, 0), 5298)),
    ]);
    assert_eq!(told.totals, expected);
    assert_eq!(told.totals.sum().cost_usd.micros(), 61_842);
}

#[test]
fn sub_agents_are_counted_though_the_usage_of_the_result_leaves_them_out() {
    let told = tell(Kind::Claude, transcript("claude_subagent"), EXIT);
    let opus = 22 * 5 + 75 * 25 + 8000 / 2 + 8200 * 625 / 100;
    let haiku = 540 + 56 * 5 + 8100 / 10 + 4100 * 125 / 100;
    let expected = totals([
        (OPUS, spent(tokens(22, 75, 8000, 8200), opus)),
        (HAIKU, spent(tokens(540, 56, 8100, 4100), haiku)),
    ]);
    assert_eq!(told.totals, expected);
}

#[test]
fn the_last_result_is_the_total_of_all_turns() {
    let told = tell(Kind::Claude, transcript("claude_two_turns"), EXIT);
    let expected = totals([(SONNET, spent(tokens(2200, 200, 0, 0), 2200 * 3 + 200 * 15))]);
    assert_eq!(told.totals, expected);
    let usage = told.events.iter().filter_map(|event| match event {
        AgentEvent::Usage(spent) => Some((spent.cost_usd.micros(), spent.is_estimate)),
        _ => None,
    });
    // After each message an estimate, after each result the truth.
    let second = 4500 + 1200 * 3 + 15;
    let expected = [(3015, true), (4500, false), (second, true), (9600, false)];
    assert_eq!(usage.collect::<Vec<_>>(), expected);
}

#[test]
fn a_killed_run_is_estimated_from_each_message_once() {
    let told = tell(Kind::Claude, transcript("claude_killed"), Exit::Signal(9));
    let sonnet = 100 * 3 + 50 * 15 + 2000 * 375 / 100;
    let expected = totals([
        (SONNET, estimated(tokens(100, 50, 0, 2000), sonnet)),
        (HAIKU, estimated(tokens(1000, 10, 0, 0), 1000 + 10 * 5)),
    ]);
    assert_eq!(told.totals, expected);
}

#[test]
fn a_turn_that_is_killed_adds_an_estimate_to_what_the_turns_before_had_cost() {
    let transcript = transcript("claude_two_turns");
    let last = transcript.trim_ascii_end().rsplit(|it| *it == b'\n').next();
    let killed = transcript
        .trim_ascii_end()
        .strip_suffix(last.unwrap())
        .unwrap();
    let told = tell(Kind::Claude, killed, Exit::Signal(9));
    let spent = estimated(tokens(2200, 101, 0, 0), 4500 + 1200 * 3 + 15);
    assert_eq!(told.totals, totals([(SONNET, spent)]));
}

/// A process that resumes a session which had cost this, in whole tokens of Sonnet.
fn resumed(transcript_name: &str, input: i64, output: i64, prices: Prices) -> Told {
    let cost = input * 3 + output * 15;
    let before = Before {
        spent: totals([(SONNET, spent(tokens(input, output, 0, 0), cost))]),
        prices,
        ..Before::default()
    };
    tell_after(
        before,
        Kind::Claude,
        transcript(transcript_name),
        Some(EXIT),
    )
}

fn no_prices() -> Prices {
    Prices {
        models: [].into(),
        ..Prices::default()
    }
}

#[test]
fn a_total_that_goes_on_after_a_resume_is_less_what_came_before() {
    // 33,000 in all, 21,000 before; the messages of this process make 12,000.
    let expected = totals([(SONNET, spent(tokens(2000, 400, 0, 0), 12_000))]);
    for prices in [Prices::default(), no_prices()] {
        let told = resumed("claude_resumed", 3000, 800, prices);
        assert_eq!(told.totals, expected);
    }
}

#[test]
fn a_total_that_begins_anew_after_a_resume_stands() {
    // 12,000 in all; the messages of this process make 10,500, their output not being final. Less the
    // 10,500 of before, 1,500 would be left.
    let expected = totals([(SONNET, spent(tokens(2000, 400, 0, 0), 12_000))]);
    for prices in [Prices::default(), no_prices()] {
        let told = resumed("claude_resumed_anew", 1500, 400, prices);
        assert_eq!(told.totals, expected);
    }
}

#[test]
fn a_total_that_is_less_than_before_has_begun_anew_however_little_was_seen_of_it() {
    let output = transcript("claude_resumed_anew");
    let unseen = String::from_utf8(output).unwrap().replace("msg_91", "");
    let unseen = unseen.replace(r#""id":"","#, "");
    let cost = 100_000 * 3 + 4000 * 15;
    let before = Before {
        spent: totals([(SONNET, spent(tokens(100_000, 4000, 0, 0), cost))]),
        ..Before::default()
    };
    let told = tell_after(before, Kind::Claude, unseen, Some(EXIT));
    let expected = totals([(SONNET, spent(tokens(2000, 400, 0, 0), 12_000))]);
    assert_eq!(told.totals, expected);
}

#[test]
fn money_is_compared_where_every_price_is_known_and_tokens_elsewhere() {
    let output = r#"{"type":"assistant","message":{"id":"1","model":"claude-haiku-4-5","content":[],"usage":{"cache_read_input_tokens":900000}}}
{"type":"result","subtype":"success","total_cost_usd":0.2,"modelUsage":{"claude-haiku-4-5":{"cacheReadInputTokens":1000000,"costUSD":0.1},"claude-opus-4-5":{"outputTokens":4000,"costUSD":0.1}}}"#;
    let haiku = spent(tokens(0, 0, 1_000_000, 0), 100_000);
    let opus = spent(tokens(0, 4000, 0, 0), 100_000);
    let told = |prices| {
        let before = Before {
            spent: totals([("claude-haiku-4-5", haiku)]),
            prices,
            ..Before::default()
        };
        tell_after(before, Kind::Claude, output, Some(EXIT)).totals
    };
    // 90,000 seen: 100,000 are nearer to it than 200,000.
    assert_eq!(told(Prices::default()), totals([("claude-opus-4-5", opus)]));
    // 900,000 tokens seen: 1,004,000 are nearer to it than 4,000.
    let all = totals([("claude-haiku-4-5", haiku), ("claude-opus-4-5", opus)]);
    assert_eq!(told(no_prices()), all);
}

#[test]
fn what_rounding_leaves_of_the_total_is_the_dearest_models() {
    let result = r#"{"type":"result","subtype":"success","total_cost_usd":0.0000126,"modelUsage":{
        "a":{"inputTokens":1,"costUSD":0.0000083},"b":{"inputTokens":2,"costUSD":4.3E-6}}}"#;
    let told = tell(Kind::Claude, result.replace('\n', ""), EXIT);
    // 8 and 4, of 13.
    let expected = totals([
        ("a", spent(tokens(1, 0, 0, 0), 9)),
        ("b", spent(tokens(2, 0, 0, 0), 4)),
    ]);
    assert_eq!(told.totals, expected);
}

#[test]
fn a_model_whose_cost_the_result_does_not_tell_is_estimated() {
    let result = r#"{"type":"result","subtype":"success","modelUsage":{"claude-haiku-4-5":{"inputTokens":9}}}"#;
    let told = tell(Kind::Claude, result, EXIT);
    let expected = totals([("claude-haiku-4-5", estimated(tokens(9, 0, 0, 0), 9))]);
    assert_eq!(told.totals, expected);
}

#[test]
fn a_result_without_models_is_charged_to_the_model_of_the_session() {
    let output = r#"{"type":"system","subtype":"init","session_id":"s","model":"m"}
{"type":"assistant","message":{"id":"1","model":"m","content":[],"usage":{"input_tokens":7}}}
{"type":"result","subtype":"success","is_error":false,"total_cost_usd":0.5}"#;
    let told = tell(Kind::Claude, output, EXIT);
    let expected = totals([("m", spent(tokens(7, 0, 0, 0), 500_000))]);
    assert_eq!(told.totals, expected);
}

#[test]
fn a_model_without_a_price_counts_as_nothing_and_is_told_of_once() {
    let line = r#"{"type":"assistant","message":{"id":"ID","model":"new","content":[],"usage":{"input_tokens":7}}}"#;
    let output = format!("{}\n{}", line.replace("ID", "1"), line.replace("ID", "2"));
    let told = tell(Kind::Claude, output, Exit::Signal(9));
    assert_eq!(
        told.totals,
        totals([("new", estimated(tokens(14, 0, 0, 0), 0))])
    );
    assert_eq!(
        told.lines()
            .matches("no price is known for the model new")
            .count(),
        1
    );
}

#[test]
fn a_model_that_is_not_told_is_to_be_named_by_a_person() {
    let usage = r#"{"type":"turn.completed","usage":{"input_tokens":7}}"#;
    let told = tell(Kind::Codex, usage, Exit::Code(0));
    let expected = "the agent does not tell its model: its cost counts as 0 until you name one";
    assert!(told.lines().contains(expected), "{}", told.lines());
    assert!(!told.lines().contains("no price is known"));
}

#[test]
fn totals_are_known_while_the_run_goes_on() {
    let mut adapter = Adapter::new(Kind::Demo, Before::default());
    let transcript = transcript("claude_two_turns");
    let costs = transcript
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| {
            adapter.read(Stream::Stdout, line);
            adapter.totals().sum().cost_usd.micros()
        });
    let costs: Vec<_> = costs.collect();
    assert_eq!(costs, [0, 3015, 4500, 4500, 8115, 9600]);
}
