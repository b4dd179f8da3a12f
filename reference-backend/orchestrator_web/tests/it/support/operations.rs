//! Every operation that the service knows, from the table that its router is made of.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request};
use orchestrator::app;

pub const JSON: &str = "application/json";
pub const FORM: &str = "application/x-www-form-urlencoded";

/// A method and a path that the service knows, with the media type of its body.
pub struct Operation {
    pub method: Method,
    pub path: String,
    pub media_type: String,
}

pub type Headers = &'static [(&'static str, &'static str)];

/// Every operation of the table, and a path that nobody knows.
pub fn operations(agent: &str) -> Vec<Operation> {
    let document = serde_json::to_value(app::routes().into_openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (name, about) in item.as_object().unwrap() {
            let Ok(method) = name.to_uppercase().parse() else {
                continue;
            };
            let content = about["requestBody"]["content"].as_object();
            let media_type = content.and_then(|content| content.keys().next());
            operations.push(Operation {
                method,
                path: filled(path, agent),
                media_type: media_type.map_or(JSON, |it| it).to_owned(),
            });
        }
    }
    assert!(operations.len() > 20, "the table is empty");
    let unknown = [Method::GET, Method::POST, Method::DELETE].map(|method| Operation {
        method,
        path: "/no/such/path".into(),
        media_type: JSON.into(),
    });
    operations.into_iter().chain(unknown).collect()
}

/// The path with an id that exists in the place of each parameter.
fn filled(path: &str, id: &str) -> String {
    let parts = path.split('/');
    let parts = parts.map(|part| if part.starts_with('{') { id } else { part });
    parts.collect::<Vec<_>>().join("/")
}

impl Operation {
    pub fn changes_state(&self) -> bool {
        !self.method.is_safe()
    }

    /// What a program would send, with `extra` headers in the place of those of the same name; a
    /// header that is only to go is given as empty, one that is given twice stands there twice.
    pub fn request(&self, extra: Headers) -> Request<Body> {
        let mut request = Request::builder().method(&self.method).uri(&self.path);
        let headers = request.headers_mut().unwrap();
        headers.insert("host", HeaderValue::from_static("localhost:8000"));
        let body = match self.media_type.as_str() {
            _ if !self.changes_state() => "",
            FORM => "code=nonsense",
            _ => "{}",
        };
        if self.changes_state() {
            headers.insert("content-type", self.media_type.parse().unwrap());
        }
        if self.media_type == FORM {
            // Forms are taken from the service's own pages alone.
            headers.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
        }
        for (name, _) in extra {
            headers.remove(*name);
        }
        for (name, value) in extra.iter().filter(|(_, value)| !value.is_empty()) {
            let name: HeaderName = name.parse().unwrap();
            headers.append(name, HeaderValue::from_static(value));
        }
        request.body(Body::from(body)).unwrap()
    }
}
