//! Files of the user's that have the name of one of ours.

use std::fs;

use crate::program::Scratch;

#[test]
fn a_file_of_ones_own_stays_is_remembered_as_that_and_ours_is_offered() {
    let scratch = Scratch::new();
    scratch.write(".gitignore", "/mine\n");
    scratch.write("docs/usage.md", "Type `cargo run`.\n");
    let ran = scratch.new_project(&["."]).succeeds();
    let told =
        "kept your .gitignore; ours is .tac/offered/dot_gitignore\nalready there: docs/usage.md\n";
    assert!(ran.out.contains(told), "{}", ran.out);
    assert_eq!(scratch.read(".gitignore"), "/mine\n");
    assert_eq!(scratch.read(".tac/offered/dot_gitignore"), "/data\n");
    assert!(!scratch.work().join(".tac/base/dot_gitignore").exists());

    let state: toml::Table = scratch.read(".tac/tac.toml").parse().unwrap();
    assert_eq!(state["kept"], vec![".gitignore"].into());
    let files = state["files"].as_table().unwrap();
    assert!(!files.contains_key(".gitignore") && files.contains_key("docs/usage.md"));

    scratch.write(".gitignore", "/mine\n/more\n");
    let doctor = scratch.run(&["doctor"]);
    let counts = "3 generated files unedited, 0 edited, 0 missing, 2 yours";
    assert!(doctor.out.contains(counts), "{}", doctor.out);
}

#[test]
fn a_port_that_no_file_holds_is_given_to_the_service() {
    let scratch = Scratch::new();
    scratch.write("orchestrator.toml", "[server]\nport = 1\n");
    scratch.write(
        "../set/files/orchestrator.toml.tera",
        "port = <@ answers.port @>\n",
    );
    let ran = scratch.new_project(&[".", "--port", "9000"]).succeeds();
    let next = "  cargo run -- --port 9000\nthen open http://127.0.0.1:9000\n";
    assert!(ran.out.contains(next), "{}", ran.out);
}

#[test]
fn doctor_misses_every_copy_of_the_base() {
    let scratch = Scratch::new();
    scratch.new_project(&["."]).succeeds();
    scratch.write(".tac/base/README.md", "edited\n");
    let doctor = scratch.run(&["doctor"]).fails();
    let found = ".tac/base/README.md: it is not what was generated";
    assert!(doctor.out.contains(found), "{}", doctor.out);
    assert!(
        doctor.out.contains("`git checkout HEAD -- .tac`"),
        "{}",
        doctor.out
    );

    fs::remove_dir_all(scratch.work().join(".tac/base")).unwrap();
    let doctor = scratch.run(&["doctor"]).fails();
    assert!(doctor.out.contains("5 of 5 copies"), "{}", doctor.out);
}
