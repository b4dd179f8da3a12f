use std::sync::Arc;
use std::time::Duration;

use orchestrator::agents::commands::{NewAgent, create};
use orchestrator::agents::queries::{AgentFilter, list};
use orchestrator::db::{self, Db, Read, Write};
use orchestrator::events::{self, EventId};
use orchestrator::page::Page;
use orchestrator::time::{Clock, Timestamp};
use orchestrator::{Error, Result};
use tempfile::TempDir;
use tokio::sync::{Barrier, oneshot};

use crate::support::{Service, new_agent};

fn open() -> (TempDir, Db) {
    let folder = tempfile::tempdir().unwrap();
    let (db, _) = Db::open(db::Options::new(folder.path().join("test.db"))).unwrap();
    (folder, db)
}

async fn names(db: &Db) -> Vec<String> {
    let page = Page {
        limit: 1000,
        after: None,
    };
    let agents = db
        .read(move |db| list(db, &AgentFilter::default(), &page))
        .await
        .unwrap();
    agents.items.into_iter().map(|agent| agent.name).collect()
}

fn add(name: &str) -> impl FnOnce(&mut Write) -> Result<()> + Send + use<> {
    let agent: NewAgent = new_agent(name);
    move |db| create(db, &agent).map(drop)
}

#[tokio::test]
async fn a_query_of_several_statements_sees_one_state_of_the_database() {
    let (_folder, db) = open();
    let (writer, runtime) = (db.clone(), tokio::runtime::Handle::current());
    let look = move |db: &Read| {
        let count = || db.number("SELECT count(*) FROM orchestrator_agents", &[]);
        let before = count()?;
        runtime.block_on(writer.write(add("meanwhile")))?;
        Ok((before, count()?))
    };
    assert_eq!(db.read(look).await.unwrap(), (0, 0));
    assert_eq!(names(&db).await, ["meanwhile"]);
}

#[tokio::test]
async fn a_failed_command_leaves_nothing_and_rings_nothing() {
    let (_folder, db) = open();
    let bell = db.bell();
    let twice = db.write(|db| {
        create(db, &new_agent("scout"))?;
        create(db, &new_agent("SCOUT"))
    });
    assert!(matches!(twice.await, Err(Error::Conflict(_))));
    assert_eq!(*bell.borrow(), 0);
    assert!(names(&db).await.is_empty());
    assert_eq!(db.read(events::newest).await.unwrap(), 0);
}

