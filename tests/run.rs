//! `new --run`, with a service that builds in a second.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::program::Scratch;

/// Answers every request with the status that it is given, once it has a port.
const SERVICE: &str = r#"
use std::io::{Read, Write};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let port: u16 = args[2].parse().unwrap();
    eprintln!("pid {}", std::process::id());
    if false {
        std::process::exit(3);
    }
    for stream in std::net::TcpListener::bind(("127.0.0.1", port)).unwrap().incoming() {
        let mut stream = stream.unwrap();
        let _ = stream.read(&mut [0; 512]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    }
}
"#;

fn scratch_with_service(source: &str) -> Scratch {
    let scratch = Scratch::new();
    scratch.write("../set/files/orchestrator_web/src/main.rs", source);
    scratch
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

fn start(scratch: &Scratch, port: u16) -> Child {
    let port = port.to_string();
    let args = [
        "new",
        "demo",
        "--yes",
        "--run",
        "--port",
        &port,
        "--templates",
        "../set",
    ];
    let mut command = scratch.command(&args);
    command.env("CARGO_TARGET_DIR", scratch.work().join("../target"));
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn rest(stream: impl Read) -> String {
    std::io::read_to_string(stream).unwrap()
}

#[test]
fn the_service_is_built_started_told_and_stopped() {
    for signal in [Signal::INT, Signal::TERM] {
        let scratch = scratch_with_service(SERVICE);
        let port = free_port();
        let mut program = start(&scratch, port);
        let mut lines = BufReader::new(program.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap);
        let healthy = format!("demo is healthy: http://127.0.0.1:{port}");
        assert!(lines.any(|line| line == healthy));

        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        assert!(rest(stream).starts_with("HTTP/1.1 200"));

        kill_process(Pid::from_child(&program), signal).unwrap();
        assert!(program.wait().unwrap().success());
        assert!(
            TcpStream::connect(("127.0.0.1", port)).is_err(),
            "the service lives on"
        );
    }
}

#[test]
fn a_service_that_ends_by_itself_is_an_error() {
    let scratch = scratch_with_service(&SERVICE.replace("if false", "if true"));
    let mut program = start(&scratch, free_port());
    let said = rest(program.stderr.take().unwrap());
    assert_eq!(program.wait().unwrap().code(), Some(1));
    assert!(
        said.contains("error: the service ended by itself: exit status: 3"),
        "{said}"
    );
}

#[test]
fn a_build_that_fails_leaves_the_project() {
    let scratch = scratch_with_service("fn main() { nonsense }\n");
    let mut program = start(&scratch, free_port());
    let said = rest(program.stderr.take().unwrap());
    assert_eq!(program.wait().unwrap().code(), Some(1));
    assert!(
        said.contains("cannot find value `nonsense`"),
        "cargo is heard: {said}"
    );
    assert!(said.contains("error: the service does not build"), "{said}");
    assert!(
        scratch
            .work()
            .join("demo/orchestrator_web/Cargo.toml")
            .exists()
    );
}

#[test]
fn a_port_in_use_is_told_before_anything_is_built() {
    let scratch = scratch_with_service(SERVICE);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut program = start(&scratch, port);
    let said = rest(program.stderr.take().unwrap());
    assert_eq!(program.wait().unwrap().code(), Some(1));
    assert!(
        said.starts_with(&format!("error: port {port} cannot be used")),
        "{said}"
    );
    assert!(!scratch.work().join("../target").exists());
    assert!(
        scratch
            .work()
            .join("demo/orchestrator_web/Cargo.toml")
            .exists()
    );
}
