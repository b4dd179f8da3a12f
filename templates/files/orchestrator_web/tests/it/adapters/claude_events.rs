use insta::assert_snapshot;
use orchestrator::adapters::{Exit, Kind};

use super::{tell, transcript};

const EXIT: Exit = Exit::Code(0);

#[test]
fn a_run_is_told_event_by_event() {
    let told = tell(Kind::Claude, transcript("claude_plain"), EXIT);
    assert_snapshot!(told.lines(), @r##"
    {"type":"session","session_id":"5a1f1e9c-0c0f-4f6e-9f0a-2f6f3c1b7a01","model":"claude-sonnet-4-5-20250929","version":"2.0.14"}
    {"type":"thinking","text":"The readme is missing.","parent":null}
    {"type":"usage","tokens":{"input":4,"output":2,"cache_read":0,"cache_write":12000},"cost_usd":0.045042,"is_estimate":true}
    {"type":"message","text":"I write it.","parent":null}
    {"type":"tool_call","id":"toolu_01","name":"Write","input":{"file_path":"/srv/shop/README.md","content":"# Shop\n"},"parent":null}
    {"type":"usage","tokens":{"input":4,"output":90,"cache_read":0,"cache_write":12000},"cost_usd":0.046362,"is_estimate":true}
    {"type":"tool_result","id":"toolu_01","text":"File created successfully at: /srv/shop/README.md","is_error":false}
    {"type":"file_change","path":"/srv/shop/README.md","kind":"added"}
    {"type":"tool_call","id":"toolu_02","name":"Bash","input":{"command":"cargo test","n":1.50},"parent":null}
    {"type":"usage","tokens":{"input":10,"output":130,"cache_read":12000,"cache_write":12300},"cost_usd":0.051705,"is_estimate":true}
    {"type":"tool_result","id":"toolu_02","text":"test result: FAILED\n[image]","is_error":true}
    {"type":"message","text":"Done: grüße 🦀.","parent":null}
    {"type":"usage","tokens":{"input":18,"output":133,"cache_read":24300,"cache_write":12400},"cost_usd":0.055839,"is_estimate":true}
    {"type":"usage","tokens":{"input":3316,"output":580,"cache_read":24300,"cache_write":12400},"cost_usd":0.061842,"is_estimate":false}
    {"type":"result","status":"completed","exit_reason":null,"retry":"never","session_id":"5a1f1e9c-0c0f-4f6e-9f0a-2f6f3c1b7a01","text":"Done: grüße 🦀.","error":null}
    "##);
}

#[test]
fn what_sub_agents_do_names_the_call_that_runs_them() {
    let told = tell(Kind::Claude, transcript("claude_subagent"), EXIT);
    assert_snapshot!(told.lines(), @r#"
    {"type":"session","session_id":"5a1f1e9c-0c0f-4f6e-9f0a-2f6f3c1b7a02","model":"claude-opus-4-5-20251101","version":"2.0.60"}
    {"type":"tool_call","id":"toolu_11","name":"Task","input":{"subagent_type":"explorer","prompt":"Find the tests."},"parent":null}
    {"type":"usage","tokens":{"input":10,"output":60,"cache_read":0,"cache_write":8000},"cost_usd":0.05155,"is_estimate":true}
    {"type":"notice","level":"info","text":"Find the tests."}
    {"type":"tool_call","id":"toolu_12","name":"Glob","input":{"pattern":"tests/**"},"parent":"toolu_11"}
    {"type":"usage","tokens":{"input":510,"output":90,"cache_read":0,"cache_write":12000},"cost_usd":0.0572,"is_estimate":true}
    {"type":"tool_result","id":"toolu_12","text":"tests/it.rs","is_error":false}
    {"type":"message","text":"One file: tests/it.rs","parent":"toolu_11"}
    {"type":"usage","tokens":{"input":530,"output":110,"cache_read":4000,"cache_write":12100},"cost_usd":0.057845,"is_estimate":true}
    {"type":"tool_result","id":"toolu_11","text":"One file: tests/it.rs","is_error":false}
    {"type":"message","text":"There is one.","parent":null}
    {"type":"usage","tokens":{"input":542,"output":119,"cache_read":12000,"cache_write":12300},"cost_usd":0.06338,"is_estimate":true}
    {"type":"message","text":"(late) nothing else","parent":"toolu_11"}
    {"type":"usage","tokens":{"input":562,"output":125,"cache_read":16100,"cache_write":12300},"cost_usd":0.06384,"is_estimate":true}
    {"type":"usage","tokens":{"input":562,"output":131,"cache_read":16100,"cache_write":12300},"cost_usd":0.06399,"is_estimate":false}
    {"type":"result","status":"completed","exit_reason":null,"retry":"never","session_id":"5a1f1e9c-0c0f-4f6e-9f0a-2f6f3c1b7a02","text":"There is one.","error":null}
    "#);
}

#[test]
fn the_last_word_of_a_sub_agent_is_not_the_answer() {
    let output = String::from_utf8(transcript("claude_subagent")).unwrap();
    let (before_result, _) = output.split_once(r#"{"type":"result""#).unwrap();
    assert!(before_result.contains("(late) nothing else"));
    let told = tell(Kind::Claude, before_result, EXIT);
    assert_eq!(told.outcome.text.as_deref(), Some("There is one."));
}

#[test]
fn approvals_are_asked_for_and_withdrawn() {
    let told = tell(Kind::Claude, transcript("claude_approval"), EXIT);
    assert_snapshot!(told.lines(), @r#"
    {"type":"session","session_id":"s-ask","model":"claude-sonnet-4-5-20250929","version":"2.0.14"}
    {"type":"approval","request_id":"req_1","tool":"Bash","input":{"command":"rm -r build","timeout":1000}}
    {"type":"approval_withdrawn","request_id":"req_1"}
    {"type":"unmet","request_id":"req_2","what":"hook_callback"}
    {"type":"notice","level":"warning","text":"a request was refused: no turn to interrupt"}
    "#);
}

#[test]
fn lines_that_are_not_understood_stay_as_they_are_and_fail_nothing() {
    let told = tell(Kind::Claude, transcript("claude_odd"), EXIT);
    assert_snapshot!(told.lines(), @r#"
    {"type":"output","stream":"stdout","text":"npm warn: a line that is no JSON"}
    {"type":"output","stream":"stdout","text":""}
    {"type":"session","session_id":"s-odd","model":"claude-sonnet-4-5-20250929","version":null}
    {"type":"output","stream":"stdout","text":"{\"type\":\"system\",\"subtype\":\"from_the_future\",\"answer\":42}"}
    {"type":"output","stream":"stdout","text":"{\"type\":\"from_the_future\",\"deep\":[[[[{\"a\":1}]]]]}"}
    {"type":"output","stream":"stdout","text":"{\"type\":7}"}
    {"type":"output","stream":"stdout","text":"[1,2,3]"}
    {"type":"output","stream":"stdout","text":"\"text\""}
    {"type":"output","stream":"stdout","text":"null"}
    {"type":"output","stream":"stdout","text":"{\"type\":\"assistant\"}"}
    {"type":"output","stream":"stdout","text":"{\"type\":\"assistant\",\"message\":\"no object\"}"}
    {"type":"output","stream":"stdout","text":"{\"type\":\"assistant\",\"message\":{\"id\":\"msg_81\",\"model\":\"claude-sonnet-4-5-20250929\",\"content\":[{\"type\":\"hologram\",\"data\":\"x\"}],\"usage\":{\"input_tokens\":\"many\",\"output_tokens\":-5,\"cache_read_input_tokens\":1e400,\"cache_creation_input_tokens\":99999999999999999999}}}"}
    {"type":"message","text":"half a pair: ���.","parent":null}
    {"type":"tool_call","id":"toolu_81","name":"Bash","input":"{\"a\":1,\"a\":2}","parent":null}
    {"type":"result","status":"completed","exit_reason":null,"retry":"never","session_id":"s-odd","text":"half a pair: ���.","error":null}
    {"type":"output","stream":"stdout","text":"{\"type\":\"result\""}
    "#);
    assert_eq!(told.outcome.exit_reason, None);
}

#[test]
fn a_line_is_understood_as_a_whole_or_not_at_all() {
    let line =
        r#"{"type":"assistant","message":{"content":[{"type":"text","text":"a"},{"type":"new"}]}}"#;
    let told = tell(Kind::Claude, line, EXIT);
    assert_eq!(told.raw(), [line]);
    assert_eq!(told.events.len(), 1);
}
