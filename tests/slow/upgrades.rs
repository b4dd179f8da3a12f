//! A project of each version that was released, with edits of its owner's, is brought to this one.

use std::fs;
use std::path::Path;
use std::process::Command;

use tac_bootstrap::templates::released::RELEASED;
use tac_bootstrap::templates::{Policy, TemplateSet};

use crate::project::{Bench, PROGRAM, Project, succeed};

const GREETING: &str = r#"//! A route of the project's own.

use axum::Json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(greeting))
}

/// Says hello
#[utoipa::path(get, path = "/api/greeting", tag = "agents",
    responses((status = 200, body = Vec<String>)))]
async fn greeting() -> Json<Vec<String>> {
    Json(vec![itoa::Buffer::new().format(5).to_owned()])
}
"#;

const ITS_TEST: &str = r#"use serde_json::json;

use crate::support::Service;

#[tokio::test]
async fn hello_is_said() {
    let answer = Service::start().get("/api/greeting").await;
    assert_eq!(answer.body, json!(["5"]));
}
"#;

/// A line of a generated file, and what its owner puts behind it.
const ADDED: [(&str, &str, &str); 5] = [
    (
        "orchestrator_web/src/lib.rs",
        "pub mod fault;",
        "pub mod greeting;",
    ),
    (
        "orchestrator_web/src/app.rs",
        "        workflows::http::routes(),",
        "        crate::greeting::routes(),",
    ),
    (
        "orchestrator_web/tests/it/main.rs",
        "mod agents;",
        "mod greeting;",
    ),
    (
        "orchestrator_web/Cargo.toml",
        "hyper-util = { version = \"0.1\", features = [\"service\", \"tokio\"] }",
        "itoa = \"1\"",
    ),
    (
        "orchestrator.toml",
        "# websocket_poll_ms = 2000",
        "websocket_poll_ms = 1500",
    ),
];

const SETTINGS: &str = "rustfmt.toml";
const WIDTH: &str = "max_width = 60\n";
const FORMATTED: &str = "src/system/body.rs";
const DELETED: &str = "ARCHITECTURE.md";

#[test]
fn every_released_version_is_brought_to_this_one_with_its_owners_edits_and_builds() {
    for released in &RELEASED {
        println!("{}", released.version);
        let project = Project::of_release(released);
        edit(&project);
        let told = project.upgrade();
        println!("{told}");

        let service = project.service();
        for (path, _, mine) in ADDED {
            let text = fs::read_to_string(project.root().join(path)).unwrap();
            assert!(text.lines().any(|line| line == mine), "{path}: {mine}");
        }
        assert!(!service.join(DELETED).exists());
        assert!(told.contains(DELETED), "what stays deleted is told");
        assert_up_to_date(&project);

        let bench = Bench::take();
        // Cargo adds to the lock file, which the owner has edited, what the new manifest needs.
        let mut build = bench.command("cargo");
        succeed(build.arg("build").current_dir(&service));
        let told = bench.cargo(&service, &["test"]);
        assert!(
            told.contains("test greeting::hello_is_said ... ok"),
            "{told}"
        );
    }
}

/// What its owner has not edited is as in a new project, and what they have only formatted, in their format; what is
/// written once is theirs.
fn assert_up_to_date(project: &Project) {
    // An upgrade names an option that is new, and does not turn it on.
    let fresh = Project::new(PROGRAM, &["--with", "systemd", "--without", "dashboard"]);
    fs::write(fresh.service().join(SETTINGS), WIDTH).unwrap();
    format(&fresh.service());
    let (ours, fresh) = (project.tree(), fresh.tree());
    let deleted = format!("orchestrator_web/{DELETED}");
    let is_edited = |path: &str| {
        let edited = ADDED.iter().map(|(edited, ..)| *edited);
        let mut edited = edited.chain([&*deleted, "orchestrator_web/Cargo.lock"]);
        edited.any(|edited| edited == path)
    };
    let set = TemplateSet::embedded().unwrap();
    let is_once = |path| set.manifest.file(path).policy == Policy::Once;
    let other: Vec<_> = fresh
        .iter()
        .filter(|(path, file)| ours.get(*path) != Some(file))
        .map(|(path, _)| path)
        .filter(|path| !is_edited(path.as_str()) && !is_once(path))
        .collect();
    assert!(other.is_empty(), "{other:?}");
}

/// A module with a route and a test, a dependency, a setting, a deletion, and a file that is formatted in another way.
fn edit(project: &Project) {
    let service = project.service();
    fs::write(service.join("src/greeting.rs"), GREETING).unwrap();
    fs::write(service.join("tests/it/greeting.rs"), ITS_TEST).unwrap();
    for (path, line, mine) in ADDED {
        let path = project.root().join(path);
        let text = fs::read_to_string(&path).unwrap();
        let line = format!("{line}\n");
        assert_eq!(text.matches(&line).count(), 1, "{line}");
        fs::write(&path, text.replace(&line, &format!("{line}{mine}\n"))).unwrap();
    }
    let mut update = Command::new("cargo");
    let update = update.args(["update", "--workspace"]);
    succeed(update.current_dir(&service));
    fs::remove_file(service.join(DELETED)).unwrap();
    fs::write(service.join(SETTINGS), WIDTH).unwrap();
    format(&service);
}

fn format(service: &Path) {
    let mut rustfmt = Command::new("rustfmt");
    let rustfmt = rustfmt.args(["--edition", "2024", FORMATTED]);
    succeed(rustfmt.current_dir(service));
}
