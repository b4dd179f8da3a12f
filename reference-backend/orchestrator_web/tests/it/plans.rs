//! Every list is read through an index, with whatever filters: none sorts a table or reads all of
//! it. Only a search of words sorts what it has found, and the lines of an agent are those of its instances.

mod asked;
mod costs;
mod followed;
mod kept;
mod lines;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Mutex, OnceLock, PoisonError};

use orchestrator::budgets::Budgets;
use orchestrator::config::{Keep, Retention, Settings};
use orchestrator::db::Read;
use orchestrator::ids::Id;
use orchestrator::money::MicroUsd;
use orchestrator::openapi::DOCUMENT;
use orchestrator::runtime::agents::queries as instances;
use orchestrator::time::Clock;
use orchestrator::{approvals, retention, runs, worktrees};
use rusqlite::Connection;
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::support::{Service, id};

static STATEMENTS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Keeps the statement of every query that any test of this binary causes.
struct Recorder;

impl<S: Subscriber> Layer<S> for Recorder {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        event.record(&mut Sql);
    }
}

struct Sql;

impl Visit for Sql {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "sql" {
            let mut statements = STATEMENTS.lock().unwrap_or_else(PoisonError::into_inner);
            statements.insert(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

fn record_statements() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        let queries = Targets::new().with_target("orchestrator::db", Level::TRACE);
        let recorder = Recorder.with_filter(queries);
        tracing_subscriber::registry().with(recorder).init();
    });
}

/// The path of every list of the API, with the names of its filters.
fn lists() -> Vec<(String, Vec<String>)> {
    let document = serde_json::to_value(&*DOCUMENT).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        if !path.starts_with("/api/") {
            continue;
        }
        let parameters = item["get"]["parameters"].as_array();
        let parameters = parameters
            .into_iter()
            .flatten()
            .filter(|it| it["in"] == "query");
        let names: Vec<_> = parameters.map(|it| it["name"].as_str().unwrap()).collect();
        if names.contains(&"cursor") {
            let filters = names
                .iter()
                .filter(|name| !["cursor", "limit"].contains(name));
            found.push((path.clone(), filters.map(ToString::to_string).collect()));
        }
    }
    found
}

/// Values of the filter `name` that lead to different statements.
fn samples(name: &str) -> &'static [&'static str] {
    match name {
        "agent_type" => &["skill"],
        "is_active" => &["true"],
        "status" => &["pending"],
        "level" => &["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"],
        "log_type" => &["output"],
        "component" | "session_id" | "q" => &["word"],
        "since" | "until" => &["2026-01-01T00:00:00Z"],
        "agent_id" | "orchestrator_agent_id" | "parent_agent_id" => {
            &["0197f3c2-0000-7000-8000-000000000000"]
        }
        _ => panic!("name a value of the filter `{name}`"),
    }
}

/// Every query of no, one, two or all filters, on the first page and on a later one.
fn queries(filters: &[String]) -> BTreeSet<String> {
    let pair = |name: &String| {
        samples(name)
            .iter()
            .map(|it| format!("&{name}={it}"))
            .collect()
    };
    let pairs: Vec<Vec<String>> = filters.iter().map(pair).collect();
    let all: String = pairs.iter().map(|values| values[0].as_str()).collect();
    let mut queries = BTreeSet::from([String::new(), all]);
    for one in pairs.concat() {
        queries.extend(pairs.concat().iter().map(|other| format!("{one}{other}")));
        queries.insert(one);
    }
    let later = |query: &String| format!("{query}&cursor=2026-01-01T00:00:00.000Z~5");
    let later: Vec<_> = queries.iter().map(later).collect();
    queries.into_iter().chain(later).collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "looks at the database from outside"
)]
fn plans(service: &Service, kind: fn(&str) -> bool) -> Vec<(String, Vec<String>)> {
    let conn = Connection::open(service.app.db.path()).unwrap();
    let statements = STATEMENTS.lock().unwrap().clone();
    let chosen = statements.into_iter().filter(|sql| kind(sql));
    let explain = |sql: String| {
        let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = plan.raw_query().mapped(|row| row.get("detail"));
        let steps = steps.collect::<Result<Vec<String>, _>>().unwrap();
        (sql, steps)
    };
    chosen.map(explain).collect()
}

fn is_list(sql: &str) -> bool {
    sql.starts_with("SELECT created_at, seq,")
}

