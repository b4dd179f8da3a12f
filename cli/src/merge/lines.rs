//! A file's bytes as lines: what is compared, apart from what is kept beside it.
//!
//! Two lines are equal if their texts are, whatever ends them. The endings, the byte order mark and the newline after
//! the last line are merged by themselves and put back by [`Frame`].

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use super::Sides;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

#[derive(Debug, Clone)]
pub struct Line<'a> {
    pub text: Cow<'a, [u8]>,
    ending: &'static [u8],
}

impl PartialEq for Line<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Line<'_> {}

impl Hash for Line<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl Line<'_> {
    /// The line with another text.
    pub fn saying(&self, text: Vec<u8>) -> Self {
        Self {
            text: Cow::Owned(text),
            ending: self.ending,
        }
    }

    pub fn into_owned(self) -> Line<'static> {
        Line {
            text: Cow::Owned(self.text.into_owned()),
            ending: self.ending,
        }
    }
}

/// Three versions of some lines; those of base and theirs end as ours do.
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    pub base: Vec<Line<'a>>,
    pub ours: Vec<Line<'a>>,
    pub theirs: Vec<Line<'a>>,
}

impl Lines<'_> {
    pub fn into_owned(self) -> Lines<'static> {
        let owned = |lines: Vec<Line>| lines.into_iter().map(Line::into_owned).collect();
        Lines {
            base: owned(self.base),
            ours: owned(self.ours),
            theirs: owned(self.theirs),
        }
    }
}

/// What a merged text is given beside its lines.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    byte_order_mark: bool,
    /// Whether the last line is ended.
    ended: bool,
    /// The ending of the lines that do not come from ours.
    ending: &'static [u8],
}

/// Splits the three versions into lines.
pub fn split<'a>(sides: &Sides<'a>) -> (Lines<'a>, Frame) {
    let [base, ours, theirs] = [sides.base, sides.ours, sides.theirs].map(Text::of);
    let ending = ours.ending().or(theirs.ending()).unwrap_or(b"\n");
    // A side without lines has no say, and without a base the user's file is the measure.
    let ours_ended = ours.ended.or(theirs.ended);
    let theirs_ended = theirs.ended.or(ours.ended);
    let base_ended = base.ended.or(theirs_ended);
    let frame = Frame {
        byte_order_mark: three_way(
            base.byte_order_mark,
            ours.byte_order_mark,
            theirs.byte_order_mark,
        ),
        ended: three_way(base_ended, ours_ended, theirs_ended).unwrap_or(true),
        ending,
    };
    let lines = Lines {
        base: base.lines(|_| ending),
        ours: ours.lines(|own| own.unwrap_or(ending)),
        theirs: theirs.lines(|_| ending),
    };
    (lines, frame)
}

/// Of something with two values: what the side made of it that changed it.
fn three_way<T: PartialEq + Copy>(base: T, ours: T, theirs: T) -> T {
    if ours == base { theirs } else { ours }
}

struct Text<'a> {
    byte_order_mark: bool,
    /// The last one has no ending if the file does not end in one.
    lines: Vec<(&'a [u8], Option<&'static [u8]>)>,
    /// Whether the last line is ended; none without lines.
    ended: Option<bool>,
}

impl<'a> Text<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        let (byte_order_mark, bytes) = match bytes.strip_prefix(BYTE_ORDER_MARK) {
            Some(rest) => (true, rest),
            None => (false, bytes),
        };
        let lines: Vec<_> = bytes
            .split_inclusive(|byte| *byte == b'\n')
            .map(cut)
            .collect();
        let ended = lines.last().map(|(_, ending)| ending.is_some());
        Self {
            byte_order_mark,
            lines,
            ended,
        }
    }

    /// The ending of most lines.
    fn ending(&self) -> Option<&'static [u8]> {
        let endings = || self.lines.iter().filter_map(|(_, ending)| *ending);
        let long = endings().filter(|ending| *ending == b"\r\n").count();
        let all = endings().count();
        (all > 0).then_some(if long > all - long { b"\r\n" } else { b"\n" })
    }

    fn lines(self, ending: impl Fn(Option<&'static [u8]>) -> &'static [u8]) -> Vec<Line<'a>> {
        let line = |(text, own)| Line {
            text: Cow::Borrowed(text),
            ending: ending(own),
        };
        self.lines.into_iter().map(line).collect()
    }
}

/// A line's text and its ending.
fn cut(line: &[u8]) -> (&[u8], Option<&'static [u8]>) {
    if let Some(text) = line.strip_suffix(b"\r\n") {
        (text, Some(b"\r\n"))
    } else if let Some(text) = line.strip_suffix(b"\n") {
        (text, Some(b"\n"))
    } else {
        (line, None)
    }
}

impl Frame {
    /// A line that comes from none of the three versions.
    pub fn line(&self, text: Vec<u8>) -> Line<'static> {
        Line {
            text: Cow::Owned(text),
            ending: self.ending,
        }
    }

    /// The file that consists of `lines`.
    pub fn join<'l, 'a: 'l>(&self, lines: impl IntoIterator<Item = &'l Line<'a>>) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.byte_order_mark {
            bytes.extend(BYTE_ORDER_MARK);
        }
        let mut last: Option<&Line> = None;
        for line in lines {
            bytes.extend(last.map_or(&b""[..], |last| last.ending));
            bytes.extend(&*line.text);
            last = Some(line);
        }
        // A blank line is nothing but its ending.
        if let Some(last) = last.filter(|last| self.ended || last.text.is_empty()) {
            bytes.extend(last.ending);
        }
        bytes
    }
}

/// The lines of a text, each without its ending and without a byte order mark.
pub fn texts(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| cut(line).0)
}

/// The lines as text, each ended by a newline; `None` if they are not UTF-8.
pub fn text<'l, 'a: 'l>(lines: impl IntoIterator<Item = &'l Line<'a>>) -> Option<String> {
    let mut text = String::new();
    for line in lines {
        text.push_str(str::from_utf8(&line.text).ok()?);
        text.push('\n');
    }
    Some(text)
}
