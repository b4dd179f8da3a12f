//! `orchestrator_web health`, against a service that runs and one that does not.

use insta::assert_snapshot;

use crate::support::program::Program;
use crate::support::running::Running;

#[test]
fn a_running_service_is_healthy_for_those_who_know_its_port_and_token() {
    let token = "0123456789abcdef0123456789abcdef";
    let program = Program::new().variable("ORCHESTRATOR_TOKEN", token);
    let running = Running::start(program);
    let (program, port) = (&running.program, &*running.port().to_string());

    let run = program.run(&["health", "--port", port]);
    assert!(run.succeeded && run.out == "healthy\n", "{run:?}");
    let stranger = Program::new().refusal(&["health", "--port", port]);
    assert_snapshot!(stranger.replace(port, "PORT"), @"
    error: the service is not well: it answers 401
    hint: give this command the token of the service, by the same variable or file
    ");
    let second = program.refusal(&["--port", port]);
    assert_snapshot!(second.replace(port, "PORT"), @"
    error: cannot listen on 127.0.0.1:PORT: address already in use
    hint: stop what listens there (`ss -ltnp sport = :PORT` names it), or choose another port with --port
    ");
}

#[test]
fn health_fails_where_nothing_answers() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    drop(listener);
    assert_snapshot!(Program::new().refusal(&["health", "--port", "0"]), @"
    error: port 0 stands for a free port, and does not say which one the service took
    hint: name the port that the service printed: --port
    ");
    let refusal = Program::new().refusal(&["health", "--port", &port]);
    assert_snapshot!(refusal.replace(&port, "PORT"), @"
    error: the service at http://127.0.0.1:PORT does not answer: connection refused
    hint: start it with `orchestrator_web`, or with --port name the one that it has: `orchestrator_web config` shows the settings used here
    ");
}
