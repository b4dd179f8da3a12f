use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use anyhow::Context as _;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::queries;
use crate::adapters::Stream;
use crate::app::App;
use crate::extract::{FromQuery, PathId, Query, QueryReader};
use crate::ids::Id;
use crate::supervisor;
use crate::{Error, Result};

const DEFAULT_LENGTH: u64 = 64 * 1024;
const MOST: u64 = 8 * 1024 * 1024;

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
/// Fewer bytes than asked for, or none, where the output has not come so far yet. 409 if the instance
/// runs elsewhere.
#[utoipa::path(get, path = "/api/runtime/agents/{id}/output", tag = "runs",
    params(("id" = Id, Path), Part),
    responses((status = 200, body = String, content_type = "application/octet-stream"),
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
    let bytes = read.await.map_err(anyhow::Error::from)??;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response())
}

/// Empty if the run has not begun.
fn read(path: &Path, offset: u64, length: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|mut file| {
        file.seek(SeekFrom::Start(offset))?;
        file.take(length).read_to_end(&mut bytes)
    });
    match read {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            let read = Err(error).with_context(|| format!("read {}", path.display()));
            read.map_err(Error::from)
        }
        _ => Ok(bytes),
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
