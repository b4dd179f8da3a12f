//! `mirror`: writes `templates/` from `reference-backend/`, or checks that it did.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::error::Context;
use crate::mirror::{Config, mirror};
use crate::templates::TemplateSet;
use crate::tree::{File, RelPath, Tree};
use crate::{Error, Result, disk};

/// For the developers of tac-bootstrap, from the root of its repository.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write nothing; fail if templates/ is not the mirror of reference-backend/
    #[arg(long)]
    check: bool,
}

/// What became of the files of `templates/`, or would: a line a file, none where all are as they should be.
pub fn run(args: &Args, root: &Path) -> Result<Vec<String>> {
    let config_file = root.join("cli/mirror.toml");
    let config = fs::read_to_string(&config_file).map_err(|cause| {
        Error::new(
            format!("read {}: {cause}", config_file.display()),
            "run `mirror` at the root of the tac-bootstrap repository",
        )
    })?;
    let config = Config::parse(&config)?;
    let reference = disk::read(&root.join("reference-backend"), |path| {
        !config.ignores(path)
    })?;
    let wanted = mirror(&config, &reference)?;
    TemplateSet::new(&wanted)?;

    let templates = root.join("templates");
    let written = disk::read(&templates, |_| true)?;
    let changes = changes(&written, &wanted);
    if args.check && !changes.is_empty() {
        let what = format!(
            "{} files of templates/ are not the mirror of reference-backend/",
            changes.len()
        );
        let files = changes
            .iter()
            .map(|path| format!("templates/{path}"))
            .collect();
        return Err(Error::new(what, "run `cargo run -- mirror`").details(files));
    }
    for path in &changes {
        write(&templates, path, wanted.get(*path)).context(
            format_args!("write templates/{path}"),
            "mend the place, then mirror again",
        )?;
    }
    Ok(changes
        .iter()
        .map(|path| format!("{} templates/{path}", verb(path, &written, &wanted)))
        .collect())
}

/// The paths at which the two trees differ.
pub fn changes<'a>(written: &'a Tree, wanted: &'a Tree) -> Vec<&'a RelPath> {
    let gone = written.keys().filter(|path| !wanted.contains_key(*path));
    let other = wanted
        .iter()
        .filter(|(path, file)| written.get(*path) != Some(file))
        .map(|(path, _)| path);
    gone.chain(other).collect()
}

fn verb(path: &RelPath, written: &Tree, wanted: &Tree) -> &'static str {
    match (written.contains_key(path), wanted.contains_key(path)) {
        (true, true) => "changed",
        (true, false) => "deleted",
        _ => "created",
    }
}

fn write(templates: &Path, path: &RelPath, file: Option<&File>) -> std::io::Result<()> {
    let place = templates.join(path.as_str());
    let Some(file) = file else {
        fs::remove_file(&place)?;
        let folders = place
            .ancestors()
            .skip(1)
            .take_while(|folder| *folder != templates);
        for folder in folders {
            if fs::read_dir(folder)?.next().is_some() {
                break;
            }
            fs::remove_dir(folder)?;
        }
        return Ok(());
    };
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder)?;
    }
    let File::Regular { bytes, executable } = file else {
        unreachable!("the mirror refuses links");
    };
    fs::write(&place, bytes)?;
    fs::set_permissions(
        &place,
        fs::Permissions::from_mode(if *executable { 0o755 } else { 0o644 }),
    )
}
