//! Chromium without a window, over a pipe of `DevTools`.

use std::process::Stdio;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// Its pipe is the descriptors 3 and 4.
const START: &str = "exec chromium \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1";
const FLAGS: [&str; 8] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
];

pub struct Browser {
    _child: Child,
    _folder: TempDir,
    told: ChildStdin,
    heard: BufReader<ChildStdout>,
    /// The tab.
    session: Value,
    requests: u64,
}

impl Browser {
    pub async fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let profile = format!("--user-data-dir={}", folder.path().display());
        let mut child = Command::new("sh")
            .args(["-c", START, "sh"])
            .args(FLAGS)
            .arg(profile)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let told = child.stdin.take().context("its input is piped")?;
        let heard = child.stdout.take().context("its output is piped")?;
        let mut browser = Self {
            _child: child,
            _folder: folder,
            told,
            heard: BufReader::new(heard),
            session: Value::Null,
            requests: 0,
        };
        let tab = json!({ "url": "about:blank" });
        let tab = browser.ask("Target.createTarget", tab).await?["targetId"].take();
        let attach = json!({ "targetId": tab, "flatten": true });
        browser.session = browser.ask("Target.attachToTarget", attach).await?["sessionId"].take();
        browser.ask("Network.enable", json!({})).await?;
        let alone = json!({ "cacheDisabled": true });
        browser.ask("Network.setCacheDisabled", alone).await?;
        Ok(browser)
    }

    pub async fn go(&mut self, url: &str) -> anyhow::Result<()> {
        self.ask("Page.navigate", json!({ "url": url })).await?;
        Ok(())
    }

    /// What the expression, or the promise that it is, comes to in the page.
    pub async fn value(&mut self, expression: &str) -> anyhow::Result<Value> {
        let script =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut answer = self.ask("Runtime.evaluate", script).await?;
        ensure!(answer["exceptionDetails"].is_null(), "{answer}");
        Ok(answer["result"]["value"].take())
    }

    async fn ask(&mut self, method: &str, params: Value) -> anyhow::Result<Value> {
        self.requests += 1;
        let mut request = json!({ "id": self.requests, "method": method, "params": params });
        if !self.session.is_null() {
            request["sessionId"] = self.session.clone();
        }
        let request = format!("{request}\0");
        self.told.write_all(request.as_bytes()).await?;
        loop {
            let mut message = Vec::new();
            self.heard.read_until(0, &mut message).await?;
            ensure!(
                message.pop() == Some(0),
                "is chromium installed? It has ended"
            );
            let mut message: Value = serde_json::from_slice(&message)?;
            if message["id"] == self.requests {
                ensure!(message["error"].is_null(), "{method}: {message}");
                return Ok(message["result"].take());
            }
        }
    }
}
