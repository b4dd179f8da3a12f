use serde::Deserialize;
use utoipa::ToSchema;

use super::discard::Force;
use crate::extract::{Check, FromBody};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "force": true }))]
pub struct DiscardBody {
    /// Work that is not merged may go; it is kept under `refs/tac/rescue/`.
    #[serde(default)]
    #[schema(default = false)]
    force: bool,
}

impl FromBody for Force {
    type Body = DiscardBody;

    fn from_body(body: DiscardBody, _: &mut Check) -> Option<Self> {
        Some(if body.force { Self::Yes } else { Self::No })
    }
}
