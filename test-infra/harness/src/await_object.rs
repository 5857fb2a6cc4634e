//! Awaits on one object of the cluster, by watch: nothing is asked again and again, and the last state seen is part of
//! the error.

use std::{fmt::Debug, time::Duration};

use anyhow::{Result, anyhow, bail};
use futures::TryStreamExt as _;
use kube::{
    Api, Resource,
    runtime::{WatchStreamExt as _, watcher},
};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};

/// Watches the object `name` until `judge` answers `Ok`, at most for `deadline`. `judge` gets `None` while the object
/// does not exist, and should fail with what it saw.
pub async fn await_object<K, T>(
    api: &Api<K>,
    name: &str,
    deadline: Duration,
    what: &str,
    mut judge: impl FnMut(Option<&K>) -> Result<T>,
) -> Result<T>
where
    K: Resource + Clone + Debug + DeserializeOwned + Send + 'static,
{
    let end = Instant::now() + deadline;
    let mut states = std::pin::pin!(watcher::watch_object(api.clone(), name).default_backoff());
    let mut last_seen = anyhow!("nothing: the watch did not start");
    loop {
        match timeout_at(end, states.try_next()).await {
            Ok(Ok(Some(state))) => match judge(state.as_ref()) {
                Ok(value) => return Ok(value),
                Err(seen) => last_seen = seen,
            },
            // The stream watches on after an error: it is what was seen last, not the end.
            Ok(Err(error)) => last_seen = error.into(),
            Ok(Ok(None)) => bail!("{what} ({name}): the watch ended; last seen: {last_seen:#}"),
            Err(_) => bail!("{what} ({name}): not within {deadline:?}; last seen: {last_seen:#}"),
        }
    }
}
