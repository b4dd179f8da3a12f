//! A tab of a browser, as a person uses it.

use std::time::Instant;

use serde_json::{Value, json};

use crate::devtools::{DevTools, PATIENCE};
use crate::heard::{Asked, Heard};

pub struct Browser {
    tools: DevTools,
    session: String,
    base: String,
    pub heard: Heard,
}

impl Browser {
    /// Looks at the service on `port`.
    pub fn start(port: u16) -> Self {
        let mut browser = Self {
            tools: DevTools::start(),
            session: String::new(),
            base: format!("http://localhost:{port}"),
            heard: Heard::default(),
        };
        browser.heard.frame = browser.open_tab();
        let attach = json!({ "targetId": browser.heard.frame, "flatten": true });
        let session = browser.command(None, "Target.attachToTarget", &attach);
        let session = session["sessionId"].as_str().unwrap();
        session.clone_into(&mut browser.session);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.send(&format!("{domain}.enable"), &json!({}));
        }
        let on = json!({ "enabled": true });
        browser.send("Page.setLifecycleEventsEnabled", &on);
        browser
    }

    /// Opens an empty tab before this one, and returns its id.
    pub fn open_tab(&mut self) -> String {
        let blank = json!({ "url": "about:blank" });
        let tab = self.command(None, "Target.createTarget", &blank);
        tab["targetId"].as_str().unwrap().to_owned()
    }

    pub fn close_tab(&mut self, id: &str) {
        self.command(None, "Target.closeTarget", &json!({ "targetId": id }));
    }

    pub fn go(&mut self, path: &str) {
        let url = format!("{}{path}", self.base);
        let going = self.send("Page.navigate", &json!({ "url": url }));
        let loader = going["loaderId"].as_str();
        let loader = loader.unwrap_or_else(|| panic!("{path}: {going}"));
        self.read_until(|it| it.heard.loaded == loader);
    }

    /// The same, where a script comes so late that all else has happened before.
    pub fn go_and_wait_for_a_script(&mut self, path: &str, script: &str) {
        self.hold(&format!("*/{script}*"));
        self.send(
            "Network.setCacheDisabled",
            &json!({ "cacheDisabled": true }),
        );
        let url = format!("{}{path}", self.base);
        let going = self.send("Page.navigate", &json!({ "url": url }));
        self.see_held();
        // Whatever waits for its turn has it.
        self.value("new Promise((resolve) => setTimeout(resolve, 100))");
        self.release();
        self.read_until(|it| it.heard.loaded == going["loaderId"]);
    }

    /// From here on, what is asked for by such an address waits until it is released.
    pub fn hold(&mut self, url: &str) {
        let late = json!({ "patterns": [{ "urlPattern": url }] });
        self.send("Fetch.enable", &late);
    }

    /// Returns when something waits.
    #[track_caller]
    pub fn see_held(&mut self) {
        self.read_until(|it| !it.heard.held.is_empty());
    }

    /// Lets go on what waits, and all that is asked for after it.
    pub fn release(&mut self) {
        let held = json!({ "requestId": std::mem::take(&mut self.heard.held) });
        self.send("Fetch.continueRequest", &held);
        self.send("Fetch.disable", &json!({}));
    }

    /// Visits the same page again.
    pub fn go_again(&mut self) {
        let path = self.path();
        self.go(&path);
    }

    pub fn path(&mut self) -> String {
        let path = self.value("location.pathname");
        path.as_str().unwrap().to_owned()
    }

    /// Clicks what leads to another page, and returns when that is there. Needs no script.
    #[track_caller]
    pub fn follow(&mut self, selector: &str, text: &str) {
        let before = self.heard.loaded.clone();
        let found = self.value(&clicked(selector, text));
        assert_eq!(found, true, "{selector} {text}");
        self.read_until(|it| it.heard.loaded != before);
    }

    /// As wide as this many pixels, in the theme that the system would have.
    pub fn look(&mut self, width: u32, scheme: &str) {
        let size =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.send("Emulation.setDeviceMetricsOverride", &size);
        let scheme = json!({ "name": "prefers-color-scheme", "value": scheme });
        // What moves would never look the same twice.
        let motion = json!({ "name": "prefers-reduced-motion", "value": "reduce" });
        let features = json!({ "features": [scheme, motion] });
        self.send("Emulation.setEmulatedMedia", &features);
    }

    /// Has requests for what is called so fail, as if nobody were there; those of all others do not.
    pub fn cut_off(&mut self, urls: &[&str]) {
        self.send("Network.setBlockedURLs", &json!({ "urls": urls }));
    }

    /// Returns when the page has asked `number` times for something with `part` in its address, and tells
    /// how many seconds lay between.
    #[track_caller]
    pub fn pauses(&mut self, part: &str, number: usize) -> Vec<f64> {
        let is_it = |it: &&Asked| it.url.contains(part);
        self.read_until(|it| number <= it.heard.asked.iter().filter(is_it).count());
        let times: Vec<_> = self
            .heard
            .asked
            .iter()
            .filter(is_it)
            .map(|it| it.at)
            .collect();
        times.windows(2).map(|two| two[1] - two[0]).collect()
    }

    /// From here on, no script of a page runs.
    pub fn without_scripts(&mut self) {
        let off = json!({ "value": true });
        self.send("Emulation.setScriptExecutionDisabled", &off);
    }

    /// What the tab shows, as a PNG in base64.
    pub fn photograph(&mut self) -> String {
        let picture = self.send("Page.captureScreenshot", &json!({ "format": "png" }));
        picture["data"].as_str().unwrap().to_owned()
    }

    /// The value of an expression in the page.
    #[track_caller]
    pub fn value(&mut self, expression: &str) -> Value {
        let answer = self.evaluate(expression);
        value_of(expression, &answer)
    }

    #[track_caller]
    pub fn text(&mut self) -> String {
        let text = self.value("document.body.innerText");
        text.as_str().unwrap().to_owned()
    }

    /// Returns when the expression is true in the page, over navigations.
    #[track_caller]
    pub fn wait(&mut self, expression: &str) {
        let look = format!(
            "new Promise((resolve) => {{ const look = () => ({expression}) \
             ? resolve(true) : setTimeout(look, 20); look(); setTimeout(resolve, 2000); }})"
        );
        let deadline = Instant::now() + PATIENCE;
        // A navigation takes the promise with it.
        while self.evaluate(&look)["result"]["value"] != true {
            assert!(
                Instant::now() < deadline,
                "never {expression}, but {}",
                self.text()
            );
        }
    }

    /// Returns when the page shows this text.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) {
        self.wait(&format!(
            "document.body?.innerText.includes({})",
            json!(text)
        ));
    }

    /// Clicks the one element with this selector that bears this text.
    #[track_caller]
    pub fn click(&mut self, selector: &str, text: &str) {
        // At once: what was found may be replaced a moment later.
        self.wait(&clicked(selector, text));
    }

    /// Types `text` into the field `name`.
    pub fn fill(&mut self, name: &str, text: &str) {
        let field = json!(format!("[name=\"{name}\"]"));
        let text = json!(text);
        self.value(&format!(
            "void (document.querySelector({field}).value = {text})"
        ));
    }

    pub fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            "Escape" => (27, ""),
            key => panic!("{key} has no code yet"),
        };
        for kind in ["keyDown", "keyUp"] {
            let event =
                json!({ "type": kind, "key": key, "windowsVirtualKeyCode": code, "text": text });
            self.send("Input.dispatchKeyEvent", &event);
        }
    }

    /// Brings a library beside the page, and returns its world: what is asked there sees the page's
    /// elements, and the page sees nothing of it, nor does its policy.
    pub fn bring(&mut self, library: &str) -> Value {
        let frame = json!({ "frameId": self.heard.frame });
        let world = self.send("Page.createIsolatedWorld", &frame);
        let world = world["executionContextId"].clone();
        self.value_in(&world, &format!("{library}; null"));
        world
    }

    #[track_caller]
    pub fn value_in(&mut self, world: &Value, expression: &str) -> Value {
        let question = json!({
            "expression": expression, "contextId": world, "returnByValue": true, "awaitPromise": true,
        });
        let answer = self.send("Runtime.evaluate", &question);
        value_of("what was asked beside the page", &answer)
    }

    fn evaluate(&mut self, expression: &str) -> Value {
        let question = json!({
            "expression": expression, "returnByValue": true, "awaitPromise": true,
        });
        self.send("Runtime.evaluate", &question)
    }

    fn send(&mut self, method: &str, params: &Value) -> Value {
        let session = self.session.clone();
        self.command(Some(&session), method, params)
    }

    fn command(&mut self, session: Option<&str>, method: &str, params: &Value) -> Value {
        let number = self.tools.send(session, method, params);
        loop {
            let message = self.read();
            if message["id"] == number {
                return message["result"].clone();
            }
        }
    }

    #[track_caller]
    fn read_until(&mut self, is_so: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so(self) {
            assert!(
                Instant::now() < deadline,
                "it never comes: {:?}",
                self.heard.asked
            );
            self.read();
        }
    }

    fn read(&mut self) -> Value {
        let message = self.tools.read();
        if message["id"].is_null() {
            self.heard.note(&message);
        }
        message
    }

    /// Nothing went wrong in the page, and nobody but the service was asked.
    #[track_caller]
    pub fn is_content(&mut self) {
        self.is_content_but_for(&[]);
    }

    /// The same, where complaints that contain one of these words are no surprise.
    #[track_caller]
    pub fn is_content_but_for(&mut self, expected: &[&str]) {
        let complaints = self.heard.complaints.iter();
        let is_expected = |it: &String| expected.iter().any(|words| it.contains(words));
        let complaints: Vec<_> = complaints.filter(|it| !is_expected(it)).collect();
        assert!(complaints.is_empty(), "{complaints:#?}");
        let base = format!("{}/", self.base);
        // What stands in the address itself is asked of nobody, such as the browser's own icons.
        let urls = self.heard.asked.iter().map(|it| &it.url);
        let is_foreign = |it: &&String| !it.starts_with(&base) && !it.starts_with("data:");
        let foreign: Vec<_> = urls.filter(is_foreign).collect();
        assert!(foreign.is_empty(), "{foreign:?}");
    }
}

/// Whether there is such an element, which is then clicked.
fn clicked(selector: &str, text: &str) -> String {
    format!(
        "[...document.querySelectorAll({})].some((it) => it.innerText === {} && (it.click(), true))",
        json!(selector),
        json!(text)
    )
}

#[track_caller]
fn value_of(expression: &str, answer: &Value) -> Value {
    let error = &answer["exceptionDetails"];
    assert!(error.is_null(), "{expression}: {error}");
    answer["result"]["value"].clone()
}
