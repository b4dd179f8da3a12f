//! What a tab of a browser tells of by itself.

use serde_json::Value;

#[derive(Default)]
pub struct Heard {
    /// The frame that is the page itself.
    pub frame: String,
    /// What was loaded last, to its end.
    pub loaded: String,
    /// A request that waits until it may go on.
    pub held: String,
    /// What the page complained of: errors in its console, and what its policy kept from it.
    pub complaints: Vec<String>,
    pub asked: Vec<Asked>,
}

/// What the page has asked for.
#[derive(Debug)]
pub struct Asked {
    pub url: String,
    /// In seconds, from some moment on.
    pub at: f64,
}

impl Heard {
    pub fn note(&mut self, event: &Value) {
        let about = &event["params"];
        let complaint = match event["method"].as_str() {
            Some("Runtime.exceptionThrown") => &about["exceptionDetails"],
            Some("Runtime.consoleAPICalled") if about["type"] == "error" => &about["args"],
            Some("Log.entryAdded") if about["entry"]["level"] == "error" => &about["entry"],
            Some("Page.javascriptDialogOpening") => about,
            Some("Page.lifecycleEvent") => {
                if about["name"] == "load" && about["frameId"] == self.frame {
                    let loader = about["loaderId"].as_str().unwrap();
                    loader.clone_into(&mut self.loaded);
                }
                return;
            }
            Some("Fetch.requestPaused") => {
                about["requestId"]
                    .as_str()
                    .unwrap()
                    .clone_into(&mut self.held);
                return;
            }
            Some("Network.requestWillBeSent") => {
                let url = about["request"]["url"].as_str().unwrap().to_owned();
                let at = about["timestamp"].as_f64().unwrap();
                self.asked.push(Asked { url, at });
                return;
            }
            _ => return,
        };
        self.complaints.push(complaint.to_string());
    }
}
