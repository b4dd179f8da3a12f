//! Backups of the running service: whole, few, one at a time.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use orchestrator::config::Settings;
use orchestrator::db;
use serde_json::json;

use crate::support::Service;

#[tokio::test]
async fn a_backup_holds_what_was_there_and_is_listed() {
    let service = Service::start();
    service.agent("planner").await;
    assert_eq!(service.get("/api/backups").await.body, json!([]));
    let made = service.given("/api/backup", json!({})).await;
    let path = made["path"].as_str().unwrap();
    let bytes = fs::metadata(path).unwrap().len();
    assert_eq!(made["bytes"], bytes);
    assert_eq!(made["removed"], json!([]));
    let listed = json!([{ "path": path, "bytes": bytes, "created_at": made["created_at"] }]);
    assert_eq!(service.get("/api/backups").await.body, listed);

    let folder = tempfile::tempdir().unwrap();
    let restored = folder.path().join("restored.db");
    db::restore(&restored, path.as_ref()).unwrap();
    let (db, _) = db::Db::open(db::Options::new(restored)).unwrap();
    let count = |db: &db::Read| db.number("SELECT count(*) FROM orchestrator_agents", &[]);
    assert_eq!(db.read(count).await.unwrap(), 1);
}

#[tokio::test]
async fn the_newest_are_kept_and_what_the_service_has_not_made_stays() {
    let service = Service::with(Settings {
        backups_max: 2,
        ..Settings::default()
    });
    let mut made = Vec::new();
    for _ in 0..2 {
        made.push(service.given("/api/backup", json!({})).await);
    }
    let first = std::path::Path::new(made[0]["path"].as_str().unwrap());
    let folder = first.parent().unwrap();
    for other in ["mine.db", "backup-20260131T235959Z.db", "backup-x.db"] {
        fs::write(folder.join(other), "").unwrap();
    }
    let before = service.events().await;
    let third = service.given("/api/backup", json!({})).await;
    assert_eq!(third["removed"][0]["path"], made[0]["path"]);
    assert_eq!(third["removed"].as_array().unwrap().len(), 1);
    assert!(!first.exists());
    assert_eq!(fs::read_dir(folder).unwrap().count(), 5);
    let listed = service.get("/api/backups").await.body;
    assert_eq!(listed[0]["path"], third["path"]);
    assert_eq!(listed[1]["path"], made[1]["path"]);
    assert_eq!(service.topics_after(before).await, ["backup.made"]);
}

#[tokio::test]
async fn all_are_kept_where_there_is_no_bound_and_for_nobody_elses_eyes() {
    let service = Service::with(Settings {
        backups_max: 0,
        ..Settings::default()
    });
    for count in 1..=11 {
        service.given("/api/backup", json!({})).await;
        let listed = service.get("/api/backups").await.body;
        assert_eq!(listed.as_array().unwrap().len(), count);
    }
    let folder = service.app.db.path().with_file_name("backups");
    let mode = fs::metadata(folder).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}

#[tokio::test]
async fn whoever_asks_for_a_backup_and_goes_away_leaves_a_whole_one() {
    let service = Service::start();
    service.agent("planner").await;
    let before = service.events().await;
    let mut bell = service.app.db.bell();
    let mut asks = Box::pin(service.post("/api/backup", json!({})));
    while service.app.backing_up.try_lock().is_ok() {
        assert!(futures_util::poll!(&mut asks).is_pending());
        tokio::task::yield_now().await;
    }
    drop(asks);
    while service.topics_after(before).await != ["backup.made"] {
        bell.changed().await.unwrap();
    }
    let listed = service.get("/api/backups").await.body;
    let path = listed[0]["path"].as_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    db::restore(&folder.path().join("restored.db"), path.as_ref()).unwrap();
}

#[tokio::test]
async fn one_is_made_at_a_time() {
    let service = Service::start();
    let alone = service.app.backing_up.lock().await;
    assert_eq!(service.post("/api/backup", json!({})).await.status, 409);
    drop(alone);
    assert_eq!(service.post("/api/backup", json!({})).await.status, 201);
}

#[tokio::test]
async fn a_backup_that_cannot_be_written_leaves_nothing_and_the_next_one_may_be_made() {
    let service = Service::start();
    let folder = service.app.db.path().with_file_name("backups");
    fs::write(&folder, "in the way").unwrap();
    let answer = service.post("/api/backup", json!({})).await;
    assert_eq!(answer.status, 503);
    let detail = answer.body["detail"].as_str().unwrap();
    assert!(detail.contains("log says why"), "{detail}");
    fs::remove_file(&folder).unwrap();
    assert_eq!(service.post("/api/backup", json!({})).await.status, 201);
}

#[tokio::test]
async fn a_folder_of_backups_that_cannot_be_read_is_told_and_is_no_fault_of_the_service() {
    let service = Service::start();
    fs::write(service.app.db.path().with_file_name("backups"), "").unwrap();
    let listed = service.get("/api/backups").await;
    assert_eq!(listed.status, 503, "{listed:?}");
    let reason = "the folder of the backups cannot be read; the service's log says why";
    assert_eq!(listed.body["detail"], reason);
}
