use tac_bootstrap::templates::TemplateSet;

use crate::option_sets::option_sets;
use crate::project::{Bench, PROGRAM, Project};

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
        tested.push(seen_by_cargo);
    }
}

/// The sum over the lines `test result: ok. 12 passed; …`.
fn passed(told: &str) -> u32 {
    let lines = told.lines();
    let counts = lines.filter_map(|line| line.strip_prefix("test result: ok. "));
    counts
        .map(|counts| counts.split(' ').next().unwrap().parse::<u32>().unwrap())
        .sum()
}
