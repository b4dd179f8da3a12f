//! Files that the user has only formatted in their own way.

use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::plan::{Ours, There};
use crate::tree::{File, RelPath, Tree};
use crate::{Error, Result};

const SETTINGS: [&str; 2] = ["rustfmt.toml", ".rustfmt.toml"];
const EDITION: &str = "2024";

/// Where ours is base, formatted by the user's own `rustfmt.toml`: formats base and theirs like it, so that the file
/// counts as untouched. Runs rustfmt for edited files that the template changes, in projects with such settings only.
pub fn follow(root: &Path, base: &mut Tree, ours: &Ours, theirs: &mut Tree) -> Result<()> {
    for (path, generated) in base.iter_mut() {
        let (Some(There::File(ours)), Some(new)) = (ours.get(path), theirs.get_mut(path)) else {
            continue;
        };
        if path.extension() != Some("rs") || ours == generated || new == generated || ours == new {
            continue;
        }
        let Some(settings) = settings(root, path) else {
            continue;
        };
        let Some(formatted) = formatted(&settings, generated)? else {
            continue;
        };
        if formatted == *ours
            && let Some(formatted_new) = self::formatted(&settings, new)?
        {
            *generated = formatted;
            *new = formatted_new;
        }
    }
    Ok(())
}

/// The innermost settings of rustfmt that hold for the file.
fn settings(root: &Path, path: &RelPath) -> Option<std::path::PathBuf> {
    let folders = path
        .folders()
        .rev()
        .map(|folder| root.join(folder.as_str()));
    let mut places = folders
        .chain([root.to_owned()])
        .flat_map(|folder| SETTINGS.map(|name| folder.join(name)));
    places.find(|place| place.is_file())
}

/// What rustfmt makes of the file; `None` where it cannot be formatted, or there is no rustfmt.
fn formatted(settings: &Path, file: &File) -> Result<Option<File>> {
    let File::Regular { bytes, executable } = file else {
        return Ok(None);
    };
    let failed = |cause: std::io::Error| {
        Error::new(
            format!("run rustfmt: {cause}; nothing was written"),
            "the command again may do",
        )
    };
    let child = Command::new("rustfmt")
        .args(["--edition", EDITION, "--emit", "stdout", "--config-path"])
        .arg(settings)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut input = child.stdin.take().expect("it was asked for");
    // rustfmt reads everything before it writes: no dead lock. One that ends early has failed, which its status tells.
    let _ = input.write_all(bytes);
    drop(input);
    let output = child.wait_with_output().map_err(failed)?;
    Ok(output.status.success().then_some(File::Regular {
        bytes: output.stdout,
        executable: *executable,
    }))
}
