use orchestrator::agents::AgentType;
use orchestrator::openapi::DOCUMENT;
use orchestrator::runtime::Status;
use orchestrator::runtime::logs::{Level, LogType};
use orchestrator::runtime::prompts::{PromptStatus, PromptType};
use orchestrator::workflows::WorkflowStatus;
use serde_json::{Value, json};

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
        ("Level", json!(Level::ALL)),
        ("LogType", json!(LogType::ALL)),
        ("PromptStatus", json!(PromptStatus::ALL)),
        ("PromptType", json!(PromptType::ALL)),
        ("Status", json!(Status::ALL)),
        ("WorkflowStatus", json!(WorkflowStatus::ALL)),
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
