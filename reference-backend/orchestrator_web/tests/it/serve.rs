//! The running program: where it listens, how it bears bad clients, how it stops.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::program::Program;
use crate::support::running::{Running, exchange};

const TOKEN: &str = "correct-horse-battery-staple-0123456789";

fn get(port: u16, path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n")
}

/// Opens a stream and reads the first bytes of the answer; the connection stays open.
fn open(address: SocketAddr, path: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let upgrade = if path.starts_with("/ws/") {
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    } else {
        ""
    };
    let port = address.port();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n{upgrade}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut head = [0; 4096];
    let length = stream.read(&mut head).unwrap();
    (
        stream,
        String::from_utf8_lossy(&head[..length]).into_owned(),
    )
}

#[test]
fn both_addresses_of_localhost_answer() {
    let service = Running::start(Program::new());
    assert_eq!(service.addresses.len(), 2, "this machine has no ::1");
    for address in &service.addresses {
        let answer = exchange(*address, &get(address.port(), "/livez"));
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let service = Running::start(Program::new());
    let port = service.port().to_string();
    let refusal = Program::new().refusal(&["--port", &port]);
    insta::assert_snapshot!(refusal.replace(&port, "PORT"), @r"
    error: cannot listen on 127.0.0.1:PORT: address already in use
    hint: stop what listens there (`ss -ltnp sport = :PORT` names it), or choose another port with --port
    ");
}

#[test]
fn other_machines_are_not_served_without_a_token() {
    let refusal = Program::new().refusal(&["--host", "0.0.0.0", "--port", "0"]);
    assert!(refusal.contains("no token protects it"), "{refusal}");
}

#[test]
fn a_code_for_the_browser_is_printed_on_demand() {
    let service = Running::start(Program::new().variable("ORCHESTRATOR_TOKEN", TOKEN));
    let port = service.port();
    let run = service.program.run(&["login", "--port", &port.to_string()]);
    assert!(run.succeeded, "{run:?}");
    let invitation = format!("log in at http://localhost:{port}/login with the code ");
    let code = run.out.strip_prefix(&invitation).expect(&run.out);
    let body = format!("code={}", code.split(' ').next().unwrap());
    let login = format!(
        "POST /login HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: http://localhost:{port}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = exchange(service.addresses[0], &login);
    assert!(answer.starts_with("HTTP/1.1 303 See Other\r\n"), "{answer}");
}

#[test]
fn a_code_is_printed_at_the_start_where_a_person_reads_it_and_nowhere_else() {
    let with_token = || Program::new().variable("ORCHESTRATOR_TOKEN", TOKEN);
    let service = Running::start_in_a_terminal(with_token());
    let port = service.port();
    let seen = service.stop(Signal::TERM).err;
    let invitation = format!("log in at http://localhost:{port}/login with the code ");
    assert!(seen.contains(&invitation), "{seen}");
    assert!(!seen.contains(TOKEN));

    let kept = Running::start(with_token()).stop(Signal::TERM).err;
    assert!(
        kept.contains("`orchestrator_web login` prints a code"),
        "{kept}"
    );
    assert!(!kept.contains("with the code"), "{kept}");
}

#[test]
fn asking_for_a_code_explains_what_is_missing() {
    insta::assert_snapshot!(Program::new().refusal(&["login"]), @r"
    error: there is nothing to log in to: no token is configured
    hint: open the service in the browser as it is, or set ORCHESTRATOR_TOKEN
    ");
    let service = Running::start(Program::new().variable("ORCHESTRATOR_TOKEN", TOKEN));
    let other =
        Program::new().variable("ORCHESTRATOR_TOKEN", "another-token-0123456789-0123456789");
    let refusal = other.refusal(&["login", "--port", &service.port().to_string()]);
    insta::assert_snapshot!(refusal, @r"
    error: the service gives no code: it answers 401
    hint: does it run with the same token? `orchestrator_web config` says where the one here came from
    ");
}

#[test]
fn a_signal_ends_the_service_while_streams_are_open() {
    for (signal, path, status) in [
        (Signal::TERM, "/api/events", "200 OK"),
        (Signal::TERM, "/ws/events", "101 Switching Protocols"),
        (Signal::INT, "/livez", "200 OK"),
    ] {
        let service = Running::start(Program::new());
        let (mut stream, head) = open(service.addresses[0], path);
        assert!(
            head.starts_with(&format!("HTTP/1.1 {status}\r\n")),
            "{head}"
        );
        let began = Instant::now();
        let ended = service.stop(signal);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        assert!(
            began.elapsed() < Duration::from_secs(5),
            "{:?}",
            began.elapsed()
        );
        stream.read_to_end(&mut Vec::new()).unwrap();
    }
}

const AGENT: &str = r#"{"name":"a","description":"d","agent_type":"custom","capabilities":""}"#;

/// The head of a request that makes an agent; the service asks for its body and waits for it.
fn begin_to_create(service: &Running) -> TcpStream {
    let mut stream = TcpStream::connect(service.addresses[0]).unwrap();
    let (port, length) = (service.port(), AGENT.len());
    let head = format!(
        "POST /api/agents HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut proceed = [0; 25];
    stream.read_exact(&mut proceed).unwrap();
    assert_eq!(&proceed, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[test]
fn a_request_in_flight_is_answered_and_kept_before_the_service_ends() {
    let service = Running::start(Program::new());
    let mut stream = begin_to_create(&service);
    service.signal(Signal::TERM);
    service.wait_for("stopping");
    stream.write_all(AGENT.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
    let ended = service.wait();
    assert_eq!(ended.code, Some(0), "{}", ended.err);

    let service = Running::start(ended.program);
    let answer = exchange(service.addresses[0], &get(service.port(), "/api/agents"));
    assert!(answer.contains(r#""name":"a""#), "{answer}");
}

#[test]
fn a_second_signal_ends_the_service_at_once() {
    let service = Running::start(Program::new());
    let _held_up_by = begin_to_create(&service);
    service.signal(Signal::TERM);
    service.wait_for("stopping");
    let began = Instant::now();
    let ended = service.stop(Signal::INT);
    assert_eq!(ended.code, Some(130), "{}", ended.err);
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn a_request_that_never_ends_is_cut_off_after_the_grace() {
    let service = Running::start(Program::new());
    let _held_up_by = begin_to_create(&service);
    let began = Instant::now();
    let ended = service.stop(Signal::TERM);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let waited = began.elapsed().as_secs();
    assert!((9..15).contains(&waited), "{waited} s");
}

#[test]
fn connections_over_the_limit_are_told_and_the_service_lives() {
    let service = Running::start(Program::new().variable("MAX_CONNECTIONS", "4"));
    let (address, port) = (service.addresses[0], service.port());
    let streams = [
        "/api/events",
        "/api/events",
        "/ws/events",
        "/ws/agent-status",
    ];
    let held = streams.map(|path| open(address, path));
    for _ in 0..2_000 {
        let answer = exchange(address, &get(port, "/health"));
        assert!(
            answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"),
            "{answer}"
        );
        assert!(answer.contains("application/problem+json") && answer.contains("x-request-id: "));
        assert!(answer.ends_with('}'), "{answer}");
    }
    drop(held);
    let deadline = Instant::now() + Duration::from_secs(10);
    while !exchange(address, &get(port, "/livez")).starts_with("HTTP/1.1 200") {
        assert!(Instant::now() < deadline, "the room is not given back");
    }
}
