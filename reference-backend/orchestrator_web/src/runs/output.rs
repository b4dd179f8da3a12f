use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::queries;
use crate::Result;
use crate::adapters::Stream;
use crate::app::App;
use crate::extract::{FromQuery, PathId, Query, QueryReader};
use crate::ids::Id;
use crate::shim::hole::{self, Piece};
use crate::supervisor;

const DEFAULT_LENGTH: u64 = 64 * 1024;
const MOST: u64 = 8 * 1024 * 1024;
/// Where the bytes of an answer begin in all that the run has printed.
const OFFSET: &str = "x-output-offset";

/// Which bytes of a run's output are asked for.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Part {
    #[param(value_type = Option<String>, inline, default = "stdout", pattern = "^(stdout|stderr)$")]
    pub stream: Stream,
    #[param(default = 0, minimum = 0, required = false, value_type = i64)]
    pub offset: u64,
    #[param(default = 65_536, minimum = 1, maximum = 8_388_608, required = false, value_type = i64)]
    pub length: u64,
}

/// What a run has printed, byte by byte, in all attempts
///
/// Fewer bytes than asked for, or none, where the output has not come so far yet, and where the middle
/// of it was not kept: what follows then has a later offset than was asked for. 409 if the instance runs
/// elsewhere.
#[utoipa::path(get, path = "/api/runtime/agents/{id}/output", tag = "runs",
    params(("id" = Id, Path), Part),
    responses((status = 200, body = String, content_type = "application/octet-stream",
            headers(("x-output-offset" = i64, description = "where the bytes begin"))),
        (status = 409, description = "the instance runs elsewhere",
            body = crate::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn output(
    State(app): State<App>,
    PathId(id): PathId,
    Query(part): Query<Part>,
) -> Result<Response> {
    let run = app.db.read(move |db| queries::get(db, id)).await?;
    let files = supervisor::files(&app.db, &run);
    let path = match part.stream {
        Stream::Stdout => files.stdout,
        Stream::Stderr => files.stderr,
    };
    let read = tokio::task::spawn_blocking(move || read(&path, part.offset, part.length));
    let (offset, bytes) = read.await.map_err(anyhow::Error::from)??;
    let kind = HeaderValue::from_static("application/octet-stream");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (HeaderName::from_static(OFFSET), offset.into()),
    ];
    Ok((headers, bytes).into_response())
}

/// The bytes, and their offset: none if the run has not begun.
fn read(path: &Path, mut offset: u64, length: u64) -> Result<(u64, Vec<u8>)> {
    let length = usize::try_from(length).expect("a few megabytes");
    let failed = |error| anyhow::Error::new(error).context(format!("read {}", path.display()));
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok((offset, Vec::new())),
        file => file.map_err(failed)?,
    };
    loop {
        match hole::read(&file, offset, length).map_err(failed)? {
            Piece::Bytes(bytes) => return Ok((offset, bytes)),
            Piece::Dropped(end) => offset = end,
        }
    }
}

impl FromQuery for Part {
    fn from_query(query: &mut QueryReader) -> Self {
        let length = query.optional("length");
        if length.is_some_and(|length| !(1..=MOST).contains(&length)) {
            query.refuse("length", format!("must lie between 1 and {MOST}"));
        }
        let offset = query.optional("offset");
        if offset.is_some_and(|offset| i64::try_from(offset).is_err()) {
            query.refuse("offset", "is larger than any file");
        }
        let stream = match query.optional::<String>("stream").as_deref() {
            None | Some("stdout") => Stream::Stdout,
            Some("stderr") => Stream::Stderr,
            Some(_) => {
                query.refuse("stream", "must be one of stdout stderr");
                Stream::Stdout
            }
        };
        Self {
            stream,
            offset: offset.unwrap_or(0),
            length: length.unwrap_or(DEFAULT_LENGTH),
        }
    }
}
