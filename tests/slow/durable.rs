use std::collections::BTreeSet;
use std::sync::mpsc;
use std::thread;

use rustix::process::Signal;
use serde_json::Value;

use crate::client::new_agent;
use crate::service::Service;

const CLIENTS: usize = 16;

#[test]
fn a_write_that_was_acknowledged_survives_a_kill_and_so_does_its_event() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    let mut acknowledged = BTreeSet::new();
    thread::scope(|scope| {
        let (written, writes) = mpsc::channel();
        for writer in 0..CLIENTS {
            let (client, written) = (service.client(), written.clone());
            scope.spawn(move || {
                for number in 0.. {
                    let agent = new_agent(&format!("agent-{writer}-{number}"));
                    // The service is gone: whatever it did not answer may be lost.
                    let Ok(answer) = client.send("POST /api/agents", &agent) else {
                        return;
                    };
                    let id = answer.is(201)["id"].as_str().unwrap().to_owned();
                    written.send(id).unwrap();
                }
            });
        }
        drop(written);
        acknowledged.extend(writes.iter().take(1_000));
        service.signal(Signal::KILL);
        acknowledged.extend(writes);
    });
    assert_eq!(service.stop(Signal::KILL), None);

    let service = Service::start(folder.path(), &[]);
    let client = service.client();
    for id in &acknowledged {
        let path = format!("GET /api/agents/{id}");
        client.send(&path, &Value::Null).unwrap().is(200);
    }
    let mut without_event = acknowledged;
    let mut events = client.events("/api/events?after=0");
    while !without_event.is_empty() {
        let event = events.next().unwrap();
        without_event.remove(event["data"]["agent_id"].as_str().unwrap());
    }
    let another = new_agent("after the kill");
    client.send("POST /api/agents", &another).unwrap().is(201);
}
