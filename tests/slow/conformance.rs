use std::path::Path;
use std::process::Command;

use crate::project::succeed;
use crate::routes::populate;
use crate::service::Service;
use crate::tour::Tour;

const SCHEMATHESIS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/.tools/bin/schemathesis");

/// Two checks that ask for what is refused by design: the guard looks at a body's media type before
/// anybody looks at its path; and no schema can tell a cursor or the name of an executor that exists.
const UNFIT: &str = "unsupported_method,positive_data_acceptance";

/// Streams never end; schemathesis would wait for their end.
const STREAMS: &str = "^/(api/events|api/runtime/agents/.*/logs/stream|ws/.*)$";

#[test]
fn schemathesis_finds_no_fault_and_no_answer_that_the_document_does_not_describe() {
    assert!(
        Path::new(SCHEMATHESIS).exists(),
        "{SCHEMATHESIS} is missing: ./scripts/test installs it"
    );
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    // So that there is something to answer with.
    populate(&mut Tour::start(service.client()));
    let mut run = Command::new(SCHEMATHESIS);
    run.args(["run", "--no-color", "--checks", "all"])
        .arg(format!("http://localhost:{}/openapi.json", service.port))
        .args(["--exclude-checks", UNFIT, "--exclude-path-regex", STREAMS])
        .args(["--phases", "examples,coverage,fuzzing,stateful"])
        .args(["--max-examples", "30", "--generation-deterministic"])
        .arg("--continue-on-failure")
        .current_dir(&folder);
    println!("{}", String::from_utf8_lossy(&succeed(&mut run).stdout));
    // It may have started some that wait for an answer.
    service.stop_all();
}
