use std::collections::BTreeMap;

use orchestrator::config::Settings;
use orchestrator::workflows::definition::{Definition, Definitions};
use serde_json::{Value, json};

use crate::support::Service;

fn step(name: &str, needs: &[&str], on_failure: &Value) -> Value {
    json!({ "name": name, "agent": name, "agent_type": "builder", "prompt": "say {input}",
        "model": null, "budget_usd": null, "needs": needs, "retries": 0, "timeout_seconds": 0,
        "on_failure": on_failure })
}

fn definition(input: &Value) -> Definition {
    let back = json!({ "goto": { "step": "cook", "at_most": 2 } });
    let steps = [
        step("shop", &[], &json!("stop")),
        step("cook", &["shop"], &json!("stop")),
        step("table", &["shop"], &json!("stop")),
        step("taste", &["cook", "table"], &back),
    ];
    let definition = json!({ "description": "Makes a dinner", "input": input, "executor": "demo",
        "timeout_seconds": 0, "steps": steps });
    serde_json::from_value(definition).unwrap()
}

/// With the workflows `dinner`, which asks for two texts, and `free`, which takes what it gets.
fn service() -> Service {
    let texts = json!({
        "dish": { "description": "What to cook.", "default": null },
        "guests": { "description": "Who comes.", "default": "two <friends>" },
    });
    let definitions = [("dinner", texts), ("free", json!({}))];
    let definitions = definitions.map(|(name, input)| (name.to_owned(), definition(&input)));
    Service::with(Settings {
        workflows: Definitions(BTreeMap::from(definitions)),
        ..Settings::default()
    })
}

async fn dinner(service: &Service) -> String {
    let form = [("input.dish", "soup"), ("input.guests", ""), ("key", "k-1")];
    let started = service.submit("/workflows/start/dinner", &form).await;
    started.leads_to()
}

#[tokio::test]
async fn what_can_be_started_is_shown_with_its_steps_and_a_form_for_its_input() {
    let service = service();
    let page = service.visit("/workflows").await;
    page.shows("Makes a dinner");
    page.shows("<li>shop</li><li>cook</li><li>table</li><li>taste</li>");
    page.shows("href=\"/workflows/start/dinner\"");
    page.shows("No workflow yet.");
    let form = service.visit("/workflows/start/dinner").await;
    form.shows("What to cook.");
    form.shows("If it is left empty: two &#60;friends&#62;");
    assert_eq!(form.html.matches("<textarea").count(), 2);
    assert_eq!(
        service.visit("/workflows/start/breakfast").await.status,
        404
    );
    let empty = Service::start().visit("/workflows").await;
    empty.shows("<code>[workflows.NAME]</code>");
}

#[tokio::test]
async fn a_form_without_what_is_required_comes_back_with_what_it_had() {
    let service = service();
    let form = [
        ("input.dish", " "),
        ("input.guests", "the <Smiths>"),
        ("key", "k-1"),
    ];
    let refused = service.submit("/workflows/start/dinner", &form).await;
    assert_eq!(refused.status, 422);
    refused.shows("dish is required.");
    refused.shows("the &#60;Smiths&#62;</textarea>");
    assert!(
        service
            .get("/api/workflows")
            .await
            .body
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_form_that_is_sent_twice_starts_one_workflow() {
    let service = service();
    let workflow = dinner(&service).await;
    assert_eq!(dinner(&service).await, workflow);
    let started = service.get("/api/workflows").await.body;
    assert_eq!(started.as_array().unwrap().len(), 1);
    assert_eq!(
        started[0]["input_data"],
        json!({ "dish": "soup", "guests": "two <friends>" })
    );
    service.visit("/workflows").await.shows("0 of 4");
}

#[tokio::test]
async fn input_that_nobody_has_described_is_taken_as_json_or_as_a_text() {
    let service = service();
    for (text, input) in [
        ("", Value::Null),
        ("{\"a\": [1]}", json!({ "a": [1] })),
        ("just words", json!("just words")),
    ] {
        let form = [("input", text), ("key", text)];
        let workflow = service
            .submit("/workflows/start/free", &form)
            .await
            .leads_to();
        let workflow = service.get(&format!("/api{workflow}")).await.body;
        assert_eq!(workflow["input_data"], input);
    }
}

#[tokio::test]
async fn the_steps_are_drawn_and_told_in_words() {
    let service = service();
    let workflow = dinner(&service).await;
    let page = service.visit(&workflow).await;
    // Two beside each other, and one way back.
    assert_eq!(page.html.matches("class=\"edge\"").count(), 4);
    assert_eq!(page.html.matches("class=\"back\"").count(), 1);
    page.shows("<g class=\"running\"><title>shop: running");
    page.shows("<g class=\"queued\"><title>taste: pending");
    page.shows("<tr id=\"step-taste\">");
    let run = service.get("/api/runtime/agents").await.body[0]["id"].clone();
    page.shows(&format!(
        "<a href=\"/runs/{}\">shop</a>",
        run.as_str().unwrap()
    ));
    page.shows("two &#60;friends&#62;");
}

#[tokio::test]
async fn a_workflow_is_stopped_and_started_again_from_a_step_by_buttons() {
    let service = service();
    let workflow = dinner(&service).await;
    service
        .visit(&format!("{workflow}/stop"))
        .await
        .shows("No further step begins");
    let stopped = service.submit(&format!("{workflow}/stop"), &[]).await;
    assert_eq!(stopped.leads_to(), workflow);
    let page = service.visit(&workflow).await;
    page.shows("<span class=\"state ended\">cancelled</span>");
    page.shows("<option value=\"cook\">from cook</option>");
    let again = format!("{workflow}/stop");
    assert_eq!(service.submit(&again, &[]).await.status, 409);

    let restart = format!("{workflow}/restart");
    let again = service.submit(&restart, &[("from_step", "shop")]).await;
    let again = again.leads_to();
    assert_ne!(again, workflow);
    let page = service.visit(&again).await;
    page.shows(&format!("<a href=\"{workflow}\">an earlier one</a>"));
    let unknown = service.submit(&restart, &[("from_step", "wash")]).await;
    assert_eq!(unknown.status, 422);
}

#[tokio::test]
async fn what_others_have_reported_is_shown_as_they_have_reported_it() {
    let service = service();
    let hostile = "<img src=x onerror=alert(1)>\u{202e}";
    let reported = json!({ "adw_name": hostile, "workflow_type": hostile, "description": hostile,
        "steps": [{ "name": hostile }], "input_data": hostile, "total_steps": 2 });
    let reported = service.given("/api/runtime/workflows", reported).await;
    let path = format!("/workflows/{}", reported["id"].as_str().unwrap());
    let failed = json!({ "status": "failed", "error_message": hostile, "error_step": hostile });
    service.patch(&format!("/api/runtime{path}"), failed).await;
    for path in ["/workflows", "/workflows?status=failed", &path] {
        let page = service.visit(path).await;
        page.shows("&#60;img src=x onerror=alert(1)&#62;");
        page.shows_no("<img");
        page.shows_no("\u{202e}");
    }
    let page = service.visit(&path).await;
    page.shows("Steps, as reported");
    page.shows("elsewhere");
    page.shows_no("Run again");
    service
        .visit("/workflows?status=completed")
        .await
        .shows("No workflow is like that.");
    let stop = format!("{path}/stop");
    assert_eq!(service.submit(&stop, &[]).await.status, 409);
}
