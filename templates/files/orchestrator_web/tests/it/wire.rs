//! What no HTTP library sends, byte by byte, to the running program.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::program::Program;
use crate::support::running::{Running, exchange};

/// The status lines of the answers to `bytes`, in which `HOST` is the service's own. The last
/// request in them must end the connection.
fn statuses(service: &Running, bytes: &str) -> Vec<String> {
    let host = format!("localhost:{}", service.port());
    let answers = exchange(service.addresses[0], &bytes.replace("HOST", &host));
    let lines = answers
        .lines()
        .filter_map(|line| line.strip_prefix("HTTP/1."));
    lines.map(|line| line[2..].to_owned()).collect()
}

#[test]
fn a_target_or_a_host_that_can_be_read_in_two_ways_is_misdirected() {
    let service = Running::start(Program::new());
    for request in [
        "GET /livez HTTP/1.0\r\n\r\n",
        "GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\nConnection: close\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: HOST\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: HOST, evil.example\r\nConnection: close\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: user@HOST\r\nConnection: close\r\n\r\n",
        "GET http://HOST/livez HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n",
        "GET http://evil.example/livez HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n",
        "CONNECT HOST HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n",
    ] {
        assert_eq!(
            statuses(&service, request),
            ["421 Misdirected Request"],
            "{request}"
        );
    }
    let request = "OPTIONS * HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n";
    assert_eq!(statuses(&service, request), ["404 Not Found"]);
}

#[test]
fn a_second_request_cannot_be_smuggled_in_a_body() {
    let service = Running::start(Program::new());
    let smuggled = "0\r\n\r\nGET /livez HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n";
    for framing in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 6",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: identity",
        "Transfer-Encoding : chunked",
        "Content-Length: +5",
        "Content-Length:\r\n 5",
    ] {
        let head = "POST /api/agents HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json";
        let request = format!("{head}\r\n{framing}\r\n\r\n{smuggled}");
        assert_eq!(
            statuses(&service, &request),
            ["400 Bad Request"],
            "{framing}"
        );
    }
}

#[test]
fn a_head_without_end_is_cut_off() {
    let service = Running::start(Program::new());
    for headers in [
        "X: a\r\n".repeat(101),
        format!("X: {}\r\n", "a".repeat(64 * 1024)),
    ] {
        let request = format!("GET /livez HTTP/1.1\r\nHost: HOST\r\n{headers}\r\n");
        let status = statuses(&service, &request);
        assert_eq!(status, ["431 Request Header Fields Too Large"]);
    }
    let mut stream = TcpStream::connect(service.addresses[0]).unwrap();
    stream.write_all(b"GET /livez HTTP/1.1\r\nHost: ").unwrap();
    let began = Instant::now();
    let mut answer = Vec::new();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.is_empty());
    assert!(
        began.elapsed() < Duration::from_secs(15),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn a_body_of_unknown_length_is_cut_off_where_it_gets_too_large() {
    let service = Running::start(Program::new().variable("MAX_BODY_BYTES", "1000"));
    let chunk = format!("1f4\r\n{}\r\n", "x".repeat(500));
    let head = "POST /api/agents HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json";
    let request = format!(
        "{head}\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        chunk.repeat(3)
    );
    assert_eq!(statuses(&service, &request), ["413 Payload Too Large"]);
    let request = format!("{head}\r\nContent-Length: 1001\r\n\r\n");
    assert_eq!(statuses(&service, &request), ["413 Payload Too Large"]);
}

#[test]
fn a_client_that_takes_nothing_is_closed() {
    let service = Running::start(Program::new());
    let address = service.addresses[0];
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_write_timeout(Some(Duration::from_secs(45)))
        .unwrap();
    let request = format!("GET /openapi.json HTTP/1.1\r\nhost: {address}\r\n\r\n");
    // Asks on and reads nothing, until the service has had enough: the questions fill its buffers
    // and ours, and then this waits for its end.
    let end = loop {
        if let Err(error) = stream.write_all(request.as_bytes()) {
            break error.kind();
        }
    };
    let closed = [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe];
    assert!(closed.contains(&end), "{end:?}");
}

#[test]
fn the_request_behind_a_refused_one_is_answered_or_the_connection_is_said_to_end() {
    let service = Running::start(Program::new());
    let host = format!("localhost:{}", service.port());
    let refused = |framing: &str, body: &str| {
        format!(
            "POST /api/agents HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/plain\r\n{framing}\r\n\r\n{body}"
        )
    };
    let next = format!("GET /livez HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let answers = |bytes: &str| exchange(service.addresses[0], bytes).to_lowercase();

    let body = "x".repeat(60_000);
    let chunk = format!("ea60\r\n{body}\r\n0\r\n\r\n");
    for refused in [
        refused("Content-Length: 60000", &body),
        refused("Transfer-Encoding: chunked", &chunk),
    ] {
        let both = answers(&(refused + &next));
        assert!(both.starts_with("http/1.1 415 "), "{both}");
        assert!(both.contains("http/1.1 200 ok"), "{both}");
    }

    for refused in [
        refused("Content-Length: 1000000000", ""),
        refused("Content-Length: 5", "x"),
        refused(
            "Transfer-Encoding: chunked",
            &format!("ffffff\r\n{body}{body}"),
        ),
        refused("Expect: 100-continue\r\nContent-Length: 5", ""),
    ] {
        let answer = answers(&refused);
        assert!(answer.starts_with("http/1.1 415 "), "{answer}");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    }
}
