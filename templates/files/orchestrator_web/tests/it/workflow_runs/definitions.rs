//! `[workflows.NAME]`: what is read, and what is refused.

use std::sync::Arc;

use insta::assert_snapshot;
use orchestrator::config::{Flags, Settings, load};

use crate::support::program::Program;

fn refusal(toml: &str) -> String {
    let program = Program::new().file("orchestrator.toml", toml);
    program.refusal(&["config"])
}

/// A workflow with these steps, each the rest of its table.
fn steps(steps: &[&str]) -> String {
    let steps = steps
        .iter()
        .map(|step| format!("\n[[workflows.w.steps]]\n{step}"));
    refusal(&steps.collect::<String>())
}

const PLAN: &str = "name = 'plan'\nagent = 'planner'\nprompt = 'plan'";

fn shipped() -> Arc<Settings> {
    let folder = env!("CARGO_MANIFEST_DIR");
    let flags = Flags {
        config: Some(format!("{folder}/../orchestrator.toml").into()),
        ..Flags::default()
    };
    load(flags).unwrap().settings
}

#[test]
fn the_workflows_of_a_new_project_are_in_its_own_file() {
    let workflows = &shipped().workflows.0;
    let names: Vec<_> = workflows.keys().collect();
    assert_eq!(names, ["review", "sdlc", "ship"]);
    let steps = |name: &str| {
        let steps = workflows[name].steps.iter();
        steps
            .map(|it| format!("{} <- {}", it.name, it.needs.join(" ")))
            .collect::<Vec<_>>()
    };
    let sdlc = [
        "plan <- ",
        "build <- plan",
        "test <- build",
        "review <- test",
        "document <- review",
    ];
    assert_eq!(steps("sdlc"), sdlc);
    assert_eq!(
        steps("review"),
        [
            "correctness <- ",
            "security <- ",
            "verdict <- correctness security"
        ]
    );
    assert!(workflows.values().all(|it| it.executor == "demo"));
}

