//! What pages load beside themselves: from this service alone, and kept by browsers until it changes.

use std::sync::LazyLock;

use axum::extract::{Path, RawQuery};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::TAG;
use crate::app::App;
use crate::{Error, Result};

const STYLE: &str = "text/css; charset=utf-8";
const PICTURE: &str = "image/svg+xml";
const SCRIPT: &str = "text/javascript; charset=utf-8";

struct Asset {
    name: &'static str,
    kind: &'static str,
    text: &'static str,
}

macro_rules! asset {
    ($name:literal, $kind:expr) => {
        Asset {
            name: $name,
            kind: $kind,
            text: include_str!(concat!("../../assets/dashboard/", $name)),
        }
    };
}

/// Where the vendored ones come from is told by `assets/dashboard/VENDORED.md`.
const ASSETS: [Asset; 5] = [
    asset!("app.css", STYLE),
    asset!("htmx.min.js", SCRIPT),
    asset!("hx-sse.min.js", SCRIPT),
    asset!("live.js", SCRIPT),
    asset!("icon.svg", PICTURE),
];

static VERSIONS: LazyLock<[String; ASSETS.len()]> = LazyLock::new(|| {
    ASSETS.map(|asset| {
        let digest = Sha256::digest(asset.text);
        let digest = digest.first_chunk().expect("a digest has 32 bytes");
        format!("{:016x}", u64::from_be_bytes(*digest))
    })
});

/// The addresses of all, which change when their contents do.
pub struct Links {
    pub style: String,
    pub scripts: [String; 3],
    pub icon: String,
}

pub static LINKS: LazyLock<Links> = LazyLock::new(|| {
    let link = |index: usize| format!("/assets/{}?v={}", ASSETS[index].name, VERSIONS[index]);
    Links {
        style: link(0),
        scripts: [1, 2, 3].map(link),
        icon: link(4),
    }
});

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(asset))
}

/// A style sheet or a script of the pages
///
/// With `v` as pages name it, it never changes.
#[utoipa::path(get, path = "/assets/{name}", tag = TAG,
    params(("name" = String, Path), ("v" = Option<String>, Query)),
    responses((status = 200, content((String = "text/css"), (String = "text/javascript"), (String = "image/svg+xml")))))]
async fn asset(Path(name): Path<String>, RawQuery(query): RawQuery) -> Result<Response> {
    let index = ASSETS.iter().position(|asset| asset.name == name);
    let index = index.ok_or(Error::NotFound("asset"))?;
    let is_named_whole = query == Some(format!("v={}", VERSIONS[index]));
    let caching = if is_named_whole {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers = [
        (header::CONTENT_TYPE, ASSETS[index].kind),
        (header::CACHE_CONTROL, caching),
    ];
    Ok((headers, ASSETS[index].text).into_response())
}
