//! The ledger against arithmetic of the test's own, in whole numbers, over random runs: whatever they
//! report, in whatever order and on whatever day, no sum is off by a millionth.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use orchestrator::adapters::{Spent, Tokens, Totals};
use orchestrator::agents::commands::{NewAgent, create};
use orchestrator::config::Settings;
use orchestrator::costs::By;
use orchestrator::costs::queries::{CostFilter, sums};
use orchestrator::db::{self, Db, Write};
use orchestrator::ids::Id;
use orchestrator::money::MicroUsd;
use orchestrator::runs::commands::{NewRun, execute};
use orchestrator::runtime::agents::commands::{RuntimeAgentChanges, update};
use orchestrator::time::{Clock, Timestamp};
use orchestrator::workflows::WorkflowStatus;
use orchestrator::workflows::commands::{NewWorkflow, create as begin};

use crate::support::new_agent;

const MODELS: [&str; 3] = ["opus", "haiku", "unknown"];
const DAYS: [&str; 4] = ["2026-01-30", "2026-01-31", "2026-02-01", "2026-02-02"];

/// Tokens read, those of them from the cache and into it, tokens written, and millionths.
type Amounts = [i64; 5];

pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Less than `end`, by xorshift.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % 1_000_003).unwrap() % end
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    fn amounts(&mut self) -> Amounts {
        let [read, write, anew] = [(); 3].map(|()| i64::try_from(self.below(4)).unwrap());
        let [output, cost] = [3, 2_000_000].map(|end| i64::try_from(self.below(end)).unwrap());
        [read + write + anew, read, write, output, cost]
    }
}

struct Run {
    id: Id,
    agent: Id,
    session: String,
    workflow: Option<Id>,
    spent: BTreeMap<&'static str, (Amounts, bool)>,
}

/// What was added on which day to what the run (by its number) had spent on the model.
type Notes = BTreeMap<(&'static str, usize, &'static str), Amounts>;

fn spent((amounts, is_estimate): (Amounts, bool)) -> Spent {
    let [input, cache_read, cache_write, output, cost] = amounts;
    Spent {
        tokens: Tokens {
            input: input - cache_read - cache_write,
            output,
            cache_read,
            cache_write,
        },
        cost_usd: MicroUsd::from_micros(cost),
        is_estimate,
    }
}

fn sdlc() -> NewWorkflow {
    NewWorkflow {
        adw_name: "sdlc".into(),
        workflow_type: "feature".into(),
        description: None,
        status: WorkflowStatus::Running,
        current_step: None,
        total_steps: None,
        steps: None,
        input_data: None,
        metadata: None,
        orchestrator_agent_id: None,
    }
}

/// A run of its own session, the even ones steps of a workflow.
fn start(db: &mut Write, number: usize, agent: Id, workflow: Id) -> orchestrator::Result<Run> {
    let new = NewRun {
        worktree: None,
        prompt: "go".into(),
        session_id: Some(format!("s-{}", number / 2)),
        working_dir: "/".into(),
        workflow: number.is_multiple_of(2).then_some(workflow),
        ..NewRun::default()
    };
    let (session, workflow) = (new.session_id.clone(), new.workflow);
    let run = execute(db, agent, new, &Settings::default(), None)?;
    Ok(Run {
        id: run.id,
        agent,
        session: session.unwrap(),
        workflow,
        spent: BTreeMap::new(),
    })
}

/// Another total of the run on one model, or on none that it has told of before.
fn change(run: &mut Run, number: usize, day: &'static str, random: &mut Random, notes: &mut Notes) {
    let model = random.of(&MODELS);
    let after = match random.below(5) {
        0 => None,
        _ => Some((random.amounts(), random.below(2) == 0)),
    };
    let before = match after {
        Some(after) => run.spent.insert(model, after),
        None => run.spent.remove(model),
    };
    let [before, after] = [before, after].map(|it| it.map_or([0; 5], |(amounts, _)| amounts));
    let note = notes.entry((day, number, model)).or_default();
    for place in 0..note.len() {
        note[place] += after[place] - before[place];
    }
    notes.retain(|_, note| *note != [0; 5]);
}

