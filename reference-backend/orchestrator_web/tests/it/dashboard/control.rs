use serde_json::json;

use crate::support::Service;

#[tokio::test]
async fn the_queue_is_stopped_and_started_by_a_button_and_tells_what_waits() {
    let service = Service::start();
    let agent = service.parrot().await;
    service
        .visit("/control")
        .await
        .shows("<span class=\"state done\">takes runs</span>");
    let done = service.submit("/control/stop", &[]).await;
    assert_eq!(done.leads_to(), "/control");
    let run = service
        .submit(&format!("{agent}/run"), &[("prompt", "hello")])
        .await
        .leads_to();
    let page = service.visit("/control").await;
    page.shows("<span class=\"state waiting\">stopped</span>");
    page.shows("the queue takes no runs");
    page.shows(&format!("href=\"{run}/stop\""));
    page.shows("<td>demo</td>");
    service.visit("/").await.shows("the queue is stopped");
    service.submit("/control/start", &[]).await.leads_to();
    assert_eq!(service.get("/api/status").await.body["state"], "running");
}

#[tokio::test]
async fn lines_of_all_runs_are_filtered_and_followed() {
    let service = Service::start();
    let agent = service.agent("planner").await;
    let run = service.instance(&agent).await;
    let line = |level: &str, message: &str| json!({ "agent_id": run, "log_level": level, "log_type": "output", "message": message });
    let lines = json!([
        line("INFO", "north is up"),
        line("ERROR", "the compass broke")
    ]);
    service.given("/api/runtime/logs", lines).await;
    let page = service.visit("/logs?q=&level=&log_type=").await;
    page.shows("north is up");
    page.shows("<b class=\"level\">ERROR</b>");
    page.shows(&format!("<a href=\"/runs/{run}\"><bdi>planner</bdi></a>"));
    let page = service.visit("/logs?level=WARNING&q=comp").await;
    page.shows_no("north");
    page.shows("the compass broke");

    let other = service.instance(&service.agent("builder").await).await;
    let built = json!({ "agent_id": other, "log_level": "ERROR", "log_type": "output", "message": "compass built" });
    service.given("/api/runtime/logs", built.clone()).await;
    let page = service
        .visit(&format!("/logs?agent={agent}&level=WARNING&q=comp"))
        .await;
    page.shows("the compass broke");
    page.shows_no("compass built");
    page.shows(&format!(
        "<option value=\"{agent}\" selected>planner</option>"
    ));
    let hrefs = page.values("href").into_iter();
    let download = { hrefs }
        .find(|it| it.starts_with("/api/runtime/logs?"))
        .unwrap();
    let lines = service.get(&download).await.body;
    assert_eq!(lines.as_array().unwrap().len(), 1, "{download}: {lines}");
    assert_eq!(lines[0]["message"], "the compass broke");

    let new = page.values("hx-get").into_iter();
    let new = { new }.find(|it| it.contains("part=new")).unwrap();
    let lines = json!([
        line("INFO", "compass found"),
        built,
        line("ERROR", "compass lost")
    ]);
    service.given("/api/runtime/logs", lines).await;
    let new = service.visit(&new).await;
    new.shows("compass lost");
    new.shows_no("compass found");
    new.shows_no("broke");
    new.shows_no("built");
    let nobody = "/logs?agent=0197f3c2-0000-7000-8000-000000000000";
    let nothing = service.visit(nobody).await;
    nothing.shows("No line is like that.");
    nothing.shows_no("id=\"line-");
    assert_eq!(service.visit("/logs?agent=planner").await.status, 422);
}
