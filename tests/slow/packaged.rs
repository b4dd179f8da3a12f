use std::path::Path;
use std::process::Command;

use crate::project::{PROGRAM, Project, every_option, succeed};

const CRATE: &str = concat!("tac-bootstrap-", env!("CARGO_PKG_VERSION"));

#[test]
fn the_packaged_crate_writes_the_same_project() {
    let scratch = tempfile::tempdir().unwrap();
    let mut package = Command::new("cargo");
    package
        .args(["package", "--no-verify", "--allow-dirty", "--locked"])
        .arg("--target-dir")
        .arg(scratch.path())
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    succeed(&mut package);
    let archive = format!("package/{CRATE}.crate");
    let mut unpack = Command::new("tar");
    unpack.args(["-xzf", &archive]).current_dir(&scratch);
    succeed(&mut unpack);

    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packaged");
    let mut build = Command::new("cargo");
    build
        .args(["build", "--locked"])
        .env("CARGO_TARGET_DIR", &target)
        .current_dir(scratch.path().join(CRATE));
    succeed(&mut build);

    let packaged = target.join("debug/tac-bootstrap");
    let ours = Project::with_options(PROGRAM, &every_option()).tree();
    let theirs = Project::with_options(packaged, &every_option()).tree();
    let paths = ours.keys().chain(theirs.keys());
    let differing: Vec<_> = paths
        .filter(|it| ours.get(*it) != theirs.get(*it))
        .collect();
    assert!(differing.is_empty(), "{differing:?}");
    assert!(ours.len() > 50, "a project is more than this");
}
