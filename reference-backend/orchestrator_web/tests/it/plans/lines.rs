//! A log is read from any place of it in both directions, without sorting it.

use orchestrator::db::{Read, Write, search};
use orchestrator::ids::Id;
use orchestrator::page::Cursor;
use orchestrator::runtime::logs::queries::{LogFilter, Reporter, Window, read};
use orchestrator::runtime::logs::{Level, LogType};

use serde_json::json;

use super::{is_list, plans, record_statements};
use crate::support::Service;

/// Sorts what it takes of each of an agent's instances.
pub fn is_of_many(sql: &str) -> bool {
    sql.contains(" INDEXED BY agent_logs_agent_id ")
}

#[tokio::test]
async fn lines_after_a_place_are_read_through_an_index() {
    record_statements();
    let service = Service::start();
    let place: Cursor = "2026-01-01T00:00:00.000Z~5".parse().unwrap();
    let look = move |db: &Read| {
        for agent_id in [None, Some(Id::generate())] {
            let reporter = Reporter {
                agent_id,
                ..Default::default()
            };
            for level in [None, Some(Level::Info), Some(Level::Warning)] {
                for log_type in [None, Some(LogType::Output)] {
                    let filter = LogFilter {
                        level,
                        log_type,
                        ..Default::default()
                    };
                    read(db, &reporter, &filter, Window::After(place), 10)?;
                }
            }
        }
        Ok(())
    };
    service.app.db.read(look).await.unwrap();
    let upward = plans(&service, |sql| {
        is_list(sql)
            && sql.contains("agent_logs")
            && sql.contains("created_at ASC")
            && !is_of_many(sql)
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

#[tokio::test]
async fn the_lines_of_an_agent_are_found_among_those_of_its_instances() {
    record_statements();
    let service = Service::start();
    let place: Cursor = "2026-01-01T00:00:00.000Z~5".parse().unwrap();
    let look = move |db: &Read| {
        let reporter = Reporter {
            orchestrator_agent_id: Some(Id::generate()),
            ..Default::default()
        };
        for level in [None, Some(Level::Info), Some(Level::Error)] {
            for log_type in [None, Some(LogType::Milestone)] {
                for window in [
                    Window::Newest,
                    Window::Before(place),
                    Window::After(place),
                    Window::Since(place),
                ] {
                    let filter = LogFilter {
                        level,
                        log_type,
                        ..Default::default()
                    };
                    read(db, &reporter, &filter, window, 10)?;
                }
            }
        }
        Ok(())
    };
    service.app.db.read(look).await.unwrap();
    let found = plans(&service, |sql| {
        let is_searched = sql.contains("MATCH") || sql.contains(" agent_id = ?");
        is_list(sql) && is_of_many(sql) && !is_searched
    });
    assert!(24 <= found.len(), "{}", found.len());
    for (sql, steps) in found {
        let is_covered = !sql.contains("log_level IN") && !sql.contains("log_type =");
        let way = if is_covered {
            "COVERING INDEX"
        } else {
            "INDEX"
        };
        let expected = [
            "SEARCH agent_logs USING INTEGER PRIMARY KEY (rowid=?)".to_owned(),
            format!("SEARCH agent_logs USING {way} agent_logs_agent_id (agent_id=?"),
            "SEARCH agents USING INDEX agents_orchestrator_agent_id (orchestrator_agent_id=?)"
                .to_owned(),
        ];
        let is_read = |it: &&String| it.starts_with("SEARCH") || it.starts_with("SCAN");
        let reads: Vec<_> = steps.iter().filter(is_read).collect();
        let is_as_expected =
            |(read, expected): (&&String, &String)| read.starts_with(expected.as_str());
        assert_eq!(reads.len(), expected.len(), "{reads:?}\n{sql}");
        assert!(
            reads.iter().zip(&expected).all(is_as_expected),
            "{reads:?}\n{sql}"
        );
    }
}

/// Some words are rare, others in every line.
#[tokio::test]
async fn lines_are_searched_by_what_is_less_work() {
    record_statements();
    let service = Service::start();
    let run = service.instance(&service.agent("planner").await).await;
    let line = |message: &str| json!({ "agent_id": run, "log_level": "INFO", "log_type": "output", "message": message });
    service
        .given("/api/runtime/logs", line("a rare word"))
        .await;
    let lines = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000) \
         INSERT INTO agent_logs (id, agent_id, log_level, log_type, message, created_at) \
         SELECT printf('0197f3c2-0000-7000-8004-%012x', n), ?1, 'INFO', 'output', 'common', '2026-01-01T00:00:00.000Z' FROM n";
    let words = "INSERT INTO agent_logs_search (rowid, message) \
         SELECT seq, message FROM agent_logs WHERE message = 'common'";
    let agent = run.clone();
    let fill = move |db: &mut Write| {
        db.execute(lines, &[&agent.as_str()])?;
        db.execute(words, &[])
    };
    service.app.db.write(fill).await.unwrap();
    for (word, is_common) in [
        ("rare", false),
        ("common", true),
        ("comm", true),
        ("none", false),
    ] {
        let words = search::words(word).unwrap();
        let way = move |db: &Read| search::matches_in_list(db, "agent_logs", Some(&words));
        let way = service.app.db.read(way).await.unwrap();
        assert_eq!(way.starts_with("+seq IN"), is_common, "{word}: {way}");
    }
    for (word, found, begins) in [
        ("rare", 1, "SEARCH agent_logs USING INTEGER PRIMARY KEY"),
        (
            "common",
            100,
            "SCAN agent_logs USING INDEX agent_logs_created_at",
        ),
        (
            "comm",
            100,
            "SCAN agent_logs USING INDEX agent_logs_created_at",
        ),
    ] {
        let lines = service.get(&format!("/api/runtime/logs?q={word}")).await;
        let lines = lines
            .body
            .as_array()
            .unwrap_or_else(|| panic!("{}", lines.body));
        assert_eq!(lines.len(), found, "{word}");
        let searches = plans(&service, |sql| {
            is_list(sql) && sql.contains("agent_logs_search") && !sql.contains("agent_id = ")
        });
        let first = |(_, steps): &(String, Vec<String>)| steps[0].starts_with(begins);
        assert!(searches.iter().any(first), "{word} {searches:?}");
    }
}
