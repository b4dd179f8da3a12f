//! Budgets against arithmetic of the test's own, in whole numbers, over random runs: what is accepted,
//! what is spent, and what is set aside.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use orchestrator::agents::commands::{NewAgent, create};
use orchestrator::budgets::queries::all;
use orchestrator::budgets::{BudgetScope, Budgets};
use orchestrator::config::Settings;
use orchestrator::db::{self, Db, Write};
use orchestrator::ids::Id;
use orchestrator::money::MicroUsd;
use orchestrator::runs::commands::{NewRun, execute};
use orchestrator::runtime::Status;
use orchestrator::runtime::agents::commands::{RuntimeAgentChanges, update};
use orchestrator::time::{Clock, Timestamp};

use crate::costs::ledger::Random;
use crate::support::new_agent;

const DAYS: [&str; 3] = ["2026-01-30", "2026-01-31", "2026-02-01"];
// In millionths.
const DAY: i64 = 3_000_000;
const MONTH: i64 = 5_000_000;
const RESERVATION: i64 = 400_000;

struct Run {
    id: Id,
    agent: usize,
    reserved: i64,
    spent: i64,
    has_ended: bool,
}

/// The service's database, and what the test has noted itself.
struct World {
    db: Db,
    settings: Arc<Settings>,
    today: Arc<Mutex<usize>>,
    agents: [Id; 2],
    runs: Vec<Run>,
    /// What each agent has spent, by day.
    spent: BTreeMap<(usize, usize), i64>,
    accepted: usize,
    refused: usize,
}

fn at(day: usize) -> Timestamp {
    Timestamp::parse(&format!("{}T12:00:00Z", DAYS[day])).unwrap()
}

fn settings() -> Settings {
    Settings {
        budgets: Budgets {
            agent_day: MicroUsd::from_micros(DAY),
            project_month: MicroUsd::from_micros(MONTH),
            reservation: MicroUsd::from_micros(RESERVATION),
            ..Budgets::default()
        },
        ..Settings::default()
    }
}

fn new_run(budget: i64) -> NewRun {
    NewRun {
        worktree: None,
        prompt: "go".into(),
        working_dir: "/".into(),
        budget: (budget != 0).then_some(MicroUsd::from_micros(budget)),
        ..NewRun::default()
    }
}

impl World {
    async fn begin(folder: &Path) -> Self {
        let today = Arc::new(Mutex::new(0));
        let mut options = db::Options::new(folder.join("test.db"));
        let clock = Arc::clone(&today);
        options.clock = Clock::new(move || at(*clock.lock().unwrap()));
        let (db, _) = Db::open(options).unwrap();
        let agents = db.write(|db| {
            let mut agent = |name| {
                let agent = NewAgent {
                    executor: Some("demo".into()),
                    ..new_agent(name)
                };
                create(db, &agent).map(|it| it.id)
            };
            Ok([agent("a")?, agent("b")?])
        });
        Self {
            agents: agents.await.unwrap(),
            db,
            settings: Arc::new(settings()),
            today,
            runs: Vec::new(),
            spent: BTreeMap::new(),
            accepted: 0,
            refused: 0,
        }
    }

    fn today(&self) -> usize {
        *self.today.lock().unwrap()
    }

    fn reserved(&self, agent: Option<usize>) -> i64 {
        let runs = self.runs.iter().filter(|it| !it.has_ended);
        let runs = runs.filter(|it| agent.is_none_or(|agent| agent == it.agent));
        runs.map(|it| (it.reserved - it.spent).max(0)).sum()
    }

    fn spent(&self, is_counted: impl Fn(usize, usize) -> bool) -> i64 {
        let all = self.spent.iter();
        all.filter(|((agent, day), _)| is_counted(*agent, *day))
            .map(|(_, spent)| spent)
            .sum()
    }

    /// Spent and reserved of the month's budget and of each agent's day.
    fn budgets(&self) -> [(i64, i64); 3] {
        let today = self.today();
        let month = |day: usize| DAYS[day][..7] == DAYS[today][..7];
        let of = |one: usize| self.spent(|agent, day| agent == one && day == today);
        [
            (self.spent(|_, day| month(day)), self.reserved(None)),
            (of(0), self.reserved(Some(0))),
            (of(1), self.reserved(Some(1))),
        ]
    }