#[tokio::test]
async fn every_list_is_read_through_an_index() {
    record_statements();
    let service = Service::start();
    let agent = service.instance(&service.agent("planner").await).await;
    for (path, filters) in lists() {
        let path = path.replace("{id}", &agent);
        for query in queries(&filters) {
            let answer = service.get(&format!("{path}?limit=10{query}")).await;
            // A filter that is given twice is refused.
            assert!(
                [200, 422].contains(&answer.status.as_u16()),
                "{path} {query}: {answer:?}"
            );
        }
    }
    let fresh = plans(&service, is_list);
    assert!(
        100 < fresh.len(),
        "{} statements were recorded",
        fresh.len()
    );

    fill(&service, &agent).await;
    service
        .app
        .db
        .write(|db| db.execute("ANALYZE", &[]))
        .await
        .unwrap();
    let analysed = plans(&service, is_list);
    for (sql, steps) in fresh.iter().chain(&analysed) {
        let is_search = sql.contains(" MATCH ");
        for step in steps {
            let reads_all = step.starts_with("SCAN") && !step.contains(" USING ");
            let sorts = step.contains("TEMP B-TREE") && !lines::is_of_many(sql);
            assert!(is_search || !reads_all && !sorts, "{step}\n{sql}");
        }
    }
    // Each filter has an index of its own, but for the level INFO, which most lines have. (With statistics the planner may know better: where all
    // rows pass a filter, the order alone will do.)
    for (sql, steps) in &fresh {
        let is_free = sql.contains("instr(")
            || sql.contains("EXISTS (")
            || sql.contains("WHERE log_level IN ('INFO'")
            // Words that many rows have.
            || sql.contains("+seq IN (SELECT rowid");
        let has_filter = sql.contains(" WHERE ") && !is_free;
        for step in steps {
            let filters_all = step.starts_with("SCAN") && step.ends_with("_created_at");
            assert!(!(has_filter && filters_all), "{step}\n{sql}");
        }
    }
}

#[tokio::test]
async fn the_queue_is_read_without_the_runs_that_have_ended() {
    record_statements();
    let service = Service::start();
    assert_eq!(service.get("/api/status").await.status, 200);
    let elsewhere = |db: &Read| instances::running_elsewhere(db, 5);
    service.app.db.read(elsewhere).await.unwrap();
    let waiting = plans(&service, |sql| sql.contains("r.is_queued = 1"));
    let at_work = plans(&service, |sql| sql.contains("r.is_queued = 0"));
    let elsewhere = plans(&service, |sql| {
        sql.contains("NOT EXISTS (SELECT 1 FROM runs")
    });
    assert!(!waiting.is_empty() && !at_work.is_empty() && !elsewhere.is_empty());
    for (sql, steps) in waiting {
        assert!(steps[0].contains("runs_queued"), "{steps:?}\n{sql}");
    }
    for (sql, steps) in at_work.iter().chain(&elsewhere) {
        assert!(steps[0].contains("agents_running"), "{steps:?}\n{sql}");
    }
}

#[tokio::test]
async fn budgets_are_read_from_the_days_and_the_runs_that_count_alone() {
    record_statements();
    let limit = MicroUsd::from_micros(1);
    let service = Service::with(Settings {
        budgets: Budgets {
            agent_day: limit,
            project_month: limit,
            ..Budgets::default()
        },
        ..Settings::default()
    });
    service.agent("planner").await;
    assert_eq!(service.get("/api/budgets").await.status, 200);
    let of_budgets = |sql: &str| {
        sql.contains("reserved_micro_usd") || sql.contains("sum(cost_micro_usd), 0) FROM")
    };
    let mut plans = plans(&service, of_budgets);
    plans.sort();
    let reads: Vec<_> = plans.iter().map(|(_, steps)| steps[0].as_str()).collect();
    let expected = [
        "SEARCH cost_sums USING PRIMARY KEY (kind=? AND key=? AND day=?)",
        "SEARCH cost_sums USING PRIMARY KEY (kind=? AND key>? AND key<?)",
        "SCAN a USING INDEX agents_running_of_agent",
        "SEARCH a USING INDEX agents_running_of_agent (orchestrator_agent_id=?)",
    ];
    assert_eq!(reads, expected);
}

#[tokio::test]
async fn what_goes_next_is_found_at_the_old_end_of_an_index() {
    record_statements();
    let service = Service::start();
    let old = |db: &Read| {
        let keep = Retention {
            logs: Keep { days: 1, max: 1 },
            ..Settings::default().retention
        };
        retention::queries::kept(db, &keep, Clock::system().now())
    };
    service.app.db.read(old).await.unwrap();
    let found = plans(&service, |sql| {
        let is_of_the_old = sql.contains("LIMIT ?3)") || sql.ends_with("_at LIMIT 1");
        is_of_the_old && !is_list(sql)
    });
    assert!(12 <= found.len(), "{}", found.len());
    for (sql, steps) in found {
        for step in steps {
            let reads_all = step.starts_with("SCAN") && !step.contains(" USING ");
            let is_of_the_count = step.starts_with("SCAN (subquery-");
            assert!(!reads_all || is_of_the_count, "{step}\n{sql}");
            assert!(!step.contains("TEMP B-TREE"), "{step}\n{sql}");
        }
    }
}

