use super::RecordKind;
use crate::Result;
use crate::db::Write;
use crate::events::Event;
use crate::page::Cursor;

/// The most rows that one transaction removes: others wait for it.
pub const MOST_ROWS: i64 = 1000;

/// Removes the oldest rows of `kind` up to `last`, at most [`MOST_ROWS`]; how many.
pub fn prune(db: &mut Write, kind: RecordKind, last: Cursor) -> Result<i64> {
    let mut rows = 0;
    for sql in statements(kind) {
        let left = MOST_ROWS - rows;
        let removed = db.execute(sql, &[&last.created_at, &last.seq, &left])?;
        rows += i64::try_from(removed).expect("a limit is small");
    }
    if rows != 0 {
        db.record(&Event::RetentionPruned { kind, rows })?;
    }
    Ok(rows)
}

/// What goes up to a time `?1` and row `?2`, at most `?3` rows each.
fn statements(kind: RecordKind) -> &'static [&'static str] {
    match kind {
        RecordKind::Logs => &[
            "DELETE FROM agent_logs WHERE seq IN (SELECT seq FROM agent_logs \
             WHERE (created_at, seq) <= (?1, ?2) ORDER BY created_at, seq LIMIT ?3)",
        ],
        RecordKind::SystemLogs => &[
            "DELETE FROM system_logs WHERE seq IN (SELECT seq FROM system_logs \
             WHERE (created_at, seq) <= (?1, ?2) ORDER BY created_at, seq LIMIT ?3)",
        ],
        RecordKind::Prompts => &["DELETE FROM prompts WHERE seq IN (SELECT seq FROM prompts \
             WHERE (created_at, seq) <= (?1, ?2) ORDER BY created_at, seq LIMIT ?3)"],
        // What belongs to them first: a run goes when it has none left, not with a million of them.
        RecordKind::Runs => &[
            "DELETE FROM agent_logs WHERE seq IN (SELECT l.seq FROM agents a \
             JOIN agent_logs l ON l.agent_id = a.id WHERE a.completed_at IS NOT NULL \
             AND (a.completed_at, a.seq) <= (?1, ?2) LIMIT ?3)",
            "DELETE FROM prompts WHERE seq IN (SELECT p.seq FROM agents a \
             JOIN prompts p ON p.agent_id = a.id WHERE a.completed_at IS NOT NULL \
             AND (a.completed_at, a.seq) <= (?1, ?2) LIMIT ?3)",
            "DELETE FROM approvals WHERE seq IN (SELECT p.seq FROM agents a \
             JOIN approvals p ON p.agent_id = a.id WHERE a.completed_at IS NOT NULL \
             AND (a.completed_at, a.seq) <= (?1, ?2) LIMIT ?3)",
            "DELETE FROM agents WHERE seq IN (SELECT seq FROM agents \
             WHERE completed_at IS NOT NULL AND (completed_at, seq) <= (?1, ?2) \
             ORDER BY completed_at, seq LIMIT ?3)",
        ],
        RecordKind::Workflows => &[
            "DELETE FROM workflow_steps WHERE seq IN (SELECT s.seq FROM ai_developer_workflows w \
             JOIN workflow_steps s ON s.workflow_id = w.id WHERE w.completed_at IS NOT NULL \
             AND (w.completed_at, w.seq) <= (?1, ?2) LIMIT ?3)",
            "DELETE FROM ai_developer_workflows WHERE seq IN (SELECT seq \
             FROM ai_developer_workflows WHERE completed_at IS NOT NULL \
             AND (completed_at, seq) <= (?1, ?2) ORDER BY completed_at, seq LIMIT ?3)",
        ],
        // The newest stays: its id would be given again.
        RecordKind::Events => &["DELETE FROM events WHERE id IN (SELECT id FROM events \
             WHERE (created_at, id) <= (?1, ?2) AND id < (SELECT max(id) FROM events) \
             ORDER BY created_at, id LIMIT ?3)"],
    }
}
