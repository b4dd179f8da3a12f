//! Bytes as they come from a pipe, cut into lines.

use std::mem;

/// What is kept of a line, in bytes.
pub const LONGEST: usize = 16 * 1024 * 1024;

/// The lines of one stream, whatever the pieces in which its bytes come.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The line that has not ended yet.
    part: Vec<u8>,
    /// How many bytes of it were not kept.
    beyond: usize,
}

impl Lines {
    /// The lines that end in `bytes`, without their ends (`\n` or `\r\n`).
    pub fn read(&mut self, bytes: &[u8], mut line: impl FnMut(String)) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (kept, ended) = match piece.strip_suffix(b"\n") {
                Some(kept) => (kept, true),
                None => (piece, false),
            };
            let room = LONGEST - self.part.len();
            let (kept, beyond) = kept.split_at(kept.len().min(room));
            self.part.extend_from_slice(kept);
            self.beyond += beyond.len();
            if ended {
                line(self.line());
                // One long line must not hold its memory for the rest of the run.
                self.part.shrink_to(64 * 1024);
            }
        }
    }

    /// The rest that no line end followed.
    pub fn finish(&mut self) -> Option<String> {
        let is_empty = self.part.is_empty() && self.beyond == 0;
        (!is_empty).then(|| self.line())
    }

    /// Bytes that are not UTF-8 become U+FFFD; the raw files of a run keep them as they were.
    fn line(&mut self) -> String {
        let mut beyond = mem::take(&mut self.beyond);
        if beyond == 0 {
            let line = self.part.strip_suffix(b"\r").unwrap_or(&self.part);
            let line = String::from_utf8_lossy(line).into_owned();
            self.part.clear();
            return line;
        }
        if let Err(error) = str::from_utf8(&self.part)
            && error.error_len().is_none()
        {
            // The cut went through a character.
            beyond += self.part.len() - error.valid_up_to();
            self.part.truncate(error.valid_up_to());
        }
        let line = String::from_utf8_lossy(&self.part);
        let line = format!("{line} … [cut: {beyond} more bytes]");
        self.part.clear();
        line
    }
}
