//! A workflow as a part of a page.

use askama::Template;

use super::queries::Shown;
use crate::Result;

#[derive(Template)]
#[template(path = "workflows/workflow.html")]
struct Part<'a> {
    workflow: &'a Shown,
}

/// Everything in it is escaped.
pub fn part(workflow: &Shown) -> Result<String> {
    let part = Part { workflow }.render();
    Ok(part.map_err(anyhow::Error::from)?)
}
