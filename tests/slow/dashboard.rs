//! The dashboard in a browser, as a new user lives through it.

use rustix::process::Signal;

use crate::browser::Browser;
use crate::service::Service;

const TEXT: &str = "document.body.innerText";

#[test]
fn a_newcomer_starts_the_demonstration_and_watches_it() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    let mut browser = Browser::start(service.port);
    browser.go("/");
    browser.wait("document.getElementById('live').innerText === 'live'");
    browser.click("button", "Start the demonstration");
    // Line by line, as they are written, without the page being asked for again.
    browser.wait(&format!("{TEXT}.includes('need no key')"));
    browser.value("void (window.isTheSame = true)");
    browser.wait("document.getElementById('lines').innerText.includes('of your own a prompt')");
    browser.wait("document.getElementById('standing').innerText.includes('completed')");
    browser.wait("document.getElementById('texts').innerText.includes('Answer')");
    assert_eq!(browser.value("window.isTheSame"), true);
    let lines = "[...document.querySelectorAll('#lines li')].map((it) => it.id)";
    let doubled = format!("new Set({lines}).size !== {lines}.length");
    assert_eq!(browser.value(&doubled), false);
    browser.is_content();
}

#[test]
fn an_agent_is_made_run_and_stopped_and_a_lost_connection_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    let port = service.port;
    let mut browser = Browser::start(service.port);
    browser.go("/agents/new");
    browser.fill("name", "parrot");
    browser.click("button", "Create");
    browser.wait("location.pathname.length > '/agents/new'.length");
    browser.fill("prompt", "say Hello.\nhang");
    browser.click("button", "Run");
    browser.wait("document.getElementById('lines')?.innerText.includes('Hello.')");
    // What is folded open stays so while its surroundings change.
    browser.value("void (document.querySelector('details').open = false)");
    browser.click("a", "Stop");
    browser.wait("document.getElementById('dialog').open");
    browser.click("dialog a", "Cancel");
    browser.wait("!document.getElementById('dialog').open");
    browser.click("a", "Stop");
    browser.wait("document.getElementById('dialog').open");
    browser.click("dialog button", "Stop it");
    browser.wait("document.getElementById('standing').innerText.includes('cancelled')");
    browser.is_content();

    browser.go("/runs");
    browser.wait("document.getElementById('live').innerText === 'live'");
    assert_eq!(service.stop(Signal::TERM), Some(0));
    browser.wait("document.getElementById('live').innerText.includes('connection lost')");
    let again = Service::start_on(port, folder.path(), &[]);
    browser.wait("document.getElementById('live').innerText === 'live'");
    // What happens now is seen without a visit.
    let agent = again
        .client()
        .send("GET /api/agents", &serde_json::Value::Null);
    let agent = agent.unwrap().is(200)[0]["id"].as_str().unwrap().to_owned();
    let execute = format!("POST /api/agents/{agent}/execute");
    let run = serde_json::json!({ "prompt": "say Again." });
    again.client().send(&execute, &run).unwrap().is(202);
    browser.wait("document.querySelectorAll('#list tbody tr').length === 2");
}

#[test]
fn every_page_fits_a_phone_and_needs_no_script() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    let mut browser = Browser::start(service.port);
    browser.go("/");
    browser.click("button", "Start the demonstration");
    browser.wait("document.getElementById('standing')?.innerText.includes('completed')");
    let run = browser.value("location.pathname");
    let run = run.as_str().unwrap();
    let pages = ["/", "/agents", "/agents/new", "/runs", run];
    for (width, scheme) in [(360, "dark"), (1440, "light")] {
        browser.look(width, scheme);
        for page in pages {
            browser.go(page);
            let wide = browser.value("document.documentElement.scrollWidth");
            assert!(
                wide.as_u64().unwrap() <= width.into(),
                "{page}: {wide} of {width}"
            );
        }
    }
    browser.is_content();
}
