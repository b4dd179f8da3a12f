//! `[budgets]` in `orchestrator.toml`.

use insta::assert_snapshot;
use orchestrator::adapters::Kind;
use orchestrator::config::{Flags, load};
use orchestrator::executors::Executor;

use super::dollars;
use crate::support::program::Program;

fn refusal(toml: &str) -> String {
    let program = Program::new().file("orchestrator.toml", toml);
    program.refusal(&["config"])
}

#[test]
fn budgets_are_read_from_the_file() {
    let toml = "[budgets]\nrun_usd = 2\nagent_day_usd = 10.50\n[budgets.agents.'Night Shift']\n\
        day_usd = 20\n[budgets.agents.free]\nday_usd = 0";
    let program = Program::new().file("orchestrator.toml", toml);
    let flags = Flags {
        config: Some(program.path("orchestrator.toml")),
        ..Flags::default()
    };
    let budgets = load(flags).unwrap().settings.budgets.clone();
    assert_eq!(budgets.run, dollars(2.0));
    assert_eq!(budgets.reservation, dollars(1.0));
    assert_eq!(budgets.of_agent("planner"), Some(dollars(10.5)));
    assert_eq!(budgets.of_agent("NIGHT shift"), Some(dollars(20.0)));
    assert_eq!(budgets.of_agent("Free"), None);
}

#[test]
fn the_nearest_budget_of_a_run_is_its_own() {
    let mut executor = Executor::new(Kind::Demo);
    let mut budgets = orchestrator::budgets::Budgets::default();
    assert_eq!(budgets.of_run(None, &executor), None);
    budgets.run = dollars(3.0);
    assert_eq!(budgets.of_run(None, &executor), Some(dollars(3.0)));
    executor.budget_usd = Some(dollars(0.0));
    assert_eq!(budgets.of_run(None, &executor), Some(dollars(3.0)));
    executor.budget_usd = Some(dollars(2.0));
    assert_eq!(budgets.of_run(None, &executor), Some(dollars(2.0)));
    let own = Some(dollars(0.0));
    assert_eq!(budgets.of_run(own, &executor), own);
}

#[test]
fn budgets_that_are_wrong_are_refused_with_their_place() {
    assert_snapshot!(refusal("[budgets]\nrun_usd = -1"), @"
    error: [folder]/orchestrator.toml:2:11: budgets.run_usd is -1, not an amount in dollars, such as 2.50
    hint: correct it, or remove it for the default, 0.0
    ");
    assert_snapshot!(refusal("[budgets]\nagent_day_usd = 'much'"), @"
    error: [folder]/orchestrator.toml:2:17: budgets.agent_day_usd is 'much', not an amount in dollars, such as 2.50
    hint: correct it, or remove it for the default, 0.0
    ");
    assert_snapshot!(refusal("[budgets]\nday_usd = 1"), @"
    error: [folder]/orchestrator.toml:2:1: unknown key budgets.day_usd
    hint: the nearest known key is budgets.run_usd
    ");
    assert_snapshot!(refusal("[budgets]\nagents = 1"), @"
    error: [folder]/orchestrator.toml:2:1: budgets.agents is not a table
    hint: write [budgets.agents], and its keys below
    ");
    assert_snapshot!(refusal("[budgets.agents]\nplanner = 1"), @"
    error: [folder]/orchestrator.toml:2:1: budgets.agents.planner lacks a budget
    hint: give day_usd, what the agent may spend in a day; 0 is no bound
    ");
    assert_snapshot!(refusal("[budgets.agents.planner]\nmonth_usd = 1"), @"
    error: [folder]/orchestrator.toml:2:1: unknown key budgets.agents.planner.month_usd
    hint: the keys of this table are day_usd
    ");
    assert_snapshot!(refusal("[budgets.agents.planner]\nday_usd = 1\n[budgets.agents.Planner]\nday_usd = 2"), @"
    error: [folder]/orchestrator.toml:1:17: budgets.agents.planner is given twice
    hint: agents' names are the same in capitals and small letters; keep one
    ");
}
