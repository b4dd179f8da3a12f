//! The built-in agent: it needs no key and no network, and does what its prompt says, line by line. It
//! shows a newcomer a run with its log and its cost; and it misbehaves on demand, for tests.

mod ears;
mod script;
mod voice;

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;

use crate::shim::process::this_program;
use crate::shim::protocol::ATTEMPT;
use ears::Ears;
use script::Step;
use voice::{Told, Voice};

/// Reads the prompt from the standard input, and acts. `arguments` are those of Claude Code.
pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    let (prompt, ears) = Ears::open(arguments)?;
    let mut voice = Voice::new(arguments, &prompt);
    voice.begin()?;
    let mut has_result = false;
    // Started by hand, it is the first.
    let attempt = std::env::var(ATTEMPT).unwrap_or_default();
    for step in script::read(&prompt, attempt.parse().unwrap_or(1)) {
        has_result = matches!(
            step,
            Step::Result | Step::Fail(_) | Step::UsageLimit(_) | Step::NoResult
        );
        act(step, &mut voice, &ears)?;
    }
    if !has_result {
        voice.succeed()?;
    }
    Ok(())
}

fn act(step: Step, voice: &mut Voice, ears: &Ears) -> anyhow::Result<()> {
    match step {
        Step::Say(text) => voice.say(&text)?,
        Step::Think(text) => voice.think(&text)?,
        Step::Tool(name, text) => voice.tool(&name, &text)?,
        Step::Ask(name, text) => ask(&name, &text, voice, ears)?,
        Step::Cost(cost) => voice.spend(cost),
        Step::Sleep(time) => thread::sleep(time),
        Step::Print(text) => voice::print(text.as_bytes())?,
        Step::Bytes(bytes) => voice::raw(&bytes)?,
        Step::Lines(count) => {
            for number in 1..=count {
                voice::print(format!("line {number}").as_bytes())?;
            }
        }
        Step::LongLine(length) => voice::print(&vec![b'x'; length])?,
        Step::Stderr(text) => writeln!(std::io::stderr(), "{text}")?,
        Step::Fail(text) => voice.fail(&text)?,
        Step::UsageLimit(time) => voice.reach_the_limit(time)?,
        Step::Result => voice.succeed()?,
        Step::NoResult => {}
        Step::Exit(code) => std::process::exit(code),
        Step::Hang => loop {
            thread::sleep(Duration::from_hours(1));
        },
        Step::IgnoreTerm => {
            ears.ignore_interrupts();
            ignore_signals()?;
        }
        Step::Detach => drop(rustix::process::setsid()?),
        Step::Child(prompt) => start_child(&prompt)?,
    }
    Ok(())
}

/// Uses a tool if it may, and says what it was answered.
fn ask(name: &str, text: &str, voice: &mut Voice, ears: &Ears) -> anyhow::Result<()> {
    let (call, request) = voice.ask(name, text)?;
    let answer = ears.answer(&request).unwrap_or_default();
    if answer["behavior"] == "allow" {
        let input = answer["updatedInput"]["text"].as_str();
        voice.tell_result(&call, input.unwrap_or_default(), Told::Result)?;
        voice.say(&format!("{name} is allowed."))?;
    } else {
        let reason = answer["message"].as_str().unwrap_or("nobody answers");
        voice.tell_result(&call, reason, Told::Error)?;
        voice.say(&format!("{name} is denied: {reason}"))?;
    }
    Ok(())
}

/// A signal that somebody listens to has no other effect.
fn ignore_signals() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_io().build()?;
    let _inside = runtime.enter();
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        drop(signal(kind)?);
    }
    Ok(())
}

/// Another one like this, which nobody waits for.
fn start_child(prompt: &str) -> anyhow::Result<()> {
    let mut child = Command::new(this_program()?)
        .arg("demo-agent")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    let stdin = child.stdin.as_mut().expect("a pipe was asked for");
    stdin.write_all(prompt.as_bytes()).context("start a child")
}