#[tokio::test]
async fn the_overview_reads_no_row_of_the_runs_that_it_counts() {
    record_statements();
    let service = Service::start();
    assert_eq!(service.get("/api/stats").await.status, 200);
    let counts = plans(&service, |sql| {
        sql.contains("FROM agents WHERE created_at >= ?1") && !is_list(sql)
    });
    assert_eq!(counts.len(), 2);
    for (sql, steps) in counts {
        let reads = "SEARCH agents USING COVERING INDEX agents_stats (created_at>?)";
        assert_eq!(steps[0], reads, "{sql}");
    }
    let others = plans(&service, |sql| {
        let parts = [
            "FROM cost_sums WHERE kind = 'day'",
            "FROM run_hours WHERE hour >=",
            "FROM run_times WHERE day >=",
            "JOIN agents a ON a.seq",
        ];
        parts.iter().any(|it| sql.contains(it)) && !sql.contains("AND ?1 <= key")
    });
    assert_eq!(others.len(), 5);
    for (sql, steps) in others {
        // The agents' definitions are few.
        let is_read_whole = |it: &&String| it.starts_with("SCAN") && *it != "SCAN o";
        assert_eq!(steps.iter().find(is_read_whole), None, "{sql}");
    }
}

#[tokio::test]
async fn what_waits_for_an_answer_is_found_through_an_index() {
    record_statements();
    let service = Service::start();
    let run = Id::generate();
    let ask = move |db: &Read| {
        approvals::queries::pending(db, run)?;
        approvals::queries::undelivered(db, run)?;
        approvals::queries::next_expiry(db)
    };
    service.app.db.read(ask).await.unwrap();
    let expire = approvals::commands::expire;
    service.app.db.write(expire).await.unwrap();
    let asked = plans(&service, |sql| {
        sql.contains(" FROM approvals") && !is_list(sql) && !sql.contains("WHERE id = ")
    });
    assert!(4 <= asked.len(), "{asked:?}");
    for (sql, steps) in asked {
        for step in steps {
            let reads_all = step.starts_with("SCAN ");
            assert!(!reads_all && !step.contains("TEMP"), "{step}\n{sql}");
        }
    }
}

#[tokio::test]
async fn work_trees_and_the_runs_in_them_are_found_through_an_index() {
    record_statements();
    let service = Service::start();
    let agent = json!({ "name": "builder", "description": "", "agent_type": "custom",
        "capabilities": "", "executor": "demo" });
    let agent = service.given("/api/agents", agent).await;
    let path = format!("/api/agents/{}/execute", id(&agent));
    let run = service.post(&path, json!({ "prompt": "go" })).await;
    let run: Id = id(&run.body).parse().unwrap();
    let ask = move |db: &Read| {
        let run = runs::queries::get(db, run)?;
        worktrees::queries::to_join(db, &run)?;
        worktrees::queries::of(db, run.agent.id)?;
        worktrees::queries::is_at_rest(db, run.agent.id)?;
        worktrees::queries::is_orphan(db, run.agent.id)?;
        worktrees::queries::unsettled(db)
    };
    service.app.db.read(ask).await.unwrap();
    let forget = worktrees::commands::forget;
    service.app.db.write(forget).await.unwrap();
    let asked = plans(&service, |sql| {
        sql.contains("worktrees") || sql.contains("worktree_id")
    });
    assert!(7 <= asked.len(), "{asked:?}");
    for (sql, steps) in asked {
        for step in steps {
            let reads_all = step.starts_with("SCAN ");
            assert!(!reads_all && !step.contains("TEMP"), "{step}\n{sql}");
        }
    }
}

/// So many rows that statistics mean something to the planner.
async fn fill(service: &Service, agent: &str) {
    let level = |n: u32| {
        if n.is_multiple_of(100) {
            "ERROR"
        } else {
            "INFO"
        }
    };
    let line = |n| {
        json!({ "agent_id": agent, "log_level": level(n), "log_type": "output",
        "message": "word" })
    };
    let lines: Vec<Value> = (0..1000).map(line).collect();
    service.given("/api/runtime/logs", json!(lines)).await;
    let line = |n| json!({ "component": "a", "log_level": level(n), "message": "word" });
    let lines: Vec<Value> = (0..1000).map(line).collect();
    service.given("/api/system/logs", json!(lines)).await;
    let workflow = json!({ "adw_name": "sdlc", "workflow_type": "feature" });
    let prompt = json!({ "agent_id": agent, "prompt_type": "adw", "prompt_text": "go" });
    for n in 0..50 {
        let definition = service.agent(&format!("agent {n}")).await;
        service.instance(&definition).await;
        service
            .given("/api/runtime/workflows", workflow.clone())
            .await;
        service.given("/api/runtime/prompts", prompt.clone()).await;
    }
}
