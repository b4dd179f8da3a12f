//! Another tool in a frame: it is seen and works, and has nothing of this service in its hands.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use serde_json::{Value, json};

use crate::dashboard::Place;
use crate::devtools::PATIENCE;

/// Tries what a page in a frame must not do to the one around it, and tells what it could.
const BOARD: &str = "<!doctype html><h1>A board</h1><script>(async () => {
  const around = location.ancestorOrigins[0];
  const can = async (deed) => { try { await deed(); return 1 } catch { return 0 } };
  const read = await can(() => fetch(around + '/api/agents', { credentials: 'include' }));
  const reached = await can(() => parent.document.title);
  const moved = await can(() => { top.location = location.origin + '/moved' });
  await can(() => fetch(around + '/demonstration', { method: 'POST', mode: 'no-cors',
    credentials: 'include', body: new URLSearchParams() }));
  await fetch(`/could/${read}${reached}${moved}`);
})()</script>";

/// A tool on an origin of its own, and the paths that it is asked for.
fn tool() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let (asked, paths) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, asked) = (stream.unwrap(), asked.clone());
            // Browsers open connections that they may not need; the test may have ended.
            thread::spawn(move || asked.send(answer(stream)).ok());
        }
    });
    (origin, paths)
}

fn answer(mut stream: TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).unwrap() == 0 {
            break;
        }
        head.push(byte[0]);
    }
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{BOARD}",
        BOARD.len()
    );
    // Who only looks whether the tool is there reads no body.
    let _ = stream.write_all(answer.as_bytes());
    let head = String::from_utf8(head).unwrap();
    head.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[test]
fn a_framed_tool_works_and_reaches_nothing_of_the_page_around_it() {
    let (board, asked) = tool();
    let (stranger, never_asked) = tool();
    let place = Place::new(&format!(
        "[dashboard.embeds.board]\ntitle = \"Board\"\nurl = \"{board}/board\"\nshow = \"frame\"\n"
    ));
    let mut browser = place.browser();
    browser.go("/");
    browser.follow("nav a", "Board");
    browser.wait("document.querySelector('iframe.embed').getBoundingClientRect().height > 300");
    let could = loop {
        let path = asked.recv_timeout(PATIENCE).unwrap();
        if let Some(could) = path.strip_prefix("/could/") {
            break could.to_owned();
        }
    };
    assert_eq!(could, "000", "read, reached, moved");
    assert_eq!(browser.path(), "/embeds/board");
    assert_eq!(place.send("GET /api/agents", &Value::Null), json!([]));
    browser.heard.asked.retain(|it| !it.url.starts_with(&board));
    browser.is_content();

    // The frame is that tool's alone.
    browser.value(&format!(
        "new Promise((resolve) => {{ \
           document.addEventListener('securitypolicyviolation', resolve, {{ once: true }}); \
           document.querySelector('iframe.embed').src = '{stranger}/board'; }}).then(() => 0)"
    ));
    assert_eq!(never_asked.try_iter().count(), 0);
    browser.heard.asked.clear();
    browser.is_content_but_for(&["frame-src"]);
}