fn expected(by: By, days: (&str, &str), runs: &[Run], notes: &Notes) -> BTreeMap<String, String> {
    let mut groups = BTreeMap::<String, (Amounts, BTreeSet<usize>, bool)>::new();
    for ((day, number, model), note) in notes {
        if *day < days.0 || days.1 < *day {
            continue;
        }
        let run = &runs[*number];
        let key = match by {
            By::Agent => run.agent.to_string(),
            By::Model if *model == "unknown" => "none".to_owned(),
            By::Model => (*model).to_owned(),
            By::Day => (*day).to_owned(),
            By::Workflow => run.workflow.map_or("none".to_owned(), |it| it.to_string()),
            By::Session => run.session.clone(),
        };
        let (sum, numbers, is_estimate) = groups.entry(key).or_default();
        for place in 0..sum.len() {
            sum[place] += note[place];
        }
        numbers.insert(*number);
        *is_estimate |= run.spent.get(model).is_some_and(|(_, it)| *it);
    }
    let shown = |(key, (sum, numbers, is_estimate)): (String, (Amounts, BTreeSet<_>, bool))| {
        (key, format!("{sum:?} {} {is_estimate}", numbers.len()))
    };
    groups.into_iter().map(shown).collect()
}

async fn told(db: &Db, by: By, days: (&str, &str)) -> BTreeMap<String, String> {
    let filter = CostFilter {
        by,
        run_id: None,
        from: Some(days.0.parse().unwrap()),
        to: Some(days.1.parse().unwrap()),
    };
    let sums = db.read(move |db| sums(db, &filter)).await.unwrap();
    let shown = sums.into_iter().map(|it| {
        let sum: Amounts = [
            it.tokens_input,
            it.tokens_cache_read,
            it.tokens_cache_write,
            it.tokens_output,
            it.cost_usd.micros(),
        ];
        let key = it.key.unwrap_or_else(|| "none".to_owned());
        (key, format!("{sum:?} {} {}", it.runs, it.is_estimate))
    });
    shown.collect()
}

#[tokio::test]
async fn every_sum_is_that_of_what_runs_reported_to_the_millionth() {
    let cases = std::env::var("TAC_CASES").map_or(12, |cases| cases.parse().unwrap());
    for seed in 1..=cases {
        let mut random = Random::new(seed);
        let folder = tempfile::tempdir().unwrap();
        let today = Arc::new(Mutex::new(DAYS[0]));
        let mut options = db::Options::new(folder.path().join("test.db"));
        let clock = Arc::clone(&today);
        options.clock = Clock::new(move || {
            let day = *clock.lock().unwrap();
            Timestamp::parse(&format!("{day}T23:59:59.999Z")).unwrap()
        });
        let (db, _) = Db::open(options).unwrap();
        let runs = db.write(|db| {
            let workflow = begin(db, sdlc())?;
            let mut agents = Vec::new();
            for name in ["planner", "builder"] {
                let agent = NewAgent {
                    executor: Some("demo".into()),
                    ..new_agent(name)
                };
                agents.push(create(db, &agent)?.id);
            }
            let mut start = |number| start(db, number, agents[number % 3 % 2], workflow.id);
            (0..6)
                .map(&mut start)
                .collect::<orchestrator::Result<Vec<_>>>()
        });
        let mut runs = runs.await.unwrap();
        let mut notes = Notes::new();
        for day in DAYS {
            *today.lock().unwrap() = day;
            for _ in 0..15 {
                let number = random.below(runs.len());
                let run = &mut runs[number];
                change(run, number, day, &mut random, &mut notes);
                let totals = run
                    .spent
                    .iter()
                    .map(|(model, it)| ((*model).to_owned(), spent(*it)));
                let totals = Totals(totals.collect());
                let sum = totals.sum();
                let changes = RuntimeAgentChanges {
                    tokens_input: Some(sum.tokens.prompt()),
                    tokens_output: Some(sum.tokens.output),
                    cost_usd: Some(sum.cost_usd),
                    cost_is_estimate: Some(sum.is_estimate),
                    by_model: Some(totals),
                    ..Default::default()
                };
                let id = run.id;
                db.write(move |db| update(db, id, changes)).await.unwrap();
            }
        }
        for by in By::ALL {
            for days in [(DAYS[0], DAYS[3]), (DAYS[1], DAYS[2]), (DAYS[3], DAYS[3])] {
                let expected = expected(*by, days, &runs, &notes);
                assert_eq!(
                    told(&db, *by, days).await,
                    expected,
                    "{by:?} of seed {seed}"
                );
            }
        }
    }
}
