//! Refuses bodies that are too large, in a way that the client gets to read.
//!
//! A server that answers and closes while the client is still sending resets the connection, and most clients then report
//! the reset instead of the answer. So a body that is declared too large is read and thrown away first, within bounds.

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Request, State},
    http::{StatusCode, header::CONTENT_LENGTH},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use tokio::time::timeout;

use crate::problem::Problem;

/// How much of a refused body is read, as a multiple of what would have been taken.
const PATIENCE: u64 = 4;
const DEADLINE: Duration = Duration::from_secs(10);

/// Limits the bodies that the routes of `router` take to `bytes`.
pub fn limit<S: Clone + Send + Sync + 'static>(router: Router<S>, bytes: u32) -> Router<S> {
    let declared = middleware::from_fn_with_state(u64::from(bytes), refuse_declared);
    // The inner one is for bodies that do not declare their size.
    router.layer(DefaultBodyLimit::max(bytes as usize)).layer(declared)
}

async fn refuse_declared(State(bytes): State<u64>, request: Request, next: Next) -> Response {
    let declared = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if declared.is_none_or(|declared| declared <= bytes) {
        return next.run(request).await;
    }
    // When time or patience runs out, the answer is sent all the same; the client may then see a reset instead.
    let _ = timeout(DEADLINE, discard(request.into_body(), bytes.saturating_mul(PATIENCE))).await;
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "The body is too large")
        .detail(format!("at most {bytes} bytes are taken"))
        .into_response()
}

async fn discard(body: Body, at_most: u64) {
    let mut chunks = body.into_data_stream();
    let mut read = 0;
    while let Some(Ok(chunk)) = chunks.next().await {
        read += chunk.len() as u64;
        if read > at_most {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Bytes, routing::post};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };

    use super::*;

    const LIMIT: u32 = 1 << 20;

    async fn serve() -> TcpStream {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = limit(Router::new().route("/", post(|body: Bytes| async move { body.len().to_string() })), LIMIT);
        tokio::spawn(async move { axum::serve(listener, app).await });
        TcpStream::connect(address).await.unwrap()
    }

    /// Sends a whole body before it reads, as simple clients do.
    async fn answer_to(size: usize) -> String {
        let mut client = serve().await;
        let head = format!("POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {size}\r\n\r\n");
        client.write_all(head.as_bytes()).await.unwrap();
        client.write_all(&vec![b'x'; size]).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn a_client_that_sends_too_much_reads_the_refusal() {
        let answer = answer_to(LIMIT as usize * 3).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        assert!(answer.contains("application/problem+json") && answer.contains("1048576"), "{answer}");
    }

    #[tokio::test]
    async fn a_body_of_exactly_the_limit_is_taken() {
        let answer = answer_to(LIMIT as usize).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("1048576"), "{answer}");
    }
}
