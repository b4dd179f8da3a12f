//! Text of agents is data: what would act on a terminal or mislead a reader is not shown.

use orchestrator::adapters::{AgentEvent, Exit, Kind, plain};

use super::tell;

#[test]
fn terminal_sequences_and_control_characters_are_removed() {
    let cases = [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b[?25lhidden cursor", "hidden cursor"),
        ("\u{9b}2Jcleared", "cleared"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bP1$r\x1b\\done", "done"),
        ("\x1b(Bcharset", "charset"),
        ("\x1b=keypad", "keypad"),
        ("bell\x07 back\x08 null\0 del\x7f", "bell back null del"),
        ("10%\r20%\r\nend", "10%\n20%\nend"),
        ("a\tb\nc", "a\tb\nc"),
        ("user\u{202e}gpj.exe", "usergpj.exe"),
        ("grüße 🦀", "grüße 🦀"),
        ("cut \x1b[31", "cut "),
        ("cut \x1b", "cut "),
    ];
    for (text, expected) in cases {
        assert_eq!(plain(text), expected, "{text:?}");
    }
}

#[test]
fn a_title_without_an_end_hides_nothing() {
    assert_eq!(plain("\x1b]0;rm -r /\nnext"), "0;rm -r /\nnext");
}

#[test]
fn many_titles_without_an_end_take_no_time() {
    let text = "\x1b]".repeat(2_000_000);
    assert_eq!(plain(&text), "");
}

#[test]
fn events_keep_the_text_as_it_was_printed() {
    let told = tell(Kind::Command, "\x1b[31mred\x07\n", Exit::Code(0));
    let [AgentEvent::Output { text, .. }] = &told.events[..] else {
        panic!("{:?}", told.events);
    };
    assert_eq!(text, "\x1b[31mred\x07");
}
