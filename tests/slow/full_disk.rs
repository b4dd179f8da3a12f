//! The service and its agents on a disk that is full. Mounting one takes root.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Client, new_agent};
use crate::mount::Mount;
use crate::service::Service;

const SETTINGS: &str = "[retention]\noutput_max_mb = 0\n\
    [executors.demo]\nkind = \"demo\"\nstop_pause_seconds = 0\n";

struct SmallDisk {
    // In this order: what is mounted on a folder keeps it from being removed.
    service: Service,
    _mount: Mount,
    folder: TempDir,
    agent: String,
}

impl SmallDisk {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mount = Mount::tmpfs("size=80m", folder.path().to_owned());
        fs::write(folder.path().join("orchestrator.toml"), SETTINGS).unwrap();
        let service = Service::start(folder.path(), &[]);
        let mut agent = new_agent("prints much");
        agent["executor"] = "demo".into();
        let made = service.client().send("POST /api/agents", &agent).unwrap();
        let agent = made.is(201)["id"].as_str().unwrap().to_owned();
        Self {
            service,
            _mount: mount,
            folder,
            agent,
        }
    }

    fn client(&self) -> Client {
        self.service.client()
    }

    fn run(&self, prompt: &str) -> String {
        let execute = format!("POST /api/agents/{}/execute", self.agent);
        let run = self.client().send(&execute, &json!({ "prompt": prompt }));
        run.unwrap().is(202)["id"].as_str().unwrap().to_owned()
    }

    /// What the log of the run holds, as it comes.
    fn log(&self, run: &str) -> impl Iterator<Item = Value> + use<> {
        self.client()
            .events(&format!("/api/runtime/agents/{run}/logs/stream"))
    }

    fn hear(&self, run: &str, text: &str) {
        assert!(self.log(run).any(|line| line["message"] == text));
    }

    /// The run, when it has ended.
    fn end(&self, run: &str) -> Value {
        self.log(run).for_each(drop);
        let path = format!("GET /api/runtime/agents/{run}");
        self.client().send(&path, &Value::Null).unwrap().is(200)
    }

    /// What is noted of the end of the agent, when it is; the service may not know it yet.
    fn exit_of(&self, run: &str) -> Value {
        let folder = self.folder.path().join("data/runs").join(run);
        let exit = folder.join("1/exit.json");
        while !exit.exists() {
            std::thread::yield_now();
        }
        serde_json::from_slice(&fs::read(exit).unwrap()).unwrap()
    }

    fn readiness(&self) -> (u16, String) {
        let answer = self.client().send("GET /readyz", &Value::Null).unwrap();
        (answer.status, answer.body)
    }

    /// Takes `most` bytes of the disk, or what is left of it.
    fn take(&self, most: usize) -> PathBuf {
        let path = self.folder.path().join("taken");
        let mut file = File::create(&path).unwrap();
        let piece = [1; 4096];
        // Its end is what is wanted.
        while file.metadata().unwrap().len() < most as u64 && file.write_all(&piece).is_ok() {}
        path
    }
}

#[test]
fn a_run_whose_output_the_disk_does_not_take_fails_and_the_service_lives() {
    let disk = SmallDisk::start();
    let taken = disk.take(60 << 20);
    let run = disk.run("long-line 30000000\nhang");
    disk.exit_of(&run);
    let full = disk.readiness();
    assert_eq!(full.0, 503);
    assert!(full.1.contains("the disk is"), "{full:?}");
    let alive = disk.client().send("GET /livez", &Value::Null).unwrap();
    alive.is(200);
    fs::remove_file(taken).unwrap();
    let ended = disk.end(&run);
    assert_eq!(ended["status"], "failed", "{ended}");
    assert_eq!(ended["exit_reason"], "output_lost", "{ended}");
    let why = "its output could not be written: no space left on device";
    assert_eq!(ended["error_message"], why);
    assert_eq!(disk.readiness().0, 200);
    let next = disk.end(&disk.run("say hello"));
    assert_eq!(next["status"], "completed", "{next}");
}

#[test]
fn how_an_agent_has_ended_is_known_however_full_the_disk_was() {
    let disk = SmallDisk::start();
    let run = disk.run("say ready\nsleep 1s\nexit 4");
    disk.hear(&run, "ready");
    let taken = disk.take(usize::MAX);
    assert_eq!(disk.exit_of(&run)["end"]["code"], 4);
    assert_eq!(disk.readiness().0, 503);
    fs::remove_file(taken).unwrap();
    let ended = disk.end(&run);
    assert_eq!(ended["status"], "failed", "{ended}");
    assert_eq!(ended["error_message"], "exit code 4");
}
