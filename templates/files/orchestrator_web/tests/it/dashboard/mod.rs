//! The dashboard as a browser without scripts sees it.

mod agents;
mod assets;
mod control;
mod costs;
mod embeds;
mod full;
mod hostile;
mod outline;
mod pages;
mod panels;
mod problems;
mod reload;
mod runs;
mod support;
mod system;
mod timeline;
mod workflows;
mod worktree;
