use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Request;
use orchestrator::adapters::Kind;
use orchestrator::agents::{AgentName, AgentType};
use orchestrator::approvals::ApprovalStatus;
use orchestrator::config::{InstanceName, Project, Settings, Text as _, Token};
use orchestrator::openapi::DOCUMENT;
use orchestrator::retention::RecordKind;
use orchestrator::runtime::Status;
use orchestrator::runtime::logs::{Level, LogType};
use orchestrator::runtime::prompts::{PromptStatus, PromptType};
use orchestrator::workflows::WorkflowStatus;
use orchestrator::worktrees::WorktreeStatus;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::Service;

fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let methods = |(path, item): (&String, &'static str)| (format!("{item} {path}"), path.clone());
    let mut found = Vec::new();
    for (path, item) in paths {
        for method in ["get", "post", "put", "patch", "delete"] {
            if item[method].is_object() {
                found.push((methods((path, method)).0, &item[method]));
            }
        }
    }
    found
}

#[tokio::test]
async fn the_document_is_served_and_describes_its_errors_everywhere() {
    let service = Service::start();
    let answer = service.get("/openapi.json").await;
    assert_eq!(answer.status, 200);
    for (name, operation) in operations(&answer.body) {
        for status in ["403", "421", "429", "500", "503"] {
            let content = &operation["responses"][status]["content"];
            assert!(content.is_object(), "{name} does not document {status}");
        }
        assert!(operation["summary"].is_string(), "{name} has no summary");
        assert!(operation["tags"][0] != "crate", "{name} has no tag");
    }
}

#[test]
fn every_tag_and_every_reference_of_the_document_leads_somewhere() {
    let document = serde_json::to_value(&*DOCUMENT).unwrap();
    let tags: Vec<_> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    for (name, operation) in operations(&document) {
        let tag = &operation["tags"][0];
        assert!(
            tags.contains(&tag),
            "{name} has the tag {tag}, which is not described"
        );
    }
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(
            document.pointer(pointer).is_some(),
            "{pointer} leads nowhere"
        );
    }
}

#[test]
fn the_words_that_the_document_lists_are_those_that_are_taken() {
    let document = serde_json::to_value(&*DOCUMENT).unwrap();
    let taken = [
        ("AgentType", json!(AgentType::ALL)),
        ("ApprovalStatus", json!(ApprovalStatus::ALL)),
        ("Kind", json!(Kind::ALL)),
        ("Level", json!(Level::ALL)),
        ("LogType", json!(LogType::ALL)),
        ("PromptStatus", json!(PromptStatus::ALL)),
        ("PromptType", json!(PromptType::ALL)),
        ("RecordKind", json!(RecordKind::ALL)),
        ("Status", json!(Status::ALL)),
        ("WorkflowStatus", json!(WorkflowStatus::ALL)),
        ("WorktreeStatus", json!(WorktreeStatus::ALL)),
    ];
    for (schema, words) in taken {
        assert_eq!(document["components"]["schemas"][schema]["enum"], words);
    }
}

#[tokio::test]
async fn the_example_of_every_body_is_accepted_or_names_what_is_unknown() {
    let service = Service::start();
    let document = serde_json::to_value(&*DOCUMENT).unwrap();
    let schemas = &document["components"]["schemas"];
    let mut sent = 0;
    for (name, operation) in operations(&document) {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let Some(reference) = schema["$ref"].as_str() else {
            continue;
        };
        let shape = reference.rsplit('/').next().unwrap();
        let shape = shape.strip_prefix("BatchOf").unwrap_or(shape);
        let example = &schemas[shape]["example"];
        assert!(example.is_object(), "{shape} has no example");
        let (method, path) = name.split_once(' ').unwrap();
        let path = path.replace("{id}", "01981f3e-6b1a-7c60-9d2e-5a4b3c2d1e0f");
        let answer = match method {
            "post" => service.post(&path, example.clone()).await,
            "put" => service.put(&path, example.clone()).await,
            _ => service.patch(&path, example.clone()).await,
        };
        let status = answer.status.as_u16();
        assert!([200, 201, 404].contains(&status), "{name}: {answer:?}");
        sent += 1;
    }
    assert!(10 < sent, "{sent}");
}

#[tokio::test]
async fn every_list_documents_the_link_that_it_answers_with() {
    let service = Service::start();
    for name in ["scout", "planner"] {
        service.agent(name).await;
    }
    let answer = service.get("/api/agents?limit=1&agent_type=skill").await;
    let link = answer.header("link");
    let query = "</api/agents?limit=1&agent_type=skill&cursor=";
    assert!(link.starts_with(query), "{link}");
    assert!(link.ends_with(">; rel=\"next\""), "{link}");
    let document = serde_json::to_value(&*DOCUMENT).unwrap();
    let mut lists = 0;
    for (name, operation) in operations(&document) {
        let answer = &operation["responses"]["200"];
        let mut parameters = operation["parameters"].as_array().into_iter().flatten();
        let is_list = parameters.any(|it| it["name"] == "cursor");
        let about = answer["headers"]["link"]["description"].as_str();
        assert_eq!(
            is_list,
            about.is_some_and(|it| it.contains("rel=\"next\"")),
            "{name}"
        );
        lists += usize::from(is_list);
    }
    assert!(6 < lists, "{lists}");
}

