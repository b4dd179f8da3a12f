//! Reads what an agent prints, from where the log of its run ends.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

use anyhow::Context as _;

use crate::adapters::Stream;
use crate::runs::Offsets;
use crate::shim::protocol::Files;

/// What goes into one transaction.
const MOST_LINES: usize = 200;
const MOST_BYTES: usize = 256 * 1024;

pub struct Tail {
    stdout: Source,
    stderr: Source,
}

struct Source {
    path: PathBuf,
    file: Option<File>,
    offset: u64,
}

impl Tail {
    /// From `start` on.
    pub fn of(files: &Files, start: Offsets) -> Self {
        let source = |path: &PathBuf, start: i64| Source {
            path: path.clone(),
            file: None,
            offset: start.unsigned_abs(),
        };
        Self {
            stdout: source(&files.stdout, start.stdout),
            stderr: source(&files.stderr, start.stderr),
        }
    }

    /// The next lines, or bytes of a line that is longer or has not ended; at most `until`. None when
    /// there are no more yet.
    pub fn next(&mut self, until: Option<Offsets>) -> anyhow::Result<Option<(Stream, Vec<u8>)>> {
        let until = until.map(|it| (it.stdout.unsigned_abs(), it.stderr.unsigned_abs()));
        let bytes = self.stdout.next(until.map(|it| it.0))?;
        if !bytes.is_empty() {
            return Ok(Some((Stream::Stdout, bytes)));
        }
        let bytes = self.stderr.next(until.map(|it| it.1))?;
        Ok((!bytes.is_empty()).then_some((Stream::Stderr, bytes)))
    }

    pub fn offsets(&self) -> Offsets {
        let offset = |source: &Source| i64::try_from(source.offset).expect("no file is larger");
        Offsets {
            stdout: offset(&self.stdout),
            stderr: offset(&self.stderr),
        }
    }
}

impl Source {
    fn next(&mut self, until: Option<u64>) -> anyhow::Result<Vec<u8>> {
        if self.file.is_none() {
            self.file = match File::open(&self.path) {
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
                file => Some(file.with_context(|| format!("open {}", self.path.display()))?),
            };
        }
        let file = self.file.as_ref().expect("it was just opened");
        let left = until.map_or(u64::MAX, |until| until.saturating_sub(self.offset));
        let room = usize::try_from(left).map_or(MOST_BYTES, |left| left.min(MOST_BYTES));
        let mut bytes = vec![0; room];
        let count = file.read_at(&mut bytes, self.offset);
        let count = count.with_context(|| format!("read {}", self.path.display()))?;
        bytes.truncate(count);
        let mut ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        if let Some((end, _)) = ends.nth(MOST_LINES - 1) {
            bytes.truncate(end + 1);
        }
        self.offset += u64::try_from(bytes.len()).expect("a few bytes");
        Ok(bytes)
    }
}
