//! What a service needs of the machine that it is built on.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;

use super::Finding;

const GIGABYTE: u64 = 1_000_000_000;

pub fn findings(here: &Path, port: u16) -> Vec<Finding> {
    vec![
        cargo(),
        rustc(),
        c_compiler(),
        git(),
        disk(here),
        port_free(port),
    ]
}

fn cargo() -> Finding {
    match version_of("cargo") {
        Some(version) => Finding::good("cargo", version),
        None => Finding::bad(
            "cargo",
            "there is no program `cargo`",
            "install Rust: https://rustup.rs",
        ),
    }
}

fn rustc() -> Finding {
    const NEEDED: &str = env!("CARGO_PKG_RUST_VERSION");
    match version_of("rustc") {
        Some(version) if numbers(&version) >= numbers(NEEDED) => Finding::good("rustc", version),
        Some(version) => {
            let old = format!("{version} is older than {NEEDED}");
            Finding::bad(
                "rustc",
                old,
                "`rustup update stable`, or a newer Rust from where yours came",
            )
        }
        None => Finding::bad(
            "rustc",
            "there is no program `rustc`",
            "install Rust: https://rustup.rs",
        ),
    }
}

/// SQLite comes as C, and is compiled with the service.
fn c_compiler() -> Finding {
    let named = std::env::var("CC").ok().filter(|name| !name.is_empty());
    let compiler = named.as_deref().unwrap_or("cc");
    match version_of(compiler) {
        Some(version) => Finding::good("C compiler", version),
        None => Finding::bad(
            "C compiler",
            format!("there is no program `{compiler}`; SQLite is compiled with the service"),
            "Debian: `apt install build-essential`; Fedora: `dnf install gcc`; macOS: `xcode-select --install`",
        ),
    }
}

fn git() -> Finding {
    const NEEDED: &str = "2.35";
    match version_of("git") {
        Some(version) if numbers(&version) >= numbers(NEEDED) => Finding::good("git", version),
        Some(version) => {
            let old = format!("{version} is older than {NEEDED}");
            Finding::warning("git", old, "update git; `new --vcs none` does without")
        }
        None => Finding::warning(
            "git",
            "there is no program `git`",
            "install git; `new --vcs none` does without",
        ),
    }
}

fn disk(folder: &Path) -> Finding {
    let free = match rustix::fs::statvfs(folder) {
        Ok(found) => found.f_bavail.saturating_mul(found.f_frsize),
        Err(error) => {
            return Finding::warning(
                "disk",
                format!("the free room is unknown: {error}"),
                "a build needs 1 GB",
            );
        }
    };
    let tenths = free / (GIGABYTE / 10);
    let detail = format!("{}.{} GB free", tenths / 10, tenths % 10);
    if free < GIGABYTE {
        Finding::bad("disk", detail, "make room: a build needs 1 GB")
    } else {
        Finding::good("disk", detail)
    }
}

fn port_free(port: u16) -> Finding {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Finding::good("port", format!("{port} is free")),
        Err(error) => Finding::warning(
            "port",
            format!("{port} cannot be used: {error}"),
            "stop what listens there, if it is not the service itself; or start the service with `--port`",
        ),
    }
}

/// The first line that `program --version` prints.
fn version_of(program: &str) -> Option<String> {
    // A program that cannot be run is as good as none.
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next().filter(|_| output.status.success())?;
    Some(line.trim().to_owned())
}

/// The first two numbers of a version: `git version 2.47.3` gives `(2, 47)`.
fn numbers(version: &str) -> (u32, u32) {
    let word = version
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let mut numbers = word
        .unwrap_or_default()
        .split('.')
        .map(|number| number.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}
