//! Files of a run that are damaged or gone, and shims that do not answer.

use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::support::{Host, demo, processes, program};
use crate::support::program::Program;
use crate::support::running::Running;

/// Kills the service, does something to the files of the run's attempt, and starts the service again.
fn meanwhile(host: Host, run: &str, act: impl FnOnce(&Path)) -> Host {
    let Host { service, agent, .. } = host;
    let ended = service.stop(Signal::KILL);
    act(&ended.program.path(&format!("data/runs/{run}/1")));
    Host::again(ended.program, agent)
}

fn json(file: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

fn shim(host: &Host, run: &str) -> Pid {
    let file = host
        .service
        .program
        .path(&format!("data/runs/{run}/1/shim.json"));
    let pid = json(&file)["identity"]["pid"].as_i64().unwrap();
    Pid::from_raw(i32::try_from(pid).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_that_cannot_be_read_is_as_if_there_were_none() {
    let host = Host::start().await;
    let run = host.run("say ready\nsleep 300ms\nno-result").await;
    host.hear(&run, "ready").await;
    let host = meanwhile(host, &run, |folder| {
        let exit = folder.join("exit.json");
        while !exit.exists() {
            std::thread::yield_now();
        }
        std::fs::write(exit, "{\"version\":").unwrap();
    });
    assert_eq!(host.end(&run).await.status, "lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_shim_cannot_be_told_from_others_is_ended_with_all_its_processes() {
    let host = Host::start().await;
    let run = host.run("stubborn-child\nsay ready\nhang").await;
    host.hear(&run, "ready").await;
    let host = meanwhile(host, &run, |folder| {
        std::fs::write(folder.join("shim.json"), "").unwrap();
    });
    assert_eq!(host.end(&run).await.status, "lost");
    assert_eq!(processes(&run), [0; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_got_the_pid_of_a_process_that_is_gone_is_left_alone() {
    let host = Host::start().await;
    let run = host.run("say ready\nhang").await;
    host.hear(&run, "ready").await;
    let dead = shim(&host, &run);
    let mut other = Command::new("/bin/sleep").arg("1000").spawn().unwrap();
    let host = meanwhile(host, &run, |folder| {
        kill_process(dead, Signal::KILL).unwrap();
        let file = folder.join("shim.json");
        let mut shim = json(&file);
        shim["identity"]["pid"] = other.id().into();
        let identity = shim["identity"].clone();
        let mut of_another_boot = identity.clone();
        of_another_boot["boot"] = "0b0e9d9a-8b43-4a5c-8f0a-7a1c2d3e4f50".into();
        of_another_boot["started"] = started(other.id()).into();
        let seen = serde_json::json!([identity, of_another_boot]);
        std::fs::write(folder.join("tree.json"), seen.to_string()).unwrap();
        std::fs::write(file, shim.to_string()).unwrap();
    });
    assert_eq!(host.end(&run).await.status, "lost");
    assert_eq!(processes(&run), [0; 0]);
    assert_eq!(other.try_wait().unwrap(), None);
    other.kill().unwrap();
    other.wait().unwrap();
}

/// When a process began, in ticks since the boot.
fn started(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, rest) = stat.rsplit_once(") ").unwrap();
    rest.split(' ').nth(22 - 3).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shim_of_another_version_is_followed_to_the_end() {
    let host = Host::start().await;
    let run = host.run("say ready\nsleep 500ms\nsay bye").await;
    host.hear(&run, "ready").await;
    let host = meanwhile(host, &run, |folder| {
        for name in ["start.json", "shim.json"] {
            let mut file = json(&folder.join(name));
            file["version"] = 1000.into();
            file["more"] = "than anybody knows".into();
            std::fs::write(folder.join(name), file.to_string()).unwrap();
        }
    });
    let ended = host.end(&run).await;
    assert_eq!(ended.status, "completed");
    assert_eq!(ended.messages("output"), ["ready", "bye"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shim_that_has_not_told_yet_who_it_is_is_awaited() {
    let host = Host::start().await;
    let run = host.run("say ready\nsleep 500ms\nsay bye").await;
    host.hear(&run, "ready").await;
    let (mut told, mut untold) = (PathBuf::new(), PathBuf::new());
    let host = meanwhile(host, &run, |folder| {
        (told, untold) = (folder.join("shim.json"), folder.join("untold"));
        std::fs::rename(&told, &untold).unwrap();
    });
    std::fs::rename(untold, told).unwrap();
    let ended = host.end(&run).await;
    assert_eq!(ended.status, "completed");
    assert_eq!(ended.messages("output"), ["ready", "bye"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shim_that_cannot_be_reached_is_followed_all_the_same() {
    let host = Host::start().await;
    let run = host
        .run("say ready\nsleep 700ms\nlines 300\nsay bye\nexit 3")
        .await;
    host.hear(&run, "ready").await;
    let host = meanwhile(host, &run, |folder| {
        let socket = &json(&folder.join("start.json"))["socket"];
        std::fs::remove_file(socket.as_str().unwrap()).unwrap();
    });
    let (reason, _) = host.failure(&run).await;
    assert_eq!(reason, "no_result");
    let told = host.end(&run).await;
    assert_eq!(told.messages("output").len(), 302);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shim_that_cannot_be_reached_is_stopped_all_the_same() {
    let host = Host::start().await;
    let run = host
        .run("ignore-term\nstubborn-child\nsay ready\nhang")
        .await;
    host.hear(&run, "ready").await;
    let host = meanwhile(host, &run, |folder| {
        let start = folder.join("start.json");
        std::fs::remove_file(json(&start)["socket"].as_str().unwrap()).unwrap();
        std::fs::write(start, "nothing").unwrap();
    });
    assert_eq!(host.stop(&run).await.status, 202);
    assert_eq!(host.end(&run).await.status, "cancelled");
    assert_eq!(processes(&run), [0; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_a_shim_that_is_held_up() {
    let host = Host::start().await;
    let run = host.run("ignore-term\nsay ready\nhang").await;
    host.hear(&run, "ready").await;
    kill_process(shim(&host, &run), Signal::STOP).unwrap();
    host.stop(&run).await;
    assert_eq!(host.end(&run).await.status, "cancelled");
    assert_eq!(processes(&run), [0; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_stopped_before_it_began_does_not_begin() {
    let host = Host::with(program(&demo("").replace("= 0", "= 60"))).await;
    let run = host.run("ignore-term\nsay ready\nhang").await;
    host.hear(&run, "ready").await;
    host.stop(&run).await;
    // As if the service had been killed before it started the shim.
    let host = meanwhile(host, &run, |folder| {
        for pid in processes(&run) {
            kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
        }
        std::fs::remove_dir_all(folder).unwrap();
    });
    let told = host.end(&run).await;
    assert_eq!(told.status, "cancelled");
    let folder = host.service.program.path(&format!("data/runs/{run}/1"));
    assert!(!folder.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shim_that_cannot_work_tells_why() {
    let folder = "long/".repeat(20);
    let program = program(&demo("")).file(&format!("{folder}file"), "");
    let folder = program.path(&folder);
    let host = Host::with(program.variable("XDG_RUNTIME_DIR", folder.to_str().unwrap())).await;
    let (reason, error) = host.failure(&host.run("say hello").await).await;
    assert_eq!(reason, "spawn_failed");
    assert!(error.contains("listen on"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_may_be_replaced_while_it_serves() {
    let own = Program::of_its_own().file("orchestrator.toml", demo(""));
    let host = Host::with(own).await;
    std::fs::remove_file(host.service.program.path("program")).unwrap();
    let run = host.run("say hello\nsetsid-child").await;
    let told = host.end(&run).await;
    assert_eq!(
        (&*told.status, told.messages("output")),
        ("completed", vec!["hello"])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_of_a_run_may_be_moved() {
    let host = Host::start().await;
    let run = host.run("say ready\nsleep 300ms\nsay bye\nexit 3").await;
    host.hear(&run, "ready").await;
    let host = meanwhile(host, &run, |folder| {
        let here = folder.parent().unwrap();
        let elsewhere = here.with_extension("moved");
        std::fs::rename(here, &elsewhere).unwrap();
        while !elsewhere.join("1/exit.json").exists() {
            std::thread::yield_now();
        }
        std::fs::rename(elsewhere, here).unwrap();
    });
    let (reason, error) = host.failure(&run).await;
    assert_eq!((&*reason, &*error), ("no_result", "exit code 3"));
    assert_eq!(host.end(&run).await.messages("output"), ["ready", "bye"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_services_on_a_database_runs_the_agents_and_the_other_takes_over() {
    let host = Host::start().await;
    let database = host.service.program.path("data/orchestrator.db");
    let beside = program(&demo("")).variable("DATABASE_PATH", database.to_str().unwrap());
    let other = Running::start(beside);
    other.wait_for("another service runs the agents");
    let run = host.run("say ready\nsleep 300ms\nlines 300\nsay bye").await;
    host.hear(&run, "ready").await;
    let Host { service, agent, .. } = host;
    // Its folder stays, with the database.
    let _ended = service.stop(Signal::KILL);
    let other = Host::of(other, agent);
    let told = other.end(&run).await;
    assert_eq!(told.status, "completed");
    assert_eq!(told.messages("output").len(), 302);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_shim_whose_agent_is_silent_sleeps() {
    let wakes = |shim: Pid| {
        let status = format!("/proc/{}/status", shim.as_raw_nonzero());
        let status = std::fs::read_to_string(status).unwrap();
        let count = status.split("\nvoluntary_ctxt_switches:").nth(1).unwrap();
        count.lines().next().unwrap().trim().parse::<u32>().unwrap()
    };
    let host = Host::start().await;
    let run = host
        .run("say ready\nsleep 1s\nsay still\nsleep 300ms")
        .await;
    host.hear(&run, "ready").await;
    let shim = shim(&host, &run);
    let before = wakes(shim);
    host.hear(&run, "still").await;
    let during = wakes(shim) - before;
    assert!(during < 20, "{during} times in a second");
}
