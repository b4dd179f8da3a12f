//! The settings, read again by a button.

use serde_json::json;

use crate::reload::host;

#[tokio::test]
async fn what_is_in_force_at_once_is_shown_with_what_it_was() {
    let host = host("");
    let page = host.visit("/control").await;
    page.shows("Those that the service has started with are in force.");
    let same = host.submit("/control/reload", &[]).await;
    assert_eq!(same.status, 200);
    same.shows("the settings were read again, and are the same.");

    host.write("[limits]\nmax_body_bytes = 1000\n[server]\nport = 1\nhost = '127.0.0.1'");
    let done = host.submit("/control/reload", &[]).await;
    assert_eq!(done.leads_to(), "/control#settings");
    let page = host.visit("/control?part=settings").await;
    page.shows("<h3>In force since then</h3>");
    page.shows("<small>orchestrator.toml line 2</small><br><del>8388608</del> → <ins>1000</ins>");
    page.shows("<h3>In force after a restart</h3>");
    page.shows("<del>localhost</del> → <ins>127.0.0.1</ins>");
    page.shows_no("name=\"confirm\"");
    host.visit("/system?part=settings")
        .await
        .shows("1 changed and not in force yet");
}

#[tokio::test]
async fn what_runs_programs_is_confirmed_by_who_has_seen_just_that() {
    let host = host("");
    let toml = "[executors.bot]\nkind = 'command'\nprogram = ['./<b>bot</b>']";
    host.write(toml);
    let asked = host.submit("/control/reload", &[]).await;
    assert_eq!(asked.status, 200);
    asked.shows("<h3>In force when you confirm them</h3>");
    asked
        .shows("<code>executors.bot</code> <small>orchestrator.toml</small><br><del>not set</del>");
    asked.shows_no("<b>bot");
    let digest = asked
        .html
        .split("name=\"confirm\" value=\"")
        .nth(1)
        .unwrap();
    let digest = digest.split('"').next().unwrap();
    assert_eq!(host.executors().await, 1);

    host.write(&toml.replace("bot</b>", "other</b>"));
    let stale = host.submit("/control/reload", &[("confirm", digest)]).await;
    assert_eq!(stale.status, 409);
    stale.shows("role=\"alert\"");
    stale.shows("these are not the changes that wait for a confirmation; read the settings again");
    assert_eq!(host.executors().await, 1);

    host.write(toml);
    let done = host.submit("/control/reload", &[("confirm", digest)]).await;
    assert_eq!(done.leads_to(), "/control#settings");
    assert_eq!(host.executors().await, 2);
    let page = host.visit("/control").await;
    page.shows("<h3>In force since then</h3>");
    page.shows_no("name=\"confirm\"");
}

#[tokio::test]
async fn a_mistake_is_shown_where_it_was_asked_for_with_its_place() {
    let host = host("");
    host.write("[retention]\nruns_days = '<i>many</i>'");
    let refused = host.submit("/control/reload", &[]).await;
    assert_eq!(refused.status, 422);
    refused.shows("<p class=\"fault\" role=\"alert\">");
    refused.shows("orchestrator.toml:2:13: retention.runs_days is ");
    refused.shows("correct it, or remove it for the default, 90.");
    refused.shows_no("<i>");
    refused.shows("<h2>Executors</h2>");
    let line =
        json!({ "component": "config", "log_level": "ERROR", "message": "<i>", "details": 1 });
    host.post("/api/system/logs", line).await;
    host.visit("/control?part=settings")
        .await
        .shows("&#60;i&#62;");
}
