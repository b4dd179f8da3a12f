//! Connections: as many as there is room for, none that dawdles, all of them ended in good order.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use futures_util::future::join_all;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustix::process::{Resource, getrlimit};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Sleep, sleep};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::{Error, guard};

const MAX_HEADERS: usize = 100;
const MAX_HEADER_BYTES: usize = 64 * 1024;
/// How long a client may take nothing of what is sent to it, before its connection is closed.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a request's head may take to arrive; also how long an idle connection is kept.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// The same where there is no room, and how many are told so at the same time.
const BRIEFLY: Duration = Duration::from_secs(1);
const REFUSED: u32 = 64;
/// Files that the process needs besides: refused connections, the database, children's pipes.
const OTHER_FILES: u64 = 192;

pub struct Connections {
    inside: Entrance,
    /// For those for whom there is no room inside: they are told so.
    refused: Entrance,
    most: u32,
    /// Ends what still runs after the grace.
    abort: CancellationToken,
}

struct Entrance {
    http: http1::Builder,
    router: Router,
    room: Arc<Semaphore>,
}

impl Connections {
    pub fn new(app: &App, router: Router) -> Self {
        let most = most(app);
        let full = || async { Error::Unavailable("too many connections are open".into()) };
        let full = guard::around(Router::new().fallback(full), app.clone());
        let mut refused = Entrance::new(full, REFUSED, BRIEFLY);
        refused.http.keep_alive(false);
        Self {
            inside: Entrance::new(router, most, HEAD_TIMEOUT),
            refused,
            most,
            abort: CancellationToken::new(),
        }
    }

    /// Accepts connections until the service stops.
    pub async fn serve(&self, listeners: Vec<TcpListener>, stop: &CancellationToken) {
        let accepting = listeners
            .into_iter()
            .map(|listener| self.accept(listener, stop));
        stop.run_until_cancelled(join_all(accepting)).await;
    }

    async fn accept(&self, listener: TcpListener, stop: &CancellationToken) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    // Events are small and shall not wait for more; where it cannot be had they do.
                    let _ = stream.set_nodelay(true);
                    self.let_in(stream, stop.clone()).await;
                }
                Err(error) => {
                    // Out of files, most likely: others will be closed.
                    tracing::warn!(%error, "cannot accept a connection");
                    sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    async fn let_in(&self, stream: TcpStream, stop: CancellationToken) {
        let room = Arc::clone(&self.inside.room).try_acquire_owned();
        let (entrance, permit) = if let Ok(permit) = room {
            (&self.inside, permit)
        } else {
            // Where too many are being refused, the others wait in the system's queue.
            let permit = Arc::clone(&self.refused.room).acquire_owned().await;
            (&self.refused, permit.expect("it is never closed"))
        };
        let router = TowerToHyperService::new(entrance.router.clone());
        let stream = TokioIo::new(Counted {
            stream,
            _permit: permit,
            patience: None,
        });
        let connection = entrance.http.serve_connection(stream, router);
        let abort = self.abort.clone();
        tokio::spawn(async move {
            let mut connection = pin!(connection.with_upgrades());
            let in_good_order = async {
                tokio::select! {
                    ended = connection.as_mut() => ended,
                    () = stop.cancelled() => {
                        connection.as_mut().graceful_shutdown();
                        connection.await
                    }
                }
            };
            if let Some(Err(error)) = abort.run_until_cancelled(in_good_order).await {
                tracing::debug!(%error, "a connection broke");
            }
        });
    }

    /// Waits until all connections are closed, WebSockets included, and after `grace` closes them.
    pub async fn drain(&self, grace: Duration) {
        let all_closed = self.inside.room.acquire_many(self.most);
        if tokio::time::timeout(grace, all_closed).await.is_err() {
            tracing::warn!("requests that took too long to end were cut off");
        }
        self.abort.cancel();
    }
}

impl Entrance {
    fn new(router: Router, most: u32, head_timeout: Duration) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .max_headers(MAX_HEADERS)
            .max_header_size(MAX_HEADER_BYTES)
            .header_read_timeout(head_timeout);
        Self {
            http,
            router,
            room: Arc::new(Semaphore::new(most as usize)),
        }
    }
}

/// As many connections as configured, or as many as the process may open files for.
fn most(app: &App) -> u32 {
    let configured = app.settings().limits.max_connections.get().into();
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let possible = files.saturating_sub(OTHER_FILES).max(1);
    let most = u32::try_from(possible).unwrap_or(u32::MAX).min(configured);
    if most < configured {
        tracing::warn!(
            configured,
            most,
            "the limit of open files allows fewer connections"
        );
    }
    most
}

/// A connection that takes its place until it is closed, whatever protocol it is upgraded to.
struct Counted {
    stream: TcpStream,
    _permit: OwnedSemaphorePermit,
    /// Runs while the client takes nothing.
    patience: Option<Pin<Box<Sleep>>>,
}

impl Counted {
    /// `written`, or an error once the client has taken nothing for [`PATIENCE`]: what waits for it
    /// is memory, and its place could be another's.
    fn in_time(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.patience = None;
            return written;
        }
        let begin = || Box::pin(sleep(PATIENCE));
        let patience = self.patience.get_or_insert_with(begin);
        let over = patience.as_mut().poll(context);
        over.map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.in_time(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.in_time(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
