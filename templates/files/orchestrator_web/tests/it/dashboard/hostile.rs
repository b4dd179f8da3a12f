use serde_json::json;

use crate::support::{Service, id};

const NAMES: [&str; 5] = [
    "<img src=x onerror=alert(1)>",
    "\"><script>alert(2)</script>",
    "{{ 7 * 7 }} {% raw %}",
    "' autofocus onfocus='alert(3)",
    "\u{202e}gnp.exe\u{1b}[31m\u{0}",
];

#[tokio::test]
async fn hostile_text_is_shown_as_text_on_every_page() {
    for name in NAMES {
        let service = Service::start();
        let body = json!({ "name": name, "description": name, "agent_type": "custom",
            "capabilities": name, "executor": "demo" });
        let agent = id(&service.given("/api/agents", body).await);
        let run = json!({ "orchestrator_agent_id": agent, "session_id": "s-1" });
        let run = id(&service.given("/api/runtime/agents", run).await);
        let prompt = json!({ "agent_id": run, "prompt_type": "command", "prompt_text": name });
        let prompt = id(&service.given("/api/runtime/prompts", prompt).await);
        let answer = json!({ "status": "completed", "response_text": name });
        service
            .patch(&format!("/api/runtime/prompts/{prompt}"), answer)
            .await;
        let call =
            json!({ "type": "tool_call", "name": name, "input": { "a": name, "b": [name] } });
        let line = json!({ "agent_id": run, "log_level": "ERROR", "log_type": "tool_call",
            "message": name, "details": call });
        service
            .given(
                "/api/runtime/logs",
                json!([line, { "agent_id": run, "log_level": "INFO",
            "log_type": "output", "message": name.repeat(100) }]),
            )
            .await;
        let failed = json!({ "status": "failed", "error_message": name });
        service
            .patch(&format!("/api/runtime/agents/{run}"), failed)
            .await;

        for page in [
            "/".to_owned(),
            "/agents".into(),
            "/runs".into(),
            format!("/agents/{agent}"),
            format!("/agents/{agent}/edit"),
            format!("/agents/{agent}/delete"),
            format!("/runs/{run}"),
        ] {
            let page = service.visit(&page).await;
            assert_eq!(page.status, 200);
            for harm in ["<img", "<script>", "' autofocus onfocus='"] {
                page.shows_no(harm);
            }
            // A form holds what it was given, or to save it would change it.
            if !page
                .html
                .contains("<form method=\"post\" action=\"/agents/")
            {
                for harm in ["\u{1b}", "\u{0}", "\u{202e}"] {
                    page.shows_no(harm);
                }
            }
        }
    }
}

#[tokio::test]
async fn a_line_of_megabytes_is_folded_and_cut() {
    let service = Service::start();
    let run = service.instance(&service.agent("planner").await).await;
    let line = json!({ "agent_id": run, "log_level": "INFO", "log_type": "output",
        "message": "x".repeat(3_900_000) });
    service.given("/api/runtime/logs", line).await;
    let page = service.visit(&format!("/runs/{run}")).await;
    assert!(page.html.len() < 40_000, "{}", page.html.len());
    page.shows("more bytes");
}