#[tokio::test]
async fn the_document_names_the_cookie_of_the_instance_that_serves_it() {
    let cookie = |document: &Value| {
        let scheme = &document["components"]["securitySchemes"]["session"];
        assert_eq!(scheme["in"], "cookie");
        scheme["name"].as_str().unwrap().to_owned()
    };
    let of_any = serde_json::to_value(&*DOCUMENT).unwrap();
    assert_eq!(cookie(&of_any), "orchestrator_{name}_{port}_session");
    let service = Service::with(Settings {
        port: 9123,
        project: Project {
            name: InstanceName::parse("demo").unwrap(),
            ..Project::default()
        },
        ..Settings::default()
    });
    let request = Request::get("/openapi.json").header("host", "localhost:9123");
    let answer = service.answer(request.body(Body::empty()).unwrap()).await;
    assert_eq!(cookie(&answer.body), "orchestrator_demo_9123_session");
    assert_eq!(
        orchestrator::login::cookie(&service.app.settings()),
        "orchestrator_demo_9123_session"
    );
}

/// The characters that `AgentName` takes for white space, as a regular expression writes them.
fn white_space() -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for c in ('\0'..=char::MAX).filter(|c| c.is_whitespace()) {
        let code = u32::from(c);
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == code => *last = code,
            _ => ranges.push((code, code)),
        }
    }
    let range = |(first, last)| match first {
        _ if first == last => format!("\\u{first:04x}"),
        _ => format!("\\u{first:04x}-\\u{last:04x}"),
    };
    ranges.into_iter().map(range).collect()
}

#[tokio::test]
async fn the_pattern_of_names_refuses_the_white_space_that_the_service_refuses() {
    let document = serde_json::to_value(&*DOCUMENT).unwrap();
    let schemas = &document["components"]["schemas"];
    let white = white_space();
    let pattern = format!("^[^{white}]([\\s\\S]*[^{white}])?$");
    assert_eq!(schemas["AgentName"]["pattern"], pattern);
    for body in ["NewAgentBody", "AgentChangesBody"] {
        let name = &schemas[body]["properties"]["name"];
        assert_eq!(name["$ref"], "#/components/schemas/AgentName", "{body}");
    }
    for c in ('\0'..=char::MAX).filter(|c| c.is_whitespace()) {
        for name in [format!("{c}a"), format!("a{c}"), c.to_string()] {
            assert!(name.parse::<AgentName>().is_err(), "{name:?}");
        }
        assert!(format!("a{c}b").parse::<AgentName>().is_ok(), "{c:?}");
    }
    assert!("\u{feff}a".parse::<AgentName>().is_ok());
}

#[tokio::test(start_paused = true)]
async fn every_media_type_of_a_refusal_is_documented() {
    let service = Service::with(Settings {
        token: Token::parse("correct-horse-battery-staple-0123456789"),
        ..Settings::default()
    });
    let get = async |accept: &'static str| {
        let request = Request::get("/health")
            .header("host", "localhost:8000")
            .header("accept", accept)
            .header("authorization", "Bearer wrong");
        let request = request.body(Body::empty()).unwrap();
        let answer = service.router.clone().oneshot(request).await.unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap();
        let kind = kind.split(';').next().unwrap();
        (answer.status().as_u16(), kind.to_owned())
    };
    let mut seen = BTreeSet::new();
    for _ in 0..=20 {
        seen.insert(get("text/html").await);
        seen.insert(get("application/json").await);
    }
    let expected = [401, 429].map(|status| {
        ["application/problem+json", "text/html"].map(|kind| (status, kind.to_owned()))
    });
    assert_eq!(seen, expected.concat().into_iter().collect());
    let document = serde_json::to_value(&*DOCUMENT).unwrap();
    for (name, operation) in operations(&document) {
        for (status, kind) in &seen {
            let content = &operation["responses"][status.to_string()]["content"];
            assert!(content[kind].is_object(), "{name} {status} {kind}");
        }
    }
    // A service that is asked too much never comes so far as to look at its database.
    let kinds = |path: &str| {
        let answer = &document["paths"][path]["get"]["responses"]["503"]["content"];
        answer.as_object().unwrap().keys().cloned().collect()
    };
    let of_health: Vec<_> = kinds("/health");
    assert_eq!(of_health, ["application/json", "application/problem+json"]);
    assert_eq!(kinds("/readyz"), ["application/problem+json"]);
}
