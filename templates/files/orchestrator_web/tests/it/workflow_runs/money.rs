//! What workflows cost, and may cost.

use serde_json::json;

use super::support::Flows;
use crate::runs::support::program;

/// Two agents of the demo executor, and a command of the project.
const FLOW: &str = "
[project.commands]
test = ['/bin/echo', 'fine']

[workflows.flow]
executor = 'demo'

[[workflows.flow.steps]]
name = 'plan'
agent = 'planner'
prompt = 'cost 0.75'

[[workflows.flow.steps]]
name = 'test'
command = 'test'

[[workflows.flow.steps]]
name = 'build'
agent = 'builder'
prompt = 'cost 0.5'
";

#[tokio::test(flavor = "multi_thread")]
async fn the_steps_of_a_workflow_are_one_sum_that_outlives_its_agents() {
    let flows = Flows::with(program(FLOW));
    let workflow = flows.start().await;
    assert_eq!(flows.end(&workflow).await["status"], "completed");
    let other = flows.start().await;
    assert_eq!(flows.end(&other).await["status"], "completed");
    let costs = async || flows.host.get("/api/costs?by=workflow").await;
    let sums = costs().await;
    assert_eq!(sums.as_array().unwrap().len(), 2);
    let sum = sums.as_array().unwrap().iter();
    let sum = sum.clone().find(|it| it["key"] == workflow.as_str());
    let sum = sum.unwrap();
    let told = json!([sum["name"], sum["runs"], sum["cost_usd"]]);
    assert_eq!(told, json!(["flow", 2, 1.25]));
    for agent in flows.host.get("/api/agents").await.as_array().unwrap() {
        let path = format!("/api/agents/{}?force=true", agent["id"].as_str().unwrap());
        let deleted = flows.host.request(reqwest::Method::DELETE, &path).send();
        assert_eq!(deleted.await.unwrap().status(), 204);
    }
    assert_eq!(costs().await, sums);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_does_not_fit_into_a_budget_fails_with_the_numbers_and_commands_cost_nothing() {
    let budgets = "[budgets]\nproject_month_usd = 0.7\nreservation_usd = 0.6\n";
    let flows = Flows::with(program(&format!("{budgets}{FLOW}")));
    let workflow = flows.start().await;
    let ended = flows.end(&workflow).await;
    assert_eq!(
        (&ended["status"], &ended["error_step"]),
        (&json!("failed"), &json!("build"))
    );
    let error = ended["error_message"].as_str().unwrap();
    assert!(
        error.contains("the project has spent 0.750000 USD of 0.700000"),
        "{error}"
    );
    assert!(error.contains("the run may cost 0.600000"), "{error}");
    let steps = ended["steps"].as_array().unwrap().iter();
    let status = steps.map(|it| (it["name"].as_str().unwrap(), it["status"].as_str().unwrap()));
    let expected = [
        ("plan", "completed"),
        ("test", "completed"),
        ("build", "failed"),
    ];
    assert_eq!(status.collect::<Vec<_>>(), expected);
}
