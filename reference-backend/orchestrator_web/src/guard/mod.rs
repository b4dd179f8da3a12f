//! The door: what every request passes before any route is looked at.
//!
//! The service starts programs, and any web page that its owner visits can send requests to this
//! machine. So nothing that a request claims about itself is believed: it must name a host that
//! the settings know ([`rules`]), come from an origin that they know, and carry a content type that
//! no page can send unasked ([`content`]); with a token configured it must present that too
//! ([`crate::login`]). A route cannot forget any of it, because the router stands inside.

mod content;
mod cors;
mod headers;
mod limits;
mod rest;
mod rules;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};

use crate::app::App;
use crate::{login, metrics, trace};

pub use headers::CONTENT_SECURITY_POLICY;
use rules::Rules;
pub use rules::Sender;

/// Puts the whole door around `router`. A request passes the layers from the last to the first.
pub fn around(router: Router, app: App) -> Router {
    let rules = Arc::new(Rules::new(&app.settings()));
    let (login, metrics) = (app.login.clone(), Arc::clone(&app.metrics));
    let inside = router
        .layer(from_fn_with_state(metrics.clone(), limits::catch_panic))
        .layer(from_fn_with_state(app, limits::keep))
        .layer(from_fn(metrics::name_route));
    Router::new()
        .fallback_service(inside)
        .layer(from_fn_with_state(login, login::admit))
        .layer(from_fn_with_state(rules, check))
        .layer(from_fn_with_state(metrics, metrics::measure))
        .layer(from_fn(headers::add))
        .layer(from_fn(trace::with_request_id))
        .layer(from_fn(rest::settle))
}

async fn check(State(rules): State<Arc<Rules>>, mut request: Request, next: Next) -> Response {
    let sender = match rules.check(&request) {
        Ok(sender) => sender,
        Err(error) => return error.into_response(),
    };
    request.extensions_mut().insert(sender.clone());
    let mut response = if cors::is_preflight(&request) {
        cors::preflight(&sender)
    } else {
        match content::check(&request, &sender) {
            Ok(()) => next.run(request).await,
            Err(error) => error.into_response(),
        }
    };
    cors::expose(&mut response, &sender, rules.with_credentials);
    response
}

/// Whether a request with this method may change something.
pub fn changes_state(request: &Request) -> bool {
    !request.method().is_safe()
}
