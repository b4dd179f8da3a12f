//! Lists, and the ids and names by which things are meant.

use serde_json::json;

use super::{host, json, refusal, text};

#[tokio::test]
async fn a_run_is_meant_by_as_much_of_its_id_as_is_its_own() {
    let host = host().await;
    let (first, second) = (host.run("sleep 60s").await, host.run("sleep 60s").await);
    // The first digits of an id are its time.
    let refused = refusal(&host, &["stop", &first[..4]]);
    assert!(
        refused.contains("several begin with") && refused.contains(&second),
        "{refused}"
    );
    let shown = text(&host, &["ps"]);
    let mut short = shown
        .lines()
        .skip(1)
        .map(|line| line.split(' ').next().unwrap());
    let newest = short.next().unwrap();
    assert!(
        second.starts_with(newest) && newest.len() < second.len(),
        "{shown}"
    );
    text(&host, &["stop", &newest.to_uppercase()]);
    host.end(&second).await;
    assert!(refusal(&host, &["stop", &second]).contains("has ended"));
    text(&host, &["stop", &first]);
    host.end(&first).await;
    let unknown = [
        ("ffff", "no run of the newest 1000"),
        ("all", "not the beginning of an id"),
        ("", "not the beginning"),
    ];
    for (given, why) in unknown {
        let refused = refusal(&host, &["stop", given]);
        assert!(refused.contains(why), "{refused}");
    }
    assert!(text(&host, &["ps"]).starts_with("no run waits or goes on"));
    assert_eq!(json(&host, &["ps"]), json!([]));
}

#[tokio::test]
async fn an_agent_is_meant_by_its_name_in_whatever_case_or_by_its_id() {
    let host = host().await;
    text(
        &host,
        &["agents", "add", "Ökonom & Söhne %", "--executor", "demo"],
    );
    let id = host.agent.clone();
    for name in ["DEMO", &id, &id[..18], "ökonom & söhne %"] {
        text(&host, &["run", name, "x", "--follow"]);
    }
    let refused = refusal(&host, &["run", "dem", "x"]);
    assert!(refused.contains("no agent is called `dem`"), "{refused}");
    let refused = refusal(&host, &["agents", "add", "demo"]);
    assert!(
        refused.starts_with("error: ") && refused.lines().count() == 1,
        "{refused}"
    );
    let refused = refusal(
        &host,
        &["run", "demo", "x", "--model", "-", "--timeout", "0"],
    );
    assert!(
        refused.contains("model must") && refused.contains("; timeout_seconds must"),
        "{refused}"
    );
}

#[tokio::test]
async fn what_is_listed_fits_into_80_columns() {
    let host = host().await;
    let long = "an agent with a name that goes on and on".repeat(5);
    text(
        &host,
        &[
            "agents",
            "add",
            &long,
            "--executor",
            "demo",
            "--model",
            &"m".repeat(90),
        ],
    );
    text(&host, &["run", &long, "cost 1\nfine", "--follow"]);
    for list in [&["agents"][..], &["ps", "--all"], &["costs"], &["status"]] {
        let shown = text(&host, list);
        let widest = shown.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(80), "{shown}");
    }
    assert!(refusal(&host, &["costs", "--by", "mood"]).contains("by must be one of agent"));
}
