//! What is true of every operation, said once: its errors, its headers, how it is authorised.

use std::collections::BTreeSet;

use utoipa::PartialSchema as _;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::Object;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, Content, HeaderBuilder, InfoBuilder, OpenApi, Ref, RefOr, Response,
    ResponseBuilder, Schema, Type,
};

use crate::budgets::Shortage;
use crate::error::{FieldError, Problem};
use crate::health::VERSION;

const DESCRIPTION: &str = "\
Knows agents, keeps what they do, and shows it live. Errors are problem documents (RFC 9457) with \
the request's id. Lists are newest first; the next page is in the `Link` header. Times are UTC, \
RFC 3339, with milliseconds. Money is in US dollars. JSON whose shape is the caller's own comes back \
as it was written; it may be nested 100 levels deep, and holds no key twice in one object.";

/// The name of the session's cookie, in which an instance fills in its own name and port.
pub(super) const COOKIE: &str = "orchestrator_{name}_{port}_session";

const TAGS: &[(&str, &str)] = &[
    ("agents", "Agent definitions"),
    ("runs", "Runs that the service itself starts and ends"),
    ("approvals", "What agents ask to be allowed"),
    ("runtime", "Running instances of agents"),
    (
        "prompts",
        "What instances were asked, and what they answered",
    ),
    ("logs", "What instances and the system report"),
    (
        "workflows",
        "Workflows, run by the service or reported to it",
    ),
    (
        "worktrees",
        "Work trees of git that runs have for themselves",
    ),
    (
        "costs",
        "What runs have cost, also those that are gone, and what they may cost",
    ),
    (
        "configuration",
        "Settings, where they came from, and what they are now",
    ),
    ("live", "Changes as they happen"),
    // tac:if dashboard
    ("dashboard", "The service as pages"),
    // tac:end
    ("login", "Sessions of browsers, where a token is configured"),
    ("health", "The service itself"),
    ("documentation", "This document"),
];

const LINK: &str = "\
The next page: `<path?cursor=…>; rel=\"next\"`, relative to this one. There is none on the last page";

/// What a success means, where its operation does not say it better.
const SUCCESSES: [(&str, &str); 3] = [
    ("101", "the WebSocket is open"),
    ("201", "made; `location` says where it can be read"),
    ("204", "done; there is nothing to show"),
];

const FORM: &str = "application/x-www-form-urlencoded";

/// Who has to log in reads a page instead of a problem where the request accepts `text/html`.
const PAGES: [&str; 2] = ["401", "429"];

/// Every problem that any operation may answer, whatever it does.
const ALWAYS: [(u16, &str); 9] = [
    (400, "the request cannot be read"),
    (401, "a token is configured, and the request proves none"),
    (403, "the request comes from a page of another origin"),
    (405, "the path does not know this method"),
    (421, "the `Host` is not one of this service's names"),
    (422, "a value cannot be accepted; every one is listed"),
    (429, "too many requests of this kind; see `Retry-After`"),
    (500, "a fault of the service; its log has the request's id"),
    (
        503,
        "the database is not available, the service is stopping, or the request took too long",
    ),
];

pub(super) fn complete(mut document: OpenApi) -> OpenApi {
    document.info = InfoBuilder::new()
        .title("Agent orchestrator")
        .version(VERSION)
        .description(Some(DESCRIPTION))
        .build();
    let tag = |(name, about): &(&str, &str)| {
        TagBuilder::new()
            .name(*name)
            .description(Some(*about))
            .build()
    };
    let used = used_tags(&document);
    let tags = TAGS.iter().filter(|(name, _)| used.contains(*name));
    document.tags = Some(tags.map(tag).collect());
    let components = document.components.get_or_insert_default();
    describe_problems(components);
    describe_authorisation(components);
    let any_of = ["token", "session"].map(|name| SecurityRequirement::new(name, [] as [&str; 0]));
    document.security = Some(
        [SecurityRequirement::default()]
            .into_iter()
            .chain(any_of)
            .collect(),
    );
    for (path, item) in &mut document.paths.paths {
        let has_id = path.contains('{');
        let safe = [&mut item.get];
        let unsafe_ = [
            &mut item.post,
            &mut item.put,
            &mut item.patch,
            &mut item.delete,
        ];
        for operation in safe.into_iter().filter_map(Option::as_mut) {
            complete_operation(operation, has_id, false);
        }
        for operation in unsafe_.into_iter().filter_map(Option::as_mut) {
            complete_operation(operation, has_id, true);
        }
    }
    document
}

