//! How a run is started: its folder, its environment, its shim.

use std::fs::DirBuilder;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::net::UnixStream;
use tokio::process::Command;

use super::link::Link;
use crate::adapters::{self, Kind, Request, Totals};
use crate::executors::Executor;
use crate::ids::Id;
use crate::money::MicroUsd;
use crate::runs::Run;
use crate::runtime::prompts::Prompt;
use crate::shim::process::this_program;
use crate::shim::protocol::{self, ATTEMPT, Files, Input, MARK, Pauses, Start, VERSION};

/// What an agent is told whose session goes on after an attempt that has failed.
const GO_ON: &str =
    "You were asked this before, and the attempt was cut off. Go on from where it stopped.";

/// Starts the shim, which starts the agent. `spent`: by earlier attempts.
pub fn launch(
    run: &Run,
    prompt: &Prompt,
    spent: &Totals,
    executor: &Executor,
    files: &Files,
    most_output_mb: u32,
) -> anyhow::Result<Link> {
    make_private(&files.folder)?;
    let start = Start {
        most_output: (most_output_mb != 0).then(|| u64::from(most_output_mb) << 20),
        ..start(run, prompt, spent, executor)?
    };
    protocol::write(&files.start, &start)?;
    let (ours, its) = std::os::unix::net::UnixStream::pair().context("connect a shim")?;
    ours.set_nonblocking(true)?;
    Command::new(this_program().context("find this program")?)
        .arg("shim")
        .arg(std::path::absolute(&files.folder)?)
        .env_clear()
        .envs(executor.variables())
        .env(MARK, run.agent.id.as_str())
        .env(ATTEMPT, run.attempt.to_string())
        .stdin(Stdio::from(OwnedFd::from(its)))
        .stdout(Stdio::null())
        .stderr(protocol::hold(&files.log)?)
        .spawn()
        .context("start the shim")?;
    Ok(Link::new(UnixStream::from_std(ours)?))
}

/// What asks an agent to stop that listens to more than its prompt.
pub fn interrupt(run: Id, executor: &Executor) -> anyhow::Result<Option<String>> {
    let asked = adapters::start(executor.kind, &executor.args, Request::default());
    let is_dialogue = asked.map_err(anyhow::Error::msg)?.is_dialogue;
    let word = is_dialogue.then(|| String::from_utf8(adapters::interrupt(run.as_str())));
    word.transpose().context("a request is text")
}

fn start(run: &Run, asked: &Prompt, spent: &Totals, executor: &Executor) -> anyhow::Result<Start> {
    // Not the run's own, which the agent has told: it need not be one that the agent takes.
    let model = executor.model.as_ref().map(ToString::to_string);
    let model = asked.model_used.as_deref().or(model.as_deref());
    let goes_on = 1 < run.attempt && run.native_session.is_some();
    let prompt = if goes_on {
        format!("{GO_ON}\n\n{}", asked.prompt_text)
    } else {
        asked.prompt_text.clone()
    };
    let spent = spent.sum().cost_usd;
    let left = |budget: MicroUsd| (budget - spent).max(MicroUsd::default());
    let request = Request {
        prompt: &prompt,
        model,
        session_id: run.native_session.as_deref(),
        budget: run.limit.map(left),
    };
    let asked =
        adapters::start(executor.kind, &executor.args, request).map_err(anyhow::Error::msg)?;
    let program = match executor.kind {
        Kind::Demo => {
            let this = this_program().context("find this program")?;
            let this = this
                .to_str()
                .context("find this program: its path is not UTF-8")?;
            vec![this.to_owned(), "demo-agent".to_owned()]
        }
        _ => executor.program.clone(),
    };
    let pause = Duration::from_secs(executor.stop_pause_seconds.into()).as_millis();
    let pause = u64::try_from(pause).expect("seconds of 32 bits");
    Ok(Start {
        version: VERSION,
        run: run.agent.id,
        program: [program, executor.args.clone(), asked.arguments].concat(),
        working_dir: run.working_dir.clone().into(),
        stdin: String::from_utf8(asked.stdin).context("a prompt is text")?,
        input: if asked.is_dialogue {
            Input::More
        } else {
            Input::Nothing
        },
        socket: sockets()?.join(run.agent.id.as_str()),
        pauses: Pauses {
            interrupt_ms: pause,
            terminate_ms: pause,
        },
        most_output: None,
    })
}

/// A folder with a short path, for the paths of sockets are limited to 100 bytes or so, and for nobody
/// else: who reaches a socket speaks for the service.
fn sockets() -> anyhow::Result<PathBuf> {
    let user = rustix::process::getuid().as_raw();
    let base = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let base = base
        .filter(|path| path.is_absolute() && path.is_dir())
        .unwrap_or_else(std::env::temp_dir);
    let folder = base.join(format!("orchestrator-{user}"));
    make_private(&folder)?;
    let about = folder.symlink_metadata()?;
    if !about.is_dir() || about.uid() != user || about.mode() & 0o077 != 0 {
        let folder = folder.display();
        bail!("{folder} is not a folder of this user's alone: remove it, or make it so");
    }
    Ok(folder)
}

pub fn make_private(folder: &Path) -> anyhow::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.with_context(|| format!("make the folder {}", folder.display()))
}
