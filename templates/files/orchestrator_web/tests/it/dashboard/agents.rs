use serde_json::json;

use super::support::PARROT;
use crate::support::{Service, id};

/// The form with other values for some of its fields.
fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let fields = PARROT
        .iter()
        .filter(|(name, _)| changes.iter().all(|(it, _)| it != name));
    fields.chain(changes).copied().collect()
}

#[tokio::test]
async fn an_agent_is_made_changed_rested_and_deleted_by_forms() {
    let service = Service::start();
    let page = service.parrot().await;
    service.visit(&page).await.shows("Repeats what it hears");
    let agent = service.get(&format!("/api{page}")).await.body;
    assert_eq!(
        (&agent["executor"], &agent["metadata"]),
        (&json!("demo"), &json!(null))
    );

    service
        .visit(&format!("{page}/edit"))
        .await
        .shows("value=\"parrot\"");
    let change = with(&[
        ("name", "Polly"),
        ("metadata", "{\"legs\": 2}"),
        ("executor", ""),
    ]);
    assert_eq!(service.submit(&page, &change).await.leads_to(), page);
    let agent = service.get(&format!("/api{page}")).await.body;
    assert_eq!(
        (&agent["name"], &agent["executor"], &agent["metadata"]),
        (&json!("Polly"), &json!(null), &json!({"legs": 2}))
    );
    service.visit(&page).await.shows("It has no executor");

    for (act, is_active) in [("deactivate", false), ("activate", true)] {
        let done = service.submit(&format!("{page}/{act}"), &[]).await;
        assert_eq!(done.leads_to(), page);
        let agent = service.get(&format!("/api{page}")).await.body;
        assert_eq!(agent["is_active"], is_active);
    }

    let question = service.visit(&format!("{page}/delete")).await;
    question.shows("Delete Polly?");
    question.shows("their logs go with it");
    assert_eq!(
        service.submit(&format!("{page}/delete"), &[]).await.status,
        409
    );
    let done = service
        .submit(&format!("{page}/delete"), &[("confirmed", "true")])
        .await;
    assert_eq!(done.leads_to(), "/agents");
    assert_eq!(service.visit(&page).await.status, 404);
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_field_and_what_was_typed_stays() {
    let service = Service::start();
    let wrong = with(&[
        ("name", " "),
        ("agent_type", "dancer"),
        ("default_model", "; rm -rf /"),
        ("description", "<b>kept</b>"),
    ]);
    let refused = service.submit("/agents", &wrong).await;
    assert_eq!(refused.status, 422);
    refused.shows("<strong class=\"fault\">Name must not begin or end with white space.</strong>");
    refused.shows("<strong class=\"fault\">Type must be one of planner");
    refused.shows("<strong class=\"fault\">Model must be made of letters");
    refused.shows("value=\"; rm -rf /\"");
    refused.shows("&#60;b&#62;kept&#60;/b&#62;");
    assert_eq!(refused.html.matches("aria-invalid=\"true\"").count(), 3);

    let refused = service.submit("/agents", &with(&[("metadata", "{")])).await;
    refused.shows("Metadata is not JSON.");

    let page = service.parrot().await;
    let refused = service
        .submit("/agents", &with(&[("name", "PARROT")]))
        .await;
    assert_eq!(refused.status, 409);
    refused.shows("Name an agent is named `PARROT` already.");
    let other = service
        .submit("/agents", &with(&[("name", "other")]))
        .await
        .leads_to();
    let refused = service.submit(&other, &PARROT).await;
    refused.shows("an agent is named `parrot` already");
    assert_ne!(page, other);
}

#[tokio::test]
async fn a_form_is_taken_from_pages_of_the_service_alone() {
    let service = Service::start();
    let foreign = axum::http::Request::post("/agents")
        .header("host", "localhost:8000")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from("name=x"));
    assert_eq!(service.seen(foreign.unwrap()).await.status, 415);
}

#[tokio::test]
async fn the_list_tells_how_an_agent_does() {
    let service = Service::start();
    let agent = service.agent("planner").await;
    let instance = service.instance(&agent).await;
    let path = format!("/api/runtime/agents/{instance}");
    let spent = json!({ "status": "completed", "cost_usd": 1.5, "tokens_input": 1200 });
    assert_eq!(service.patch(&path, spent).await.status, 200);
    let other = service.instance(&agent).await;
    let failed = json!({ "status": "failed", "error_message": "it broke" });
    service
        .patch(&format!("/api/runtime/agents/{other}"), failed)
        .await;

    let list = service.visit("/agents").await;
    list.shows("<td class=\"num hide-m\">50 %</td>");
    list.shows("<td class=\"num\">$1.50</td>");
    list.shows("<span class=\"state failed\">failed</span>");
    let one = service.visit(&format!("/agents/{agent}")).await;
    one.shows("<strong>50 %</strong>");
    one.shows("it broke");
    service.visit("/agents?q=plan").await.shows("planner");
    service
        .visit("/agents?q=nobody")
        .await
        .shows("No agent is like that.");
    service
        .visit("/agents?q=&agent_type=")
        .await
        .shows("planner");
}

#[tokio::test]
async fn long_lists_go_on_behind_a_link() {
    let service = Service::start();
    for number in 0..60 {
        let agent = json!({ "name": format!("n{number}"), "description": "", "agent_type": "custom", "capabilities": "" });
        id(&service.given("/api/agents", agent).await);
    }
    let first = service.visit("/agents").await;
    assert_eq!(first.html.matches("<tr id=\"agent-").count(), 50);
    let older = first
        .values("href")
        .into_iter()
        .find(|it| it.contains("cursor="));
    let second = service.visit(&older.unwrap()).await;
    assert_eq!(second.html.matches("<tr id=\"agent-").count(), 10);
    second.shows(">n9<");
}
