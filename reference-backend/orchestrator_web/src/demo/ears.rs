//! What the demo agent hears: its prompt, and what follows it where its input stays open.

use std::io::Read as _;
use std::process::exit;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use anyhow::Context as _;
use serde_json::Value;

use crate::adapters::speaks_json;

pub struct Ears {
    /// The answers to what it asks: `{"request_id": …, "response": {"behavior": …}}`.
    answers: Receiver<Value>,
    is_stubborn: Arc<AtomicBool>,
}

impl Ears {
    /// The prompt, and what hears the rest.
    pub fn open(arguments: &[String]) -> anyhow::Result<(String, Self)> {
        let (heard, answers) = mpsc::channel();
        let is_stubborn = Arc::new(AtomicBool::new(false));
        let ears = Self {
            answers,
            is_stubborn: is_stubborn.clone(),
        };
        if !speaks_json(arguments) {
            let mut prompt = String::new();
            let read = std::io::stdin().read_to_string(&mut prompt);
            read.context("read the prompt")?;
            return Ok((prompt, ears));
        }
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line);
        read.context("read the prompt")?;
        let message: Value = serde_json::from_str(&line).context("read the prompt")?;
        let prompt = message["message"]["content"].as_str();
        let prompt = prompt.context("read the prompt: it is no text")?.to_owned();
        thread::spawn(move || {
            for line in std::io::stdin().lines().map_while(Result::ok) {
                // What is no message is not for us.
                let message: Value = serde_json::from_str(&line).unwrap_or_default();
                if message["request"]["subtype"] == "interrupt" {
                    if !is_stubborn.load(Ordering::Relaxed) {
                        exit(130);
                    }
                } else if message["type"] == "control_response" {
                    // One who has ended asks nothing any more.
                    let _ = heard.send(message["response"].clone());
                }
            }
        });
        Ok((prompt, ears))
    }

    /// From here on, nobody interrupts it.
    pub fn ignore_interrupts(&self) {
        self.is_stubborn.store(true, Ordering::Relaxed);
    }

    /// Waits for the answer to a request; `None` if none can come any more. Others are not for us.
    pub fn answer(&self, request_id: &str) -> Option<Value> {
        let mut answers = self.answers.iter();
        let answer = answers.find(|answer| answer["request_id"] == request_id)?;
        Some(answer["response"].clone())
    }
}
