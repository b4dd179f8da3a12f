//! What was spent, what is set aside, and how that is told apart from what was charged.

use orchestrator::budgets::Budgets;
use orchestrator::config::Settings;
use orchestrator::db::Write;
use orchestrator::money::MicroUsd;
use serde_json::json;

use crate::support::Service;

#[tokio::test]
async fn costs_are_summed_as_the_api_does() {
    let service = Service::start();
    let agent = service.agent("planner").await;
    let run = service.instance(&agent).await;
    let spent = json!({ "cost_usd": 1234.5, "tokens_input": 5000, "tokens_output": 7 });
    service
        .patch(&format!("/api/runtime/agents/{run}"), spent)
        .await;
    let page = service.visit("/costs").await;
    page.shows("<strong class=\"total\">$1,234.50</strong>");
    page.shows("<td class=\"num hide-s\">5,000</td>");
    page.shows(&format!("href=\"/runs?agent={agent}\""));
    service
        .visit("/costs?by=model")
        .await
        .shows("<td class=\"num\">$1,234.50</td>");
    let nothing = service
        .visit("/costs?by=day&from=2020-01-01&to=2020-01-31")
        .await;
    nothing.shows("Nothing was spent.");
    // The chart shows the days that are asked for.
    nothing.shows("<time datetime=\"2020-01-01\">1 Jan</time>");
    nothing.shows("<time datetime=\"2020-01-31\">31 Jan</time>");
    nothing.shows("<title>31 Jan: $0.00</title>");
    let later = service.visit("/costs?from=2999-01-01").await;
    later.shows("Nothing was spent.");
    later.shows_no("<time");
    let since = jiff::Timestamp::now().strftime("%F").to_string();
    let today = service
        .visit(&format!("/costs?from={since}&to=2999-01-01"))
        .await;
    today.shows(": $1,234.50</title>");
    assert_eq!(today.html.matches("<rect class=\"ground\"").count(), 1);
    assert_eq!(service.visit("/costs?from=soon").await.status, 422);
}

#[tokio::test]
async fn budgets_are_shown_with_what_is_reserved() {
    let service = Service::with(Settings {
        budgets: Budgets {
            project_month: MicroUsd::from_micros(40_000_000),
            ..Budgets::default()
        },
        ..Settings::default()
    });
    let agent = service.parrot().await;
    service.submit("/control/stop", &[]).await;
    let run = [("prompt", "say Hello."), ("budget_usd", "2.5")];
    let run = service.submit(&format!("{agent}/run"), &run).await;
    assert_eq!(run.status, 303, "{}", run.html);
    let page = service.visit("/costs").await;
    let budgets = page.html.split("<h2>Budgets</h2>").nth(1).unwrap();
    let (_, row) = budgets.split_once("<tbody>").unwrap();
    let (row, _) = row.split_once("</tbody>").unwrap();
    for cell in ["$0.00", "$2.50", "$37.50", "$40.00"] {
        assert!(row.contains(&format!(">{cell}</td>")), "{cell}: {row}");
    }
    assert!(row.contains(">kept</span>"), "{row}");
}

#[tokio::test]
async fn what_was_computed_is_marked_and_all_of_it_is_a_table_for_spreadsheets() {
    let service = Service::start();
    let sql = "INSERT INTO cost_ledger (day, run_id, session_id, agent_id, agent_name, model, \
         tokens_input, tokens_output, tokens_cache_read, tokens_cache_write, cost_micro_usd, \
         is_estimate) VALUES ('2026-01-02', ?1, 's', ?1, 'planner', ?2, 7, 5, 0, 0, ?3, ?4)";
    for (number, cost, is_estimate) in [(1_i64, 250_000_i64, 1_i64), (2, 500_000, 0)] {
        let id = format!("0197f3c2-0000-7000-8000-00000000000{number}");
        let model = format!("model-{number}");
        let spend = move |db: &mut Write| {
            let values = (id.as_str(), model.as_str());
            db.execute(sql, &[&values.0, &values.1, &cost, &is_estimate])
        };
        service.app.db.write(spend).await.unwrap();
    }
    let days = "by=model&from=2026-01-01&to=2026-01-31";
    let page = service.visit(&format!("/costs?{days}")).await;
    page.shows("<strong class=\"total\">≈ $0.75</strong>");
    page.shows("<title>2 Jan: ≈ $0.75</title>");
    page.shows(">≈ $0.25</td>");
    page.shows(">$0.50</td>");
    let links = page.values("href").into_iter();
    let table = { links }.find(|it| it.contains("format=csv")).unwrap();
    let table = service.visit(&table).await;
    assert_eq!(
        table.header("content-type"),
        "text/csv; charset=utf-8; header=present"
    );
    let rows: Vec<_> = table.html.lines().collect();
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert!(rows[1].starts_with("model-2,"), "{rows:?}");
    assert!(rows[2].ends_with(",0.250000,true"), "{rows:?}");
}
