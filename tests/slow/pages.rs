//! The pages of the dashboard, and what their forms do.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::client::Client;
use crate::tour::Tour;

/// Goes through all of them as a person with the owner's token.
pub fn pages(tour: &mut Tour, owner: &Client) {
    let person = owner.with("sec-fetch-site", "same-origin");
    let get = |tour: &mut Tour, path: &str| {
        let page = tour.send_as(&person, &format!("GET {path}"), &Value::Null);
        assert_eq!(page.status, 200, "{path}: {page:?}");
        page.body
    };
    let post = |tour: &mut Tour, path: &str, form: &str| {
        let done = tour.send_as(&person, &format!("POST {path}"), &json!(form));
        assert_eq!(done.status, 303, "{path}: {done:?}");
        done.header("location").to_owned()
    };
    let overview = get(tour, "/runs");
    let asset = overview.split("href=\"/assets/").nth(1).unwrap();
    get(
        tour,
        &format!("/assets/{}", asset.split('"').next().unwrap()),
    );
    get(tour, "/agents");
    get(tour, "/agents/new");
    for page in ["/logs", "/control", "/costs", "/system", "/system/backup"] {
        get(tour, page);
    }
    let form =
        "name=polly&description=&agent_type=utility&capabilities=&executor=demo&is_active=true";
    let agent = post(tour, "/agents", form);
    get(tour, &agent);
    get(tour, &format!("{agent}/edit"));
    post(tour, &agent, form);
    post(tour, &format!("{agent}/deactivate"), "");
    post(tour, &format!("{agent}/activate"), "");
    let run = post(tour, &format!("{agent}/run"), "prompt=hang");
    get(tour, &run);
    get(tour, &format!("{run}/stop"));
    post(tour, &format!("{run}/stop"), "");
    let log = format!("/api/runtime/agents/{}/logs/stream", &run["/runs/".len()..]);
    tour.events(&log).count();
    // It would keep the others from their place.
    let again = post(tour, &format!("{run}/restart"), "");
    post(tour, &format!("{again}/stop"), "");
    let shown = post(tour, "/demonstration", "");
    let log = format!(
        "/api/runtime/agents/{}/logs/stream",
        &shown["/runs/".len()..]
    );
    tour.events(&log).count();
    for answer in ["deny", "allow"] {
        let run = post(tour, &format!("{agent}/run"), "prompt=ask+Bash+ls");
        let question = loop {
            let page = get(tour, &run);
            let found = page.split("action=\"/approvals/").nth(1);
            if let Some(question) = found {
                break question.split('/').next().unwrap().to_owned();
            }
        };
        let answered = post(
            tour,
            &format!("/approvals/{question}/{answer}"),
            "reason=no",
        );
        assert_eq!(answered, run);
    }
    let (run, made) = in_a_worktree(tour, &agent);
    get(tour, &format!("{run}/diff"));
    std::fs::write(made.join("shown"), "x").unwrap();
    for act in ["merge", "discard"] {
        get(tour, &format!("{run}/{act}"));
        assert_eq!(post(tour, &format!("{run}/{act}"), ""), run);
    }
    get(tour, "/embeds/tool");
    let tools = tour.send_as(&person, "GET /api/embeds", &Value::Null);
    assert_eq!(tools.is(200)[0]["health"], "failed");
    get(tour, "/workflows");
    get(tour, "/workflows/start/flow");
    // So that it does not end before it is stopped.
    post(tour, "/control/stop", "");
    let workflow = post(tour, "/workflows/start/flow", "");
    get(tour, &workflow);
    get(tour, &format!("{workflow}/stop"));
    post(tour, &format!("{workflow}/stop"), "");
    let stream = format!("/api/workflows/stream/{}", &workflow["/workflows/".len()..]);
    tour.events(&stream).count();
    post(tour, &format!("{workflow}/restart"), "from_step=greet");
    post(tour, "/control/start", "");
    get(tour, &format!("{agent}/delete"));
    post(tour, &format!("{agent}/delete"), "confirmed=true");
    let same = tour.send_as(&person, "POST /control/reload", &json!(""));
    assert_eq!(same.status, 200, "{same:?}");
    assert_eq!(post(tour, "/system/backup", ""), "/system#backups");
    assert_eq!(post(tour, "/theme", "theme=dark&back=/runs"), "/runs");
}

/// The page of a run that has ended, and its work tree.
fn in_a_worktree(tour: &mut Tour, agent: &str) -> (String, PathBuf) {
    let ask = json!({ "prompt": "Hello.", "worktree": true });
    let execute = format!("POST /api{agent}/execute");
    let api = tour.send(&execute, &ask).header("location").to_owned();
    tour.events(&format!("{api}/logs/stream")).count();
    let made = tour.get(&format!("{api}/worktree")).is(200);
    let id = api.rsplit('/').next().unwrap();
    let path = made["path"].as_str().unwrap();
    (format!("/runs/{id}"), PathBuf::from(path))
}
