//! The lines that the demo agent knows. Any other is what it says.
//!
//! | line | what happens |
//! |---|---|
//! | `say TEXT`, `think TEXT`, `tool NAME TEXT` | as agents do |
//! | `ask NAME TEXT` | asks whether it may use a tool, waits, and says the answer |
//! | `cost 0.0042` | so many dollars more are spent |
//! | `sleep 100ms`, `sleep 2s` | |
//! | `print TEXT`, `stderr TEXT` | a line that is no message |
//! | `bytes c3 a9` | these bytes, and no line end |
//! | `lines 10000`, `long-line 20000000` | many lines, many characters |
//! | `fail TEXT` | it is done, and has failed |
//! | `usage-limit 5h` | it is done, and has failed: the account's limit is reached for so long |
//! | `until-attempt 3 LINE` | in the attempts before the third it does this line, and ends |
//! | `result` | it is done; without it or `no-result`, it is after the last line |
//! | `no-result` | it ends without a word |
//! | `exit 3` | it ends at once |
//! | `hang` | it never ends |
//! | `ignore-term` | from here on, it heeds neither SIGINT nor SIGTERM |
//! | `setsid-child`, `stubborn-child` | starts a process that never ends, in a session of its own; the second ignores SIGTERM too |
//! | `detach` | begins a session of its own |

use std::time::Duration;

use crate::money::MicroUsd;

#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    Say(String),
    Think(String),
    Tool(String, String),
    Ask(String, String),
    Cost(MicroUsd),
    Sleep(Duration),
    Print(String),
    Stderr(String),
    Bytes(Vec<u8>),
    Lines(u64),
    LongLine(usize),
    Fail(String),
    UsageLimit(Duration),
    Result,
    NoResult,
    Exit(i32),
    Hang,
    IgnoreTerm,
    Detach,
    /// Its prompt.
    Child(String),
}

/// What the prompt asks for in this attempt at it, from 1.
pub fn read(prompt: &str, attempt: u32) -> Vec<Step> {
    let mut steps = Vec::new();
    let lines = prompt.lines().map(str::trim);
    for line in lines.filter(|line| !line.is_empty()) {
        let Some((until, line)) = until_attempt(line) else {
            steps.push(step(line).unwrap_or_else(|| Step::Say(line.to_owned())));
            continue;
        };
        if attempt < until {
            steps.extend(step(line));
            break;
        }
    }
    steps
}

fn until_attempt(line: &str) -> Option<(u32, &str)> {
    let (attempt, line) = line.strip_prefix("until-attempt ")?.split_once(' ')?;
    Some((attempt.parse().ok()?, line))
}

/// `None` if it is not one of the lines above.
fn step(line: &str) -> Option<Step> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let rest = rest.trim();
    let text = || (!rest.is_empty()).then(|| rest.to_owned());
    let named = || {
        let (name, text) = rest.split_once(' ').unwrap_or((rest, ""));
        (!name.is_empty()).then(|| (name.to_owned(), text.to_owned()))
    };
    let bare = |step| rest.is_empty().then_some(step);
    match word {
        "say" => text().map(Step::Say),
        "think" => text().map(Step::Think),
        "tool" => named().map(|(name, text)| Step::Tool(name, text)),
        "ask" => named().map(|(name, text)| Step::Ask(name, text)),
        "cost" => MicroUsd::from_decimal(rest).map(Step::Cost),
        "sleep" => time(rest).map(Step::Sleep),
        "print" => text().map(Step::Print),
        "stderr" => text().map(Step::Stderr),
        "bytes" => {
            let bytes = rest.split(' ').map(|byte| u8::from_str_radix(byte, 16));
            bytes.collect::<Result<_, _>>().ok().map(Step::Bytes)
        }
        "lines" => rest.parse().ok().map(Step::Lines),
        "long-line" => rest.parse().ok().map(Step::LongLine),
        "fail" => text().map(Step::Fail),
        "usage-limit" => time(rest).map(Step::UsageLimit),
        "exit" => rest.parse().ok().map(Step::Exit),
        "result" => bare(Step::Result),
        "no-result" => bare(Step::NoResult),
        "hang" => bare(Step::Hang),
        "ignore-term" => bare(Step::IgnoreTerm),
        "detach" => bare(Step::Detach),
        "setsid-child" => bare(Step::Child("detach\nhang\n".to_owned())),
        "stubborn-child" => bare(Step::Child("detach\nignore-term\nhang\n".to_owned())),
        _ => None,
    }
}

fn time(text: &str) -> Option<Duration> {
    if let Some(millis) = text.strip_suffix("ms") {
        return millis.parse().ok().map(Duration::from_millis);
    }
    if let Some(hours) = text.strip_suffix('h') {
        return hours.parse().ok().map(Duration::from_hours);
    }
    text.strip_suffix('s')?
        .parse()
        .ok()
        .map(Duration::from_secs)
}
