//! Chromium without a window, driven over its `DevTools` protocol.

use std::io::{BufRead as _, BufReader, ErrorKind};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket};

const PATIENCE: Duration = Duration::from_secs(30);

/// One tab of a browser of its own, which ends with its test.
pub struct Browser {
    process: Child,
    socket: WebSocket<TcpStream>,
    session: String,
    last: u64,
    base: String,
    /// What the page complained of: errors in its console, and what its policy kept from it.
    pub complaints: Vec<String>,
    /// The addresses that it has asked for anything.
    pub asked: Vec<String>,
    _profile: TempDir,
}

impl Browser {
    /// Looks at the service on `port`.
    pub fn start(port: u16) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut command = Command::new("chromium");
        command
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
            ])
            .args(["--no-first-run", "--disable-background-networking"])
            .args(["--disable-component-update", "--disable-sync"])
            .arg("--remote-debugging-port=0")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank");
        let command = command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = command
            .spawn()
            .expect("chromium: ./scripts/test installs it");
        let said = BufReader::new(process.stderr.take().unwrap()).lines();
        let url = { said }.find_map(|line| {
            let line = line.unwrap();
            line.strip_prefix("DevTools listening on ")
                .map(str::to_owned)
        });
        let url = url.expect("it says where it listens");
        let address = url["ws://".len()..].split('/').next().unwrap();
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let (socket, _) = tungstenite::client(url.as_str(), stream).unwrap();
        let mut browser = Self {
            process,
            socket,
            session: String::new(),
            last: 0,
            base: format!("http://localhost:{port}"),
            complaints: Vec::new(),
            asked: Vec::new(),
            _profile: profile,
        };
        browser.open();
        browser
    }

    fn open(&mut self) {
        let target = self.send("Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.send("Target.attachToTarget", &attach);
        session["sessionId"]
            .as_str()
            .unwrap()
            .clone_into(&mut self.session);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            self.send(&format!("{domain}.enable"), &json!({}));
        }
    }

    pub fn go(&mut self, path: &str) {
        let url = format!("{}{path}", self.base);
        self.send("Page.navigate", &json!({ "url": url }));
        let here = json!(url).to_string();
        self.wait(&format!(
            "location.href === {here} && document.readyState === 'complete'"
        ));
    }

    /// As wide as this many pixels, in the theme that the system would have.
    pub fn look(&mut self, width: u32, scheme: &str) {
        let size =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.send("Emulation.setDeviceMetricsOverride", &size);
        let scheme = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.send(
            "Emulation.setEmulatedMedia",
            &json!({ "features": [scheme] }),
        );
    }

    /// The value of an expression in the page.
    pub fn value(&mut self, expression: &str) -> Value {
        let answer = self.evaluate(expression);
        let error = &answer["exceptionDetails"];
        assert!(error.is_null(), "{expression}: {error}");
        answer["result"]["value"].clone()
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
            assert!(Instant::now() < deadline, "never {expression}");
        }
    }

    /// Clicks the one element with this selector that bears this text.
    #[track_caller]
    pub fn click(&mut self, selector: &str, text: &str) {
        // At once: what was found may be replaced a moment later.
        self.wait(&format!(
            "[...document.querySelectorAll({})].some((it) => it.innerText === {} && (it.click(), true))",
            json!(selector),
            json!(text)
        ));
    }

    /// Types `text` into the field `name`.
    pub fn fill(&mut self, name: &str, text: &str) {
        let field = json!(format!("[name={name}]"));
        let text = json!(text);
        self.value(&format!(
            "void (document.querySelector({field}).value = {text})"
        ));
    }

    fn evaluate(&mut self, expression: &str) -> Value {
        let question = json!({
            "expression": expression, "returnByValue": true, "awaitPromise": true,
        });
        self.send("Runtime.evaluate", &question)
    }

    fn send(&mut self, method: &str, params: &Value) -> Value {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        let message = Message::text(message.to_string());
        self.socket.send(message).unwrap();
        loop {
            let Message::Text(text) = self.socket.read().unwrap() else {
                continue;
            };
            let message: Value = serde_json::from_str(&text).unwrap();
            if message["id"] == self.last {
                return message["result"].clone();
            }
            self.note(&message);
        }
    }

    fn note(&mut self, event: &Value) {
        let about = &event["params"];
        let complaint = match event["method"].as_str() {
            Some("Runtime.exceptionThrown") => about["exceptionDetails"].to_string(),
            Some("Runtime.consoleAPICalled") if about["type"] == "error" => {
                about["args"].to_string()
            }
            Some("Log.entryAdded") if about["entry"]["level"] == "error" => {
                about["entry"].to_string()
            }
            Some("Network.requestWillBeSent") => {
                let url = about["request"]["url"].as_str().unwrap();
                self.asked.push(url.to_owned());
                return;
            }
            _ => return,
        };
        self.complaints.push(complaint);
    }

    /// Nothing went wrong in the page, and nobody but the service was asked.
    #[track_caller]
    pub fn is_content(&mut self) {
        assert!(self.complaints.is_empty(), "{:#?}", self.complaints);
        let base = format!("{}/", self.base);
        let foreign: Vec<_> = self
            .asked
            .iter()
            .filter(|it| !it.starts_with(&base))
            .collect();
        assert!(foreign.is_empty(), "{foreign:?}");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        match self.process.kill() {
            Err(error) if error.kind() != ErrorKind::InvalidInput => panic!("{error}"),
            // It may have ended by itself.
            _ => drop(self.process.wait()),
        }
    }
}
