//! What a new user tries first, one page after the other.

use serde_json::json;

use crate::dashboard::{IS_LIVE, Place};

const RELEASE: &str = r#"
[workflows.release]
executor = "demo"
input.what = { description = "What to release" }
[[workflows.release.steps]]
name = "notes"
agent = "writer"
prompt = "say Notes of {input.what}."
[[workflows.release.steps]]
name = "publish"
agent = "publisher"
prompt = "say Published: {steps.notes.text}"
"#;

#[test]
fn a_newcomer_starts_the_demonstration_and_watches_it() {
    let place = Place::new("");
    let mut browser = place.browser();
    browser.go("/");
    browser.wait(IS_LIVE);
    browser.click("button", "Start the demonstration");
    // Line by line, as they are written, without the page being asked for again.
    browser.wait_for("need no key");
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
fn the_theme_is_switched_and_the_keyboard_skips_the_navigation() {
    let place = Place::new("");
    let mut browser = place.browser();
    browser.look(1440, "light");
    browser.go("/runs");
    let ground = "getComputedStyle(document.body).backgroundColor";
    let light = browser.value(ground);
    for (theme, is_light) in [("light", true), ("dark", false), ("system", true)] {
        browser.click("header button", "◐");
        browser.wait(&format!(
            "document.documentElement.dataset.theme === '{theme}'"
        ));
        assert_eq!(browser.path(), "/runs");
        assert_eq!(browser.value(ground) == light, is_light, "{theme}");
    }
    browser.look(1440, "dark");
    assert_ne!(browser.value(ground), light);

    browser.press("Tab");
    let focused = "document.activeElement.innerText";
    assert_eq!(browser.value(focused), "Skip to the contents");
    browser.wait("0 < document.activeElement.getBoundingClientRect().top");
    browser.press("Enter");
    browser.wait("location.hash === '#main'");
    browser.press("Tab");
    browser.wait("document.querySelector('main').contains(document.activeElement)");
    browser.is_content();
}

#[test]
fn an_agent_is_made_run_stopped_and_answered() {
    let place = Place::new("");
    let mut browser = place.browser();
    browser.go("/agents");
    browser.click("a", "Make one");
    browser.wait("location.pathname === '/agents/new'");
    browser.fill("name", "parrot");
    browser.click("button", "Create");
    browser.wait("location.pathname.length > '/agents/new'.length");
    browser.fill("prompt", "say Hello.\nhang");
    browser.click("button", "Run");
    browser.wait("document.getElementById('lines')?.innerText.includes('Hello.')");
    browser.click("a", "Stop");
    browser.wait("document.getElementById('dialog').open");
    browser.click("dialog a", "Cancel");
    browser.wait("!document.getElementById('dialog').open");
    browser.click("a", "Stop");
    browser.wait("document.getElementById('dialog').open");
    browser.press("Escape");
    browser.wait("!document.getElementById('dialog').open");
    browser.click("a", "Stop");
    browser.click("dialog button", "Stop it");
    browser.wait("document.getElementById('standing').innerText.includes('cancelled')");

    // Its question waits on the first page, too.
    let agent = place.send("GET /api/agents", &serde_json::Value::Null)[0]["id"].clone();
    browser.go("/");
    browser.wait(IS_LIVE);
    let run = place.run(agent.as_str().unwrap(), "ask Bash rm -r target");
    browser.wait("document.getElementById('needs').innerText.includes('rm -r target')");
    browser.click("#needs button", "Allow");
    browser.wait(&format!("location.pathname === '/runs/{run}'"));
    browser.wait("document.getElementById('lines').innerText.includes('Bash is allowed.')");
    browser.wait("document.getElementById('standing').innerText.includes('completed')");
    browser.click("button", "Run again");
    browser.wait(&format!("location.pathname !== '/runs/{run}'"));
    browser.wait("document.getElementById('needs').innerText.includes('wants to use Bash')");
    browser.fill("reason", "it is still needed");
    browser.click("#needs button", "Deny");
    browser.wait("document.getElementById('lines').innerText.includes('it is still needed')");
    browser.is_content();
}

#[test]
fn a_workflow_is_started_and_watched_and_its_lines_are_found() {
    let place = Place::new(RELEASE);
    let mut browser = place.browser();
    browser.go("/workflows");
    browser.click("a", "Start");
    browser.wait("location.pathname === '/workflows/start/release'");
    browser.fill("input.what", "the second edition");
    browser.click("button", "Start");
    browser.wait("document.getElementById('standing')?.innerText.includes('completed')");
    browser.wait("document.querySelectorAll('.graph g.done').length === 2");
    browser.click("#steps a", "publish");
    browser.wait_for("Published: Notes of the second edition.");

    browser.go("/logs");
    browser.wait_for("Notes of the second edition.");
    browser.fill("q", "published");
    browser.click("button", "Filter");
    browser.wait("location.search.includes('q=published')");
    let lines = "document.querySelectorAll('#lines li:not(.end, .more)')";
    browser.wait(&format!(
        "[...{lines}].every((it) => /published/i.test(it.innerText))"
    ));
    // A filter holds for what comes, too.
    browser.wait(IS_LIVE);
    let before = browser.value(&format!("{lines}.length")).as_u64().unwrap();
    let agent = place.agent("reporter");
    place.run(&agent, "say Nothing to see.\nsay All is published now.");
    browser.wait_for("All is published now.");
    assert!(!browser.text().contains("Nothing to see."));
    assert!(before < browser.value(&format!("{lines}.length")).as_u64().unwrap());
    browser.click("a", "All lines");
    browser.wait_for("Nothing to see.");
    browser.fill("agent", &agent);
    browser.click("button", "Filter");
    browser.wait("location.search.includes('agent=')");
    let by = "[...document.querySelectorAll('#lines bdi')].map((it) => it.innerText)";
    browser.wait(IS_LIVE);
    browser.wait_for("All is published now.");
    assert_eq!(
        browser.value(&format!("[...new Set({by})]")),
        json!(["reporter"])
    );
    browser.is_content();
}
