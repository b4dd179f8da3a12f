//! Keeps account of which operations of the service's document were driven, and how they answered.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::client::{Answer, Client, Socket};

pub struct Tour {
    client: Client,
    document: Value,
    /// Statuses by operation, e.g. `GET /api/agents/{id}`.
    seen: BTreeMap<String, BTreeSet<u16>>,
}

impl Tour {
    pub fn start(client: Client) -> Self {
        let document = client.send("GET /openapi.json", &Value::Null).unwrap();
        Self {
            client,
            document: document.is(200),
            seen: BTreeMap::new(),
        }
    }

    /// Sends a request (see `Client::send`) of an operation that the document describes.
    #[track_caller]
    pub fn send(&mut self, request: &str, body: &Value) -> Answer {
        self.send_as(&self.client.clone(), request, body)
    }

    #[track_caller]
    pub fn send_as(&mut self, client: &Client, request: &str, body: &Value) -> Answer {
        let answer = client.send(request, body).unwrap();
        let about = self.note(request, answer.status);
        if !answer.body.is_empty() {
            let media_type = answer.header("content-type").split(';').next();
            let documented = media_type.and_then(|it| about["content"].get(it));
            assert!(
                documented.is_some(),
                "{request} is not said to answer {answer:?}"
            );
        }
        answer
    }

    #[track_caller]
    pub fn get(&mut self, path: &str) -> Answer {
        self.send(&format!("GET {path}"), &Value::Null)
    }

    pub fn socket(&mut self, path: &str) -> Socket {
        let socket = self.client.socket(path);
        self.note(&format!("GET {path}"), 101);
        socket
    }

    pub fn events(&mut self, path: &str) -> impl Iterator<Item = Value> + use<> {
        let events = self.client.events(path);
        self.note(&format!("GET {path}"), 200);
        events
    }

    /// Every operation, with a word in the place of each parameter.
    pub fn operations(&self) -> Vec<String> {
        let mut operations = Vec::new();
        for (path, item) in self.document["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys() {
                if ["get", "post", "put", "patch", "delete"].contains(&method.as_str()) {
                    operations.push(format!("{} {path}", method.to_uppercase()));
                }
            }
        }
        operations
    }

    /// Every operation must have answered a request well and another with a refusal.
    pub fn end(self) {
        let of = |operation: &str, wanted: fn(&u16) -> bool| {
            let seen = self.seen.get(operation);
            seen.is_some_and(|statuses| statuses.iter().any(wanted))
        };
        let mut missing = self.operations();
        missing.retain(|it| !of(it, |status| *status < 400) || !of(it, |status| *status >= 400));
        assert!(missing.is_empty(), "not driven: {missing:#?}");
    }

    /// What the document says of this answer of the operation; fails if it says nothing.
    #[track_caller]
    fn note(&mut self, request: &str, status: u16) -> Value {
        let operation = self.operation(request);
        let (method, path) = operation.split_once(' ').expect("a method and a path");
        let about = &self.document["paths"][path][method.to_lowercase()];
        let documented = about["responses"].get(status.to_string()).cloned();
        let Some(documented) = documented else {
            panic!("{operation} is not said to answer {status}");
        };
        self.seen.entry(operation).or_default().insert(status);
        documented
    }

    /// The operation that the request is one of; a literal part of a path goes before a parameter.
    #[track_caller]
    fn operation(&self, request: &str) -> String {
        let request = request.split('?').next().expect("a split has a first part");
        let fits = |operation: &String| {
            let (asked, known) = (request.split(['/', ' ']), operation.split(['/', ' ']));
            asked.clone().count() == known.clone().count()
                && asked
                    .zip(known)
                    .all(|(asked, known)| asked == known || known.starts_with('{'))
        };
        let operations = self.operations();
        let fitting = operations.into_iter().filter(fits);
        let fewest_parameters = fitting.min_by_key(|operation| operation.matches('{').count());
        fewest_parameters.unwrap_or_else(|| panic!("{request} is in no document"))
    }
}
