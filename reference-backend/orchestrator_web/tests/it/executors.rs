//! What runs agents, as `orchestrator.toml` tells it.

use insta::assert_snapshot;
use orchestrator::adapters::{Kind, Price};
use orchestrator::approvals::{Terms, Verdict};
use orchestrator::config::{Flags, Settings, load};
use orchestrator::executors::Executor;
use orchestrator::money::MicroUsd;

use crate::support::program::Program;

fn settings(program: &Program) -> Settings {
    let flags = Flags {
        config: Some(program.path("orchestrator.toml")),
        ..Flags::default()
    };
    Settings::clone(&load(flags).unwrap().settings)
}

fn with(text: &str) -> Settings {
    settings(&Program::new().file("orchestrator.toml", text))
}

fn refusal(text: &str) -> String {
    let program = Program::new().file("orchestrator.toml", text);
    program.refusal(&["config"])
}

#[test]
fn demo_is_there_without_being_configured() {
    let executors = with("").executors;
    assert_eq!(executors.names().collect::<Vec<_>>(), ["demo"]);
    assert_eq!(executors.get("demo"), Some(&Executor::new(Kind::Demo)));
}

#[test]
fn a_table_named_like_a_kind_needs_no_more() {
    let executors = with("[executors.claude]\n[executors.codex]\n[executors.gemini]").executors;
    let claude = executors.get("claude").unwrap();
    assert_eq!(claude.kind, Kind::Claude);
    assert_eq!(claude.program, ["claude"]);
    let args = "-p --output-format stream-json --verbose --input-format stream-json \
                --permission-prompt-tool stdio";
    assert_eq!(claude.args.join(" "), args);
    assert_eq!(claude.approvals.timeout_seconds, 1800);
    assert_eq!(claude.approvals.on_timeout, Verdict::Deny);
    assert!(
        claude
            .env
            .iter()
            .any(|it| it.as_str() == "ANTHROPIC_API_KEY")
    );
    assert_eq!(claude.idle_notice_seconds, 300);
    assert_eq!(claude.idle_timeout_seconds, 600);
    assert_eq!(claude.timeout_seconds, 7200);
    let codex = executors.get("codex").unwrap();
    assert_eq!(
        (&codex.program[0], codex.args.join(" ")),
        (&"codex".into(), "exec --json".into())
    );
    let gemini = executors.get("gemini").unwrap();
    assert_eq!(gemini.args, ["--output-format", "stream-json"]);
}

#[test]
fn every_key_sets_what_it_names() {
    let executors = with(
        r#"
        [executors.night]
        timeout_seconds = 0
        kind = "codex"
        program = ["codex", "--profile", "night"]
        args = ["exec", "--json", "--full-auto"]
        env = ["PATH", "_private1"]
        account = "team"
        model = "gpt-5"
        start_timeout_seconds = 1
        idle_notice_seconds = 2
        idle_timeout_seconds = 3
        grace_seconds = 6
        stop_pause_seconds = 4
        max_running = 5
        max_retries = 0
        retry_pause_seconds = 7
        budget_usd = 2.5
        approval_timeout_seconds = 7
        approval_default = "allow"
        worktree = true
    "#,
    )
    .executors;
    let night = executors.get("night").unwrap();
    let env = night.env.iter().map(|name| name.as_str());
    assert_eq!(env.collect::<Vec<_>>(), ["PATH", "_private1"]);
    assert_eq!(night.model.as_ref().unwrap().to_string(), "gpt-5");
    let expected = Executor {
        program: ["codex", "--profile", "night"].map(Into::into).into(),
        args: ["exec", "--json", "--full-auto"].map(Into::into).into(),
        env: night.env.clone(),
        account: "team".into(),
        model: night.model.clone(),
        start_timeout_seconds: 1,
        idle_notice_seconds: 2,
        idle_timeout_seconds: 3,
        timeout_seconds: 0,
        grace_seconds: 6,
        stop_pause_seconds: 4,
        max_running: 5.try_into().ok(),
        max_retries: 0,
        retry_pause_seconds: 7,
        budget_usd: Some(MicroUsd::from_micros(2_500_000)),
        approvals: Terms {
            timeout_seconds: 7,
            on_timeout: Verdict::Allow,
        },
        worktree: true,
        ..Executor::new(Kind::Codex)
    };
    assert_eq!(night, &expected);
}

