//! A client that costs as little as a client can, the same for both sides of a comparison: HTTP/1.1
//! with keep-alive, answers with a `content-length` only.

use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

pub struct Connection {
    address: SocketAddr,
    stream: TcpStream,
    answer: Vec<u8>,
}

/// What a page is told of: the head as it was sent, and the body.
pub struct Answer<'a> {
    pub head: &'a str,
    pub body: &'a [u8],
}

impl Connection {
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            address,
            stream,
            answer: Vec::with_capacity(64 * 1024),
        })
    }

    /// The body of the answer, which must be 200.
    pub async fn get(&mut self, path: &str) -> anyhow::Result<&[u8]> {
        let address = self.address;
        let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n");
        self.exchange(&request, "200").await
    }

    /// The same with more headers, each with its line's end, and the head of the answer.
    pub async fn get_as(&mut self, path: &str, headers: &str) -> anyhow::Result<Answer<'_>> {
        let address = self.address;
        let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n{headers}\r\n");
        let length = self.exchange(&request, "200").await?.len();
        let (head, body) = self.answer.split_at(self.answer.len() - length);
        let head = str::from_utf8(head)?;
        Ok(Answer { head, body })
    }

    /// The body of the answer, which must be 201.
    pub async fn post(&mut self, path: &str, body: &str) -> anyhow::Result<&[u8]> {
        self.send(path, body, "201").await
    }

    /// The same for another status.
    pub async fn send(&mut self, path: &str, body: &str, status: &str) -> anyhow::Result<&[u8]> {
        let (address, length) = (self.address, body.len());
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n{body}"
        );
        self.exchange(&request, status).await
    }

    async fn exchange(&mut self, request: &str, status: &str) -> anyhow::Result<&[u8]> {
        self.stream.write_all(request.as_bytes()).await?;
        self.answer.clear();
        let (body, length) = loop {
            ensure!(
                self.stream.read_buf(&mut self.answer).await? > 0,
                "the connection was closed before an answer"
            );
            if let Some(head) = self.answer.windows(4).position(|it| it == b"\r\n\r\n") {
                break (head + 4, content_length(&self.answer[..head])?);
            }
        };
        while self.answer.len() < body + length {
            let read = self.stream.read_buf(&mut self.answer).await?;
            ensure!(read > 0, "the connection was closed within an answer");
        }
        if self.answer.get(9..12) != Some(status.as_bytes()) {
            let answer = String::from_utf8_lossy(&self.answer);
            bail!("an answer that is no {status}: {answer}");
        }
        Ok(&self.answer[body..])
    }
}

fn content_length(head: &[u8]) -> anyhow::Result<usize> {
    let head = str::from_utf8(head)?;
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    let length = lines
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .find_map(|(_, value)| value.trim().parse().ok());
    length.with_context(|| format!("an answer without content-length: {head}"))
}

/// Runs `client` with each of `0..clients`, all at once, until `time` is over; what each returned,
/// and how long it took until the last was done.
pub async fn load<T, F>(
    clients: usize,
    time: Duration,
    client: impl Fn(usize, Instant) -> F,
) -> anyhow::Result<(Vec<T>, Duration)>
where
    T: Send + 'static,
    F: Future<Output = anyhow::Result<T>> + Send + 'static,
{
    let began = Instant::now();
    let mut running = JoinSet::new();
    for number in 0..clients {
        running.spawn(client(number, began + time));
    }
    let mut done = Vec::new();
    while let Some(result) = running.join_next().await {
        done.push(result??);
    }
    Ok((done, began.elapsed()))
}
