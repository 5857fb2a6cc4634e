//! Liveness and readiness. Components report the state of what they depend on; the routes only read it, so a probe never
//! waits for a dependency and never times out because of one.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use serde::Serialize;

/// The named checks of a service. Cheap to clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct Health {
    board: Arc<Mutex<Board>>,
}

/// One named check, in the hands of the component that knows.
#[derive(Clone, Debug)]
pub struct Check {
    name: &'static str,
    health: Health,
}

/// What a failing check means for readiness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The service is not ready while this fails.
    Gate,
    /// The check is shown and changes nothing.
    Note,
}

#[derive(Debug, Default)]
struct Board {
    draining: bool,
    checks: BTreeMap<&'static str, Entry>,
}

#[derive(Clone, Debug, Serialize)]
struct Entry {
    role: Role,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

#[derive(Serialize)]
struct Report {
    status: &'static str,
    checks: BTreeMap<&'static str, Entry>,
}

impl Health {
    /// No checks: ready at once.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a check. It fails until its owner says otherwise.
    #[must_use]
    pub fn check(&self, name: &'static str, role: Role) -> Check {
        let entry = Entry { role, ok: false, detail: Some("not checked yet".to_owned()) };
        self.board().checks.insert(name, entry);
        Check { name, health: self.clone() }
    }

    /// From now on the service is not ready, whatever its checks say: it is about to end.
    pub fn drain(&self) {
        self.board().draining = true;
    }

    /// Whether traffic should come here.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let board = self.board();
        !board.draining && board.checks.values().all(|entry| entry.ok || entry.role == Role::Note)
    }

    /// `/livez` and `/readyz`.
    pub fn routes(&self) -> Router {
        Router::new().route("/livez", get(|| async { "ok" })).route("/readyz", get(readyz)).with_state(self.clone())
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        // A panic elsewhere leaves the board as consistent as it was: every change is one assignment.
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Check {
    /// The dependency answers.
    pub fn pass(&self) {
        self.set(None);
    }

    /// It does not, and why. The reason is shown to whoever asks `/readyz`: no secrets.
    pub fn fail(&self, reason: impl Into<String>) {
        self.set(Some(reason.into()));
    }

    fn set(&self, detail: Option<String>) {
        if let Some(entry) = self.health.board().checks.get_mut(self.name) {
            entry.ok = detail.is_none();
            entry.detail = detail;
        }
    }
}

async fn readyz(State(health): State<Health>) -> (StatusCode, Json<Report>) {
    let ready = health.is_ready();
    let board = health.board();
    let status = match (ready, board.draining) {
        (true, _) => "ready",
        (false, true) => "draining",
        (false, false) => "not ready",
    };
    let code = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(Report { status, checks: board.checks.clone() }))
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use serde_json::{Value, json};
    use tower::ServiceExt;

    use super::*;

    async fn ask(health: &Health, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = health.routes().oneshot(request).await.unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 65536).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn not_ready_until_every_gate_passes_and_says_which_does_not() {
        let health = Health::new();
        let store = health.check("store", Role::Gate);
        let extra = health.check("extra", Role::Note);
        assert!(!health.is_ready());
        store.pass();
        extra.fail("gone");
        let (status, body) = ask(&health, "/readyz").await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(serde_json::from_str::<Value>(&body).unwrap()["checks"]["extra"]["detail"], json!("gone"));
        store.fail("connection refused");
        let (status, body) = ask(&health, "/readyz").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(body.contains("connection refused") && body.contains("not ready"), "{body}");
    }

    #[tokio::test]
    async fn draining_is_alive_but_not_ready() {
        let health = Health::new();
        assert_eq!(ask(&health, "/readyz").await.0, StatusCode::OK);
        health.drain();
        assert_eq!(ask(&health, "/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(ask(&health, "/livez").await.0, StatusCode::OK);
    }
}
