//! Bytes become lines, whatever the pieces in which they come.

use orchestrator::adapters::{Adapter, AgentEvent, Before, Exit, Kind, LONGEST, Stream};

use super::{Told, tell, transcript};

const TRANSCRIPTS: &[(Kind, &str)] = &[
    (Kind::Claude, "claude_approval"),
    (Kind::Claude, "claude_2_1"),
    (Kind::Claude, "claude_2_1_overloaded"),
    (Kind::Claude, "claude_is_error"),
    (Kind::Claude, "claude_killed"),
    (Kind::Claude, "claude_limit"),
    (Kind::Claude, "claude_odd"),
    (Kind::Claude, "claude_plain"),
    (Kind::Claude, "claude_resumed"),
    (Kind::Claude, "claude_resumed_anew"),
    (Kind::Claude, "claude_subagent"),
    (Kind::Claude, "claude_two_turns"),
    (Kind::Codex, "codex_0_169"),
    (Kind::Codex, "codex_failed"),
    (Kind::Codex, "codex_plain"),
    (Kind::Codex, "codex_two_turns"),
    (Kind::Gemini, "gemini_0_61"),
    (Kind::Gemini, "gemini_loop"),
    (Kind::Gemini, "gemini_plain"),
    (Kind::Gemini, "gemini_turns"),
    // Whatever one agent prints, another's adapter takes as text.
    (Kind::Command, "claude_odd"),
    (Kind::Codex, "claude_odd"),
    (Kind::Gemini, "claude_plain"),
];

/// As [`tell`], in pieces whose lengths `next` gives.
fn tell_in_pieces(kind: Kind, mut output: &[u8], mut next: impl FnMut() -> usize) -> Told {
    let mut adapter = Adapter::new(kind, Before::default());
    let mut events = Vec::new();
    while !output.is_empty() {
        let (piece, rest) = output.split_at(next().min(output.len()));
        events.extend(adapter.read(Stream::Stdout, piece));
        output = rest;
    }
    let (rest, outcome) = adapter.finish(Some(Exit::Code(0)));
    events.extend(rest);
    Told {
        events,
        outcome,
        totals: adapter.totals(),
    }
}

/// Pieces of 0 to 96 bytes, by xorshift.
fn lengths(seed: u64) -> impl FnMut() -> usize {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % 97).unwrap()
    }
}

#[test]
fn any_pieces_of_any_transcript_give_the_same_events() {
    for (kind, name) in TRANSCRIPTS {
        let unix = transcript(name);
        let windows = String::from_utf8(unix.clone())
            .unwrap()
            .replace('\n', "\r\n\r\n");
        let damaged: Vec<u8> = unix
            .iter()
            .map(|it| if *it == b'o' { 0xff } else { *it })
            .collect();
        for output in [unix, windows.into_bytes(), damaged] {
            let whole = tell(*kind, &output, Exit::Code(0));
            assert_eq!(tell_in_pieces(*kind, &output, || 1), whole, "{name}");
            for seed in 1..40 {
                let pieces = tell_in_pieces(*kind, &output, lengths(seed));
                assert_eq!(pieces, whole, "{name} in the pieces of seed {seed}");
            }
        }
    }
}

#[test]
fn no_damage_to_any_transcript_stops_the_reading() {
    for (kind, name) in TRANSCRIPTS {
        let sound = transcript(name);
        for seed in 1..30 {
            let mut at = 0;
            let mut next = lengths(seed);
            let mut output = sound.clone();
            while at < output.len() {
                output[at] = output[at].wrapping_add(u8::try_from(next()).unwrap());
                at += 20 + next() * 4;
            }
            tell(*kind, &output, Exit::Code(0));
        }
    }
}

#[test]
fn line_ends_of_both_kinds_and_blank_lines_are_kept_apart() {
    let told = tell(Kind::Command, "a\r\n\nb\rc\n  \nd", Exit::Code(0));
    assert_eq!(told.raw(), ["a", "", "b\rc", "  ", "d"]);
}

#[test]
fn a_character_may_come_in_two_pieces_and_what_is_none_is_replaced() {
    let told = tell_in_pieces(Kind::Command, "grüße 🦀\n".as_bytes(), || 1);
    assert_eq!(told.raw(), ["grüße 🦀"]);
    let told = tell(Kind::Command, b"a\xff\xc3z\n", Exit::Code(0));
    assert_eq!(told.raw(), ["a\u{fffd}\u{fffd}z"]);
}

#[test]
fn a_line_of_json_survives_a_byte_that_is_no_text() {
    let line = b"{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"a\xffb\"}]}}";
    let told = tell(Kind::Claude, line, Exit::Code(0));
    let expected = AgentEvent::Message {
        text: "a\u{fffd}b".into(),
        parent: None,
    };
    assert_eq!(told.events, [expected]);
}

#[test]
fn a_line_of_20_mb_is_cut_with_a_mark_and_the_next_one_is_whole() {
    let long = 20_000_000;
    let mut output = vec![b'x'; long];
    output.extend(b"\nnext\n");
    let told = tell_in_pieces(Kind::Command, &output, || 65_536);
    let [cut, next] = told.raw()[..] else {
        panic!("{} lines", told.raw().len());
    };
    let beyond = long - LONGEST;
    assert_eq!(cut.len() - cut.trim_start_matches('x').len(), LONGEST);
    assert_eq!(&cut[LONGEST..], format!(" … [cut: {beyond} more bytes]"));
    assert_eq!(next, "next");
}

#[test]
fn a_cut_leaves_no_half_of_a_character() {
    let mut output = vec![b'x'; LONGEST - 1];
    output.extend("🦀🦀".as_bytes());
    let told = tell(Kind::Command, &output, Exit::Code(0));
    assert_eq!(&told.raw()[0][LONGEST - 1..], " … [cut: 8 more bytes]");
}

#[test]
fn a_long_line_of_json_is_read_while_it_is_not_too_long() {
    let text = "x".repeat(10_000_000);
    let line = format!(r#"{{"type":"assistant","message":{{"content":"{text}"}}}}"#);
    let told = tell(Kind::Claude, line, Exit::Code(0));
    assert!(told.raw().is_empty());
    assert_eq!(told.outcome.text.unwrap().len(), text.len());
}

#[test]
fn the_two_streams_do_not_mix() {
    let mut adapter = Adapter::new(Kind::Command, Before::default());
    let mut events = adapter.read(Stream::Stdout, b"out");
    events.extend(adapter.read(Stream::Stderr, b"err\n"));
    events.extend(adapter.read(Stream::Stdout, b"put\n"));
    let output = |stream, text: &str| AgentEvent::Output {
        stream,
        text: text.into(),
    };
    let expected = [
        output(Stream::Stderr, "err"),
        output(Stream::Stdout, "output"),
    ];
    assert_eq!(events, expected);
}
