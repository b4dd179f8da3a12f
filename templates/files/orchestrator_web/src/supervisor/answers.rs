//! The way of an answer from the tables to the agent that has asked.

use super::link::Link;
use crate::Result;
use crate::adapters::{self, AgentEvent};
use crate::approvals::{commands, queries};
use crate::db::{Db, Read, Write};
use crate::ids::Id;
use crate::shim::protocol::Request;

/// Tells a run at once what nobody can do for it.
pub async fn refuse(events: &[AgentEvent], link: &mut Link) {
    for event in events {
        if let AgentEvent::Unmet { request_id, .. } = event {
            // One that does not hear it waits, and is silent for too long.
            let _ = link.ask(&say(adapters::refuse(request_id))).await;
        }
    }
}

/// Tells a run the answers that it has not been told. A service that is killed between the telling and
/// the note of it tells them again at its next start: an agent heeds the first answer to a request. An
/// error is a shim that ends just now, or one that is to be reached anew.
pub async fn tell(db: &Db, run: Id, link: &mut Link) -> Result<()> {
    let decided = db.read(move |db: &Read| queries::undelivered(db, run));
    for approval in decided.await? {
        let Some(answer) = approval.answer() else {
            continue;
        };
        let answer = adapters::answer(&approval.request_id, answer);
        if !link.ask(&say(answer)).await {
            return Err(anyhow::anyhow!("the shim took no answer").into());
        }
        let deliver = move |db: &mut Write| commands::deliver(db, approval.id);
        db.write(deliver).await?;
    }
    Ok(())
}

fn say(line: Vec<u8>) -> Request {
    let text = String::from_utf8(line).expect("JSON is text");
    Request::Stdin { text }
}