#[tokio::test]
async fn a_panicking_command_rolls_back_and_the_writer_lives() {
    let (_folder, db) = open();
    let writer = db.clone();
    let command = tokio::spawn(async move {
        let command = writer.write::<(), _>(|db| {
            create(db, &new_agent("scout"))?;
            panic!("boom")
        });
        command.await
    });
    let panic = command.await.unwrap_err().into_panic();
    assert_eq!(panic.downcast_ref(), Some(&"boom"));
    db.write(add("scout")).await.unwrap();
    // More often than there are connections.
    for _ in 0..10 {
        let reader = db.clone();
        let query = tokio::spawn(async move { reader.read::<(), _>(|_| panic!("boom")).await });
        let panic = query.await.unwrap_err().into_panic();
        assert_eq!(panic.downcast_ref(), Some(&"boom"));
        assert_eq!(names(&db).await, ["scout"]);
    }
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_harm_the_writer() {
    let (_folder, db) = open();
    let (started, has_started) = oneshot::channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
    let writer = db.clone();
    let caller = tokio::spawn(async move {
        let slow = writer.write(move |db| {
            started.send(()).unwrap();
            may_go_on.recv().unwrap();
            create(db, &new_agent("slow"))
        });
        slow.await.map(drop)
    });
    has_started.await.unwrap();
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    go_on.send(()).unwrap();
    db.write(add("next")).await.unwrap();
    assert_eq!(names(&db).await, ["next", "slow"]);
}

#[tokio::test]
async fn commands_that_are_committed_together_stand_or_fall_alone() {
    let (_folder, db) = open();
    let (started, has_started) = oneshot::channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
    let first = tokio::spawn({
        let db = db.clone();
        async move {
            let wait = db.write(move |_| {
                started.send(()).unwrap();
                may_go_on.recv().unwrap();
                Ok(())
            });
            wait.await
        }
    });
    has_started.await.unwrap();
    // Twenty commands wait while the writer is busy: one batch, of which every second one fails.
    let barrier = Arc::new(Barrier::new(21));
    let waiting: Vec<_> = (0..20)
        .map(|n| {
            let (db, barrier) = (db.clone(), Arc::clone(&barrier));
            tokio::spawn(async move {
                barrier.wait().await;
                let name = format!("agent {}", n / 2);
                db.write(add(&name)).await
            })
        })
        .collect();
    barrier.wait().await;
    go_on.send(()).unwrap();
    first.await.unwrap().unwrap();
    let mut refused = 0;
    for answer in waiting {
        refused += usize::from(answer.await.unwrap().is_err());
    }
    assert_eq!(refused, 10);
    assert_eq!(names(&db).await.len(), 10);
    assert_eq!(db.read(events::newest).await.unwrap(), 10);
}

#[tokio::test]
async fn a_query_cannot_write() {
    let (_folder, db) = open();
    let write = "INSERT INTO events (topic, data, created_at) VALUES ('x', '{}', '') RETURNING id";
    let error = db.read(|db| db.number(write, &[])).await.unwrap_err();
    assert!(
        format!("{error:?}").contains("a query may not write"),
        "{error:?}"
    );
    // A command's queries neither.
    assert!(db.write(|db| db.number(write, &[])).await.is_err());
}

#[tokio::test]
async fn another_process_can_write_at_once_after_a_command_failed() {
    let (folder, db) = open();
    let failed = db.write::<(), _>(|_| Err(Error::Conflict("no".into())));
    assert!(failed.await.is_err());
    let (other, _) = Db::open(db::Options::new(folder.path().join("test.db"))).unwrap();
    let write = other.write(add("from elsewhere"));
    tokio::time::timeout(Duration::from_secs(2), write)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(names(&db).await, ["from elsewhere"]);
}

#[tokio::test]
async fn dropping_the_last_handle_ends_the_writer_with_everything_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let (db, writer) = Db::open(db::Options::new(&path)).unwrap();
    db.write(add("scout")).await.unwrap();
    drop(db);
    tokio::task::spawn_blocking(|| writer.join().unwrap())
        .await
        .unwrap();
    let log = folder.path().join("test.db-wal");
    assert!(!log.exists() || log.metadata().unwrap().len() == 0);
    let (db, _) = Db::open(db::Options::new(&path)).unwrap();
    assert_eq!(names(&db).await, ["scout"]);
    assert_eq!(*db.bell().borrow(), 1 as EventId);
}

#[tokio::test]
async fn the_clock_of_the_database_is_the_time_of_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    let noon = Timestamp::parse("2026-01-31T12:00:00.5+01:00").unwrap();
    let mut options = db::Options::new(folder.path().join("test.db"));
    options.clock = Clock::new(move || noon);
    let (db, _) = Db::open(options).unwrap();
    let agent = db
        .write(|db| create(db, &new_agent("scout")))
        .await
        .unwrap();
    assert_eq!(agent.created_at.as_str(), "2026-01-31T11:00:00.500Z");
}

