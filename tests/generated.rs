//! The repository's own set, with every option set that matters.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use tac_bootstrap::commands::mirror;
use tac_bootstrap::mirror::without_markers;
use tac_bootstrap::render::render;
use tac_bootstrap::templates::TemplateSet;
use tac_bootstrap::tree::{File, RelPath, Tree};

use crate::fixture::{choices, config, reference, root, text};
use crate::option_sets::option_sets;

#[test]
fn the_templates_are_the_mirror_of_the_reference() {
    let stored = tac_bootstrap::disk::read(&root().join("templates"), |_| true).unwrap();
    let config = config();
    let mirrored = tac_bootstrap::mirror::mirror(&config, &reference(&config)).unwrap();
    let differing = mirror::changes(&stored, &mirrored);
    assert!(
        differing.is_empty(),
        "run `cargo run -- mirror`: {differing:?}"
    );
}

#[test]
fn the_reference_comes_back_byte_for_byte_less_its_marker_lines() {
    let config = config();
    let set = TemplateSet::embedded().unwrap();
    let all: BTreeSet<String> = set.manifest.options.keys().cloned().collect();
    let rendered = render(&set, &choices(&config, &all)).unwrap();
    let mut expected = reference(&config);
    for seam in &config.seams {
        let File::Regular { bytes, .. } = expected.get_mut(seam).unwrap() else {
            panic!("{seam} is a link")
        };
        let text = without_markers(seam.as_str(), std::str::from_utf8(bytes).unwrap()).unwrap();
        assert_ne!(text.as_bytes(), bytes, "{seam} has no markers");
        *bytes = text.into_bytes();
    }
    let extra: Vec<_> = rendered
        .keys()
        .filter(|path| !expected.contains_key(*path))
        .collect();
    assert!(extra.is_empty(), "only the rendering has {extra:?}");
    for (path, file) in &expected {
        assert!(rendered.get(path) == Some(file), "{path} differs");
    }
}

#[test]
fn the_program_carries_the_set_that_the_working_tree_holds() {
    let working = TemplateSet::from_dir(&root().join("templates")).unwrap();
    assert_eq!(TemplateSet::embedded().unwrap().digest(), working.digest());
}

#[test]
fn every_option_set_parses_is_formatted_and_has_the_lock_file_that_cargo_would_write() {
    let set = TemplateSet::embedded().unwrap();
    for options in option_sets(&set) {
        let tree = render(&set, &choices(&config(), &options)).unwrap();
        for (path, file) in &tree {
            check_syntax(path.as_str(), path.extension(), file, &options);
        }
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &tree);
        check_format(folder.path(), &tree, &options);
        check_lock(folder.path(), &options);
    }
}

#[test]
fn no_template_syntax_or_marker_is_left_in_a_project() {
    let set = TemplateSet::embedded().unwrap();
    for options in option_sets(&set) {
        for (path, file) in render(&set, &choices(&config(), &options)).unwrap() {
            let text = String::from_utf8_lossy(file.bytes());
            for left in ["<% ", "<@ ", "<~ ", "tac:if", "tac:end"] {
                assert!(
                    !text.contains(left),
                    "{path} holds {left:?} with {options:?}"
                );
            }
        }
    }
}

#[test]
fn a_project_without_the_dashboard_has_no_trace_of_it() {
    let set = TemplateSet::embedded().unwrap();
    let all: BTreeSet<String> = set.manifest.options.keys().cloned().collect();
    let mut others = all.clone();
    others.remove("dashboard");
    let rendered = |options| render(&set, &choices(&config(), options)).unwrap();
    let traces = |tree: &Tree| -> Vec<String> {
        let is_trace = |line: &str| {
            let line = line.to_lowercase();
            ["dashboard", "htmx"].iter().any(|it| line.contains(it))
        };
        let of_file = |(path, file): (&RelPath, &File)| {
            let text = String::from_utf8_lossy(file.bytes()).into_owned();
            let lines = text.lines().chain([path.as_str()]);
            let found = lines.filter(|line| is_trace(line));
            found
                .map(|line| format!("{path}: {line}"))
                .collect::<Vec<_>>()
        };
        tree.iter().flat_map(of_file).collect()
    };
    assert!(100 < traces(&rendered(&all)).len());
    assert_eq!(traces(&rendered(&others)), [""; 0]);
}

#[test]
fn hostile_answers_break_no_file() {
    let set = TemplateSet::embedded().unwrap();
    let config = config();
    let all = set.manifest.options.keys().cloned().collect();
    let mut choices = choices(&config, &all);
    let hostile = "\"q\" 'a' \\ # <b> %h {{x}} <% if %>\nExecStart=/bin/false\n[server]\nport = 1";
    for answer in ["title", "description"] {
        choices.answers.insert(answer.into(), hostile.into());
    }
    let tree = render(&set, &choices).unwrap();
    for (path, file) in &tree {
        check_syntax(path.as_str(), path.extension(), file, &all);
    }
    let settings: toml::Table = text(&tree, "orchestrator.toml").parse().unwrap();
    assert_eq!(settings["project"]["title"].as_str(), Some(hostile));
    assert_eq!(settings["server"]["port"].as_integer(), Some(8437));
    let unit = text(&tree, "orchestrator_web/systemd/orchestrator-web.service");
    assert_eq!(
        unit.lines()
            .filter(|line| line.starts_with("ExecStart="))
            .count(),
        1
    );
    assert!(
        text(&tree, "README.md")
            .starts_with("# \"q\" 'a' \\\\ # \\<b\\> %h {{x}} \\<% if %\\> ExecStart=")
    );
}

fn check_syntax(path: &str, extension: Option<&str>, file: &File, options: &BTreeSet<String>) {
    let Ok(text) = std::str::from_utf8(file.bytes()) else {
        return;
    };
    let wrong = match extension {
        Some("rs") => syn::parse_file(text).err().map(|error| error.to_string()),
        Some("toml") => text
            .parse::<toml::Table>()
            .err()
            .map(|error| error.to_string()),
        Some("yml" | "yaml") => serde_yaml_ng::from_str::<serde_yaml_ng::Value>(text)
            .err()
            .map(|error| error.to_string()),
        Some("json") => serde_json::from_str::<serde_json::Value>(text)
            .err()
            .map(|error| error.to_string()),
        _ => None,
    };
    assert_eq!(wrong, None, "{path} with {options:?}");
}

fn write(folder: &Path, tree: &Tree) {
    for (path, file) in tree {
        let place = folder.join(path.as_str());
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, file.bytes()).unwrap();
    }
}

fn check_format(folder: &Path, tree: &Tree, options: &BTreeSet<String>) {
    let files = tree.keys().filter(|path| path.extension() == Some("rs"));
    let output = Command::new("rustfmt")
        .args(["--check", "--edition", "2024"])
        .args(files.map(|path| folder.join(path.as_str())))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "with {options:?}: {told}");
}

fn check_lock(folder: &Path, options: &BTreeSet<String>) {
    let manifest = folder.join("orchestrator_web/Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--locked",
            "--format-version",
            "1",
            "--manifest-path",
        ])
        .arg(manifest)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "with {options:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
