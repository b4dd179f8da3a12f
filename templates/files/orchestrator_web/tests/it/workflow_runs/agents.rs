//! Who does the work.

use orchestrator::workflows::template::LONGEST;
use serde_json::{Value, json};

use super::support::{Flows, flow, shells, step, told};

const STEPS: [&str; 2] = [
    "name = 'plan'\nprompt = 'echo plan >> ran'",
    "name = 'build'\nneeds = ['plan']\nprompt = 'while [ ! -e go ]; do sleep 0.01; done; echo build >> ran'",
];

impl Flows {
    async fn agents(&self) -> Vec<Value> {
        let agents = self.host.get("/api/agents").await;
        let mut agents = agents.as_array().unwrap().clone();
        agents.reverse();
        agents
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_that_a_definition_names_are_created_where_there_are_none() {
    let flows = Flows::with(shells(
        "[project.commands]\ntest = ['true']\n[workflows.flow]\nexecutor = 'shell'\n\
         [[workflows.flow.steps]]\nname = 'a'\nagent = 'Reviewer'\nprompt = 'true'\n\
         [[workflows.flow.steps]]\nname = 'b'\nagent = 'scout'\nprompt = 'true'\n\
         [[workflows.flow.steps]]\nname = 'c'\nagent = 'poet'\nagent_type = 'skill'\nprompt = 'true'\n\
         [[workflows.flow.steps]]\nname = 'd'\ncommand = 'test'\n",
    ));
    let scout = json!({ "name": "SCOUT", "agent_type": "planner", "executor": "shell" });
    let scout = flows.host.agent_with(scout).await;
    let workflow = flows.end(&flows.start().await).await;
    assert_eq!(workflow["status"], "completed", "{workflow}");
    let agents = flows.agents().await;
    let about = |it: &Value| json!([it["name"], it["agent_type"], it["executor"]]);
    let expected = [
        json!(["SCOUT", "planner", "shell"]),
        json!(["Reviewer", "reviewer", "shell"]),
        json!(["poet", "skill", "shell"]),
        json!(["project:test", "utility", "project:test"]),
    ];
    assert_eq!(agents.iter().map(about).collect::<Vec<_>>(), expected);
    let run = step(&workflow, "b")["run_id"].as_str().unwrap();
    assert_eq!(
        flows.host.instance(run).await["orchestrator_agent_id"],
        scout.as_str()
    );
    // The next one takes them as they are.
    flows.end(&flows.start().await).await;
    assert_eq!(flows.agents().await, agents);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_of_which_an_agent_cannot_run_does_not_start() {
    let flows = Flows::with(shells(&flow(&STEPS).replace(
        "agent = 'shell'\nname = 'plan'",
        "agent = 'new'\nname = 'plan'",
    )));
    for (members, why) in [
        (
            json!({ "name": "shell", "executor": "shell", "is_active": false }),
            "agent `shell` is not active",
        ),
        (json!({ "name": "shell" }), "agent `shell` has no executor"),
    ] {
        let agent = flows.host.agent_with(members).await;
        let refused = flows.start_with(json!({})).await;
        assert_eq!(
            (refused.status, &refused.body["detail"]),
            (409, &json!(why))
        );
        // Nor is anything left of the attempt.
        assert_eq!(flows.agents().await.len(), 1);
        assert_eq!(flows.host.get("/api/workflows").await, json!([]));
        flows.host.delete(&format!("/api/agents/{agent}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_whose_agent_was_deleted_before_it_began_fails() {
    let flows = Flows::with(shells(
        &flow(&STEPS)
            .replace(
                "agent = 'shell'\nname = 'build'",
                "agent = 'late'\nname = 'build'\nretries = 5",
            )
            .replace(
                "echo plan",
                "while [ ! -e go ]; do sleep 0.01; done; echo plan",
            ),
    ));
    let workflow = flows.start().await;
    let late = flows
        .agents()
        .await
        .into_iter()
        .find(|it| it["name"] == "late")
        .unwrap();
    flows
        .host
        .delete(&format!("/api/agents/{}", late["id"].as_str().unwrap()))
        .await;
    flows.write("go", "");
    let ended = flows.end(&workflow).await;
    assert_eq!(ended["error_message"], "step `build` failed: unknown agent");
    assert_eq!(told(&ended), ["plan completed 1.1", "build failed 1.1"]);
    assert_eq!(step(&ended, "build")["exit_reason"], "refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_is_deleted_by_force_takes_the_workflow_with_it() {
    let flows = Flows::of(&STEPS);
    let workflow = flows.start().await;
    flows.run_of(&workflow, "build").await;
    let agent = &flows.agents().await[0]["id"];
    let path = format!("/api/agents/{}", agent.as_str().unwrap());
    assert_eq!(flows.host.delete(&path).await, 409);
    assert_eq!(flows.host.delete(&format!("{path}?force=true")).await, 204);
    let ended = flows.end(&workflow).await;
    assert_eq!(
        (&ended["status"], &ended["error_step"]),
        (&json!("cancelled"), &json!("build"))
    );
    assert_eq!(told(&ended), ["plan completed 1.1", "build cancelled 1.1"]);
    assert_eq!(step(&ended, "plan")["run_id"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_of_the_project_are_steps_and_those_that_it_lacks_are_skipped() {
    let flows = Flows::with(shells(
        "[project.commands]\ntest = ['sh', '-c', 'echo one; echo two; exit 3']\n\
         [workflows.flow]\nexecutor = 'shell'\n\
         [[workflows.flow.steps]]\nname = 'lint'\ncommand = 'lint'\n\
         [[workflows.flow.steps]]\nname = 'test'\ncommand = 'test'\non_failure = 'continue'\n\
         [[workflows.flow.steps]]\nname = 'tell'\nagent = 'shell'\n\
         prompt = \"echo '{steps.lint.output}: {steps.test.error}, {steps.test.output}' > told\"\n",
    ));
    let workflow = flows.end(&flows.start().await).await;
    assert_eq!(workflow["status"], "completed", "{workflow}");
    assert_eq!(
        told(&workflow),
        ["lint skipped 1.1", "test failed 1.1", "tell completed 1.1"]
    );
    let test = step(&workflow, "test");
    assert_eq!(
        (&test["exit_reason"], &test["error"]),
        (&json!("exit_code"), &json!("exit code 3"))
    );
    assert_eq!(
        flows.lines("told"),
        ["the project has no command `lint`: exit code 3, one", "two"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_budget_and_the_model_of_a_step_reach_its_run() {
    let demo = "[workflows.flow]\n[[workflows.flow.steps]]\nname = 'spend'\nagent = 'a'\n\
         prompt = \"say hello\\ncost 0.5\\nsleep 1s\"\nmodel = 'tiny'\nbudget_usd = 2\n";
    let flows = Flows::with(shells(demo));
    let ended = flows.end(&flows.start().await).await;
    assert_eq!(ended["output_data"], json!({ "spend": "hello" }));
    let run = step(&ended, "spend")["run_id"].as_str().unwrap();
    let run = flows.host.instance(run).await;
    assert_eq!(
        (&run["model"], &run["cost_usd"]),
        (&json!("tiny"), &json!(0.5))
    );
    let link = json!({ "workflow_id": ended["id"], "workflow_step": "spend", "iteration": 1, "attempt": 1 });
    assert_eq!(run["metadata"], link);
    let costs = flows.host.get("/api/costs?by=workflow").await;
    assert_eq!(costs[0]["cost_usd"], 0.5, "{costs}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_long_output_the_end_is_kept() {
    let flows = Flows::with(shells(
        "[project.commands]\ntest = ['sh', '-c', 'seq 1 20000']\n[workflows.flow]\n\
         [[workflows.flow.steps]]\nname = 'test'\ncommand = 'test'\n",
    ));
    let ended = flows.end(&flows.start().await).await;
    let output = ended["output_data"]["test"].as_str().unwrap();
    assert!(
        output.starts_with("[cut: only the end is kept] … "),
        "{output:.60}"
    );
    assert!(output.ends_with("\n19999\n20000"));
    assert_eq!(
        output.chars().count(),
        LONGEST + "[cut: only the end is kept] … ".chars().count()
    );
}
