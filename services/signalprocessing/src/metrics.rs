//! What the controller counts.

use api::signal_processing::Phase;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{
        counter::Counter,
        family::Family,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

/// The controller's metrics. All clones are one.
#[derive(Clone, Debug)]
pub struct Metrics {
    phases: Family<PhaseLabels, Counter>,
    reconciliations: Family<ResultLabels, Counter>,
    reloads: Family<ResultLabels, Counter>,
    processing: Histogram,
}

/// How a reconciliation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReconcileResult {
    /// The object is a phase further.
    Advanced,
    /// There was nothing to do.
    Idle,
    /// It has to be tried again.
    Error,
}

/// How a change of the policies ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReloadResult {
    /// It is in force.
    Loaded,
    /// It is wrong.
    Refused,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct PhaseLabels {
    phase: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ResultLabels {
    result: &'static str,
}

impl Metrics {
    /// Registers the metrics.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            phases: Family::default(),
            reconciliations: Family::default(),
            reloads: Family::default(),
            processing: Histogram::new(exponential_buckets(0.01, 2.0, 14)),
        };
        registry.register("signalprocessing_phases", "Phases entered", metrics.phases.clone());
        registry.register("signalprocessing_reconciliations", "Reconciliations", metrics.reconciliations.clone());
        registry.register("signalprocessing_policy_reloads", "Changes of policies read", metrics.reloads.clone());
        let help = "Time from the creation of the object to its last phase";
        registry.register("signalprocessing_processing_seconds", help, metrics.processing.clone());
        metrics
    }

    /// An object entered a phase.
    pub fn entered(&self, phase: Phase) {
        self.phases.get_or_create(&PhaseLabels { phase: phase.as_str() }).inc();
    }

    /// An object is done, so long after its creation.
    pub fn finished(&self, seconds: f64) {
        self.processing.observe(seconds);
    }

    /// A reconciliation ended.
    pub fn reconciled(&self, result: ReconcileResult) {
        let result = match result {
            ReconcileResult::Advanced => "advanced",
            ReconcileResult::Idle => "idle",
            ReconcileResult::Error => "error",
        };
        self.reconciliations.get_or_create(&ResultLabels { result }).inc();
    }

    /// A change of the policies was read.
    pub fn policy_reload(&self, result: ReloadResult) {
        let result = match result {
            ReloadResult::Loaded => "loaded",
            ReloadResult::Refused => "refused",
        };
        self.reloads.get_or_create(&ResultLabels { result }).inc();
    }
}
