//! A service of its own for every test: a temporary database, the whole router, no network.

mod given;
pub mod live;
pub mod operations;
pub mod program;
pub mod running;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use orchestrator::agents::AgentType;
use orchestrator::agents::commands::NewAgent;
use orchestrator::app::{self, App, Shared};
use orchestrator::config::{Current, Settings};
use orchestrator::db::{self, Db};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tower::ServiceExt as _;

pub use given::id;

pub struct Service {
    pub app: App,
    pub router: Router,
    _folder: TempDir,
}

/// What came back, with its body read as JSON (`Null` if it is empty).
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Service {
    pub fn start() -> Self {
        Self::with(Settings::default())
    }

    pub fn with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (db, _) = Db::open(db::Options::new(folder.path().join("test.db"))).unwrap();
        let app = App::new(db, settings);
        Self {
            router: app::router(app.clone()),
            app,
            _folder: folder,
        }
    }

    /// Serves on a free port until the test ends.
    pub async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut settings = Settings::clone(&self.app.settings());
        settings.port = address.port();
        let shared = Shared {
            config: Arc::new(Current::new(settings.into())),
            ..Shared::clone(&self.app)
        };
        let router = app::router(App(Arc::new(shared)));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        address
    }

    pub async fn get(&self, uri: &str) -> Answer {
        self.send(Method::GET, uri, None).await
    }

    pub async fn post(&self, uri: &str, body: Value) -> Answer {
        self.send(Method::POST, uri, Some(body)).await
    }

    pub async fn put(&self, uri: &str, body: Value) -> Answer {
        self.send(Method::PUT, uri, Some(body)).await
    }

    pub async fn patch(&self, uri: &str, body: Value) -> Answer {
        self.send(Method::PATCH, uri, Some(body)).await
    }

    pub async fn delete(&self, uri: &str) -> Answer {
        self.send(Method::DELETE, uri, None).await
    }

    async fn send(&self, method: Method, uri: &str, body: Option<Value>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(uri)
            .header(header::HOST, "localhost:8000");
        let request = match body {
            Some(body) => request
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        self.answer(request.unwrap()).await
    }

    pub async fn answer(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = match &bytes[..] {
            [] => Value::Null,
            json => serde_json::from_slice(json).expect("every body is JSON"),
        };
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// How many events there are.
    pub async fn events(&self) -> i64 {
        self.app
            .db
            .read(orchestrator::events::newest)
            .await
            .unwrap()
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The `detail`s of a problem document's `errors`, by pointer or parameter.
    pub fn errors(&self) -> Vec<String> {
        let text = |it: &Value, key: &str| it[key].as_str().map(ToOwned::to_owned);
        let errors = self.body["errors"].as_array().into_iter().flatten();
        errors
            .map(|it| {
                let place = text(it, "pointer")
                    .or_else(|| text(it, "parameter"))
                    .unwrap();
                format!("{place}: {}", text(it, "detail").unwrap())
            })
            .collect()
    }
}

/// The body of the agent that the documentation creates first.
pub fn planner(name: &str) -> Value {
    json!({
        "name": name, "description": "Plans feature implementation", "agent_type": "skill",
        "capabilities": "planning,analysis", "default_model": "claude-sonnet-3.5",
    })
}

/// The same, past the edge.
pub fn new_agent(name: &str) -> NewAgent {
    NewAgent {
        name: name.parse().unwrap(),
        description: "Plans feature implementation".into(),
        agent_type: AgentType::Skill,
        capabilities: "planning,analysis".into(),
        default_model: None,
        executor: None,
        is_active: true,
        metadata: None,
    }
}
