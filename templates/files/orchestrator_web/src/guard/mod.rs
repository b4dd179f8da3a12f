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

/// Puts the whole door around `router`. A request passes the layers from the last to the first; each
/// has its price, for every request.
pub fn around(router: Router, app: App) -> Router {
    let rules = Arc::new(Rules::new(&app.settings()));
    let (login, metrics) = (app.login.clone(), Arc::clone(&app.metrics));
    let inside = router
        .layer(from_fn_with_state(app, limits::keep))
        .layer(from_fn(metrics::name_route));
    let door = Router::new().fallback_service(inside);
    let door = match login {
        Some(login) => door.layer(from_fn_with_state(login, login::admit)),
        None => door,
    };
    door.layer(from_fn_with_state(rules, check))
        .layer(from_fn_with_state(metrics, metrics::measure))
        .layer(from_fn(trace::with_request_id))
        .layer(from_fn(rest::settle))
}

async fn check(State(rules): State<Arc<Rules>>, request: Request, next: Next) -> Response {
    let mut response = match rules.check(&request) {
        Ok(sender) => {
            let mut response = serve(sender.clone(), request, next).await;
            cors::expose(&mut response, &sender, rules.with_credentials);
            response
        }
        Err(error) => error.into_response(),
    };
    headers::add(&mut response);
    response
}

async fn serve(sender: Sender, mut request: Request, next: Next) -> Response {
    if cors::is_preflight(&request) {
        return cors::preflight(&sender);
    }
    if let Err(error) = content::check(&request, &sender) {
        return error.into_response();
    }
    request.extensions_mut().insert(sender);
    next.run(request).await
}

/// Whether a request with this method may change something.
pub fn changes_state(request: &Request) -> bool {
    !request.method().is_safe()
}
