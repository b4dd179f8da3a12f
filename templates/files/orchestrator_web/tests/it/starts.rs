//! How often runs may be started.

use std::time::{Duration, Instant};

use orchestrator::config::Settings;
use orchestrator::runs::starts::Starts;
use serde_json::json;

use crate::support::{Service, id, planner};

#[tokio::test]
async fn beyond_the_starts_of_a_minute_the_answer_says_how_long_to_wait() {
    let mut settings = Settings::default();
    settings.limits.starts_per_minute = 3;
    let service = Service::with(settings);
    let mut agent = planner("parrot");
    agent["executor"] = "demo".into();
    let agent = id(&service.given("/api/agents", agent).await);
    let execute = format!("/api/agents/{agent}/execute");
    let hello = json!({ "prompt": "say hello" });
    let run = id(&service.post(&execute, hello.clone()).await.body);
    service
        .post(&format!("/api/runtime/agents/{run}/stop"), json!({}))
        .await;
    // A body that is refused starts nothing, and takes nothing.
    assert_eq!(service.post(&execute, json!({})).await.status, 422);
    let restart = format!("/api/runtime/agents/{run}/restart");
    assert_eq!(service.post(&restart, json!({})).await.status, 202);
    assert_eq!(service.post(&execute, hello.clone()).await.status, 202);
    for path in [&execute, &restart] {
        let refused = service.post(path, hello.clone()).await;
        assert_eq!(refused.status, 429, "{refused:?}");
        assert_eq!(
            refused.body["detail"],
            "at most 3 runs may be started in a minute"
        );
        let wait: u64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=20).contains(&wait), "{wait}");
    }
    assert_eq!(
        service.get("/api/status").await.body["queued"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn who_waits_as_long_as_he_was_told_may_start_and_nobody_earlier() {
    let seconds = Duration::from_secs;
    let (starts, start) = (Starts::default(), Instant::now());
    let take = |per_minute, after| {
        let taken = starts.take(per_minute, start + after);
        taken.map_err(|refused| refused.to_string())
    };
    for _ in 0..60 {
        assert_eq!(take(60, seconds(0)), Ok(()));
    }
    assert!(take(60, Duration::from_millis(999)).is_err());
    assert_eq!(take(60, seconds(1)), Ok(()));
    assert!(take(60, seconds(1)).is_err());
    // Idle time fills it, and never beyond its size.
    for _ in 0..60 {
        assert_eq!(take(60, seconds(1000)), Ok(()));
    }
    assert!(take(60, seconds(1000)).is_err());
    // The setting has changed meanwhile.
    assert_eq!(take(0, seconds(1000)), Ok(()));
    for per_minute in [1, 7, u16::MAX] {
        let starts = Starts::default();
        let now = Instant::now();
        let taken = (0..=per_minute).filter(|_| starts.take(per_minute, now).is_ok());
        assert_eq!(taken.count(), usize::from(per_minute));
    }
}
