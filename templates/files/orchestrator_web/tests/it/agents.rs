use serde_json::{Value, json};

use crate::support::{Service, planner};

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
        "/default_model: must be made of letters, digits and `._:/@[]-`, and begin with one of the first two",
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
        "/metadata: must be an object",
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

#[tokio::test]
async fn put_and_patch_take_any_subset_and_refuse_null_where_a_value_is_needed() {
    let service = Service::start();
    let path = service
        .post("/api/agents", planner("scout"))
        .await
        .header("location")
        .to_owned();
    let put = service.put(&path, json!({ "description": "x" })).await;
    assert_eq!(
        (put.status.as_u16(), &put.body["name"]),
        (200, &json!("scout"))
    );
    let events = service.events().await;
    assert_eq!(service.put(&path, json!({})).await.body, put.body);
    let same = service.put(&path, json!({ "description": "x" })).await;
    assert_eq!(
        same.body, put.body,
        "what changes nothing leaves the time, too"
    );
    assert_eq!(service.events().await, events);
    let nulls = service
        .patch(&path, json!({ "name": null, "agent_type": null }))
        .await;
    assert_eq!(nulls.status, 422);
    assert_eq!(
        nulls.errors(),
        ["/name: must not be null", "/agent_type: must not be null"]
    );
}

#[tokio::test]
async fn two_agents_cannot_have_one_name_whatever_its_case() {
    let service = Service::start();
    service.post("/api/agents", planner("Ärger")).await;
    let other = service.post("/api/agents", planner("other")).await;
    assert_eq!(
        service.post("/api/agents", planner("äRGER")).await.status,
        409
    );
    let path = other.header("location");
    let renamed = service.patch(path, json!({ "name": "ÄRGER" })).await;
    assert_eq!(renamed.status, 409);
    assert_eq!(renamed.body["detail"], "an agent is named `ÄRGER` already");
    // Its own name in another case is free.
    assert_eq!(
        service.patch(path, json!({ "name": "OTHER" })).await.status,
        200
    );
}

#[tokio::test]
async fn a_list_is_filtered_by_type_by_activity_and_by_text() {
    let service = Service::start();
    for (name, kind, active) in [
        ("Straße", "planner", true),
        ("b_1", "tester", true),
        ("c%", "tester", false),
    ] {
        let mut body = planner(name);
        body["agent_type"] = json!(kind);
        body["is_active"] = json!(active);
        service.post("/api/agents", body).await;
    }
    for (query, names) in [
        ("agent_type=tester", vec!["c%", "b_1"]),
        ("agent_type=tester&is_active=true", vec!["b_1"]),
        ("q=STRASSE", vec![]),
        ("q=STRA%C3%9FE", vec!["Straße"]),
        ("q=%25", vec!["c%"]),
        ("q=_", vec!["b_1"]),
        ("q=feature+IMPLEMENTATION&limit=2", vec!["c%", "b_1"]),
    ] {
        let page = service.get(&format!("/api/agents?{query}")).await;
        let found: Vec<_> = page
            .body
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["name"].as_str().unwrap())
            .collect();
        assert_eq!(found, names, "{query}");
    }
}

#[tokio::test]
async fn a_query_that_is_wrong_is_refused_with_every_wrong_parameter() {
    let service = Service::start();
    let uri = "/api/agents?limit=0&agent_type=wizard&is_active=maybe&colour=red&cursor=zzz";
    let answer = service.get(uri).await;
    assert_eq!(answer.status, 422);
    insta::assert_debug_snapshot!(answer.errors(), @r#"
    [
        "agent_type: must be one of planner builder reviewer tester orchestrator utility skill custom",
        "is_active: provided string was not `true` or `false`",
        "limit: must lie between 1 and 1000",
        "cursor: must be copied from a `Link` header",
        "colour: is not a parameter that is known here, or given twice",
    ]
    "#);
}

#[tokio::test]
async fn an_id_that_is_none_is_unknown() {
    let service = Service::start();
    for id in [
        "x",
        "00000000-0000-7000-8000-000000000000",
        "%00",
        "..%2f..%2fetc%2fpasswd",
        "a%20b",
    ] {
        let answer = service.get(&format!("/api/agents/{id}")).await;
        assert_eq!(answer.status, 404, "{id}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_answered_by_its_kind() {
    use axum::body::Body;
    use axum::http::Request;
    let service = Service::start();
    for (kind, body, status) in [
        ("application/json", "{", 400),
        ("application/json", "", 400),
        ("application/json", &format!("{} {{}}", planner("x")), 400),
        ("application/json", "[]", 422),
        (
            "application/json",
            r#"["x", "", "skill", "", null, null, null, true]"#,
            422,
        ),
        ("application/json; charset=utf-8", "{}", 422),
        ("text/plain", "{}", 415),
        ("application/jsonx", "{}", 415),
    ] {
        let request = Request::post("/api/agents")
            .header("host", "localhost:8000")
            .header("content-type", kind);
        let answer = service
            .answer(request.body(Body::from(body.to_owned())).unwrap())
            .await;
        assert_eq!(answer.status, status, "{kind} {body}");
        assert_eq!(answer.body["status"], status);
        assert_eq!(answer.body["request_id"], answer.header("x-request-id"));
    }
}

#[tokio::test]
async fn what_nobody_serves_is_a_problem_too() {
    let service = Service::start();
    let missing = service.get("/nowhere").await;
    assert_eq!(
        (missing.status.as_u16(), &missing.body["title"]),
        (404, &json!("Not Found"))
    );
    let method = service.delete("/api/agents").await;
    assert_eq!(
        (method.status.as_u16(), method.header("allow")),
        (405, "GET,HEAD,POST")
    );
    assert_eq!(method.body["title"], "Method Not Allowed");
}

#[tokio::test]
async fn a_body_that_is_no_object_is_told_what_it_should_be() {
    let service = Service::start();
    for body in [json!("x"), json!([]), json!(["x"]), json!(1), json!(null)] {
        let created = service.post("/api/agents", body.clone()).await;
        assert_eq!(created.status, 422, "{body}");
        let errors = created.errors();
        assert!(errors[0].ends_with("expected an object"), "{errors:?}");
        let lines = service.post("/api/system/logs", json!([body])).await;
        let errors = lines.errors();
        assert!(errors[0].starts_with("/0: "), "{errors:?}");
        assert!(errors[0].ends_with("expected an object"), "{errors:?}");
    }
    assert_eq!(service.events().await, 0);
}

#[tokio::test]
async fn a_model_that_is_null_is_none_and_one_that_is_left_out_is_the_configured_one() {
    let settings = orchestrator::config::Settings {
        default_model: Some(orchestrator::config::Text::parse("configured").unwrap()),
        ..Default::default()
    };
    let service = Service::with(settings);
    let mut body = planner("null");
    body["default_model"] = Value::Null;
    let null = service.post("/api/agents", body.clone()).await;
    assert_eq!(null.body["default_model"], Value::Null);
    body.as_object_mut().unwrap().remove("default_model");
    body["name"] = json!("left out");
    let left_out = service.post("/api/agents", body).await;
    assert_eq!(left_out.body["default_model"], "configured");
}