#[test]
fn a_workflow_needs_a_name_an_executor_and_steps() {
    assert_snapshot!(refusal("[workflows.Dance]\nsteps = []"), @"
    error: [folder]/orchestrator.toml:1:12: workflows.Dance is not a table with a valid name
    hint: write [workflows.name], the name in lower case: letters, digits, _ and -
    ");
    assert_snapshot!(refusal("[workflows]\ndance = 1"), @"
    error: [folder]/orchestrator.toml:2:1: workflows.dance is not a table with a valid name
    hint: write [workflows.name], the name in lower case: letters, digits, _ and -
    ");
    assert_snapshot!(refusal("workflows = 1"), @"
    error: [folder]/orchestrator.toml:1:1: workflows is not a table
    hint: write [workflows], and its keys below
    ");
    assert_snapshot!(refusal("[workflows.w]"), @"
    error: [folder]/orchestrator.toml:1:12: workflows.w has no steps
    hint: write [[workflows.w.steps]] and its keys below, for each step
    ");
    assert_snapshot!(refusal("[workflows.w]\nsteps = 3"), @"
    error: [folder]/orchestrator.toml:2:9: workflows.w has no steps
    hint: write [[workflows.w.steps]] and its keys below, for each step
    ");
    assert_snapshot!(refusal("[workflows.w]\nsteps = [1]"), @"
    error: [folder]/orchestrator.toml:2:10: workflows.w.steps.1 is not a table
    hint: write [[workflows.w.steps]] and its keys below
    ");
    assert_snapshot!(refusal("[workflows.w]\nexecuter = 'demo'"), @"
    error: [folder]/orchestrator.toml:2:1: unknown key workflows.w.executer
    hint: the nearest known key is executor
    ");
    assert_snapshot!(refusal("[workflows.w]\nexecutor = 'night'"), @"
    error: [folder]/orchestrator.toml:2:12: workflows.w.executor is `night`, which is no executor
    hint: add [executors.night], or take one of demo
    ");
    assert_snapshot!(refusal("[workflows.w]\ntimeout_seconds = -1"), @"
    error: [folder]/orchestrator.toml:2:19: workflows.w.timeout_seconds is -1, not a whole number from 0 to 4294967295
    hint: correct it, or remove it for the default
    ");
    assert_snapshot!(refusal("[workflows.w]\ninput = 'task'"), @"
    error: [folder]/orchestrator.toml:2:9: workflows.w.input is not a table
    hint: write [workflows.w.input.name] with description and default, the name in lower case
    ");
    assert_snapshot!(refusal("[workflows.w.input]\ntask = 'it'"), @"
    error: [folder]/orchestrator.toml:2:8: workflows.w.input.task is not a table with a valid name
    hint: write [workflows.w.input.name] with description and default, the name in lower case
    ");
    assert_snapshot!(refusal("[workflows.w.input.task]\nkind = 'it'"), @"
    error: [folder]/orchestrator.toml:2:1: unknown key workflows.w.input.task.kind
    hint: the keys of this table are description, default
    ");
}

#[test]
fn a_step_has_a_name_of_its_own_and_one_kind_of_work() {
    assert_snapshot!(steps(&["agent = 'a'\nprompt = 'x'"]), @"
    error: [folder]/orchestrator.toml:2:1: workflows.w.steps.1 has no valid name
    hint: give it one in lower case: letters, digits, _ and -
    ");
    assert_snapshot!(steps(&["name = 'Plan it'\nagent = 'a'\nprompt = 'x'"]), @"
    error: [folder]/orchestrator.toml:3:8: workflows.w.steps.1 has no valid name
    hint: give it one in lower case: letters, digits, _ and -
    ");
    assert_snapshot!(steps(&[PLAN, PLAN]), @"
    error: [folder]/orchestrator.toml:7:8: workflows.w.steps.plan is named `plan`, as an earlier one is
    hint: give each step a name of its own
    ");
    assert_snapshot!(steps(&["name = 'a'"]), @"
    error: [folder]/orchestrator.toml:3:8: workflows.w.steps.a has nothing to do
    hint: a step has either an agent, with a prompt, or a command
    ");
    assert_snapshot!(steps(&["name = 'a'\nagent = 'a'\nprompt = 'x'\ncommand = 'test'"]), @"
    error: [folder]/orchestrator.toml:6:11: workflows.w.steps.a has an agent and a command
    hint: a step has either an agent, with a prompt, or a command
    ");
    assert_snapshot!(steps(&["name = 'a'\ncommand = 'test'\nmodel = 'x'"]), @"
    error: [folder]/orchestrator.toml:5:9: workflows.w.steps.a has a command and model
    hint: a step has either an agent, with a prompt, or a command
    ");
    assert_snapshot!(steps(&["name = 'a'\nagent = 'a'"]), @"
    error: [folder]/orchestrator.toml:2:1: workflows.w.steps.a has no prompt
    hint: say what the agent is to do, in prompt
    ");
    assert_snapshot!(steps(&["name = 'a'\nagent = ''\nprompt = 'x'"]), @r#"
    error: [folder]/orchestrator.toml:4:9: workflows.w.steps.a names the agent ""
    hint: give 1 to 255 characters
    "#);
    assert_snapshot!(steps(&["name = 'a'\nagent = 'a'\nagent_type = 'dancer'\nprompt = 'x'"]), @r#"
    error: [folder]/orchestrator.toml:5:14: workflows.w.steps.a.agent_type is "dancer", not the type of an agent: planner, builder, reviewer, tester, orchestrator, utility, skill or custom
    hint: correct it, or remove it for the default
    "#);
    assert_snapshot!(steps(&["name = 'a'\ncommand = 'tests'"]), @"
    error: [folder]/orchestrator.toml:4:11: workflows.w.steps.a runs the command `tests`, which is unknown
    hint: the commands of a project are start, test, lint, format, type-check, build
    ");
    assert_snapshot!(steps(&["name = 'a'\nprogram = ['rm']\ncommand = 'test'"]), @"
    error: [folder]/orchestrator.toml:4:1: unknown key workflows.w.steps.a.program
    hint: the keys of this table are name, agent, agent_type, prompt, model, budget_usd, command, needs, retries, timeout_seconds, worktree, on_failure
    ");
}

#[test]
fn a_step_needs_those_before_it_and_goes_back_to_what_it_needs() {
    let step = |more: &str| {
        steps(&[
            PLAN,
            &format!("name = 'b'\ncommand = 'test'\n{more}"),
            "name = 'c'\ncommand = 'lint'",
        ])
    };
    assert_snapshot!(step("needs = ['c']"), @"
    error: [folder]/orchestrator.toml:9:9: workflows.w.steps.b needs `c`, which is no step before it
    hint: list a step after those that it needs; no two can need each other
    ");
    assert_snapshot!(step("needs = ['b']"), @"
    error: [folder]/orchestrator.toml:9:9: workflows.w.steps.b needs `b`, which is no step before it
    hint: list a step after those that it needs; no two can need each other
    ");
    assert_snapshot!(step("needs = ['dance']"), @"
    error: [folder]/orchestrator.toml:9:9: workflows.w.steps.b needs `dance`, which is no step before it
    hint: list a step after those that it needs; no two can need each other
    ");
    assert_snapshot!(step("on_failure = 'dance'"), @r#"
    error: [folder]/orchestrator.toml:9:14: workflows.w.steps.b has an on_failure that is unknown
    hint: write "stop", "continue" or { goto = "step", at_most = 3 }
    "#);
    assert_snapshot!(step("on_failure = { goto = 'c' }"), @"
    error: [folder]/orchestrator.toml:9:14: workflows.w.steps.b goes to `c`, which is no step that it needs
    hint: it can go back to a step before it that it needs, directly or not
    ");
    assert_snapshot!(step("on_failure = { goto = 'b' }"), @"
    error: [folder]/orchestrator.toml:9:14: workflows.w.steps.b goes to `b`, which is no step that it needs
    hint: it can go back to a step before it that it needs, directly or not
    ");
    assert_snapshot!(step("needs = []\non_failure = { goto = 'plan' }"), @"
    error: [folder]/orchestrator.toml:10:14: workflows.w.steps.b goes to `plan`, which is no step that it needs
    hint: it can go back to a step before it that it needs, directly or not
    ");
    assert_snapshot!(step("on_failure = { goto = 'plan', at_most = 0 }"), @"
    error: [folder]/orchestrator.toml:9:41: workflows.w.steps.b.on_failure.at_most is 0, not a whole number from 1 to 65535
    hint: correct it, or remove it for the default
    ");
    assert_snapshot!(step("on_failure = { go = 'plan' }"), @r#"
    error: [folder]/orchestrator.toml:9:14: workflows.w.steps.b has an on_failure that is unknown
    hint: write "stop", "continue" or { goto = "step", at_most = 3 }
    "#);
    assert_snapshot!(step("on_failure = {}"), @r#"
    error: [folder]/orchestrator.toml:9:14: workflows.w.steps.b has an on_failure that is unknown
    hint: write "stop", "continue" or { goto = "step", at_most = 3 }
    "#);
}

#[test]
fn a_prompt_asks_for_what_there_is() {
    let prompt = |text: &str| {
        let b = format!("name = 'b'\nagent = 'b'\nprompt = '''\nSay\n {text}'''");
        steps(&[PLAN, &b, "name = 'c'\ncommand = 'lint'"])
    };
    assert_snapshot!(prompt("{task}"), @"
    error: [folder]/orchestrator.toml:11:2: workflows.w.steps.b has a prompt with the unknown {task}
    hint: there are {input} {steps.plan.text} {steps.b.text} {steps.c.output}; {{task}} stands for the text itself
    ");
    assert_snapshot!(prompt("{input.task}"), @"
    error: [folder]/orchestrator.toml:11:2: workflows.w.steps.b has a prompt with the unknown {input.task}
    hint: there are {input} {steps.plan.text} {steps.b.text} {steps.c.output}; {{input.task}} stands for the text itself
    ");
    assert_snapshot!(prompt("{steps.d.text}"), @"
    error: [folder]/orchestrator.toml:11:2: workflows.w.steps.b has a prompt with the unknown {steps.d.text}
    hint: there are {input} {steps.plan.text} {steps.b.text} {steps.c.output}; {{steps.d.text}} stands for the text itself
    ");
    assert_snapshot!(prompt("{steps.c.text}"), @"
    error: [folder]/orchestrator.toml:11:2: workflows.w.steps.b has a prompt with the unknown {steps.c.text}
    hint: there are {input} {steps.plan.text} {steps.b.text} {steps.c.output}; {{steps.c.text}} stands for the text itself
    ");
    assert_snapshot!(prompt("{steps.plan.output}"), @"
    error: [folder]/orchestrator.toml:11:2: workflows.w.steps.b has a prompt with the unknown {steps.plan.output}
    hint: there are {input} {steps.plan.text} {steps.b.text} {steps.c.output}; {{steps.plan.output}} stands for the text itself
    ");
}
