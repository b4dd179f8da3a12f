//! Which run is next: the queue against a model that counts everything anew for each question.

use std::collections::BTreeSet;

use orchestrator::adapters::Kind;
use orchestrator::config::Settings;
use orchestrator::db::Write;
use orchestrator::executors::{Account, Executor};
use orchestrator::ids::Id;
use orchestrator::runs::commands::{self, NewRun};
use orchestrator::runs::queue::commands::{self as queue, Next};
use orchestrator::runs::queue::limit;
use orchestrator::runtime::Status;
use orchestrator::runtime::agents::commands::{RuntimeAgentChanges, update};
use orchestrator::time::Timestamp;

use crate::support::{Service, new_agent};

const PAST: &str = "2001-01-01T00:00:00Z";
const FUTURE: &str = "9001-01-01T00:00:00Z";

/// Whole numbers below a bound, the same for a seed.
fn numbers(seed: u64) -> impl FnMut(u16) -> u16 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move |bound| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        u16::try_from(state % u64::from(bound)).unwrap()
    }
}

/// `one` and `two` spend an account together, `three` its own.
fn settings(number: &mut impl FnMut(u16) -> u16) -> Settings {
    let mut settings = Settings {
        max_running: 1 + number(5),
        max_running_per_agent: number(3),
        max_running_per_repository: number(3),
        ..Default::default()
    };
    for (name, account) in [("one", "shared"), ("two", "shared"), ("three", "own")] {
        let executor = Executor {
            account: account.to_owned(),
            max_running: number(3).try_into().ok(),
            ..Executor::new(Kind::Command)
        };
        settings.executors.insert(name.to_owned(), executor);
    }
    let max_running = number(3).try_into().ok();
    let shared = Account { max_running };
    settings.accounts.insert("shared".to_owned(), shared);
    settings
}

#[derive(Debug, Clone, PartialEq)]
struct Modelled {
    id: Id,
    agent: usize,
    executor: &'static str,
    folder: String,
    session: Option<String>,
    priority: i64,
    is_late: bool,
    is_at_work: bool,
}

/// The next run, in a list by age of those that have not ended.
fn expected(runs: &[Modelled], settings: &Settings) -> Option<Id> {
    let count = |like: &dyn Fn(&Modelled) -> bool| {
        let at_work = runs.iter().filter(|run| run.is_at_work);
        i64::try_from(at_work.filter(|run| like(run)).count()).unwrap()
    };
    let fits = |most: i64, like: &dyn Fn(&Modelled) -> bool| most == 0 || count(like) < most;
    let executor = |name: &str| settings.executors.get(name).unwrap().clone();
    let mut best: Option<&Modelled> = None;
    for run in runs.iter().filter(|run| !run.is_at_work && !run.is_late) {
        let account = executor(run.executor).account;
        let most = settings.accounts.get(&account);
        let of_account = most
            .and_then(|it| it.max_running)
            .map_or(0, |most| most.get().into());
        let of_executor = executor(run.executor)
            .max_running
            .map_or(0, |most| most.get().into());
        let is_free = fits(limit(settings), &|_| true)
            && fits(settings.max_running_per_agent.into(), &|it| {
                it.agent == run.agent
            })
            && fits(settings.max_running_per_repository.into(), &|it| {
                it.folder == run.folder
            })
            && (run.session.is_none()
                || count(&|it| (it.executor, &it.session) == (run.executor, &run.session)) == 0)
            && fits(of_executor, &|it| it.executor == run.executor)
            && fits(of_account, &|it| executor(it.executor).account == account);
        if is_free && best.is_none_or(|best| best.priority < run.priority) {
            best = Some(run);
        }
    }
    best.map(|run| run.id)
}

async fn agent(service: &Service, number: usize, executor: &str) -> Id {
    let mut new = new_agent(&format!("agent {number}"));
    new.executor = Some(executor.to_owned());
    let create = move |db: &mut Write| orchestrator::agents::commands::create(db, &new);
    service.app.db.write(create).await.unwrap().id
}

async fn queue(service: &Service, agent: Id, run: &Modelled) -> Id {
    let new = NewRun {
        prompt: "go".to_owned(),
        session_id: run.session.clone(),
        working_dir: run.folder.clone(),
        priority: run.priority,
        start_after: Timestamp::parse(if run.is_late { FUTURE } else { PAST }),
        ..NewRun::default()
    };
    let settings = service.app.settings();
    let execute = move |db: &mut Write| commands::execute(db, agent, new, &settings, None);
    service.app.db.write(execute).await.unwrap().id
}

async fn take(service: &Service) -> Next {
    let settings = service.app.settings();
    let take = move |db: &mut Write| queue::take(db, &settings);
    service.app.db.write(take).await.unwrap()
}

