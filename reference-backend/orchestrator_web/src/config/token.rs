//! The token of the service, from a variable or from a file that nobody else can read.

use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use super::field::Text;
use super::values::Token;
use super::{Loaded, SETTINGS};
use crate::fault::{Fault, reason};

/// Reads the token's file, where one is configured; both ways at once are refused.
pub(super) fn resolve(loaded: &mut Loaded) -> Result<(), Fault> {
    let Some(path) = &loaded.settings.token_file else {
        return Ok(());
    };
    let [token, file] = ["ORCHESTRATOR_TOKEN", "ORCHESTRATOR_TOKEN_FILE"].map(Loaded::position);
    let [token_source, file_source] = [token, file].map(|row| &loaded.sources[row]);
    if !token_source.is_default() {
        let [one, other] = [(token, token_source), (file, file_source)]
            .map(|(row, source)| source.subject(&SETTINGS[row]));
        return Err(Fault::new(
            format!("{other} is set, and so is {one}"),
            "keep one of the two",
        ));
    }
    let secret = read(path)?;
    Arc::make_mut(&mut loaded.settings).token = Some(secret);
    loaded.sources[token] = file_source.clone();
    Ok(())
}

fn read(path: &Path) -> Result<Token, Fault> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        Fault::new(
            format!("cannot read the token file {shown}: {}", reason(&error)),
            "ORCHESTRATOR_TOKEN_FILE or server.token_file names it; check the path and who may read it",
        )
    };
    // Owner and mode are those of the file that was opened, whatever the path names by then.
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(Fault::new(
            format!("the token file {shown} is not a file"),
            "name a file that holds the token and nothing else",
        ));
    }
    let us = rustix::process::geteuid();
    if metadata.uid() != us.as_raw() {
        return Err(Fault::new(
            format!("the token file {shown} belongs to another user"),
            "make the user that runs the service its owner: chown",
        ));
    }
    if metadata.mode() & 0o077 != 0 {
        return Err(Fault::new(
            format!("the token file {shown} is open to other users"),
            format!("chmod 600 {shown}, and consider a new token"),
        ));
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(unreadable)?;
    Token::parse(text.trim_end_matches(['\r', '\n'])).ok_or_else(|| {
        Fault::new(
            format!("the token file {shown} does not hold {}", Token::EXPECTED),
            format!("openssl rand -hex 32 > {shown} writes one"),
        )
    })
}
