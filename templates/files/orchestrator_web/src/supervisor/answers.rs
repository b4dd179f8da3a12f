//! The way of an answer from the tables to the agent that has asked.

use super::link::Link;
use crate::Result;
use crate::adapters;
use crate::approvals::{commands, queries};
use crate::db::{Db, Read, Write};
use crate::ids::Id;
use crate::shim::protocol::Request;

/// Tells a run the answers that it has not been told. A service that is killed between the telling and
/// the note of it tells them again at its next start: an agent heeds the first answer to a request. An
/// error is a shim that ends just now, or one that is to be reached anew.
pub async fn tell(db: &Db, run: Id, link: &mut Link) -> Result<()> {
    let decided = db.read(move |db: &Read| queries::undelivered(db, run));
    for approval in decided.await? {
        let Some(answer) = approval.answer() else {
            continue;
        };
        let text = adapters::answer(&approval.request_id, answer);
        let text = String::from_utf8(text).expect("JSON is text");
        if !link.ask(&Request::Stdin { text }).await {
            return Err(anyhow::anyhow!("the shim took no answer").into());
        }
        let deliver = move |db: &mut Write| commands::deliver(db, approval.id);
        db.write(deliver).await?;
    }
    Ok(())
}
