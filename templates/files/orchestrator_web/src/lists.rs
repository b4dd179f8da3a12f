//! Answers of lists, kept until anything is committed.
//!
//! Lists are what pages and scripts ask for over and over. An answer is kept with the version
//! of the database that it was read from; it is given again only while that is still the version,
//! so that a list is never older than the last commit, of whatever process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::Result;
use crate::db::list::Slice;
use crate::db::{Db, Read, Version};
use crate::page::next_link;

const MOST_BYTES: usize = 4 << 20;

/// The answers that are kept. Cheap to clone; the clones share them.
#[derive(Clone, Default)]
pub struct Lists(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    version: Option<Version>,
    answers: HashMap<String, Answer>,
    bytes: usize,
}

/// A page as it is answered: a bare JSON array, and the way to the next one.
#[derive(Clone)]
pub struct Answer {
    body: Bytes,
    link: Option<HeaderValue>,
}

impl Lists {
    /// The answer to `uri`, which `query` finds if it is not kept.
    pub async fn answer<T, F>(&self, db: &Db, uri: Uri, query: F) -> Result<Answer>
    where
        T: Serialize,
        F: FnOnce(&Read) -> Result<Slice<T>> + Send + 'static,
    {
        let version = db.version()?;
        if let Some(answer) = self.kept(version, &uri) {
            return Ok(answer);
        }
        let key = uri.to_string();
        let answer = db.read(move |db| Answer::of(&query(db)?, &uri)).await?;
        self.keep(version, key, answer.clone());
        Ok(answer)
    }

    fn kept(&self, version: Version, uri: &Uri) -> Option<Answer> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = kept.answers.get(key(uri));
        answer.filter(|_| kept.version == Some(version)).cloned()
    }

    fn keep(&self, version: Version, uri: String, answer: Answer) {
        let size = answer.body.len() + uri.len();
        if MOST_BYTES < size {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.bytes += size;
        if kept.version != Some(version) || MOST_BYTES < kept.bytes {
            kept.answers.clear();
            kept.bytes = size;
            kept.version = Some(version);
        }
        kept.answers.insert(uri, answer);
    }
}

/// The path and the query; who asks by which name makes no difference.
fn key(uri: &Uri) -> &str {
    uri.path_and_query().map_or("", |it| it.as_str())
}

impl Answer {
    fn of<T: Serialize>(slice: &Slice<T>, uri: &Uri) -> Result<Self> {
        let body = serde_json::to_vec(&slice.items).map_err(anyhow::Error::from)?;
        let link = slice.next.map(|cursor| next_link(uri, &cursor));
        Ok(Self {
            body: body.into(),
            link,
        })
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let json = [(header::CONTENT_TYPE, "application/json")];
        let mut response = (json, self.body).into_response();
        response
            .headers_mut()
            .extend(self.link.map(|link| (header::LINK, link)));
        response
    }
}
