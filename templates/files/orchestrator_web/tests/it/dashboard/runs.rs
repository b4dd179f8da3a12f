use serde_json::json;

use crate::support::{Service, id};

fn today() -> String {
    jiff::Timestamp::now().strftime("%F").to_string()
}

#[tokio::test]
async fn a_form_that_is_sent_twice_starts_one_run() {
    let service = Service::start();
    let agent = service.parrot().await;
    let page = service.visit(&agent).await;
    let key = page.html.split("name=\"key\" value=\"").nth(1).unwrap();
    let key = key.split('"').next().unwrap();
    let form = [
        ("prompt", "say Hello.\r\nsay Bye."),
        ("model", ""),
        ("key", key),
    ];
    let run = service
        .submit(&format!("{agent}/run"), &form)
        .await
        .leads_to();
    let again = service
        .submit(&format!("{agent}/run"), &form)
        .await
        .leads_to();
    assert_eq!(run, again);
    let page = service.visit(&run).await;
    page.shows("say Hello.\nsay Bye.");
    page.shows("<span class=\"state queued\">queued</span>");

    let wrong = [("prompt", ""), ("budget_usd", "much"), ("key", "other")];
    let refused = service.submit(&format!("{agent}/run"), &wrong).await;
    assert_eq!(refused.status, 422);
    refused.shows("Budget, in dollars must be a number.");
    refused.shows("<details open>");
    let wrong = [("prompt", ""), ("key", "other")];
    let refused = service.submit(&format!("{agent}/run"), &wrong).await;
    refused.shows("Prompt must not be empty.");
}

#[tokio::test]
async fn a_run_is_stopped_and_run_again_by_buttons() {
    let service = Service::start();
    let agent = service.parrot().await;
    let run = service
        .submit(&format!("{agent}/run"), &[("prompt", "hang")])
        .await
        .leads_to();
    service
        .visit(&run)
        .await
        .shows(&format!("href=\"{run}/stop\""));
    service
        .visit(&format!("{run}/stop"))
        .await
        .shows("taken out of the queue");
    assert_eq!(
        service.submit(&format!("{run}/stop"), &[]).await.leads_to(),
        run
    );
    let page = service.visit(&run).await;
    page.shows("<span class=\"state ended\">cancelled</span>");
    page.shows_no(&format!("href=\"{run}/stop\""));
    assert_eq!(
        service.submit(&format!("{run}/stop"), &[]).await.status,
        409
    );

    let again = service
        .submit(&format!("{run}/restart"), &[])
        .await
        .leads_to();
    assert_ne!(again, run);
    service
        .visit(&again)
        .await
        .shows(&format!("<a href=\"{run}\">an earlier run</a>"));
    service.visit(&run).await.shows("Runs that go on from it");
}

