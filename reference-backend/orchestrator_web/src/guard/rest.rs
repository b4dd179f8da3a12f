//! The rest of a body that nobody has read when the answer is ready: a request that was refused.
//!
//! The next request on the connection stands behind it. A short rest is read and thrown away; before
//! a long one the answer says that the connection ends, so that no client sends on into nothing.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::Frame;
use tokio::sync::oneshot;
use tokio::time::timeout;

const MOST_BYTES: usize = 64 << 10;
const PATIENCE: Duration = Duration::from_secs(1);

pub async fn settle(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    // Who waits to be asked for the body has not sent it, and must not be asked for a refused one.
    let is_coming = !request.headers().contains_key(header::EXPECT);
    let (back, mut rest) = oneshot::channel();
    let request = request.map(|body| {
        let back = Some(back);
        Body::new(Lent { body, back })
    });
    let mut response = next.run(request).await;
    if let Ok(rest) = rest.try_recv()
        && !(is_coming && is_read(rest).await)
    {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

/// Whether the end of the body is reached, soon and not far from here.
async fn is_read(rest: Body) -> bool {
    let is_short = rest.size_hint().lower() <= MOST_BYTES as u64;
    is_short
        && matches!(
            timeout(PATIENCE, to_bytes(rest, MOST_BYTES)).await,
            Ok(Ok(_))
        )
}

/// A body that comes back when it is dropped before its end.
struct Lent {
    body: Body,
    back: Option<oneshot::Sender<Body>>,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let body = mem::take(&mut self.body);
        if let Some(back) = self.back.take().filter(|_| !body.is_end_stream()) {
            // Nobody waits for it where the connection was closed meanwhile.
            let _ = back.send(body);
        }
    }
}
