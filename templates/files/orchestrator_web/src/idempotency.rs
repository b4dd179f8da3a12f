//! Requests that are sent again, because their answer was lost, and must not be done twice.

use axum::http::HeaderMap;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::error::FieldError;
use crate::{Error, Result};

const HEADER: &str = "idempotency-key";

/// The name that a caller has given a request, and a digest by which another request is told from it.
#[derive(Debug, Clone)]
pub struct Idempotency {
    pub key: String,
    pub digest: String,
}

impl Idempotency {
    /// The key of the request that asks for `request`, if it bears one.
    pub fn of(headers: &HeaderMap, request: &impl Serialize) -> Result<Option<Self>> {
        let mut given = headers.get_all(HEADER).iter();
        let Some(key) = given.next() else {
            return Ok(None);
        };
        let key = key.to_str().ok().filter(|_| given.next().is_none());
        Self::named(key.unwrap_or_default(), request).map(Some)
    }

    /// A `request` whose caller has given it the name `key`.
    pub fn named(key: &str, request: &impl Serialize) -> Result<Self> {
        if !(1..=255).contains(&key.len()) {
            let detail = "must be given once, and have 1 to 255 visible characters";
            return Err(Error::Invalid(vec![FieldError::parameter(HEADER, detail)]));
        }
        let request = serde_json::to_vec(request).map_err(anyhow::Error::from)?;
        Ok(Self {
            key: key.to_owned(),
            digest: format!("{:x?}", Sha256::digest(request).as_slice()),
        })
    }

    /// 422 if the request that first brought the key, with this digest, was another one.
    pub fn require_same(&self, digest: &str) -> Result<()> {
        if self.digest == digest {
            return Ok(());
        }
        let detail = "was used for another request";
        Err(Error::Invalid(vec![FieldError::parameter(HEADER, detail)]))
    }
}
