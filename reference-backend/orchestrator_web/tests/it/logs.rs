use serde_json::{Value, json};

use crate::support::Service;

const PATH: &str = "/api/runtime/logs";

fn line(agent: &str, level: &str, message: &str) -> Value {
    json!({ "agent_id": agent, "log_level": level, "log_type": "output", "message": message })
}

async fn messages(service: &Service, query: &str) -> Vec<String> {
    let answer = service.get(&format!("{PATH}{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let lines = answer.body.as_array().unwrap().clone();
    let message = |line: &Value| line["message"].as_str().unwrap().to_owned();
    lines.iter().map(message).collect()
}

async fn reporter(service: &Service) -> String {
    service.instance(&service.agent("planner").await).await
}

#[tokio::test]
async fn a_line_is_written_with_every_key_and_a_batch_with_one_event() {
    let service = Service::start();
    let agent = reporter(&service).await;
    let before = service.events().await;
    let mut one = line(&agent, "INFO", "started");
    one["details"] = json!({ "step": 1 });
    let answer = service.post(PATH, one).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (201, PATH)
    );
    assert_eq!(service.get(PATH).await.body, json!([answer.body]));
    let mut shown = answer.body;
    for key in ["id", "agent_id", "created_at"] {
        assert!(shown[key].is_string());
        shown[key] = json!("…");
    }
    insta::assert_json_snapshot!(shown, @r#"
    {
      "agent_id": "…",
      "created_at": "…",
      "details": {
        "step": 1
      },
      "id": "…",
      "log_level": "INFO",
      "log_type": "output",
      "message": "started"
    }
    "#);

    let batch: Vec<_> = (0..1000)
        .map(|n| line(&agent, "DEBUG", &format!("line {n}")))
        .collect();
    let answer = service.post(PATH, json!(batch)).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.body.as_array().unwrap().len(), 1000);
    assert_eq!(answer.body[999]["message"], "line 999");
    let events = service
        .app
        .db
        .read(move |db| orchestrator::events::after(db, before, 9))
        .await;
    let events: Vec<_> = events
        .unwrap()
        .into_iter()
        .map(|it| (it.topic, it.data))
        .collect();
    let [(first, one), (second, many)] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(
        (first.as_str(), second.as_str()),
        ("logs.written", "logs.written")
    );
    let event =
        |count, level| json!({ "count": count, "agent_ids": [agent], "highest_level": level });
    assert_eq!(
        serde_json::from_str::<Value>(one.get()).unwrap(),
        event(1, "INFO")
    );
    assert_eq!(
        serde_json::from_str::<Value>(many.get()).unwrap(),
        event(1000, "DEBUG")
    );
}

#[tokio::test]
async fn a_batch_with_one_wrong_line_leaves_nothing() {
    let service = Service::start();
    let agent = reporter(&service).await;
    let before = service.events().await;
    let mut batch: Vec<_> = (0..20)
        .map(|n| line(&agent, "INFO", &format!("line {n}")))
        .collect();
    batch[17]["log_level"] = json!("LOUD");
    batch[19]["log_type"] = json!("poem");
    batch[19]["agent_id"] = json!("me");
    let wrong_values = service.post(PATH, json!(batch)).await;
    batch[3]["colour"] = json!("red");
    let wrong_shape = service.post(PATH, json!(batch)).await;
    let empty = service.post(PATH, json!([])).await;
    let many = service
        .post(PATH, json!(vec![line(&agent, "INFO", ""); 1001]))
        .await;
    let text = service.post(PATH, json!("line")).await;
    let mut errors = Vec::new();
    for answer in [&wrong_values, &wrong_shape, &empty, &many, &text] {
        assert_eq!(answer.status, 422, "{answer:?}");
        errors.extend(answer.errors());
    }
    insta::assert_debug_snapshot!(errors, @r#"
    [
        "/17/log_level: must be one of DEBUG INFO WARNING ERROR CRITICAL",
        "/19/agent_id: must be a UUID",
        "/19/log_type: must be one of state_change milestone error performance tool_call cost_update output",
        "/3/colour: is not a member that is known here",
        ": must have at least one item",
        ": must have at most 1000 items",
        ": invalid type: string \"line\", expected an object, or an array of 1 to 1000 of them",
    ]
    "#);

    let stranger = "0197f3c2-0000-7000-8000-000000000000";
    let unknown = json!([line(&agent, "INFO", "a"), line(stranger, "INFO", "b")]);
    assert_eq!(service.post(PATH, unknown).await.status, 404);
    assert_eq!(messages(&service, "").await, [""; 0]);
    assert_eq!(messages(&service, "?q=line").await, [""; 0]);
    assert_eq!(service.events().await, before);
}

#[tokio::test]
async fn lines_are_found_by_level_type_instance_and_time() {
    let service = Service::start();
    let agent = reporter(&service).await;
    let levels = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"];
    for level in levels {
        service.given(PATH, line(&agent, level, level)).await;
    }
    for (least, level) in levels.iter().enumerate() {
        let mut expected = levels[least..].to_vec();
        expected.reverse();
        assert_eq!(
            messages(&service, &format!("?level={level}")).await,
            expected
        );
    }
    let other = service.instance(&service.agent("other").await).await;
    let milestone = json!({ "agent_id": other, "log_level": "INFO", "log_type": "milestone",
        "message": "done" });
    let done = service.given(PATH, milestone).await;
    let time = done["created_at"].as_str().unwrap();
    assert_eq!(
        messages(&service, "?log_type=milestone&level=INFO").await,
        ["done"]
    );
    assert_eq!(
        messages(&service, &format!("?agent_id={other}")).await,
        ["done"]
    );
    assert_eq!(
        messages(&service, &format!("/agent/{other}?level=INFO")).await,
        ["done"]
    );
    assert_eq!(
        messages(&service, &format!("/agent/{other}?level=ERROR")).await,
        [""; 0]
    );
    assert_eq!(
        messages(&service, &format!("?agent_id={other}&until={time}")).await,
        [""; 0]
    );
    assert_eq!(
        messages(&service, &format!("?agent_id={other}&since={time}")).await,
        ["done"]
    );
    assert_eq!(
        messages(&service, "?since=2999-01-01T00:00:00Z").await,
        [""; 0]
    );

    let unknown = "?orchestrator_agent_id=0197f3c2-0000-7000-8000-000000000000";
    assert_eq!(messages(&service, unknown).await, [""; 0]);
    let nobody = "/agent/0197f3c2-0000-7000-8000-000000000000";
    for unknown in [nobody, "/agent/x"] {
        assert_eq!(service.get(&format!("{PATH}{unknown}")).await.status, 404);
    }
    let answer = service
        .get(&format!(
            "{PATH}?level=LOUD&since=now&agent_id=x&orchestrator_agent_id=y&limit=0"
        ))
        .await;
    assert_eq!(answer.status, 422);
    insta::assert_debug_snapshot!(answer.errors(), @r#"
    [
        "agent_id: must be a UUID",
        "orchestrator_agent_id: must be a UUID",
        "level: must be one of DEBUG INFO WARNING ERROR CRITICAL",
        "since: must be an instant of RFC 3339, like 2026-01-31T23:59:59Z",
        "limit: must lie between 1 and 1000",
    ]
    "#);
}

#[tokio::test]
async fn the_lines_of_an_agent_are_one_list_whichever_of_its_runs_wrote_them() {
    let service = Service::start();
    let [planner, other] = [service.agent("planner").await, service.agent("other").await];
    let mut runs = Vec::new();
    for agent in [&planner, &other, &planner, &planner] {
        runs.push(service.instance(agent).await);
    }
    // The first run goes on writing while later ones begin and end.
    let mut expected = Vec::new();
    for number in 0..40 {
        let run = &runs[[0, 1, 2, 0, 3, 1, 0][number % 7]];
        let level = ["INFO", "ERROR"][number % 2];
        let message = format!("{level} {number}");
        service.given(PATH, line(run, level, &message)).await;
        if *run != runs[1] {
            expected.insert(0, message);
        }
    }
    let of_planner = format!("?orchestrator_agent_id={planner}");
    assert_eq!(messages(&service, &of_planner).await, expected);
    let (mut found, mut next) = (Vec::new(), Some(format!("{PATH}{of_planner}&limit=3")));
    while let Some(path) = next {
        let page = service.get(&path).await;
        for line in page.body.as_array().unwrap() {
            found.push(line["message"].as_str().unwrap().to_owned());
        }
        let link = page.header("link");
        next = link
            .strip_prefix('<')
            .map(|it| it.split('>').next().unwrap().to_owned());
    }
    assert_eq!(found, expected);

    let mut errors = expected;
    errors.retain(|it| it.starts_with("ERROR"));
    assert_eq!(
        messages(&service, &format!("{of_planner}&level=ERROR")).await,
        errors
    );
    assert_eq!(
        messages(&service, &format!("{of_planner}&q=error")).await,
        errors
    );
    assert_eq!(
        messages(&service, &format!("{of_planner}&log_type=milestone")).await,
        [""; 0]
    );
    let of_others = format!("{of_planner}&agent_id={}", runs[1]);
    assert_eq!(messages(&service, &of_others).await, [""; 0]);
    let first = format!("{of_planner}&agent_id={}&q=info", runs[0]);
    assert_eq!(messages(&service, &first).await.last().unwrap(), "INFO 0");
}

#[tokio::test]
async fn a_search_finds_words_at_once_and_takes_operators_as_text() {
    let service = Service::start();
    let agent = reporter(&service).await;
    let texts = [
        "connection refused by 10.0.0.1",
        "Ünïcode Größe 🦀 done",
        "NUL\u{0}inside \"quoted\" text",
        "say NEAR and AND and NOT and OR",
        "C:\\path\\to -flag --long a^b (x) *star",
    ];
    for text in texts {
        service.given(PATH, line(&agent, "INFO", text)).await;
    }
    let long = format!("{} needle", "hay ".repeat(260_000));
    service.given(PATH, line(&agent, "INFO", &long)).await;
    for (typed, expected) in [
        ("refused", vec![texts[0]]),
        ("REFUSED conn", vec![texts[0]]),
        ("10.0.0.1", vec![texts[0]]),
        ("grosse", vec![]),
        ("größe", vec![texts[1]]),
        ("unicode", vec![texts[1]]),
        ("\"quoted", vec![texts[2]]),
        ("inside", vec![texts[2]]),
        ("NEAR", vec![texts[3]]),
        ("NEAR(say", vec![]),
        ("AND OR", vec![texts[3]]),
        ("say NOT", vec![texts[3]]),
        ("-flag", vec![texts[4]]),
        ("message:flag", vec![]),
        ("a^b", vec![texts[4]]),
        ("*star", vec![texts[4]]),
        ("(x)", vec![texts[4]]),
        ("needle", vec![long.as_str()]),
        ("refused needle", vec![]),
    ] {
        let typed: String = url_encode(typed);
        assert_eq!(
            messages(&service, &format!("?q={typed}")).await,
            expected,
            "{typed}"
        );
    }
    for wordless in ["*", "%22", "%00", "--", "(", "%5e"] {
        let found = messages(&service, &format!("?q={wordless}")).await;
        assert!(found.is_empty(), "{wordless:?} is in no line");
    }
    for nothing in ["", "%20"] {
        let found = messages(&service, &format!("?q={nothing}")).await;
        assert_eq!(found.len(), 6, "{nothing:?} asks for nothing");
    }
}

fn url_encode(text: &str) -> String {
    let bytes: Vec<_> = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
    bytes.concat()
}

#[tokio::test]
async fn pages_of_a_filtered_list_hold_every_line_once_at_equal_times() {
    let service = Service::start();
    let agent = reporter(&service).await;
    let level = |n: usize| if n.is_multiple_of(3) { "ERROR" } else { "INFO" };
    let batch: Vec<_> = (0..50)
        .map(|n| line(&agent, level(n), &format!("word {n}")))
        .collect();
    let written = service.given(PATH, json!(batch)).await;
    assert_eq!(written[0]["created_at"], written[49]["created_at"]);
    for (query, of) in [
        ("level=INFO", 1),
        ("level=ERROR", 3),
        ("q=word&level=ERROR", 3),
    ] {
        let mut uri = format!("{PATH}?{query}&agent_id={agent}&limit=7");
        let mut found = Vec::new();
        while !uri.is_empty() {
            let page = service.get(&uri).await;
            let lines = page.body.as_array().unwrap().clone();
            found.extend(
                lines
                    .iter()
                    .map(|line| line["message"].as_str().unwrap().to_owned()),
            );
            let next = page.header("link").strip_suffix(">; rel=\"next\"");
            uri = next.unwrap_or_default().trim_start_matches('<').to_owned();
        }
        let numbers = (0..50).rev().filter(|n| n % of == 0);
        let expected: Vec<_> = numbers.map(|n| format!("word {n}")).collect();
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn the_lines_of_a_deleted_agent_leave_the_search_too() {
    let service = Service::start();
    let definition = service.agent("planner").await;
    let agent = service.instance(&definition).await;
    let other = service.instance(&service.agent("other").await).await;
    service
        .given(PATH, line(&agent, "INFO", "shared gone"))
        .await;
    service
        .given(PATH, line(&other, "INFO", "shared stays"))
        .await;
    let path = format!("/api/agents/{definition}?force=true");
    assert_eq!(service.delete(&path).await.status, 204);
    assert_eq!(messages(&service, "?q=shared").await, ["shared stays"]);
    // Fails if the index and the table differ.
    let check = "INSERT INTO agent_logs_search (agent_logs_search, rank) \
        VALUES ('integrity-check', 1)";
    let checked = service.app.db.write(move |db| db.execute(check, &[])).await;
    checked.unwrap();
}
