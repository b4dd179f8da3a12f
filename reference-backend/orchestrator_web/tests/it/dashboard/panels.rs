//! What a reader finds on each page of a service that is empty, and of one that has something to show.

use std::time::Duration;

use insta::assert_snapshot;
use orchestrator::config::Settings;
use orchestrator::db::Write;
use orchestrator::ids::Id;
use orchestrator::time::Clock;

use super::full::Full;
use super::outline::outline;
use crate::support::Service;

/// Those about all that there is.
const PLACES: [&str; 9] = [
    "/",
    "/agents",
    "/runs",
    "/workflows",
    "/logs",
    "/control",
    "/costs",
    "/system?part=backups",
    "/system?part=retention",
];

async fn outlines(service: &Service, paths: &[&str]) -> String {
    let mut all = String::new();
    for path in paths {
        let page = service.visit(path).await;
        assert_eq!(page.status, 200, "{path}");
        all = format!("{all}# {path}\n{}\n\n", outline(&page.html));
    }
    let folder = service.app.db.path().parent().unwrap();
    all.replace(folder.to_str().unwrap(), "[folder]")
}

#[tokio::test]
async fn what_is_empty_says_what_to_do() {
    let service = Service::with(Settings {
        max_running: 2,
        ..Settings::default()
    });
    assert_snapshot!(outlines(&service, &PLACES).await, @"
    # /
    At work 0 … 0 queued
    Runs today 0 … since midnight, UTC
    Success today – 0 failed
    Median run today – p95 –
    Cost today $0.00 … 0 tokens
    Cost this month $0.00 … no budget
    Nothing has run yet
    The built-in demo agent needs no key and no network. Start it, and watch what a run looks like.
    [Start the demonstration]
    Or make an agent of your own.
    At work
    Nothing runs, and nothing waits.

    # /agents
    Text [_] Type [ / any / planner / builder / reviewer / tester / orchestrator / utility / skill / custom ] [Filter]
    No agent yet. Make one , or let the overview start a demonstration.

    # /runs
    Asked for [_] State [ / any / queued / starting / planning / executing / reviewing / waiting / completed / failed / canc
    No run yet. Choose an agent and give it a prompt.

    # /workflows
    Start one
    The settings define none. [workflows.NAME] in orchestrator.toml tells how.
    State [ / any / pending / running / completed / failed / cancelled ] [Filter]
    No workflow yet. The demo agent lets you start one without a key.

    # /logs
    Words [_] Agent [ / any ] From level [ / any / DEBUG / INFO / WARNING / ERROR / CRITICAL ] About [ / any / state_change 
    No line yet. Each run leaves its lines here: choose an agent and give it a prompt.
    To the newest lines

    # /control
    takes runs Runs start as soon as there is room.
    [Take no more]
    At work 0 of 2
    Waiting 0
    For one agent – at the same time
    In one repository – at the same time
    At work
    Nothing.
    Waiting
    Nothing.
    Settings
    Those that the service has started with are in force.
    [Read the settings again]
    From orchestrator.toml , .env and the environment; System lists all with their sources.
    Executors
    | Name | Program | State | Version | Login | Account
    | demo | built in | found | [version] | – | demo

    # /costs
    By [ / any / agent / model / day / workflow / session ] From [_] To [_] [Show]
    $0.00 ≈ marks what was computed from prices, not charged …
    … …
    Nothing was spent.

    # /system?part=backups
    Backups
    None yet. Back up now : a verified copy, made while everything goes on.
    In [folder]/backups ; the newest 10 are kept. orchestrator_web restore FILE puts one in the place of the database

    # /system?part=retention
    Retention
    | What | Kept for | At most | Oldest | Next to go
    | Log lines of agents | 30 days | 1,000,000 | – | –
    | Log lines of the system | 30 days | 1,000,000 | – | –
    | Prompts | 90 days | 50,000 | – | –
    | Runs that have ended | 90 days | 50,000 | – | –
    | Workflows that have ended | 90 days | 50,000 | – | –
    | Events | 7 days | 500,000 | – | –
    What is too old or too much goes every five minutes, the oldest first.
    ");
}

#[tokio::test]
async fn what_there_is_is_shown() {
    let full = Full::of("words").await;
    assert_snapshot!(outlines(&full.service, &PLACES).await, @r#"
    # /
    At work 1 … 1 queued
    Runs today 3 … since midnight, UTC
    Success today … % … 1 failed
    Median run today … ms … p95 … ms
    Cost today $0.50 … 1,234 tokens
    Cost this month $0.50 … no budget
    Needs you
    approval words wants to use words {"command":"words"} …
    [_] [Deny] [Allow]
    failed words words …
    At work
    | Run | State | Doing | Time | Tokens | Cost
    | words | waiting | | … | – | –
    | cook | queued | next in the queue | – | – | –
    Latest runs
    | Run | State | Started | Model | Time | Tokens | Cost
    | cook words | queued | – | | – | – | –
    | words | waiting | … | | … | – | –
    | words words words | failed | … | | … ms | 1,234 | $0.50
    All runs

    # /agents
    Text [_] Type [ / any / planner / builder / reviewer / tester / orchestrator / utility / skill / custom ] [Filter]
    | Agent | State | Last run | Success | p50 | p95 | Cost
    | taste builder, on demo | active | – | – | – | – | –
    | cook builder, on demo | active | queued | – | – | – | –
    | words custom, on demo | active | waiting … | … % | … ms | … ms | $0.50
    Success and times are of an agent's last 20 runs; cost is of all.

    # /runs
    Asked for [_] State [ / any / queued / starting / planning / executing / reviewing / waiting / completed / failed / canc
    | Run | State | Started | Model | Time | Tokens | Cost
    | cook words | queued | – | | – | – | –
    | words | waiting | … | | … | – | –
    | words words words | failed | … | | … ms | 1,234 | $0.50

    # /workflows
    Start one
    dinner
    words
    cook
    taste
    Start
    State [ / any / pending / running / completed / failed / cancelled ] [Filter]
    | Workflow | State | Started | Steps | Time
    | dinner cook | running | … | 0 of 2 | …
    | words words | running | … | 0 | …

    # /logs
    Words [_] Agent [ / any / cook / taste / words ] From level [ / any / DEBUG / INFO / WARNING / ERROR / CRITICAL ] About 
    …
    words ERROR words a: words b: ["words"]
    …
    words wordswordswordswordswordswordswordswordswordswordswordswordswordswordswordswordswordswordswordswordswordswordsword
    No line yet. Each run leaves its lines here: choose an agent and give it a prompt.
    To the newest lines

    # /control
    takes runs Runs start as soon as there is room.
    [Take no more]
    At work 0 of 2
    Waiting 1
    For one agent – at the same time
    In one repository – at the same time
    At work
    Nothing.
    Waiting
    | Place | Run | Waits | Priority |
    | 1 | cook | next in the queue | 0 | Cancel
    Settings
    Those that the service has started with are in force.
    [Read the settings again]
    From orchestrator.toml , .env and the environment; System lists all with their sources.
    Executors
    | Name | Program | State | Version | Login | Account
    | demo | built in | found | [version] | – | demo

    # /costs
    By [ / any / agent / model / day / workflow / session ] From [_] To [_] [Show]
    $0.50 ≈ marks what was computed from prices, not charged …
    … …
    | What | Runs | Tokens in | Tokens out | Cost
    | words | 1 | 1,200 | 34 | $0.50

    # /system?part=backups
    Backups
    None yet. Back up now : a verified copy, made while everything goes on.
    In [folder]/backups ; the newest 10 are kept. orchestrator_web restore FILE puts one in the place of the database

    # /system?part=retention
    Retention
    | What | Kept for | At most | Oldest | Next to go
    | Log lines of agents | 30 days | 1,000,000 | … | –
    | Log lines of the system | 30 days | 1,000,000 | – | –
    | Prompts | 90 days | 50,000 | … | –
    | Runs that have ended | 90 days | 50,000 | … | –
    | Workflows that have ended | 90 days | 50,000 | – | –
    | Events | 7 days | 500,000 | … | –
    What is too old or too much goes every five minutes, the oldest first.
    "#);
}

#[tokio::test]
async fn each_thing_has_its_page() {
    let full = Full::of("words").await;
    let pages = full.pages();
    let is_of_one = |it: &&str| it.matches('/').count() == 2 && it.contains('-');
    let pages: Vec<_> = { pages.iter() }
        .map(String::as_str)
        .filter(is_of_one)
        .collect();
    let text = outlines(&full.service, &pages).await;
    // Of a step that has gone on for less than a millisecond nobody says so.
    let text = text.replace(" bottleneck", "");
    assert_snapshot!(full.without_ids(&text), @r#"
    # /agents/[agent]
    Success, last 20 … %
    Median run … ms p95 … ms
    Cost, ever $0.50
    Last runs, by time …
    Run it
    Prompt [ ]
    More settings
    Model optional [_] The agent's, if it is left empty.
    Folder optional [_] Below one of the roots of the settings.
    Session optional [_] Goes on with what earlier runs of it know.
    Time, in seconds optional [_] Then it is ended.
    Budget, in dollars optional [_] Ends it when it has spent more.
    [Run]
    Last runs
    | Run | State | Started | Model | Time | Tokens | Cost
    | words | waiting | … | | … | – | –
    | words words words | failed | … | | … ms | 1,234 | $0.50
    All of its runs All of its lines
    Type | custom
    Executor | demo
    Model | the executor's
    Capabilities | words
    Made | …
    Id | [agent]
    words

    # /runs/[run]
    Prompt
    words
    …
    ERROR words a: words b: ["words"]
    …
    wordswordswordswordswordswordswordswordswordswordswordswordswordswordswordswordswordswordswordswordswordswordswordswords
    No line yet.
    To the newest lines
    failed
    words
    Answer
    words
    Agent | words
    Started | …
    Ended | …
    Time | … ms
    Model | –
    Tokens in | 1,200
    Tokens out | 34
    Cost | $0.50
    Runs | elsewhere
    Session | s-1
    Id | [run]
    | Model | In | Out | Cost
    | unknown | 1,200 | 34 | $0.50

    # /workflows/[workflow]
    …
    | Step | State | Tries | Time | Share
    | cook cook | running | 1 | … ms | … %
    | taste taste | pending | – | – | –
    Input
    { "dish": "words" }
    Kind | dinner
    Steps done | 0 of 2
    Now | cook
    Failures | 0
    Started | …
    Ended | –
    Time | …
    Id | [workflow]
    words
    "#);
}

#[tokio::test]
async fn every_figure_of_the_overview_has_its_trend_in_words_and_numbers() {
    let full = Full::of("words").await;
    // However near midnight it is, the day is another.
    let earlier = Clock::system().now().before(Duration::from_hours(48));
    let run = move |db: &mut Write| {
        let sql = "INSERT INTO agents (id, orchestrator_agent_id, session_id, status, duration_ms, \
             completed_at, created_at, tokens_input, tokens_output, cost_micro_usd, cost_is_estimate) \
             SELECT ?1, id, 's', 'completed', 61000, ?2, ?2, 0, 0, 0, 0 FROM orchestrator_agents LIMIT 1";
        db.execute(sql, &[&Id::generate(), &earlier])
    };
    full.service.app.db.write(run).await.unwrap();
    let page = full.service.visit("/?part=figures").await;
    let figures: Vec<_> = page.html.split("<div class=\"figure\">").skip(1).collect();
    let trends = figures.iter().map(|figure| {
        let trend = figure.split_once("<svg class=\"spark\"").unwrap().1;
        let title = trend.split_once("<title>").unwrap().1;
        title.split_once("</title>").unwrap().0.to_owned()
    });
    let trends: Vec<_> = trends.collect();
    let begins = [
        "Runs an hour, last 24 hours: 0 to ",
        "Runs a day, last 31 days: 0 to ",
        "Success of the runs of each day, last 31 days: 0 % to 100 %",
        "Median of the runs of each day, last 31 days: ",
        "Cost a day, last 31 days: $0.00 to $0.50",
        "Cost since the month began: $0.00 to $0.50",
    ];
    assert_eq!(trends.len(), begins.len());
    for (trend, begin) in trends.iter().zip(begins) {
        assert!(trend.starts_with(begin), "{trend}");
    }
    assert!(trends[3].ends_with(" to 1 m 01 s"), "{}", trends[3]);
}
