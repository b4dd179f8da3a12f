//! Text that a transaction keeps for the next one: the journal and the records.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::disk::{Bits, Disk, Found};
use super::{cannot, guard};
use crate::tree::File;
use crate::{Error, Result, parse};

/// Of the journal and of the records.
pub const SCHEMA: u32 = 1;

/// Only its owner reads it: what was replaced may hold secrets.
pub fn private() -> Bits {
    Bits::new(0o600)
}

/// Reads the TOML at `path`; `None` if nothing is there.
pub fn read<T: DeserializeOwned>(disk: &impl Disk, path: &str) -> Result<Option<T>> {
    let hint = "it is not written by hand: look at what your version control says has changed, then remove it";
    let act = format!("read {path}");
    guard::parents(disk, path)?;
    let bytes = match disk.look(path).map_err(cannot(&act))? {
        None => return Ok(None),
        Some(Found::File {
            file: File::Regular { bytes, .. },
            ..
        }) => bytes,
        Some(_) => return Err(Error::new(format!("{act}: it is not a file"), hint)),
    };
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::new(format!("{act}: it is not UTF-8"), hint))?;
    parse::toml_of_schema(SCHEMA, path, &text, hint).map(Some)
}

pub fn write(disk: &impl Disk, path: &str, contents: &impl Serialize) -> std::io::Result<()> {
    let text = toml::to_string(contents).expect("it is plain data");
    disk.write(path, &File::text(text), Some(private()))
}
