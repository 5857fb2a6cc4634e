//! Keeps the policies up to date with the ConfigMaps of one namespace, by watch, for as long as the service runs.

use std::sync::Arc;

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::ConfigMap;
use kit::health::Check;
use kube::{
    Api, ResourceExt as _,
    runtime::{WatchStreamExt as _, watcher},
};
use tokio::sync::watch;
use tracing::{info, warn};

use super::{
    book::{PolicyBook, Problem},
    engine::{Modules, Policies, PolicyError},
};
use crate::{
    backoff::WatchPauses,
    metrics::{Metrics, ReloadResult},
};

/// The label by which ConfigMaps are found.
pub const POLICY_LABEL: &str = "kubernaut.ai/policy";
/// Its value for policies of this service.
pub const POLICY_LABEL_VALUE: &str = "signalprocessing";

/// What is in force now.
#[derive(Clone, Default)]
pub struct PolicyFeed {
    /// The policies.
    pub policies: Arc<Policies>,
    /// What is wrong with some ConfigMaps.
    pub problems: Vec<Problem>,
}

/// Follows the ConfigMaps until the task is dropped. Whatever fails is tried again; `check` passes once the ConfigMaps
/// have been read, and goes on passing: policies that cannot be read again stay in force.
pub async fn follow(configs: Api<ConfigMap>, feed: watch::Sender<PolicyFeed>, metrics: Metrics, check: Check) {
    let selection = watcher::Config::default().labels(&format!("{POLICY_LABEL}={POLICY_LABEL_VALUE}"));
    let mut events = std::pin::pin!(watcher(configs, selection).backoff(WatchPauses::default()));
    let mut reader =
        Reader { book: PolicyBook::default(), listed: Vec::new(), feed, metrics, check, listed_once: false };
    while let Some(event) = events.next().await {
        reader.take(event);
    }
}

struct Reader {
    book: PolicyBook,
    listed: Vec<String>,
    feed: watch::Sender<PolicyFeed>,
    metrics: Metrics,
    check: Check,
    listed_once: bool,
}

impl Reader {
    fn take(&mut self, event: watcher::Result<watcher::Event<ConfigMap>>) {
        match event {
            Ok(watcher::Event::Init) => self.listed.clear(),
            Ok(watcher::Event::InitApply(config)) => {
                self.listed.push(config.name_any());
                self.put(config);
            }
            Ok(watcher::Event::InitDone) => {
                let outcome = self.book.retain(&self.listed);
                self.note("(those that are gone)", &outcome);
                self.publish();
                self.listed_once = true;
                self.check.pass();
            }
            Ok(watcher::Event::Apply(config)) => {
                self.put(config);
                self.publish();
            }
            Ok(watcher::Event::Delete(config)) => {
                let outcome = self.book.remove(&config.name_any());
                self.note(&config.name_any(), &outcome);
                self.publish();
            }
            Err(error) => {
                warn!(%error, "policies cannot be watched, trying again");
                if !self.listed_once {
                    self.check.fail(error.to_string());
                }
            }
        }
    }

    /// Not called within a listing: half of the policies may say something else than all of them.
    fn publish(&self) {
        let now = PolicyFeed { policies: self.book.policies(), problems: self.book.problems() };
        self.feed.send_replace(now);
    }

    fn put(&mut self, config: ConfigMap) {
        let name = config.name_any();
        let texts = config.data.unwrap_or_default();
        let modules: Modules = texts.into_iter().filter(|(key, _)| is_rego(key)).collect();
        let outcome = self.book.put(&name, modules);
        self.note(&name, &outcome);
    }

    fn note(&self, config: &str, outcome: &Result<(), PolicyError>) {
        match outcome {
            Ok(()) => {
                info!(config, "policies loaded");
                self.metrics.policy_reload(ReloadResult::Loaded);
            }
            Err(error) => {
                warn!(config, %error, "policies are wrong and not loaded");
                self.metrics.policy_reload(ReloadResult::Refused);
            }
        }
    }
}

/// Keys of a ConfigMap are file names by custom; other keys may hold what people want to read beside the policy.
fn is_rego(key: &str) -> bool {
    key.rsplit_once('.').is_some_and(|(_, extension)| extension == "rego")
}
