//! The template sets of earlier versions. `adopt` and `why` look for a project's past in them.

use std::io::Read;

use flate2::read::GzDecoder;
use tar::Archive;

use super::TemplateSet;
use crate::Result;
use crate::error::Context;
use crate::tree::{File, RelPath, Tree};

/// `templates/` of a version, as `git archive COMMIT templates | gzip -n9` packs it. What is here once never changes.
pub struct Released {
    pub version: &'static str,
    pub archive: &'static [u8],
}

macro_rules! released {
    ($version:literal) => {
        Released {
            version: $version,
            archive: include_bytes!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/released/v",
                $version,
                ".tar.gz"
            )),
        }
    };
}

/// The oldest first.
pub const RELEASED: [Released; 1] = [released!("0.1.0")];

impl Released {
    pub fn set(&self) -> Result<TemplateSet> {
        TemplateSet::new(&self.stored()?)
    }

    /// The files of the set under the names that it stores them by.
    pub fn stored(&self) -> Result<Tree> {
        let act = format!("read the template set {}", self.version);
        let hint = "this program was built wrong: build it anew";
        let mut archive = Archive::new(GzDecoder::new(self.archive));
        let mut stored = Tree::new();
        for entry in archive.entries().context(&act, hint)? {
            let mut entry = entry.context(&act, hint)?;
            let path = entry.path().context(&act, hint)?;
            // Beside the files there are folders, and git's comment.
            let Ok(below) = path.strip_prefix("templates") else {
                continue;
            };
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let path = RelPath::try_from(&*below.to_string_lossy()).context(&act, hint)?;
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).context(&act, hint)?;
            // As the set that this program carries: modes are said in set.toml.
            let executable = false;
            stored.insert(path, File::Regular { bytes, executable });
        }
        Ok(stored)
    }
}