    async fn step(&mut self, random: &mut Random) {
        let all = self.runs.iter().enumerate();
        let going_on: Vec<_> = all
            .filter(|(_, it)| !it.has_ended)
            .map(|(it, _)| it)
            .collect();
        match (random.below(3), going_on.len()) {
            (0, _) | (_, 0) => self.start(random).await,
            (1, count) => self.spend(going_on[random.below(count)], random).await,
            (_, count) => self.end(going_on[random.below(count)], random).await,
        }
    }

    /// What is accepted is just what fits.
    async fn start(&mut self, random: &mut Random) {
        let agent = random.below(2);
        let asked = i64::try_from(random.below(3)).unwrap() * 600_000;
        let reserved = if asked == 0 { RESERVATION } else { asked };
        let [month, a, b] = self.budgets();
        let fits = |limit: i64, (spent, set_aside): (i64, i64)| {
            spent <= limit && reserved <= (limit - spent - set_aside).max(0)
        };
        let expected = fits(MONTH, month) && fits(DAY, [a, b][agent]);
        let (known, id) = (Arc::clone(&self.settings), self.agents[agent]);
        let start = move |db: &mut Write| execute(db, id, new_run(asked), &known, None);
        let started = self.db.write(start).await;
        assert_eq!(started.is_ok(), expected, "{started:?}");
        let Ok(run) = started else {
            self.refused += 1;
            return;
        };
        self.accepted += 1;
        self.runs.push(Run {
            id: run.id,
            agent,
            reserved,
            spent: 0,
            has_ended: false,
        });
    }

    async fn spend(&mut self, run: usize, random: &mut Random) {
        let today = self.today();
        let run = &mut self.runs[run];
        let total = i64::try_from(random.below(900_000)).unwrap();
        *self.spent.entry((run.agent, today)).or_default() += total - run.spent;
        run.spent = total;
        let changes = RuntimeAgentChanges {
            status: Some(Status::Executing),
            cost_usd: Some(MicroUsd::from_micros(total)),
            ..Default::default()
        };
        let id = run.id;
        let spend = move |db: &mut Write| update(db, id, changes);
        self.db.write(spend).await.unwrap();
    }

    async fn end(&mut self, run: usize, random: &mut Random) {
        let ends = [
            Status::Completed,
            Status::Failed,
            Status::Cancelled,
            Status::Lost,
        ];
        let run = &mut self.runs[run];
        run.has_ended = true;
        let changes = RuntimeAgentChanges {
            status: Some(ends[random.below(ends.len())]),
            ..Default::default()
        };
        let id = run.id;
        let end = move |db: &mut Write| update(db, id, changes);
        self.db.write(end).await.unwrap();
    }

    /// Of the month and of each agent's day, as the service tells.
    async fn told(&self) -> Vec<(i64, i64)> {
        let (known, now) = (Arc::clone(&self.settings), at(self.today()));
        let all = self.db.read(move |db| all(db, now, &known.budgets));
        let all = all.await.unwrap().into_iter();
        all.filter(|it| it.scope != BudgetScope::Run)
            .map(|it| (it.spent_usd.micros(), it.reserved_usd.micros()))
            .collect()
    }
}

#[tokio::test]
async fn whatever_runs_do_what_is_accepted_fits_and_what_is_shown_is_right() {
    let cases = std::env::var("TAC_CASES").map_or(12, |cases| cases.parse().unwrap());
    let (mut accepted, mut refused) = (0, 0);
    for seed in 1..=cases {
        let folder = tempfile::tempdir().unwrap();
        let mut random = Random::new(seed);
        let mut world = World::begin(folder.path()).await;
        for step in 0..60 {
            *world.today.lock().unwrap() = step / 20;
            world.step(&mut random).await;
            let expected = world.budgets();
            assert_eq!(world.told().await, expected, "step {step} of seed {seed}");
        }
        accepted += world.accepted;
        refused += world.refused;
    }
    assert!(50 < accepted && 20 < refused, "{accepted} {refused}");
}
