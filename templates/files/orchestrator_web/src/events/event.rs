//! What can happen, a variant each.

use serde::Serialize;

use crate::approvals::ApprovalStatus;
use crate::budgets::BudgetScope;
use crate::ids::Id;
use crate::money::MicroUsd;
use crate::retention::RecordKind;
use crate::runtime::Status;
use crate::runtime::logs::Level;
use crate::runtime::prompts::PromptStatus;
use crate::time::Timestamp;
use crate::workflows::WorkflowStatus;
use crate::workflows::steps::StepStatus;

/// What happened. Events are small: they say what changed, and where to read more.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Event {
    AgentCreated {
        agent_id: Id,
        name: String,
    },
    AgentUpdated {
        agent_id: Id,
        name: String,
    },
    /// A part of what belongs to the agent is gone; the rest follows, and then `AgentDeleted`.
    AgentDeleting {
        agent_id: Id,
        name: String,
        rows: i64,
    },
    AgentDeleted {
        agent_id: Id,
        name: String,
    },
    RuntimeCreated {
        id: Id,
        orchestrator_agent_id: Id,
        session_id: String,
        status: Status,
    },
    RuntimeStatus {
        id: Id,
        orchestrator_agent_id: Id,
        session_id: String,
        from: Status,
        to: Status,
    },
    RuntimeUpdated {
        id: Id,
        orchestrator_agent_id: Id,
        session_id: String,
    },
    /// A run is asked to end, and takes its time.
    RuntimeStopping {
        id: Id,
        orchestrator_agent_id: Id,
        session_id: String,
    },
    /// A run that has failed waits in the queue again.
    RuntimeRetrying {
        id: Id,
        orchestrator_agent_id: Id,
        session_id: String,
        attempt: i64,
        not_before: Timestamp,
    },
    /// The usage limit of an account is reached: its runs wait.
    AccountParked {
        account: String,
        until: Timestamp,
    },
    /// A person has said that the limit has ended.
    AccountResumed {
        account: String,
    },
    QueueStarted {
        queued: i64,
    },
    QueueStopped {
        queued: i64,
    },
    /// 80 % are spent.
    BudgetNearlySpent {
        scope: BudgetScope,
        subject: Option<Id>,
        name: Option<String>,
        period: Option<String>,
        limit_usd: MicroUsd,
        spent_usd: MicroUsd,
    },
    BudgetExceeded {
        scope: BudgetScope,
        subject: Option<Id>,
        name: Option<String>,
        period: Option<String>,
        limit_usd: MicroUsd,
        spent_usd: MicroUsd,
    },
    /// An agent asks whether it may use a tool, and waits.
    ApprovalRequested {
        id: Id,
        agent_id: Id,
        tool: String,
    },
    ApprovalDecided {
        id: Id,
        agent_id: Id,
        status: ApprovalStatus,
    },
    /// The agent was told.
    ApprovalDelivered {
        id: Id,
        agent_id: Id,
    },
    PromptCreated {
        id: Id,
        agent_id: Id,
    },
    PromptUpdated {
        id: Id,
        agent_id: Id,
        status: PromptStatus,
    },
    LogsWritten {
        count: usize,
        agent_ids: Vec<Id>,
        highest_level: Option<Level>,
    },
    SystemLogsWritten {
        count: usize,
        highest_level: Option<Level>,
    },
    WorkflowCreated {
        id: Id,
        adw_name: String,
        status: WorkflowStatus,
    },
    WorkflowUpdated {
        id: Id,
        adw_name: String,
        status: WorkflowStatus,
    },
    /// A try of a step has begun or ended.
    WorkflowStep {
        id: Id,
        step: String,
        iteration: i64,
        attempt: i64,
        status: StepStatus,
        run_id: Option<Id>,
    },
    /// Settings by their names; those that wait take effect when a person has confirmed them.
    ConfigReloaded {
        applied: Vec<String>,
        after_restart: Vec<String>,
        waiting: Vec<String>,
    },
    BackupMade {
        path: String,
        bytes: u64,
        /// How many old ones are gone.
        removed: usize,
    },
    RetentionPruned {
        kind: RecordKind,
        rows: i64,
    },
    /// The ids of work trees are those of the runs that they were made for.
    WorktreeCreated {
        id: Id,
        branch: String,
    },
    WorktreeMerging {
        id: Id,
    },
    WorktreeMerged {
        id: Id,
        commit: String,
    },
    WorktreeDiscarding {
        id: Id,
    },
    WorktreeDiscarded {
        id: Id,
        rescue: Option<String>,
    },
    /// It was to be merged or removed, and is as it was.
    WorktreeKept {
        id: Id,
        reason: String,
    },
    /// It is gone, and so is what was known of it.
    WorktreeForgotten {
        id: Id,
    },
}

impl Event {
    /// `thing.what`: what followers filter by, whole or up to the dot.
    pub fn topic(&self) -> &'static str {
        match self {
            Self::AgentCreated { .. } => "agent.created",
            Self::AgentUpdated { .. } => "agent.updated",
            Self::AgentDeleting { .. } => "agent.deleting",
            Self::AgentDeleted { .. } => "agent.deleted",
            Self::RuntimeCreated { .. } => "runtime.created",
            Self::RuntimeStatus { .. } => "runtime.status",
            Self::RuntimeUpdated { .. } => "runtime.updated",
            Self::RuntimeStopping { .. } => "runtime.stopping",
            Self::RuntimeRetrying { .. } => "runtime.retrying",
            Self::AccountParked { .. } => "account.parked",
            Self::AccountResumed { .. } => "account.resumed",
            Self::QueueStarted { .. } => "queue.started",
            Self::QueueStopped { .. } => "queue.stopped",
            Self::BudgetNearlySpent { .. } => "budget.nearly_spent",
            Self::BudgetExceeded { .. } => "budget.exceeded",
            Self::ApprovalRequested { .. } => "approval.requested",
            Self::ApprovalDecided { .. } => "approval.decided",
            Self::ApprovalDelivered { .. } => "approval.delivered",
            Self::PromptCreated { .. } => "prompt.created",
            Self::PromptUpdated { .. } => "prompt.updated",
            Self::LogsWritten { .. } => "logs.written",
            Self::SystemLogsWritten { .. } => "system_logs.written",
            Self::WorkflowCreated { .. } => "workflow.created",
            Self::WorkflowUpdated { .. } => "workflow.updated",
            Self::WorkflowStep { .. } => "workflow.step",
            Self::ConfigReloaded { .. } => "config.reloaded",
            Self::BackupMade { .. } => "backup.made",
            Self::RetentionPruned { .. } => "retention.pruned",
            Self::WorktreeCreated { .. } => "worktree.created",
            Self::WorktreeMerging { .. } => "worktree.merging",
            Self::WorktreeMerged { .. } => "worktree.merged",
            Self::WorktreeDiscarding { .. } => "worktree.discarding",
            Self::WorktreeDiscarded { .. } => "worktree.discarded",
            Self::WorktreeKept { .. } => "worktree.kept",
            Self::WorktreeForgotten { .. } => "worktree.forgotten",
        }
    }
}
