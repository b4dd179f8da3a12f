use super::{Prompt, PromptStatus};
use crate::db::list::Slice;
use crate::db::{Listing, Read, Row};
use crate::ids::Id;
use crate::page::Page;
use crate::{Error, Result};

const COLUMNS: &str = "id, agent_id, prompt_type, prompt_name, prompt_text, response_text, status, \
     model_used, tokens_input, tokens_output, cost_micro_usd, latency_ms, created_at, \
     completed_at, error_message";

/// Which prompts a list holds.
#[derive(Debug, Default, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PromptFilter {
    pub agent_id: Option<Id>,
    pub status: Option<PromptStatus>,
}

pub fn list(db: &Read, filter: &PromptFilter, page: &Page) -> Result<Slice<Prompt>> {
    Listing::new(COLUMNS, "prompts")
        .only_if("agent_id = ?", &filter.agent_id)
        .only_if("status = ?", &filter.status)
        .page(db, page, prompt)
}

pub fn get(db: &Read, id: Id) -> Result<Prompt> {
    let sql = format!("SELECT {COLUMNS} FROM prompts WHERE id = ?1");
    db.first(&sql, &[&id], prompt)?
        .ok_or(Error::NotFound("prompt"))
}

/// The beginning of what an instance was asked first, if that is kept.
pub fn beginning(db: &Read, agent: Id) -> Result<Option<String>> {
    let sql = "SELECT substr(prompt_text, 1, 400) FROM prompts WHERE agent_id = ?1 \
         ORDER BY created_at, seq LIMIT 1";
    db.first(sql, &[&agent], |row| row.take())
}

fn prompt(row: &mut Row) -> Result<Prompt> {
    Ok(Prompt {
        id: row.take()?,
        agent_id: row.take()?,
        prompt_type: row.take()?,
        prompt_name: row.take()?,
        prompt_text: row.take()?,
        response_text: row.take()?,
        status: row.take()?,
        model_used: row.take()?,
        tokens_input: row.take()?,
        tokens_output: row.take()?,
        cost_usd: row.take()?,
        latency_ms: row.take()?,
        created_at: row.take()?,
        completed_at: row.take()?,
        error_message: row.take()?,
    })
}
