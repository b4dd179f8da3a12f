//! Sums of costs are made of the entries that they count alone.

use orchestrator::costs::By;
use orchestrator::ids::Id;
use serde_json::json;

use super::{plans, record_statements};
use crate::support::Service;

#[tokio::test]
async fn costs_are_read_from_the_first_day_to_the_last_alone() {
    record_statements();
    let service = Service::start();
    for by in By::ALL {
        let by = by.as_str();
        let path = format!("/api/costs?by={by}&from=2026-01-01&to=2026-01-31");
        assert_eq!(service.get(&path).await.status, 200);
    }
    let sums = plans(&service, |sql| sql.contains("FROM cost_sums s WHERE kind"));
    assert_eq!(sums.len(), By::ALL.len());
    for (sql, steps) in sums {
        for reads in [
            "SEARCH l USING INDEX cost_ledger_continued (day>? AND day<?)",
            "SEARCH s USING PRIMARY KEY (kind=?)",
        ] {
            assert!(steps.iter().any(|it| it == reads), "{steps:?}\n{sql}");
        }
        // Those are some of the runs over midnight.
        let is_read_whole = |it: &&String| it.starts_with("SCAN") && *it != "SCAN again";
        assert_eq!(steps.iter().find(is_read_whole), None, "{sql}");
    }
}

#[tokio::test]
async fn what_one_run_has_cost_is_read_from_its_own_entries() {
    record_statements();
    let service = Service::start();
    let run = Id::generate();
    let path = format!("/api/costs?by=model&run_id={run}");
    assert_eq!(service.get(&path).await.body, json!([]));
    let sums = plans(&service, |sql| {
        sql.contains("FROM cost_ledger WHERE run_id = ?3")
    });
    assert!(!sums.is_empty());
    for (sql, steps) in sums {
        assert!(steps[0].contains("(run_id=?"), "{steps:?}\n{sql}");
    }
}