#[tokio::test]
async fn the_demonstration_needs_nothing_to_be_there() {
    let service = Service::start();
    let run = service.submit("/demonstration", &[]).await.leads_to();
    service
        .visit(&run)
        .await
        .shows("I am the built-in demo agent");
    let again = service.submit("/demonstration", &[]).await.leads_to();
    assert_ne!(run, again);
    let agents = service.get("/api/agents").await.body;
    assert_eq!(agents.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_list_is_filtered_and_tells_why_a_run_failed() {
    let service = Service::start();
    let agent = service.agent("planner").await;
    let run = service.instance(&agent).await;
    let failed = json!({ "status": "failed", "error_message": "no compass\nat all" });
    service
        .patch(&format!("/api/runtime/agents/{run}"), failed)
        .await;
    let other = id(&service
        .given("/api/agents", crate::support::planner("other"))
        .await);
    service.instance(&other).await;

    let all = service.visit("/runs").await;
    assert_eq!(all.html.matches("<tr id=\"run-").count(), 2);
    let failed = service.visit("/runs?status=failed&agent=").await;
    assert_eq!(failed.html.matches("<tr id=\"run-").count(), 1);
    failed.shows("<small class=\"why\">no compass</small>");
    let of_other = service.visit(&format!("/runs?status=&agent={other}")).await;
    assert_eq!(of_other.html.matches("<tr id=\"run-").count(), 1);
    let prompt =
        json!({ "agent_id": run, "prompt_type": "command", "prompt_text": "find the north" });
    service.given("/api/runtime/prompts", prompt).await;
    let asked = service.visit("/runs?q=nor&status=failed").await;
    assert_eq!(asked.html.matches("<tr id=\"run-").count(), 1);
    asked.shows("<small class=\"asked\">find the north</small>");
    asked.shows("name=\"q\" value=\"nor\"");
    let (today, others) = (today(), "2020-01-01");
    for (filter, count) in [
        (format!("from={today}&to={today}&q="), 2),
        (format!("from={today}"), 2),
        (format!("to={others}"), 0),
        (format!("from={others}&to={others}"), 0),
        ("q=south".into(), 0),
    ] {
        let page = service.visit(&format!("/runs?{filter}")).await;
        let rows = page.html.matches("<tr id=\"run-").count();
        assert_eq!(rows, count, "{filter}");
    }
    let wrong = service.visit("/runs?from=yesterday").await;
    assert_eq!(wrong.status, 422);
    service
        .visit("/runs?status=lost")
        .await
        .shows("No run is like that.");
    let overview = service.visit("/").await;
    overview.shows("Needs you");
    overview.shows("no compass");
}

#[tokio::test]
async fn filters_stay_from_page_to_page() {
    let service = Service::start();
    let agent = service.agent("planner").await;
    for number in 0..60 {
        let run = service.instance(&agent).await;
        let text = ["paint the fence", "mow the lawn"][usize::from(number < 5)];
        let prompt = json!({ "agent_id": run, "prompt_type": "command", "prompt_text": text });
        service.given("/api/runtime/prompts", prompt).await;
    }
    let filter = format!("q=paint&status=pending&agent={agent}&from={}", today());
    let page = service.visit(&format!("/runs?{filter}")).await;
    assert_eq!(page.html.matches("<tr id=\"run-").count(), 50);
    let older = { page.values("href").into_iter() }.find(|it| it.contains("cursor="));
    let older = service.visit(&older.unwrap()).await;
    assert_eq!(older.html.matches("<tr id=\"run-").count(), 5);
    older.shows_no("mow the lawn");
    older.shows(">Newest</a>");
}

#[tokio::test]
async fn a_run_tells_what_each_model_has_cost() {
    let service = Service::start();
    let run = service.instance(&service.agent("planner").await).await;
    let path = format!("/api/runtime/agents/{run}");
    let spent = json!({ "cost_usd": 1.5, "tokens_input": 12_000, "tokens_output": 7 });
    assert_eq!(service.patch(&path, spent).await.status, 200);
    let page = service.visit(&format!("/runs/{run}")).await;
    for cell in ["12,000", "7", "$1.50"] {
        page.shows(&format!("<td class=\"num\">{cell}</td>"));
    }
    page.shows("aria-label=\"Cost by model\"");
}

#[tokio::test]
async fn what_others_run_is_at_work_until_it_ends() {
    let service = Service::start();
    let run = service.instance(&service.agent("planner").await).await;
    let path = format!("/api/runtime/agents/{run}");
    let row = format!("<tr id=\"work-{run}\">");
    let at_work = async || service.visit("/?part=running").await;
    at_work().await.shows_no(&row);
    service.patch(&path, json!({ "status": "executing" })).await;
    let line = json!({ "agent_id": run, "log_level": "INFO", "log_type": "output",
        "message": "I read the specification." });
    service.given("/api/runtime/logs", line).await;
    let page = at_work().await;
    page.shows(&row);
    page.shows("I read the specification.");
    service.patch(&path, json!({ "status": "completed" })).await;
    at_work().await.shows_no(&row);
}

#[tokio::test]
async fn of_many_at_work_the_newest_are_shown_and_the_others_counted() {
    let service = Service::start();
    let agent = service.agent("planner").await;
    for _ in 0..14 {
        let run = service.instance(&agent).await;
        let path = format!("/api/runtime/agents/{run}");
        service.patch(&path, json!({ "status": "executing" })).await;
    }
    let page = service.visit("/?part=running").await;
    assert_eq!(page.html.matches("<tr id=\"work-").count(), 12);
    page.shows("<a href=\"/runs\">2 more</a>");
}
