//! Clients of the live streams, over real sockets.

use std::net::SocketAddr;

use futures_util::{Stream, StreamExt as _};
use std::pin::Pin;
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A stream of server-sent events.
pub struct Events {
    bytes: Pin<Box<dyn Stream<Item = reqwest::Result<Vec<u8>>> + Send>>,
    text: String,
}

#[derive(Debug)]
pub struct Frame {
    pub id: i64,
    pub topic: String,
    pub data: String,
}

impl Events {
    pub async fn after(address: SocketAddr, after: i64) -> Self {
        Self::open(address, "/api/events", Some(after)).await
    }

    pub async fn open(address: SocketAddr, uri: &str, last_event_id: Option<i64>) -> Self {
        let request = reqwest::Client::new().get(format!("http://{address}{uri}"));
        let request = match last_event_id {
            Some(id) => request.header("last-event-id", id),
            None => request,
        };
        let response = request.send().await.unwrap().error_for_status().unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let bytes = response
            .bytes_stream()
            .map(|it| it.map(|bytes| bytes.to_vec()));
        Self {
            bytes: Box::pin(bytes),
            text: String::new(),
        }
    }

    pub async fn next(&mut self) -> Frame {
        loop {
            if let Some((frame, rest)) = self.text.split_once("\n\n") {
                let (frame, rest) = (frame.to_owned(), rest.to_owned());
                self.text = rest;
                if !frame.starts_with(':') {
                    return Frame::parse(&frame);
                }
                continue;
            }
            let bytes = self
                .bytes
                .next()
                .await
                .expect("the stream goes on")
                .unwrap();
            self.text.push_str(str::from_utf8(&bytes).unwrap());
        }
    }

    /// Waits for the end of the stream.
    pub async fn end(&mut self) {
        while self.bytes.next().await.is_some() {}
    }
}

impl Frame {
    fn parse(text: &str) -> Self {
        let line = |key: &str| {
            let found = text.lines().find_map(|line| line.strip_prefix(key));
            found
                .unwrap_or_else(|| panic!("no {key} in {text}"))
                .trim()
                .to_owned()
        };
        Self {
            id: line("id:").parse().unwrap(),
            topic: line("event:"),
            data: line("data:"),
        }
    }
}

pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub async fn socket(address: SocketAddr, path: &str) -> Socket {
    connect_async(format!("ws://{address}{path}"))
        .await
        .unwrap()
        .0
}
