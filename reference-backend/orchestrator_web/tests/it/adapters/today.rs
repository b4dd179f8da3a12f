//! What the programs print today: recorded from Claude Code 2.1.197, Codex 0.169.0 and Gemini CLI 0.61.0
//! as this service starts them, with set answers in the place of their providers'.

use insta::assert_snapshot;
use orchestrator::adapters::{Before, Exit, Kind, Retry};

use super::{Told, tell, tell_after, transcript};

/// Everything in it was understood.
fn told(kind: Kind, name: &str) -> Told {
    let before = Before {
        model: (kind == Kind::Codex).then(|| "gpt-5".into()),
        ..Before::default()
    };
    let told = tell_after(before, kind, transcript(name), Some(Exit::Code(0)));
    assert_eq!(told.raw(), [""; 0]);
    told
}

#[test]
fn claude_code_thinks_asks_and_writes() {
    assert_snapshot!(told(Kind::Claude, "claude_2_1").lines(), @r#"
    {"type":"session","session_id":"92408cc6-0621-4340-984e-e85829d635f3","model":"claude-opus-4-8[1m]","version":"2.1.197"}
    {"type":"thinking","text":"It wants a file.","parent":null}
    {"type":"usage","tokens":{"input":12,"output":1,"cache_read":200,"cache_write":100},"cost_usd":0.00081,"is_estimate":true}
    {"type":"message","text":"I write the file.","parent":null}
    {"type":"tool_call","id":"toolu_1795298606662","name":"Write","input":{"file_path":"/home/ada/harbour/new.txt","content":"hello\n"},"parent":null}
    {"type":"approval","request_id":"fc32d9d6-534a-4b10-9147-25ce89ac3bf3","tool":"Write","input":{"file_path":"/home/ada/harbour/new.txt","content":"hello\n"}}
    {"type":"tool_result","id":"toolu_1795298606662","text":"File created successfully at: /home/ada/harbour/new.txt (file state is current in your context — no need to Read it back)","is_error":false}
    {"type":"file_change","path":"/home/ada/harbour/new.txt","kind":"added"}
    {"type":"message","text":"All done: the file is written.","parent":null}
    {"type":"usage","tokens":{"input":24,"output":2,"cache_read":400,"cache_write":200},"cost_usd":0.00162,"is_estimate":true}
    {"type":"usage","tokens":{"input":36,"output":90,"cache_read":600,"cache_write":300},"cost_usd":0.004605,"is_estimate":false}
    {"type":"result","status":"completed","exit_reason":null,"retry":"never","session_id":"92408cc6-0621-4340-984e-e85829d635f3","text":"All done: the file is written.","error":null}
    "#);
}

#[test]
fn claude_code_gives_up_on_a_provider_that_is_overloaded() {
    let told = tell(
        Kind::Claude,
        transcript("claude_2_1_overloaded"),
        Exit::Code(1),
    );
    assert_eq!(told.raw(), [""; 0]);
    assert_eq!(told.outcome.retry, Retry::Later);
    assert_snapshot!(told.lines(), @r#"
    {"type":"session","session_id":"35ef08d7-8d9a-4184-9ec8-d68e508fcf38","model":"claude-opus-4-8[1m]","version":"2.1.197"}
    {"type":"notice","level":"warning","text":"the model is asked again, attempt 1 of 10: 529 overloaded"}
    {"type":"notice","level":"warning","text":"the model is asked again, attempt 2 of 10: 529 overloaded"}
    {"type":"message","text":"API Error: Repeated 529 Overloaded errors. The API is at capacity — this is usually temporary. Try again in a moment. If it persists, check your inference gateway (gateway.example).","parent":null}
    {"type":"result","status":"failed","exit_reason":"overloaded","retry":"later","session_id":"35ef08d7-8d9a-4184-9ec8-d68e508fcf38","text":"API Error: Repeated 529 Overloaded errors. The API is at capacity — this is usually temporary. Try again in a moment. If it persists, check your inference gateway (gateway.example).","error":"API Error: Repeated 529 Overloaded errors. The API is at capacity — this is usually temporary. Try again in a moment. If it persists, check your inference gateway (gateway.example)."}
    "#);
}

#[test]
fn codex_runs_a_command_and_makes_a_file() {
    assert_snapshot!(told(Kind::Codex, "codex_0_169").lines(), @r#"
    {"type":"session","session_id":"01a20025-70a8-76f3-97f2-cc99b31c9e10","model":"gpt-5","version":null}
    {"type":"tool_call","id":"item_0","name":"command","input":{"command":"/bin/bash -lc 'echo hi > made.txt; cat made.txt'"},"parent":null}
    {"type":"tool_result","id":"item_0","text":"hi\n","is_error":false}
    {"type":"file_change","path":"/home/ada/harbour/patched.txt","kind":"added"}
    {"type":"message","text":"All done: the file is written.","parent":null}
    {"type":"usage","tokens":{"input":200,"output":60,"cache_read":40,"cache_write":0},"cost_usd":0.000855,"is_estimate":true}
    {"type":"result","status":"completed","exit_reason":null,"retry":"never","session_id":"01a20025-70a8-76f3-97f2-cc99b31c9e10","text":"All done: the file is written.","error":null}
    "#);
}

#[test]
fn gemini_runs_a_command_that_fails() {
    assert_snapshot!(told(Kind::Gemini, "gemini_0_61").lines(), @r#"
    {"type":"session","session_id":"4b4f3d2f-74d1-4ecb-93b0-814d93b7b342","model":"auto","version":null}
    {"type":"tool_call","id":"run_shell_command__run_shell_command_1795298612950_0","name":"run_shell_command","input":{"command":"cat missing.txt"},"parent":null}
    {"type":"tool_result","id":"run_shell_command__run_shell_command_1795298612950_0","text":"cat: missing.txt: No such file or directory","is_error":false}
    {"type":"message","text":"All done: the file is written.","parent":null}
    {"type":"usage","tokens":{"input":300,"output":105,"cache_read":60,"cache_write":0},"cost_usd":0.001433,"is_estimate":true}
    {"type":"result","status":"completed","exit_reason":null,"retry":"never","session_id":"4b4f3d2f-74d1-4ecb-93b0-814d93b7b342","text":"All done: the file is written.","error":null}
    "#);
}

/// Newer versions tell more about themselves than anybody wants to read.
#[test]
fn of_what_claude_code_tells_about_itself_words_are_shown() {
    let lines = [
        r#"{"type":"system","subtype":"thinking_tokens","estimated_tokens":4}"#,
        r#"{"type":"system","subtype":"hook_response","stdout":"checked"}"#,
        r#"{"type":"system","subtype":"informational","content":"Context is low","level":"warning"}"#,
        r#"{"type":"system","subtype":"informational","content":"A hook failed","level":"error"}"#,
        r#"{"type":"system","subtype":"model_fallback","content":"Another model goes on"}"#,
        r#"{"type":"system","subtype":"notification","text":"A rule was added"}"#,
        r#"{"type":"system","subtype":"task_notification","status":"completed","summary":"3 files read"}"#,
    ];
    let told = tell(Kind::Claude, lines.join("\n"), Exit::Code(0));
    assert_snapshot!(told.lines(), @r#"
    {"type":"notice","level":"warning","text":"Context is low"}
    {"type":"notice","level":"error","text":"A hook failed"}
    {"type":"notice","level":"info","text":"Another model goes on"}
    {"type":"notice","level":"info","text":"A rule was added"}
    {"type":"notice","level":"info","text":"3 files read"}
    "#);
}
