//! Serves HTTP until asked to end, and then ends in order: not ready, a moment for the cluster to notice, no new
//! connections, requests under way answered, all within the grace period.

use std::{future::IntoFuture, net::SocketAddr, time::Duration};

use anyhow::Context;
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, header::CONNECTION},
    middleware::{self, Next},
    response::Response,
};
use tokio::{net::TcpListener, time::sleep};

use crate::{
    config::{ConfigError, Env},
    health::Health,
    shutdown::Shutdown,
};

/// Where and how to serve.
#[derive(Clone, Copy, Debug)]
pub struct ServerConfig {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// How long to go on serving after the request to end: the cluster takes about that long to send traffic elsewhere.
    pub linger: Duration,
    /// How long everything may take after the request to end. Must be below the pod's grace period.
    pub grace: Duration,
}

impl ServerConfig {
    /// From `LISTEN_ADDRESS` (default: all addresses, port 8080), `SHUTDOWN_LINGER_SECONDS` (2) and
    /// `SHUTDOWN_GRACE_SECONDS` (20).
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self {
            listen: env.or("LISTEN_ADDRESS", SocketAddr::from(([0, 0, 0, 0], 8080)))?,
            linger: env.seconds_or("SHUTDOWN_LINGER_SECONDS", Duration::from_secs(2))?,
            grace: env.seconds_or("SHUTDOWN_GRACE_SECONDS", Duration::from_secs(20))?,
        })
    }

    /// Listens on the address. Fails where it is taken.
    pub async fn bind(&self) -> anyhow::Result<TcpListener> {
        TcpListener::bind(self.listen).await.with_context(|| format!("cannot listen on {}", self.listen))
    }
}

/// Serves `app` on `listener` until `shutdown`, then drains. Requests that outlast the grace period are cut off, with a
/// line in the log.
pub async fn serve(
    config: ServerConfig,
    listener: TcpListener,
    app: Router,
    health: Health,
    shutdown: Shutdown,
) -> anyhow::Result<()> {
    tracing::info!(address = %config.listen, "serving");
    let stop = shutdown.clone();
    let app = app.layer(middleware::from_fn_with_state(shutdown.clone(), send_elsewhere));
    let server = axum::serve(listener, app).with_graceful_shutdown(async move {
        stop.requested().await;
        health.drain();
        sleep(config.linger).await;
    });
    tokio::select! {
        outcome = server.into_future() => outcome.context("the server failed")?,
        () = deadline(&shutdown, config.grace) => tracing::error!("grace period over with requests under way"),
    }
    tracing::info!("server drained");
    Ok(())
}

/// Ends kept connections with their next answer while the service lingers. Closed only at the very end, one could have a
/// request under way towards a pod that is gone, and nobody would tell its client.
async fn send_elsewhere(State(shutdown): State<Shutdown>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if shutdown.is_requested() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

async fn deadline(shutdown: &Shutdown, grace: Duration) {
    shutdown.requested().await;
    sleep(grace).await;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
        sync::Notify,
    };

    use super::*;

    fn config(grace: Duration) -> ServerConfig {
        ServerConfig { listen: SocketAddr::from(([127, 0, 0, 1], 0)), linger: Duration::ZERO, grace }
    }

    /// Starts a server with one slow route and one request under way; returns what ends each of them.
    async fn with_a_request_under_way(
        grace: Duration,
    ) -> (tokio::task::JoinHandle<anyhow::Result<()>>, TcpStream, Arc<Notify>, crate::shutdown::Trigger) {
        let (begun, finish) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (on_begin, until) = (begun.clone(), finish.clone());
        let slow = move || async move {
            on_begin.notify_one();
            until.notified().await;
            "done"
        };
        let listener = config(grace).bind().await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (trigger, shutdown) = Shutdown::manual();
        let app = Router::new().route("/", get(slow));
        let server = tokio::spawn(serve(config(grace), listener, app, Health::new(), shutdown));
        client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        begun.notified().await;
        (server, client, finish, trigger)
    }

    #[tokio::test]
    async fn a_request_under_way_is_answered_before_the_end() {
        let (server, mut client, finish, trigger) = with_a_request_under_way(Duration::from_mins(1)).await;
        trigger.request();
        finish.notify_one();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"), "{answer}");
        assert!(answer.contains("connection: close"), "the client is told to go elsewhere: {answer}");
        server.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn the_end_comes_with_the_grace_period_at_the_latest() {
        let (server, _client, _finish, trigger) = with_a_request_under_way(Duration::from_millis(50)).await;
        trigger.request();
        server.await.unwrap().unwrap();
    }
}
