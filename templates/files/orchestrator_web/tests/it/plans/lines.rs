//! A log is read from any place of it in both directions, without sorting it.

use orchestrator::db::Read;
use orchestrator::ids::Id;
use orchestrator::page::Cursor;
use orchestrator::runtime::logs::queries::{LogFilter, Reporter, Window, read};
use orchestrator::runtime::logs::{Level, LogType};

use super::{is_list, plans, record_statements};
use crate::support::Service;

#[tokio::test]
async fn lines_after_a_place_are_read_through_an_index() {
    record_statements();
    let service = Service::start();
    let place: Cursor = "2026-01-01T00:00:00.000Z~5".parse().unwrap();
    let look = move |db: &Read| {
        for agent_id in [None, Some(Id::generate())] {
            for level in [None, Some(Level::Info), Some(Level::Warning)] {
                for log_type in [None, Some(LogType::Output)] {
                    let filter = LogFilter {
                        level,
                        log_type,
                        ..Default::default()
                    };
                    read(
                        db,
                        &Reporter { agent_id },
                        &filter,
                        Window::After(place),
                        10,
                    )?;
                }
            }
        }
        Ok(())
    };
    service.app.db.read(look).await.unwrap();
    let upward = plans(&service, |sql| {
        is_list(sql) && sql.contains("agent_logs") && sql.contains("created_at ASC")
    });
    assert!(12 <= upward.len(), "{}", upward.len());
    for (sql, steps) in upward {
        for step in steps {
            let is_search = sql.contains(" MATCH ");
            let reads_all = step.starts_with("SCAN") || step.contains("TEMP B-TREE");
            assert!(is_search || !reads_all, "{step}\n{sql}");
        }
    }
}
