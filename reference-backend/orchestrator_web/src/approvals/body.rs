//! The body of a request: its shape, and the rules for its values.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::extract::{Check, FromBody};
use crate::text;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Not on a Friday; write a test first." }))]
pub struct ReasonBody {
    /// The agent reads why it was denied something.
    #[schema(max_length = 10_000)]
    reason: Option<String>,
}

pub struct Reason(pub Option<String>);

impl FromBody for Reason {
    type Body = ReasonBody;

    fn from_body(body: ReasonBody, check: &mut Check) -> Option<Self> {
        let reason = body.reason.map(text::long).transpose();
        check.at("/reason", reason).map(Self)
    }
}
