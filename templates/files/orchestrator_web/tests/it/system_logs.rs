use serde_json::{Value, json};

use crate::support::Service;

const PATH: &str = "/api/system/logs";

fn line(component: &str, level: &str, message: &str) -> Value {
    json!({ "component": component, "log_level": level, "message": message })
}

#[tokio::test]
async fn system_lines_are_written_alone_or_together_and_found() {
    let service = Service::start();
    let one = service
        .post(PATH, line("queue", "WARNING", "queue is long"))
        .await;
    assert_eq!((one.status.as_u16(), one.header("location")), (201, PATH));
    let mut shown = one.body;
    for key in ["id", "created_at"] {
        assert!(shown[key].is_string());
        shown[key] = json!("…");
    }
    insta::assert_json_snapshot!(shown, @r#"
    {
      "component": "queue",
      "created_at": "…",
      "details": null,
      "id": "…",
      "log_level": "WARNING",
      "message": "queue is long"
    }
    "#);
    let two = json!([
        line("watch", "DEBUG", "looked"),
        line("watch", "ERROR", "queue is gone")
    ]);
    service.given(PATH, two).await;
    assert_eq!(service.events().await, 2);
    for (query, expected) in [
        ("", vec!["queue is gone", "looked", "queue is long"]),
        ("level=WARNING", vec!["queue is gone", "queue is long"]),
        ("component=watch", vec!["queue is gone", "looked"]),
        ("q=queue", vec!["queue is gone", "queue is long"]),
        ("q=queue&component=watch&level=ERROR", vec!["queue is gone"]),
    ] {
        let list = service.get(&format!("{PATH}?{query}")).await.body;
        let list: Vec<_> = list
            .as_array()
            .unwrap()
            .iter()
            .map(|it| &it["message"])
            .collect();
        assert_eq!(list, expected, "{query}");
    }
}

#[tokio::test]
async fn wrong_system_lines_are_refused_together() {
    let service = Service::start();
    let lines = json!([line("", "LOUD", "x"), line("a", "INFO", "y")]);
    let answer = service.post(PATH, lines).await;
    assert_eq!(answer.status, 422);
    insta::assert_debug_snapshot!(answer.errors(), @r#"
    [
        "/0/component: must not be empty",
        "/0/log_level: must be one of DEBUG INFO WARNING ERROR CRITICAL",
    ]
    "#);
    assert_eq!(service.events().await, 0);
    assert_eq!(service.get(PATH).await.body, json!([]));
}
