use serde_json::{Value, json};

use crate::support::Service;

fn planner(name: &str) -> Value {
    json!({
        "name": name, "description": "Plans feature implementation", "agent_type": "skill",
        "capabilities": "planning,analysis", "default_model": "claude-sonnet-3.5",
    })
}

#[tokio::test]
async fn an_agent_is_created_read_changed_and_deleted() {
    let service = Service::start();
    let created = service
        .post("/api/agents", planner("feature-planner"))
        .await;
    assert_eq!(created.status, 201, "{created:?}");
    let path = created.header("location").to_owned();
    assert_eq!(
        path,
        format!("/api/agents/{}", created.body["id"].as_str().unwrap())
    );
    assert_eq!(service.get(&path).await.body, created.body);

    let changed = service
        .patch(&path, json!({ "default_model": null, "is_active": false }))
        .await;
    assert_eq!(changed.status, 200);
    assert_eq!(changed.body["default_model"], Value::Null);
    assert_eq!(changed.body["is_active"], false);
    assert_eq!(changed.body["description"], "Plans feature implementation");
    assert_eq!(service.get(&path).await.body, changed.body);

    assert_eq!(service.delete(&path).await.status, 204);
    assert_eq!(service.get(&path).await.status, 404);
    assert_eq!(service.events().await, 3);
}

#[tokio::test]
async fn every_wrong_value_of_a_body_is_named() {
    let service = Service::start();
    let body = json!({
        "name": "", "description": "x", "agent_type": "wizard", "capabilities": "",
        "default_model": "--dangerous", "executor": "nobody", "metadata": { "a": { "b": [1] } },
    });
    let answer = service.post("/api/agents", body).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    insta::assert_debug_snapshot!(answer.errors(), @r#"
    [
        "/name: must not be empty",
        "/agent_type: must be one of planner builder reviewer tester orchestrator utility skill custom",
        "/default_model: must be made of letters, digits and `._:/-`, and begin with one of the first two",
        "/executor: is not the name of a configured executor",
    ]
    "#);
    assert_eq!(service.events().await, 0);
}

#[tokio::test]
async fn a_body_of_the_wrong_shape_is_refused_by_its_first_fault() {
    let service = Service::start();
    let mut faults = Vec::new();
    for (key, value) in [
        ("colour", json!("red")),
        ("name", json!(null)),
        ("name", json!(5)),
        ("metadata", json!([1])),
        ("is_active", json!("yes")),
    ] {
        let mut body = planner("x");
        body[key] = value;
        let answer = service.post("/api/agents", body).await;
        assert_eq!(answer.status, 422);
        faults.extend(answer.errors());
    }
    let answer = service.post("/api/agents", json!({ "name": "x" })).await;
    faults.extend(answer.errors());
    insta::assert_debug_snapshot!(faults, @r#"
    [
        "/colour: is not a member that is known here",
        "/name: invalid type: null, expected a string",
        "/name: invalid type: integer `5`, expected a string",
        "/metadata: invalid type: sequence, expected a map",
        "/is_active: invalid type: string \"yes\", expected a boolean",
        "/description: is required",
    ]
    "#);
}

#[tokio::test]
async fn pages_hold_every_agent_once_newest_first() {
    let service = Service::start();
    for n in 0..7 {
        service
            .post("/api/agents", planner(&format!("agent {n}")))
            .await;
    }
    let mut uri = "/api/agents?agent_type=skill&limit=3".to_owned();
    let mut names = Vec::new();
    loop {
        let page = service.get(&uri).await;
        names.extend(
            page.body
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["name"].to_string()),
        );
        let Some(link) = page.header("link").strip_suffix(">; rel=\"next\"") else {
            break;
        };
        uri = link.trim_start_matches('<').to_owned();
    }
    let expected: Vec<_> = (0..7).rev().map(|n| format!("\"agent {n}\"")).collect();
    assert_eq!(names, expected);
}
