//! What instances were asked is searched without reading all of it.

use orchestrator::db::Write;
use serde_json::json;

use super::{is_list, plans, record_statements};
use crate::support::Service;

/// Some words are rare, others in every prompt.
#[tokio::test]
async fn what_instances_were_asked_is_searched_by_what_is_less_work() {
    record_statements();
    let service = Service::start();
    let run = service.instance(&service.agent("planner").await).await;
    let prompt = |text: &str| json!({ "agent_id": run, "prompt_type": "adw", "prompt_text": text });
    service
        .given("/api/runtime/prompts", prompt("a rare word"))
        .await;
    let fill = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000) \
         INSERT INTO prompts (id, agent_id, prompt_type, prompt_text, status, tokens_input, \
         tokens_output, cost_micro_usd, created_at) SELECT 'p' || n, ?1, 'adw', 'common', 'pending', \
         0, 0, 0, '2026-01-01T00:00:00.000Z' FROM n";
    let of_run = run.clone();
    let fill = move |db: &mut Write| db.execute(fill, &[&of_run.as_str()]);
    service.app.db.write(fill).await.unwrap();
    for (word, way) in [("rare", "id IN (SELECT"), ("common", "EXISTS (SELECT")] {
        let found = service.get(&format!("/api/runtime/agents?q={word}")).await;
        assert_eq!(found.body.as_array().unwrap().len(), 1, "{word}");
        let searches = plans(&service, |sql| {
            is_list(sql) && sql.contains("prompts_search")
        });
        let (sql, steps) = { searches.into_iter() }
            .find(|(sql, _)| sql.contains(way))
            .unwrap();
        let reads_all = |step: &&String| {
            step.starts_with("SCAN") && !step.contains(" USING ") && !step.contains("VIRTUAL TABLE")
        };
        assert_eq!(steps.iter().find(reads_all), None, "{sql}");
    }
}
