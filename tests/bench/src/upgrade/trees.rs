//! Projects of Rust files, 4 kB each, in three versions.

use std::fmt;
use std::fs;
use std::path::Path;

pub struct Size {
    pub files: usize,
    pub rounds: usize,
}

pub const SMALL: Size = Size {
    files: 100,
    rounds: 15,
};
pub const LARGE: Size = Size {
    files: 1000,
    rounds: 5,
};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Version {
    First,
    /// Each fifth file differs from the first.
    Second,
    /// Each tenth file differs from the first, in another place than in the second.
    Edited,
}

const FUNCTIONS: usize = 50;

/// Writes every file of that version below `folder`, over those that are there.
pub fn write(folder: &Path, size: &Size, version: Version) -> anyhow::Result<()> {
    for file in 0..size.files {
        let path = folder.join(format!(
            "orchestrator_web/src/part_{}/file_{file}.rs",
            file / 10
        ));
        fs::create_dir_all(path.parent().expect("it was joined"))?;
        fs::write(path, text(file, version))?;
    }
    Ok(())
}

fn text(file: usize, version: Version) -> String {
    let function = |number| {
        let value = match (version, number) {
            (Version::Second, 10) if file.is_multiple_of(5) => 2,
            (Version::Edited, 40) if file.is_multiple_of(10) => 3,
            _ => 1,
        };
        format!(
            "/// Function {number} of file {file}.\npub fn function_{number}() -> u32 {{\n    {value}\n}}\n"
        )
    };
    (0..FUNCTIONS).map(function).collect()
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes: usize = (0..self.files)
            .map(|file| text(file, Version::First).len())
            .sum();
        let megabytes = bytes as f64 / 1e6;
        write!(
            f,
            "{} files, {megabytes:.1} MB; the template changes each fifth, the user each tenth",
            self.files
        )
    }
}
