//! The log of an instance is followed from a row on, without a look at what stands before it.

use orchestrator::db::Read;
use orchestrator::runtime::logs;

use super::{fill, plans, record_statements};
use crate::support::Service;

#[tokio::test]
async fn the_log_of_an_instance_is_followed_from_where_it_was_left() {
    record_statements();
    let service = Service::start();
    let run = service.instance(&service.agent("planner").await).await;
    fill(&service, &run).await;
    let run = run.parse().unwrap();
    let after = move |db: &Read| logs::queries::after(db, run, 990, 20);
    let lines = service.app.db.read(after).await.unwrap();
    assert_eq!(lines.len(), 10);
    let asked = plans(&service, |sql| {
        sql.contains("FROM agent_logs") && sql.contains("seq > ?2")
    });
    let [(_, steps)] = asked.as_slice() else {
        panic!("{asked:?}");
    };
    let [step] = steps.as_slice() else {
        panic!("{steps:?}");
    };
    assert!(step.ends_with("(agent_id=? AND rowid>?)"), "{step}");
}
