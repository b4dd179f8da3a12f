//! `merge` never panics, gives the obvious answers, and loses no line of the user's.

#![no_main]

use std::collections::HashMap;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tac_bootstrap::merge::{Labels, Merged, Side, Sides, markers, merge};
use tac_bootstrap::tree::RelPath;

#[derive(Debug, Arbitrary)]
enum Kind {
    Text,
    Toml,
    Rust,
    Json,
}

/// Three versions of a file, put together from the same lines: by their numbers, the known ones first.
#[derive(Debug, Arbitrary)]
struct Input<'a> {
    kind: Kind,
    lines: Vec<&'a [u8]>,
    versions: [Version<'a>; 3],
}

#[derive(Debug, Arbitrary)]
struct Version<'a> {
    lines: &'a [u8],
    carriage_returns: bool,
    ended: bool,
}

const TEXT: &[&str] = &[
    "",
    "a",
    "b",
    "=======",
    "<<<<<<< ours: x",
    ">>>>>>> theirs: x",
];
const TOML: &[&str] = &[
    "",
    "# a",
    "# b",
    "[a]",
    "[a.b]",
    "[[c]]",
    "k = 1",
    "k = 2",
    "l = 1 # a",
    "l = 2",
    "i = { a = 1, b = 2 }",
    "i = { a = 2, b = 2 }",
    "i = { a = 1, c.d = 3 }",
    "x.y = 1",
    "m = [",
    "    1,",
    "    2,",
    "]",
];
const RUST: &[&str] = &[
    "",
    "// a",
    "/// a",
    "mod a;",
    "mod b;",
    "pub mod c;",
    "use a::b;",
    "use a::{",
    "    b,",
    "};",
    "struct A {",
    "    a: B,",
    "    b: C,",
    "}",
    "fn f() {",
    "    match a {",
    "        B => c(),",
    "        D => {",
    "        }",
    "    }",
    "    router",
    "        .route(\"/a\", a)",
    "        .routes(routes!(b))",
    "/*",
    "*/",
    "\"",
];

const LABELS: Labels = Labels {
    ours: "ours: o",
    base: "base: b",
    theirs: "theirs: t",
};

fuzz_target!(|input: Input| {
    let (name, known) = match input.kind {
        Kind::Text => ("a.txt", TEXT),
        Kind::Toml => ("a.toml", TOML),
        Kind::Rust => ("a.rs", RUST),
        Kind::Json => ("a.json", TEXT),
    };
    let path = RelPath::try_from(name).expect("a plain name");
    let known = known.iter().map(|line| line.as_bytes());
    let lines: Vec<&[u8]> = known.chain(input.lines).collect();
    let [base, ours, theirs] = input.versions.map(|version| version.bytes(&lines));

    for (base, ours, theirs, expected) in [
        (&base, &base, &theirs, &theirs),
        (&base, &ours, &base, &ours),
        (&base, &ours, &ours, &ours),
    ] {
        match merge(&path, &Sides { base, ours, theirs }) {
            Merged::Clean(bytes) => assert_eq!(bytes, *expected),
            Merged::Conflict(conflict) => panic!("{conflict:?}"),
        }
    }
    let sides = Sides {
        base: &base,
        ours: &ours,
        theirs: &theirs,
    };
    match merge(&path, &sides) {
        Merged::Clean(bytes) => loses_nothing(&sides, &bytes),
        Merged::Conflict(conflict) => {
            if let Some(text) = conflict.inline(&LABELS) {
                loses_nothing(&sides, &text);
                assert_eq!(markers(&text).len(), 4 * conflict.count());
            }
            for side in [Side::Ours, Side::Theirs] {
                conflict.favouring(side);
            }
        }
    }
});

impl Version<'_> {
    fn bytes(&self, lines: &[&[u8]]) -> Vec<u8> {
        let ending: &[u8] = if self.carriage_returns {
            b"\r\n"
        } else {
            b"\n"
        };
        let chosen = self
            .lines
            .iter()
            .map(|number| lines[usize::from(*number) % lines.len()]);
        let mut bytes = chosen.collect::<Vec<_>>().join(ending);
        if self.ended {
            bytes.extend(ending);
        }
        bytes
    }
}

/// Every line that the user had is in `result`, or the template has removed it from base. Blank lines count for nothing,
/// and in TOML a line may be changed within.
fn loses_nothing(sides: &Sides, result: &[u8]) {
    let [base, ours, theirs, kept] = [sides.base, sides.ours, sides.theirs, result].map(counted);
    let count = |lines: &HashMap<&[u8], usize>, line| lines.get(line).copied().unwrap_or(0);
    for line in ours.keys().copied().filter(|line| !line.contains(&b'=')) {
        let removed = count(&base, line) > count(&theirs, line);
        assert!(
            removed || count(&kept, line) > 0,
            "lost {}",
            line.escape_ascii()
        );
    }
}

fn counted(text: &[u8]) -> HashMap<&[u8], usize> {
    let mut counts = HashMap::new();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    for line in lines.filter(|line| !line.is_empty()) {
        *counts.entry(line).or_default() += 1;
    }
    counts
}
