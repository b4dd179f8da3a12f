//! What a generated project costs whoever builds it.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use crate::new::time;
use crate::report::{Row, Target};
use crate::rounds::median;

const CHANGES: usize = 3;
const HANDLER: &str = "src/agents/http.rs";

pub fn size(service: &Path) -> anyhow::Result<Row> {
    let bytes = fs::metadata(service)?.len();
    let megabytes = bytes as f64 / 1e6;
    let target = Target::AtMost(12.0);
    Ok(Row::alone(
        "release binary, stripped",
        "MB",
        megabytes,
        target,
    ))
}

pub fn measure(cli: &Path) -> anyhow::Result<[Row; 2]> {
    let folder = tempfile::tempdir()?;
    time(
        Command::new(cli)
            .args(["new", "built", "--yes"])
            .current_dir(folder.path()),
    )?;
    let project = folder.path().join("built/orchestrator_web");
    let cargo = |arguments: &[&str]| {
        let seconds = time(
            Command::new("cargo")
                .args(arguments)
                .current_dir(&project)
                .env("CARGO_TARGET_DIR", folder.path().join("target")),
        );
        seconds.map(|it| it / 1e3)
    };
    eprintln!("build: cold");
    cargo(&["fetch", "--locked"])?;
    let build = ["build", "--locked", "--offline"];
    let cold = cargo(&build)?;
    eprintln!("build: after a change");
    let mut warm = Vec::new();
    for _ in 0..CHANGES {
        File::options()
            .append(true)
            .open(project.join(HANDLER))?
            .set_modified(SystemTime::now())?;
        warm.push(cargo(&build)?);
    }
    Ok([
        Row::alone("cargo build, cold", "s", cold, Target::AtMost(60.0))
            .note("the crates are downloaded before; the target is for 2 quiet cores".to_owned()),
        Row::alone(
            "cargo build after a change",
            "s",
            median(warm),
            Target::AtMost(6.0),
        )
        .note(format!("{HANDLER} touched, median of {CHANGES}")),
    ])
}
