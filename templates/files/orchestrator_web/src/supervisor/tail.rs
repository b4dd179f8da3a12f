//! Reads what an agent prints, from where the log of its run ends.

use std::fs::File;
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::Context as _;

use crate::adapters::Stream;
use crate::runs::Offsets;
use crate::shim::hole::{self, Piece};
use crate::shim::protocol::Files;

/// What goes into one transaction.
const MOST_LINES: usize = 1000;
const MOST_BYTES: usize = 256 * 1024;
/// What is still read of a run that was stopped.
const LAST_BYTES: u64 = 256 * 1024;

pub struct Tail {
    stdout: Source,
    stderr: Source,
}

struct Source {
    path: PathBuf,
    file: Option<File>,
    offset: u64,
    /// Nothing before this is wanted.
    from: u64,
    /// Whether the last line that was read has not ended.
    is_in_line: bool,
}

impl Tail {
    /// From `start` on.
    pub fn of(files: &Files, start: Offsets) -> Self {
        let source = |path: &PathBuf, start: i64| Source {
            path: path.clone(),
            file: None,
            offset: start.unsigned_abs(),
            from: 0,
            is_in_line: false,
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

    /// Leaves out what was printed long before the end.
    pub fn skip_to_the_end(&mut self) -> anyhow::Result<()> {
        self.stdout.skip_to_the_end()?;
        self.stderr.skip_to_the_end()
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
        let left = until.map_or(u64::MAX, |until| until.saturating_sub(self.offset));
        let room = usize::try_from(left).map_or(MOST_BYTES, |left| left.min(MOST_BYTES));
        self.open()?;
        let Some(file) = &self.file else {
            return Ok(Vec::new());
        };
        let piece = hole::read(file, self.offset, room);
        let piece = piece.with_context(|| format!("read {}", self.path.display()))?;
        let mut bytes = match piece {
            Piece::Bytes(_) if self.offset < self.from => return Ok(self.pass_over(self.from)),
            Piece::Bytes(bytes) => bytes,
            Piece::Dropped(end) => {
                let end = end.max(self.from).min(self.offset.saturating_add(left));
                return Ok(self.pass_over(end));
            }
        };
        let mut ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        if let Some((end, _)) = ends.nth(MOST_LINES - 1) {
            bytes.truncate(end + 1);
        }
        self.offset += u64::try_from(bytes.len()).expect("a few bytes");
        self.is_in_line = bytes.last().map_or(self.is_in_line, |last| *last != b'\n');
        Ok(bytes)
    }

    /// A line that stands for all up to `end`.
    fn pass_over(&mut self, end: u64) -> Vec<u8> {
        let count = end - self.offset;
        let line_end = if self.is_in_line { "\n" } else { "" };
        self.offset = end;
        self.is_in_line = false;
        format!("{line_end}… [left out: {count} bytes]\n").into_bytes()
    }

    fn skip_to_the_end(&mut self) -> anyhow::Result<()> {
        if let Some(file) = self.open()? {
            self.from = file.metadata()?.len().saturating_sub(LAST_BYTES);
        }
        Ok(())
    }

    /// `None` while nothing was printed.
    fn open(&mut self) -> anyhow::Result<Option<&File>> {
        if self.file.is_none() {
            self.file = match File::open(&self.path) {
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                file => Some(file.with_context(|| format!("open {}", self.path.display()))?),
            };
        }
        Ok(self.file.as_ref())
    }
}
