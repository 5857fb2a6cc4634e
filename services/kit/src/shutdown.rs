//! The one way in which a service learns that it should end.

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// Tells whether the service should end. Cheap to clone; all clones hear it.
#[derive(Clone, Debug)]
pub struct Shutdown {
    requested: watch::Receiver<bool>,
}

/// Asks a service to end.
#[derive(Debug)]
pub struct Trigger {
    request: watch::Sender<bool>,
}

impl Shutdown {
    /// Requested by SIGTERM or SIGINT. Fails where the handlers cannot be installed.
    pub fn on_signal() -> std::io::Result<Self> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let (trigger, shutdown) = Self::manual();
        tokio::spawn(async move {
            let name = tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            };
            tracing::info!(signal = name, "asked to end");
            trigger.request();
        });
        Ok(shutdown)
    }

    /// Requested by hand, as in tests.
    #[must_use]
    pub fn manual() -> (Trigger, Self) {
        let (request, requested) = watch::channel(false);
        (Trigger { request }, Self { requested })
    }

    /// Returns once the service should end; at once if it already should.
    pub async fn requested(&self) {
        // An error means that the trigger is gone without having been pulled: then nobody can ask any more.
        if self.requested.clone().wait_for(|requested| *requested).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Whether the service should end.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        *self.requested.borrow()
    }
}

impl Trigger {
    /// Asks.
    pub fn request(&self) {
        self.request.send_replace(true);
    }
}
