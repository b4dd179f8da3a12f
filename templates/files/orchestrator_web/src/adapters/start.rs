//! How an agent is started: arguments beside those of its executor, and what its input begins with.

use super::{Kind, stdin};
use crate::money::MicroUsd;
use crate::text;

/// What one run asks for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    pub prompt: &'a str,
    pub model: Option<&'a str>,
    /// The agent's own session that it goes on with.
    pub session_id: Option<&'a str>,
    /// What the agent itself may spend, for those that can watch it.
    pub budget: Option<MicroUsd>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Start {
    /// They follow those of the executor.
    pub arguments: Vec<String>,
    /// What is written to the agent's input at once. Prompts never stand among the arguments, which
    /// every user of the machine can read, and which have a greatest length.
    pub stdin: Vec<u8>,
    /// Whether the input stays open for [`interrupt`](super::interrupt) and
    /// [`answer`](super::answer), until the result; otherwise it is closed after `stdin`.
    pub is_dialogue: bool,
}

/// How an executor of this kind, with its `args`, starts. An error says what is wrong with the model or
/// the session: both become arguments, and the session's name was chosen by an agent.
pub fn start(kind: Kind, args: &[String], request: Request) -> Result<Start, String> {
    let wrong = |name: &str, why: String| format!("the {name} {why}");
    let model = request.model.map(text::model).transpose();
    let model = option("--model", model.map_err(|why| wrong("model", why))?);
    let session = request.session_id.map(text::argument).transpose();
    let session = session.map_err(|why| wrong("session id", why))?;
    let is_dialogue = matches!(kind, Kind::Claude | Kind::Demo) && speaks_json(args);
    let arguments = match kind {
        Kind::Claude | Kind::Demo => {
            let budget = request.budget.map(MicroUsd::to_decimal);
            let budget = option("--max-budget-usd", budget.as_deref());
            [model, option("--resume", session), budget].concat()
        }
        // A dash: the prompt is read from the input.
        Kind::Codex => [model, option("resume", session), vec!["-".to_owned()]].concat(),
        Kind::Gemini => [model, option("--resume", session)].concat(),
        Kind::Command => Vec::new(),
    };
    let stdin = if is_dialogue {
        stdin::prompt(request.prompt)
    } else {
        request.prompt.as_bytes().to_vec()
    };
    Ok(Start {
        arguments,
        stdin,
        is_dialogue,
    })
}

fn option(name: &str, value: Option<&str>) -> Vec<String> {
    let pair = value.map(|value| vec![name.to_owned(), value.to_owned()]);
    pair.unwrap_or_default()
}

/// Whether its input is a line of JSON a message, as `--input-format stream-json` asks for.
pub fn speaks_json(args: &[String]) -> bool {
    let name = "--input-format";
    let pairs = args.windows(2);
    let mut pairs = pairs.map(|pair| (pair[0].as_str(), pair[1].as_str()));
    pairs.any(|pair| pair == (name, "stream-json")) || args.contains(&format!("{name}=stream-json"))
}

/// Variables that reach no agent, even if its executor lists them: what is the service's own, its token
/// above all, and what Claude Code takes for a sign that it was started by itself.
pub fn is_never_passed(variable: &str) -> bool {
    const OF_A_PARENT: &[&str] = &[
        "CLAUDECODE",
        "CLAUDE_CODE_ENTRYPOINT",
        "CLAUDE_CODE_SSE_PORT",
    ];
    variable.starts_with("ORCHESTRATOR_") || OF_A_PARENT.contains(&variable)
}