/// Those of the operations that there are: an option may be left out.
fn used_tags(document: &OpenApi) -> BTreeSet<String> {
    let items = document.paths.paths.values();
    let operations =
        items.flat_map(|item| [&item.get, &item.post, &item.put, &item.patch, &item.delete]);
    let tags = operations.flatten().filter_map(|it| it.tags.clone());
    tags.flatten().collect()
}

fn describe_problems(components: &mut Components) {
    let mut problem = Problem::schema();
    // Members of some problems only, and none of them required.
    if let (RefOr::T(Schema::Object(problem)), RefOr::T(Schema::Object(shortage))) =
        (&mut problem, Shortage::schema())
    {
        problem.properties.extend(shortage.properties);
    }
    components.schemas.insert("Problem".into(), problem);
    components
        .schemas
        .insert("FieldError".into(), FieldError::schema());
}

fn describe_authorisation(components: &mut Components) {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme("token", SecurityScheme::Http(bearer));
    let about = "Where a token is configured; the name is the instance's own";
    let cookie = ApiKey::Cookie(ApiKeyValue::with_description(COOKIE, about));
    components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
}

fn complete_operation(operation: &mut Operation, has_id: bool, writes: bool) {
    let mut problems = ALWAYS.to_vec();
    if has_id || operation.request_body.is_some() {
        problems.push((
            404,
            "there is no such thing, or something that the body names is unknown",
        ));
    }
    if writes {
        problems.push((409, "a name is taken, or the state does not allow it"));
        problems.push((413, "the body is larger than allowed"));
        problems.push((415, "the body must be `application/json`"));
    }
    let is_for_people = is_for_people(operation);
    let responses = &mut operation.responses.responses;
    for (status, about) in problems {
        responses
            .entry(status.to_string())
            .or_insert_with(|| RefOr::T(problem(about)));
    }
    let mut parameters = operation.parameters.iter().flatten();
    let is_list = parameters.any(|it| matches!(it, RefOr::T(it) if it.name == "cursor"));
    for (status, response) in responses {
        let RefOr::T(response) = response else {
            continue;
        };
        describe_success(status, response);
        describe_header(response, "x-request-id", "The request's id");
        if is_list && status == "200" {
            describe_header(response, "link", LINK);
        }
        let is_refusal = status.starts_with(['4', '5']);
        if PAGES.contains(&status.as_str()) || is_for_people && is_refusal {
            let page = Content::new(Some(text()));
            response.content.insert("text/html".into(), RefOr::T(page));
        }
    }
}

/// Whether an operation answers with a page or takes a form: its refusals can be pages too.
fn is_for_people(operation: &Operation) -> bool {
    let page = operation.responses.responses.get("200");
    let is_page = matches!(page, Some(RefOr::T(page)) if page.content.contains_key("text/html"));
    let body = operation.request_body.as_ref();
    let is_form = matches!(body, Some(RefOr::T(body)) if body.content.contains_key(FORM));
    is_page || is_form
}

fn problem(about: &str) -> Response {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new()
        .description(about)
        .content("application/problem+json", content)
        .build()
}

fn describe_success(status: &str, response: &mut Response) {
    if response.description.is_empty() {
        let about = SUCCESSES.iter().find(|(known, _)| *known == status);
        let about = about.map_or("as asked", |(_, about)| about);
        about.clone_into(&mut response.description);
    }
}

fn describe_header(response: &mut Response, name: &str, about: &str) {
    let header = HeaderBuilder::new()
        .schema(Some(text()))
        .description(Some(about))
        .build();
    response.headers.insert(name.into(), RefOr::T(header));
}

fn text() -> Schema {
    Object::with_type(Type::String).into()
}
