//! Numbers for whoever watches the service: `GET /metrics`, as OpenMetrics text, which Prometheus reads.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Result;
use crate::app::App;

const SECONDS: [f64; 10] = [
    0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.2, 1.0, 5.0,
];

/// Everything that is counted. Cheap to clone; the clones count together.
#[derive(Clone)]
pub struct Metrics {
    requests: Family<Labels, Counter>,
    seconds: Family<Route, Histogram>,
    pub panics: Counter,
    pub websocket_connections: Gauge,
    pub event_streams: Gauge,
    newest_event: Gauge<u64, AtomicU64>,
    registry: Arc<Registry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("orchestrator");
        let seconds = || Histogram::new(SECONDS);
        let mut metrics = Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(seconds as fn() -> Histogram),
            panics: Counter::default(),
            websocket_connections: Gauge::default(),
            event_streams: Gauge::default(),
            newest_event: Gauge::default(),
            registry: Arc::default(),
        };
        registry.register(
            "http_requests",
            "Requests answered",
            metrics.requests.clone(),
        );
        registry.register(
            "http_request_seconds",
            "Time to the answer's head",
            metrics.seconds.clone(),
        );
        registry.register(
            "panics",
            "Panics in handlers, commands, queries and background tasks",
            metrics.panics.clone(),
        );
        let (sockets, streams) = (&metrics.websocket_connections, &metrics.event_streams);
        registry.register("websocket_connections", "Open WebSockets", sockets.clone());
        registry.register("event_streams", "Open event streams", streams.clone());
        registry.register(
            "newest_event",
            "Id of the newest event",
            metrics.newest_event.clone(),
        );
        metrics.registry = Arc::new(registry);
        metrics
    }
}

impl Metrics {
    /// Does `work`; if it panics, that is counted, and an internal error.
    pub async fn catch_panic<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let done = AssertUnwindSafe(work).catch_unwind().await;
        done.unwrap_or_else(|panic| {
            self.panics.inc();
            let message = panic.downcast_ref::<&str>().copied();
            let message = message.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
            let message = message.unwrap_or("no message");
            Err(anyhow::anyhow!("it panicked: {message}").into())
        })
    }
}

/// Counts one open connection, for as long as it lives.
pub struct Open(Gauge);

impl Open {
    pub fn count(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Tells [`measure`] which route has answered.
pub async fn name_route(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

/// Counts and times every request by its route, never by its path: paths are without number. One
/// that was refused before any route was looked at has the route `none`.
pub async fn measure(
    State(metrics): State<Arc<Metrics>>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let method = method(request.method()).to_owned();
    let response = next.run(request).await;
    let route = response.extensions().get::<MatchedPath>();
    let route = route.map_or("none", MatchedPath::as_str).to_owned();
    let status = response.status().as_u16();
    metrics
        .seconds
        .get_or_create(&Route {
            route: route.clone(),
        })
        .observe(began.elapsed().as_secs_f64());
    metrics
        .requests
        .get_or_create(&Labels {
            method,
            route,
            status,
        })
        .inc();
    response
}

/// Whoever makes up methods makes no new series of numbers.
fn method(method: &Method) -> &str {
    match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known,
        _ => "other",
    }
}

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(metrics))
}

/// Numbers as OpenMetrics text, which Prometheus reads
#[utoipa::path(get, path = "/metrics", tag = "health",
    responses((status = 200, body = String, content_type = "application/openmetrics-text")))]
async fn metrics(State(app): State<App>) -> Result<Response> {
    app.metrics
        .newest_event
        .set((*app.db.bell().borrow()).unsigned_abs());
    let mut text = String::new();
    encode(&mut text, &app.metrics.registry).map_err(anyhow::Error::from)?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}