#[tokio::test]
async fn a_backup_taken_under_load_is_whole_and_can_be_restored() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let (db, writer) = Db::open(db::Options::new(&path)).unwrap();
    for n in 0..50 {
        db.write(add(&format!("agent {n}"))).await.unwrap();
    }
    let copy = folder.path().join("copy.db");
    let writing = tokio::spawn({
        let db = db.clone();
        async move {
            for n in 50..150 {
                db.write(add(&format!("agent {n}"))).await.unwrap();
            }
        }
    });
    let (from, to) = (path.clone(), copy.clone());
    tokio::task::spawn_blocking(move || db::backup(&from, &to))
        .await
        .unwrap()
        .unwrap();
    let in_use = db::restore(&path, &copy).unwrap_err();
    assert!(
        format!("{in_use:#}").contains("is in use; stop the service first"),
        "{in_use:#}"
    );
    writing.await.unwrap();
    assert!(
        db::backup(&path, &copy).is_err(),
        "a backup never overwrites"
    );
    drop(db);
    tokio::task::spawn_blocking(|| writer.join().unwrap())
        .await
        .unwrap();

    std::fs::write(folder.path().join("junk.db"), "not a database").unwrap();
    assert!(db::restore(&path, &folder.path().join("junk.db")).is_err());
    let kept = db::restore(&path, &copy).unwrap().unwrap();
    let (restored, first) = Db::open(db::Options::new(&path)).unwrap();
    let count = names(&restored).await.len();
    assert!((50..=150).contains(&count), "{count}");
    let (before, second) = Db::open(db::Options::new(&kept)).unwrap();
    assert_eq!(names(&before).await.len(), 150);
    drop((restored, before));
    for writer in [first, second] {
        writer.join().unwrap();
    }
    // What was kept is kept when it is done again.
    let kept_again = db::restore(&path, &copy).unwrap().unwrap();
    assert_ne!(kept, kept_again);
    assert!(kept.exists() && kept_again.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_ends_however_much_is_written_meanwhile() {
    let (folder, db) = open();
    // More than the backup copies in one step.
    for n in 0..600 {
        let mut agent = new_agent(&format!("agent {n}"));
        agent.description = "x".repeat(10_000);
        db.write(move |db| create(db, &agent)).await.unwrap();
    }
    let (path, copy) = (db.path().to_owned(), folder.path().join("copy.db"));
    let mut backup = tokio::task::spawn_blocking(move || db::backup(&path, &copy));
    let mut written = 600;
    let copied = loop {
        tokio::select! {
            copied = &mut backup => break copied.unwrap(),
            added = db.write(add(&format!("agent {written}"))) => added.unwrap(),
        }
        written += 1;
        assert!(written < 100_000, "the backup begins again at every write");
    };
    copied.unwrap();
}

#[tokio::test]
async fn a_list_is_never_older_than_the_last_commit_of_any_process() {
    let service = Service::start();
    let count = async || {
        service
            .get("/api/agents")
            .await
            .body
            .as_array()
            .unwrap()
            .len()
    };
    let (other, _) = Db::open(db::Options::new(service.app.db.path())).unwrap();
    for n in 0..20 {
        assert_eq!(count().await, n);
        assert_eq!(count().await, n, "the same from what is kept");
        let writer = if n % 2 == 0 { &service.app.db } else { &other };
        writer.write(add(&format!("agent {n}"))).await.unwrap();
    }
}

#[tokio::test]
async fn a_restore_makes_its_folder_and_takes_nothing_from_an_old_log() {
    let (folder, db) = open();
    db.write(add("kept")).await.unwrap();
    let copy = folder.path().join("copy.db");
    db::backup(db.path(), &copy).unwrap();
    db.write(add("too late")).await.unwrap();
    // As a kill leaves it, and a person who removed the database but not its log.
    let path = folder.path().join("new/folder/test.db");
    assert_eq!(db::restore(&path, &copy).unwrap(), None);
    std::fs::copy(
        folder.path().join("test.db-wal"),
        path.with_extension("db-wal"),
    )
    .unwrap();
    std::fs::remove_file(&path).unwrap();
    db::restore(&path, &copy).unwrap();
    let (restored, _) = Db::open(db::Options::new(&path)).unwrap();
    assert_eq!(names(&restored).await, ["kept"]);
}

#[test]
fn a_service_that_starts_and_a_restore_keep_each_other_out() {
    let (folder, db) = open();
    let (path, copy) = (db.path().to_owned(), folder.path().join("copy.db"));
    db::backup(&path, &copy).unwrap();
    let lock = std::fs::File::open(path.with_extension("db-lock")).unwrap();
    assert!(lock.try_lock().is_err(), "a service holds it");
    assert!(lock.try_lock_shared().is_ok(), "with others");

    // A second service, which has not opened the database yet.
    let new = folder.path().join("new.db");
    let starting = std::fs::File::create(new.with_extension("db-lock")).unwrap();
    starting.try_lock_shared().unwrap();
    let refused = db::restore(&new, &copy).unwrap_err();
    assert!(
        refused
            .to_string()
            .ends_with("is in use; stop the service first")
    );
    assert!(!new.exists());
    starting.unlock().unwrap();
    db::restore(&new, &copy).unwrap();

    // A restore that has not replaced the database yet.
    starting.try_lock().unwrap();
    let Err(refused) = Db::open(db::Options::new(&new)) else {
        panic!("it opened a database that is being restored");
    };
    let shown = format!("{refused:#}").replace(folder.path().to_str().unwrap(), "[folder]");
    assert_eq!(
        shown,
        "open [folder]/new.db: it is being restored; start again after that"
    );
    starting.unlock().unwrap();
    Db::open(db::Options::new(&new)).unwrap();
}

#[tokio::test]
async fn a_look_at_the_health_commits_nothing() {
    let service = Service::start();
    service.app.db.write(add("scout")).await.unwrap();
    let before = service.app.db.version().unwrap();
    for _ in 0..3 {
        service.app.db.check().await.unwrap();
    }
    assert_eq!(service.app.db.version().unwrap(), before);
}
