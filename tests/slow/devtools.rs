//! Chromium without a window, and the `DevTools` protocol that drives it.

use std::io::{BufRead as _, BufReader, ErrorKind};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket};

pub const PATIENCE: Duration = Duration::from_secs(30);

const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// A browser of its own, which ends with its test.
pub struct DevTools {
    process: Child,
    socket: WebSocket<TcpStream>,
    last: u64,
    _profile: TempDir,
}

impl DevTools {
    pub fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut command = Command::new("chromium");
        command
            .args(FLAGS)
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
        Self {
            process,
            socket,
            last: 0,
            _profile: profile,
        }
    }

    /// Sends a command to a tab, or to the browser itself, and returns the number of its answer.
    pub fn send(&mut self, session: Option<&str>, method: &str, params: &Value) -> u64 {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        let message = Message::text(message.to_string());
        self.socket.send(message).unwrap();
        self.last
    }

    /// The next answer or event.
    pub fn read(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.socket.read().expect("the browser goes on talking") {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }
}

impl Drop for DevTools {
    fn drop(&mut self) {
        match self.process.kill() {
            Err(error) if error.kind() != ErrorKind::InvalidInput => panic!("{error}"),
            // It may have ended by itself.
            _ => drop(self.process.wait()),
        }
    }
}
