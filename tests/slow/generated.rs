use std::fs;
use std::process::Command;

use serde_json::Value;
use tac_bootstrap::templates::TemplateSet;

use crate::option_sets::option_sets;
use crate::project::{Bench, PROGRAM, Project, succeed};
use crate::service::Service;

#[test]
fn every_option_set_builds_without_a_warning_and_passes_its_own_tests() {
    let mut tested = Vec::new();
    for options in option_sets(&TemplateSet::embedded().unwrap()) {
        let project = Project::with_options(PROGRAM, &options);
        let mut seen_by_cargo = project.tree();
        seen_by_cargo.retain(|path, _| {
            path.as_str() == "orchestrator.toml" || path.as_str().starts_with("orchestrator_web/")
        });
        // An option may add nothing to the service: what is the same to the last byte is built once.
        if tested.contains(&seen_by_cargo) {
            continue;
        }
        println!("{options:?}");
        let bench = Bench::take();
        bench.cargo(&project.service(), &["build"]);
        let told = bench.cargo(&project.service(), &["test"]);
        assert!(passed(&told) > 0, "no test ran with {options:?}:\n{told}");
        if !options.contains("dashboard") {
            answers_a_browser_with_json(&bench);
        }
        tested.push(seen_by_cargo);
    }
}

#[test]
fn the_worked_example_of_the_readme_applies_and_passes_its_own_test() {
    let project = Project::new(PROGRAM, &[]);
    let service = project.service();
    let readme = fs::read_to_string(service.join("README.md")).unwrap();
    let (_, example) = readme.split_once("```diff\n").unwrap();
    let (example, _) = example.split_once("\n```").unwrap();
    fs::write(service.join("example.diff"), format!("{example}\n")).unwrap();
    let mut git = Command::new("git");
    succeed(git.args(["apply", "example.diff"]).current_dir(&service));

    let told = Bench::take().cargo(
        &service,
        &["test", "--test", "it", "agents::agents_are_counted"],
    );
    assert_eq!(passed(&told), 1, "{told}");
}

/// There is no page: who would rather have one gets what programs get.
fn answers_a_browser_with_json(bench: &Bench) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(bench.program());
    command
        .args(["--port", "0"])
        .current_dir(folder.path())
        .env_clear();
    let service = Service::started_by(&mut command);
    let browser = service.client().with("accept", "text/html,*/*;q=0.8");
    let root = browser.send("GET /", &Value::Null).unwrap();
    assert_eq!(root.is(200)["status"], "operational");
    browser.send("GET /agents", &Value::Null).unwrap().is(404);
}

/// The sum over the lines `test result: ok. 12 passed; …`.
fn passed(told: &str) -> u32 {
    let lines = told.lines();
    let counts = lines.filter_map(|line| line.strip_prefix("test result: ok. "));
    counts
        .map(|counts| counts.split(' ').next().unwrap().parse::<u32>().unwrap())
        .sum()
}
