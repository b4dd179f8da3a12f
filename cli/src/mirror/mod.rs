//! The reference backend, turned into the template set that renders to it.
//!
//! A file is copied byte for byte unless an answer or a marker in it changes its text, or its name asks for the
//! suffix. What has to be found is counted: a hit that is new, or gone, is an error until `mirror.toml` lists it.

mod config;
mod markers;
mod substitute;

use std::collections::BTreeMap;

pub use config::Config;
pub use markers::without_markers;

use crate::error::Context;
use crate::parse::line_of;
use crate::templates::{FileSpec, Manifest, Mode, names};
use crate::tree::{File, RelPath, Tree};
use crate::{Error, Result};
use markers::Piece;
use substitute::Substitutions;

/// The stored files of the set, `set.toml` among them, that render to `reference`.
pub fn mirror(config: &Config, reference: &Tree) -> Result<Tree> {
    let substitutions = Substitutions::new(config, reference)?;
    if let Some(seam) = config
        .seams
        .iter()
        .find(|seam| !reference.contains_key(*seam))
    {
        return Err(Error::new(
            format!("mirror.toml: the seam `{seam}` is not a file of the reference"),
            "take it out of `seams`, or correct the path",
        ));
    }
    let mut set = Tree::new();
    let mut refusals = Vec::new();
    for (path, file) in reference {
        match stored(config, &substitutions, path, file) {
            Ok((name, file)) => {
                set.insert(name, file);
            }
            Err(refusal) => refusals.push(refusal),
        }
    }
    if refusals.len() > 1 {
        let details = refusals.iter().map(ToString::to_string).collect();
        let what = format!(
            "{} files of the reference cannot be mirrored",
            refusals.len()
        );
        return Err(Error::new(what, "mend each, then mirror again").details(details));
    }
    if let Some(refusal) = refusals.pop() {
        return Err(refusal);
    }
    let manifest = toml::to_string_pretty(&manifest(config, reference)?)
        .context("write set.toml", "TOML cannot hold what mirror.toml says")?;
    let head =
        "# Written by `tac-bootstrap mirror` from cli/mirror.toml; a change belongs there.\n\n";
    set.insert(
        RelPath::try_from("set.toml")
            .context("write set.toml", "TOML cannot hold what mirror.toml says")?,
        File::text(format!("{head}{manifest}")),
    );
    Ok(set)
}

/// What `set.toml` says: what `mirror.toml` says, and which files are executable.
fn manifest(config: &Config, reference: &Tree) -> Result<Manifest> {
    let mut files: BTreeMap<RelPath, FileSpec> = config.files.clone();
    for (path, file) in reference {
        if matches!(
            file,
            File::Regular {
                executable: true,
                ..
            }
        ) {
            files.entry(path.clone()).or_default().mode = Some(Mode::Executable);
        }
    }
    let (answers, options) = (config.answers.clone(), config.options.clone());
    let manifest = Manifest {
        name: config.name.clone(),
        version: config.version.clone(),
        answers,
        options,
        files,
    };
    manifest.check()?;
    Ok(manifest)
}

/// The path and the contents under which the set stores a file of the reference.
fn stored(
    config: &Config,
    substitutions: &Substitutions,
    path: &RelPath,
    file: &File,
) -> Result<(RelPath, File)> {
    let name = format!("files/{}", names::encode(path));
    let named =
        |name: String| RelPath::try_from(name).context(format_args!("mirror {path}"), "rename it");
    let File::Regular { bytes, executable } = file else {
        return Err(Error::new(
            format!("mirror {path}: it is a link, and a compiled program cannot carry links"),
            "put a copy in its place",
        ));
    };
    if !is_template(config, substitutions, path) {
        let text = String::from_utf8_lossy(bytes);
        if let Some(at) = markers::first(&text) {
            return Err(Error::new(
                format!(
                    "mirror {path}, line {}: a marker outside the seams",
                    line_of(&text, at)
                ),
                "list the file under `seams` in mirror.toml, or make the lines a file of their own",
            ));
        }
        substitutions.check_absent(path, &text, 1)?;
        return Ok((named(name)?, file.clone()));
    }
    let text = std::str::from_utf8(bytes).context(
        format_args!("mirror {path}: a template has to be UTF-8"),
        "take it out of mirror.toml, or save it as UTF-8",
    )?;
    let text = template(config, substitutions, path, text)?;
    Ok((
        named(format!("{name}.tera"))?,
        File::Regular {
            bytes: text.into_bytes(),
            executable: *executable,
        },
    ))
}

fn is_template(config: &Config, substitutions: &Substitutions, path: &RelPath) -> bool {
    // A manifest under its own name drops its folder from `cargo package`; `.tera` is how a template is told.
    let needs_suffix = path.name() == "Cargo.toml" || path.extension() == Some("tera");
    needs_suffix || config.seams.contains(path) || substitutions.expect_hits_in(path)
}

fn template(
    config: &Config,
    substitutions: &Substitutions,
    path: &RelPath,
    text: &str,
) -> Result<String> {
    let mut template = substitutions.template_of(path);
    let pieces = markers::pieces(path.as_str(), text)?;
    check_markers(config, path, &pieces)?;
    for piece in pieces {
        match piece {
            Piece::Text(range) => {
                template.text(&text[range.clone()], line_of(text, range.start))?;
            }
            Piece::If(option) => {
                template.tag(&format!("<% if options.{} %>", option.replace('-', "_")));
            }
            Piece::End => template.tag("<% endif %>"),
        }
    }
    template.finish()
}

fn check_markers(config: &Config, path: &RelPath, pieces: &[Piece]) -> Result<()> {
    let options: Vec<&str> = pieces
        .iter()
        .filter_map(|piece| {
            if let Piece::If(option) = piece {
                Some(*option)
            } else {
                None
            }
        })
        .collect();
    match (config.seams.contains(path), options.is_empty()) {
        (true, true) => {
            return Err(Error::new(
                format!("mirror {path}: mirror.toml lists it as a seam, but it has no markers"),
                "take it out of `seams`",
            ));
        }
        (false, false) => {
            return Err(Error::new(
                format!(
                    "mirror {path}: it has markers, but mirror.toml does not list it as a seam"
                ),
                "list it under `seams`, or make the lines a file of their own",
            ));
        }
        _ => {}
    }
    match options
        .iter()
        .find(|option| !config.options.contains_key(**option))
    {
        Some(unknown) => Err(Error::new(
            format!(
                "mirror {path}: a marker asks for the option `{unknown}`, which mirror.toml does not know"
            ),
            format!("add [options.{unknown}], or correct the marker"),
        )),
        None => Ok(()),
    }
}
