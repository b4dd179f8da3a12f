//! A stream of server-sent events that outlives its connections.

use std::io;
use std::time::Duration;

use anyhow::bail;
use axum::body::{Body, BodyDataStream, to_bytes};
use axum::http::StatusCode;
use futures_util::StreamExt as _;
use tokio::time::{Instant, sleep};

use super::{Client, problem};

const PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long the service may be away.
const PATIENCE: Duration = Duration::from_mins(2);

pub struct Events {
    client: Client,
    path: String,
    /// The id of the last event, after which the service goes on.
    last: Option<String>,
    body: Option<BodyDataStream>,
    /// What has come of the next event.
    text: Vec<u8>,
}

#[derive(Debug, Default)]
pub struct Frame {
    pub topic: String,
    pub data: String,
    id: Option<String>,
}

impl Events {
    /// Fails if the service is not there, or does not let us read.
    pub async fn open(client: &Client, path: String) -> anyhow::Result<Self> {
        let mut events = Self {
            client: client.clone(),
            path,
            last: None,
            body: None,
            text: Vec::new(),
        };
        if let Err(error) = events.connect().await? {
            return Err(events.client.silent(&error).into());
        }
        Ok(events)
    }

    /// The next event. The stream has no end of its own: when a connection ends, the next one goes on
    /// where it was.
    pub async fn next(&mut self) -> anyhow::Result<Frame> {
        loop {
            if let Some(frame) = self.take() {
                self.last = frame.id.clone().or(self.last.take());
                return Ok(frame);
            }
            let more = match &mut self.body {
                Some(body) => body.next().await,
                None => None,
            };
            match more {
                Some(Ok(bytes)) => self.text.extend_from_slice(&bytes),
                Some(Err(_)) | None => self.connect_again().await?,
            }
        }
    }

    /// An answer that is no stream is an error for good; a service that is away is not.
    async fn connect(&mut self) -> anyhow::Result<io::Result<()>> {
        self.text.clear();
        let response = match self.client.open(&self.path, self.last.as_deref()).await {
            Ok(response) => response,
            Err(error) => return Ok(Err(error)),
        };
        let (status, body) = (response.status(), response.into_body());
        match status {
            StatusCode::OK => self.body = Some(body.into_data_stream()),
            // It stops, and somebody may start it again.
            StatusCode::SERVICE_UNAVAILABLE => {
                return Ok(Err(io::Error::other("it is not available")));
            }
            _ => bail!(problem(status, &whole(body).await)),
        }
        Ok(Ok(()))
    }

    async fn connect_again(&mut self) -> anyhow::Result<()> {
        self.body = None;
        let (begun, mut pause) = (Instant::now(), PAUSE);
        while let Err(error) = self.connect().await? {
            if PATIENCE < begun.elapsed() {
                return Err(self.client.silent(&error).into());
            }
            if pause == PAUSE {
                eprintln!("the service is away; waiting for it to come back");
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        Ok(())
    }

    /// The first event of the text, if all of it is there. What only keeps the connection alive is none.
    fn take(&mut self) -> Option<Frame> {
        loop {
            let end = self.text.windows(2).position(|pair| pair == b"\n\n")?;
            let rest = self.text.split_off(end + 2);
            let text = std::mem::replace(&mut self.text, rest);
            let mut frame = Frame::default();
            for line in String::from_utf8_lossy(&text).lines() {
                let (name, value) = line.split_once(':').unwrap_or((line, ""));
                let value = value.strip_prefix(' ').unwrap_or(value);
                match name {
                    "event" => value.clone_into(&mut frame.topic),
                    "data" => frame.data.push_str(value),
                    "id" => frame.id = Some(value.to_owned()),
                    _ => {}
                }
            }
            if !frame.data.is_empty() {
                return Some(frame);
            }
        }
    }
}

async fn whole(body: Body) -> Vec<u8> {
    // A problem is small; without it the status alone has to do.
    let bytes = to_bytes(body, 1 << 20).await;
    bytes.map(|bytes| bytes.to_vec()).unwrap_or_default()
}