#[test]
fn a_program_with_a_path_starts_at_the_files_folder_and_others_are_found_by_path() {
    let program = Program::new().file(
        "orchestrator.toml",
        r#"executors.a = { kind = "command", program = ["bin/agent", "bin/x"] }
           executors.b = { kind = "command", program = ["/bin/sh"] }
           executors.c = { kind = "command", program = ["agent"] }"#,
    );
    let executors = settings(&program).executors;
    let words = |name| executors.get(name).unwrap().program.clone();
    let inside = program.path("bin/agent");
    assert_eq!(words("a"), [inside.to_str().unwrap(), "bin/x"]);
    assert_eq!(words("b"), ["/bin/sh"]);
    assert_eq!(words("c"), ["agent"]);
}

#[test]
fn a_wrong_table_is_refused_with_its_place() {
    assert_snapshot!(refusal("[executors.mine]\nprogram = ['x']"), @r#"
    error: [folder]/orchestrator.toml:1:12: executors.mine has no kind
    hint: add kind = "claude", "codex", "gemini", "command" or "demo"
    "#);
    assert_snapshot!(refusal("[executors.mine]\nkind = 'gpt'"), @r#"
    error: [folder]/orchestrator.toml:2:8: executors.mine.kind is "gpt", not claude, codex, gemini, command or demo
    hint: correct it, or remove it for the default
    "#);
    assert_snapshot!(refusal("[executors.mine]\nkind = 'command'"), @r#"
    error: [folder]/orchestrator.toml:1:12: executors.mine has no program
    hint: name it and its first arguments, such as program = ["./agent"]
    "#);
    assert_snapshot!(refusal("[executors.demo]\nprogram = ['x']"), @"
    error: [folder]/orchestrator.toml:1:12: executors.demo is built in and takes no program
    hint: remove program
    ");
    assert_snapshot!(refusal("[executors.claude]\nprogam = ['x']"), @"
    error: [folder]/orchestrator.toml:2:1: unknown key executors.claude.progam
    hint: the nearest known key is program
    ");
    assert_snapshot!(refusal("[executors.claude]\nshell = true"), @"
    error: [folder]/orchestrator.toml:2:1: unknown key executors.claude.shell
    hint: the keys of this table are kind, program, args, env, account, model, start_timeout_seconds, idle_notice_seconds, idle_timeout_seconds, timeout_seconds, grace_seconds, stop_pause_seconds, max_running, max_retries, retry_pause_seconds, budget_usd, approval_timeout_seconds, approval_default, worktree
    ");
    assert_snapshot!(refusal("[executors.claude]\nprogram = 'claude -p'"), @"
    error: [folder]/orchestrator.toml:2:11: executors.claude.program is 'claude -p', not a list in which each item is text
    hint: correct it, or remove it for the default
    ");
    assert_snapshot!(refusal("[executors.claude]\nprogram = []"), @r#"
    error: [folder]/orchestrator.toml:1:12: executors.claude has no program
    hint: name it and its first arguments, such as program = ["./agent"]
    "#);
    assert_snapshot!(refusal("[executors.claude]\nenv = ['PATH',\n 'ORCHESTRATOR_TOKEN']"), @r#"
    error: [folder]/orchestrator.toml:2:7: executors.claude.env has an item that is "ORCHESTRATOR_TOKEN", not the name of a variable that agents may see: those of the service itself stay with it
    hint: correct it, or remove it for the default
    "#);
    assert_snapshot!(refusal("[executors.claude]\nmodel = '--help'"), @r#"
    error: [folder]/orchestrator.toml:2:9: executors.claude.model is "--help", not a model name: letters, digits and . _ : / @ [ ] -, starting with a letter or digit
    hint: correct it, or remove it for the default
    "#);
    assert_snapshot!(refusal("[executors.claude]\ntimeout_seconds = -1"), @"
    error: [folder]/orchestrator.toml:2:19: executors.claude.timeout_seconds is -1, not a whole number from 0 to 4294967295
    hint: correct it, or remove it for the default
    ");
    assert_snapshot!(refusal("[executors.claude]\nmax_running = 0"), @"
    error: [folder]/orchestrator.toml:2:15: executors.claude.max_running is 0, not a whole number from 1 to 65535
    hint: correct it, or remove it for the default
    ");
    assert_snapshot!(refusal("[executors.claude]\nbudget_usd = -0.5"), @"
    error: [folder]/orchestrator.toml:2:14: executors.claude.budget_usd is -0.5, not an amount in dollars, such as 2.50
    hint: correct it, or remove it for the default
    ");
    assert_snapshot!(refusal("[executors.claude]\napproval_default = 'ask'"), @r#"
    error: [folder]/orchestrator.toml:2:20: executors.claude.approval_default is "ask", not allow or deny
    hint: correct it, or remove it for the default
    "#);
    assert_snapshot!(refusal("[executors.claude]\nworktree = 'yes'"), @"
    error: [folder]/orchestrator.toml:2:12: executors.claude.worktree is 'yes', not true or false
    hint: correct it, or remove it for the default
    ");
}

#[test]
fn prices_of_the_file_join_those_that_are_known() {
    let prices = with(
        r#"
        [prices]
        version = "2027-01"
        [prices.models."gpt-5"]
        input = 1
        output = 2.5
        cache_read = 0.05
        [prices.models.mine]
        input = 0.1
        output = 0
        cache_read = 0
        cache_write = 0.2
    "#,
    )
    .prices;
    assert_eq!(prices.version, "2027-01");
    let price = |input, output, cache_read, cache_write| Price {
        input: MicroUsd::from_micros(input),
        output: MicroUsd::from_micros(output),
        cache_read: MicroUsd::from_micros(cache_read),
        cache_write: MicroUsd::from_micros(cache_write),
    };
    let gpt = price(1_000_000, 2_500_000, 50_000, 1_000_000);
    assert_eq!(prices.of("gpt-5"), Some(gpt));
    assert_eq!(prices.of("gpt-5-2025-08-07"), Some(gpt));
    assert_eq!(prices.of("mine"), Some(price(100_000, 0, 0, 200_000)));
    assert!(prices.of("claude-sonnet-4-5-20250929").is_some());
    // Neither is a date.
    assert_eq!(prices.of("mine-5"), None);
    assert_eq!(prices.of("mine-2025123"), None);
}

#[test]
fn an_account_is_one_that_executors_spend() {
    let toml = "[accounts.team]\nmax_running = 3\n[executors.claude]\naccount = 'team'";
    let settings = with(toml);
    let team = settings.accounts.get("team").unwrap();
    assert_eq!(team.max_running, 3.try_into().ok());
    let kinds: Vec<_> = settings.executors.accounts().into_iter().collect();
    assert_eq!(kinds, ["demo", "team"]);
    assert_snapshot!(refusal("[accounts.taem]\nmax_running = 3"), @"
    error: [folder]/orchestrator.toml:1:11: accounts.taem is the account of no executor
    hint: the accounts of the executors are demo
    ");
    assert_snapshot!(refusal("accounts.demo = 3"), @"
    error: [folder]/orchestrator.toml:1:10: accounts.demo is not a table
    hint: write [accounts.demo]
    ");
    assert_snapshot!(refusal("[accounts.demo]\nmax = 3"), @"
    error: [folder]/orchestrator.toml:2:1: unknown key accounts.demo.max
    hint: the keys of this table are max_running
    ");
}

#[test]
fn a_wrong_price_is_refused_with_its_place() {
    assert_snapshot!(refusal("prices = 1"), @"
    error: [folder]/orchestrator.toml:1:1: prices is not a table
    hint: write [prices], and its keys below
    ");
    assert_snapshot!(refusal("[prices]\nversion = 1"), @"
    error: [folder]/orchestrator.toml:2:11: prices.version is 1, not text
    hint: correct it, or remove it for the default
    ");
    assert_snapshot!(refusal("[prices]\ngpt = 1"), @"
    error: [folder]/orchestrator.toml:2:1: unknown key prices.gpt
    hint: write prices.version, and tables [prices.models.NAME]
    ");
    assert_snapshot!(refusal("[prices.models]\ngpt = 1"), @"
    error: [folder]/orchestrator.toml:2:1: prices.models.gpt lacks a price
    hint: give input and output, in dollars for a million tokens
    ");
    assert_snapshot!(refusal("[prices.models.gpt]\ninput = 1"), @"
    error: [folder]/orchestrator.toml:1:16: prices.models.gpt lacks a price
    hint: give input and output, in dollars for a million tokens
    ");
    assert_snapshot!(refusal("[prices.models.gpt]\ninput = 'free'"), @"
    error: [folder]/orchestrator.toml:2:9: prices.models.gpt.input is 'free', not an amount in dollars, such as 2.50
    hint: correct it, or remove it for the default
    ");
    assert_snapshot!(refusal("[prices.models.gpt]\ninputs = 1"), @"
    error: [folder]/orchestrator.toml:2:1: unknown key prices.models.gpt.inputs
    hint: the nearest known key is input
    ");
}
