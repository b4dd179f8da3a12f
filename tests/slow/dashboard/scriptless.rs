//! Links and forms do everything, where no script runs.

use crate::browser::Browser;
use crate::dashboard::Place;

const GREETING: &str = r#"
[[workflows.greeting.steps]]
name = "greet"
agent = "greeter"
prompt = "say Good day."
[workflows.greeting]
executor = "demo"
"#;

#[test]
fn without_scripts_links_and_forms_do_everything() {
    let place = Place::new(GREETING);
    let mut browser = place.browser();
    browser.without_scripts();
    browser.go("/");
    browser.follow("button", "Start the demonstration");
    place.see_out(&id(&mut browser, "/runs/"));
    browser.go_again();
    assert!(browser.text().contains("of your own a prompt"));

    browser.go("/agents");
    browser.follow("a", "New agent");
    browser.fill("name", "parrot");
    browser.follow("button", "Create");
    let agent = browser.path();
    browser.follow("a", "Edit");
    browser.fill("description", "Says what it is told");
    browser.follow("button", "Save");
    assert!(browser.text().contains("Says what it is told"));

    browser.fill("prompt", "hang");
    browser.follow("button", "Run");
    let run = id(&mut browser, "/runs/");
    browser.follow("a", "Stop");
    browser.follow("a", "Cancel");
    browser.follow("a", "Stop");
    browser.follow("button", "Stop it");
    place.see_out(&run);
    browser.go_again();
    assert!(browser.text().contains("cancelled"));

    for (answer, result) in [("Allow", "Bash is allowed."), ("Deny", "Bash is denied")] {
        browser.go(&agent);
        browser.fill("prompt", "ask Bash ls");
        browser.follow("button", "Run");
        let run = id(&mut browser, "/runs/");
        let log = format!("/api/runtime/agents/{run}/logs/stream");
        let asks = |line: &serde_json::Value| line["message"] == "asks whether it may use Bash";
        place.service.client().events(&log).find(asks);
        browser.go_again();
        browser.follow("button", answer);
        place.see_out(&run);
        browser.go_again();
        assert!(browser.text().contains(result), "{}", browser.text());
    }

    browser.go("/workflows/start/greeting");
    browser.follow("button", "Start");
    let workflow = id(&mut browser, "/workflows/");
    let stream = format!("/api/workflows/stream/{workflow}");
    place.service.client().events(&stream).count();
    browser.go_again();
    assert!(browser.text().contains("completed"));

    browser.go("/logs");
    browser.fill("q", "good");
    browser.follow("button", "Filter");
    assert!(browser.text().contains("Good day."));
    browser.go("/control");
    browser.follow("button", "Take no more");
    browser.follow("button", "Take runs");

    browser.go(&agent);
    browser.follow("a", "Delete");
    browser.follow("button", "Delete");
    assert_eq!(browser.path(), "/agents");
    browser.is_content();
}

fn id(browser: &mut Browser, page: &str) -> String {
    let path = browser.path();
    let id = path.strip_prefix(page);
    id.unwrap_or_else(|| panic!("{path}")).to_owned()
}