async fn move_to(service: &Service, run: Id, status: Status) {
    let changes = RuntimeAgentChanges {
        status: Some(status),
        ..Default::default()
    };
    let change = move |db: &mut Write| update(db, run, changes);
    service.app.db.write(change).await.unwrap();
}

#[tokio::test]
async fn runs_are_taken_by_priority_and_age_within_every_limit() {
    for seed in 1..=25 {
        let mut number = numbers(seed);
        let service = Service::with(settings(&mut number));
        let mut agents = Vec::new();
        for (index, executor) in ["one", "two", "three", "three"].into_iter().enumerate() {
            agents.push((agent(&service, index, executor).await, executor));
        }
        let mut runs = Vec::new();
        for _ in 0..15 {
            let agent = usize::from(number(4));
            let mut run = Modelled {
                id: agents[agent].0,
                agent,
                executor: agents[agent].1,
                folder: format!("/no/folder/{}", number(3)),
                session: Some(number(5))
                    .filter(|it| *it < 3)
                    .map(|it| format!("s-{it}")),
                priority: i64::from(number(3)) - 1,
                is_late: number(5) == 0,
                is_at_work: false,
            };
            run.id = queue(&service, agents[agent].0, &run).await;
            runs.push(run);
        }
        for step in 0.. {
            let next = expected(&runs, &service.app.settings());
            let at = format!("seed {seed}, step {step}: {runs:?}");
            match take(&service).await {
                Next::Run(taken) => {
                    assert_eq!(Some(taken.agent.id), next, "{at}");
                    let taken = runs
                        .iter_mut()
                        .find(|run| run.id == taken.agent.id)
                        .unwrap();
                    taken.is_at_work = true;
                }
                Next::Nothing(_) => assert_eq!(None, next, "{at}"),
            }
            let at_work: Vec<_> = runs.iter().filter(|run| run.is_at_work).cloned().collect();
            if next.is_none() && at_work.is_empty() {
                break;
            }
            if next.is_none() || number(3) == 0 {
                let ended = &at_work[usize::from(number(u16::try_from(at_work.len()).unwrap()))];
                move_to(&service, ended.id, Status::Completed).await;
                runs.retain(|run| run != ended);
            }
        }
        assert!(runs.iter().all(|run| run.is_late), "seed {seed}: {runs:?}");
    }
}

#[tokio::test]
async fn up_to_sixteen_runs_that_wait_for_an_answer_make_room_and_no_more() {
    let service = Service::with(Settings {
        max_running: 2,
        ..Settings::default()
    });
    let agent = agent(&service, 0, "demo").await;
    let run = Modelled {
        id: agent,
        agent: 0,
        executor: "demo",
        folder: "/".to_owned(),
        session: None,
        priority: 0,
        is_late: false,
        is_at_work: false,
    };
    for _ in 0..30 {
        queue(&service, agent, &run).await;
    }
    let mut begun = Vec::new();
    while let Next::Run(run) = take(&service).await {
        begun.push(run.agent.id);
        move_to(&service, run.agent.id, Status::Executing).await;
        move_to(&service, run.agent.id, Status::Waiting).await;
    }
    assert_eq!(begun.len(), 18);
    // Whoever is answered goes on, and nobody else until there is room again.
    for run in &begun[..4] {
        move_to(&service, *run, Status::Executing).await;
        assert!(matches!(take(&service).await, Next::Nothing(None)));
    }
    for (ended, has_room) in [(0, false), (1, false), (2, true), (3, true)] {
        move_to(&service, begun[ended], Status::Completed).await;
        let is_taken = matches!(take(&service).await, Next::Run(_));
        assert_eq!(is_taken, has_room, "after {ended}");
    }
}

#[tokio::test]
async fn of_many_who_take_at_once_no_two_get_the_same_run() {
    let mut settings = settings(&mut numbers(1));
    settings.max_running = 100;
    settings.max_running_per_agent = 0;
    settings.max_running_per_repository = 0;
    settings
        .executors
        .insert("one".to_owned(), Executor::new(Kind::Command));
    let service = Service::with(settings);
    let agent = agent(&service, 0, "one").await;
    let run = Modelled {
        id: agent,
        agent: 0,
        executor: "one",
        folder: "/".to_owned(),
        session: None,
        priority: 0,
        is_late: false,
        is_at_work: false,
    };
    for _ in 0..10 {
        queue(&service, agent, &run).await;
    }
    let all = (0..30).map(|_| take(&service));
    let taken = futures_util::future::join_all(all).await;
    let ids = taken.into_iter().filter_map(|next| match next {
        Next::Run(run) => Some(run.agent.id),
        Next::Nothing(_) => None,
    });
    let ids: Vec<_> = ids.collect();
    assert_eq!(ids.len(), 10);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 10);
}
