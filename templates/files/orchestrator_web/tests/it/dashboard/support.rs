use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use reqwest::{Method, RequestBuilder};
use tower::ServiceExt as _;

use crate::runs::support::Host;
use crate::support::Service;

/// What a browser gets.
pub struct Seen {
    pub status: u16,
    pub headers: HeaderMap,
    pub html: String,
    /// As it was sent.
    pub length: usize,
}

impl Service {
    /// Goes to a page.
    pub async fn visit(&self, path: &str) -> Seen {
        let request = Request::get(path)
            .header("host", "localhost:8000")
            .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        self.seen(request.body(Body::empty()).unwrap()).await
    }

    /// Sends a form of a page.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let request = Request::post(path)
            .header("host", "localhost:8000")
            .header("origin", "http://localhost:8000")
            .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
            .header("content-type", "application/x-www-form-urlencoded");
        self.seen(request.body(Body::from(form.finish())).unwrap())
            .await
    }

    pub async fn seen(&self, request: Request<Body>) -> Seen {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Seen {
            status: parts.status.as_u16(),
            headers: parts.headers,
            length: bytes.len(),
            html: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }
}

impl Host {
    /// Goes to a page of a service that runs.
    pub async fn visit(&self, path: &str) -> Seen {
        seen(self.request(Method::GET, path)).await
    }

    /// Sends a form of one of its pages.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let request = self.request(Method::POST, path);
        let request = request
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded");
        seen(request.body(form.finish())).await
    }
}

async fn seen(request: RequestBuilder) -> Seen {
    let answer = request.header("accept", "text/html").send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let html = answer.text().await.unwrap();
    Seen {
        status,
        headers,
        length: html.len(),
        html,
    }
}

impl Seen {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().unwrap())
    }

    /// Where a form that went well leads.
    #[track_caller]
    pub fn leads_to(&self) -> String {
        assert_eq!(self.status, 303, "{}", self.html);
        self.header("location").to_owned()
    }

    #[track_caller]
    pub fn shows(&self, text: &str) {
        assert!(self.html.contains(text), "no {text:?} in {}", self.html);
    }

    #[track_caller]
    pub fn shows_no(&self, text: &str) {
        assert!(!self.html.contains(text), "{text:?} in {}", self.html);
    }

    /// The values of an attribute, unescaped.
    pub fn values(&self, attribute: &str) -> Vec<String> {
        let begin = format!(" {attribute}=\"");
        let values = self.html.split(&begin).skip(1);
        let values = values.filter_map(|rest| rest.split('"').next());
        values
            .map(|it| it.replace("&#38;", "&").replace("&amp;", "&"))
            .collect()
    }
}

/// What is filled in for an agent that can run.
pub const PARROT: [(&str, &str); 8] = [
    ("name", "parrot"),
    ("description", "Repeats what it hears"),
    ("agent_type", "utility"),
    ("capabilities", "talk"),
    ("default_model", ""),
    ("executor", "demo"),
    ("metadata", ""),
    ("is_active", "true"),
];

impl Service {
    /// The path of the page of a new agent on the demo executor.
    pub async fn parrot(&self) -> String {
        self.submit("/agents", &PARROT).await.leads_to()
    }
}
