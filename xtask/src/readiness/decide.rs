//! From what was found to a verdict: whether it is over depends on what the thing depends on, and on time.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Container, PartId, Verdict};

/// After so many crashes a container is given up.
///
/// The kubelet restarts a container at once after the first crash, so two of them lie within a second: something may just
/// not have been there yet, a name in the DNS, a rule of the proxy. The third comes after its first back-off of ten
/// seconds; what was about to come has come by then.
const CRASHES: u64 = 3;
/// A run counts when it began so long after everything that it depends on was Ready: the addresses of a Service take a
/// moment to reach the node's proxy.
const SETTLED: SignedDuration = SignedDuration::from_secs(5);

/// What there is to say of a pod, from good to bad.
#[derive(Debug, Clone)]
pub(super) enum Finding {
    /// It is Ready.
    Fine,
    /// It takes its time.
    Slow(String),
    /// A container has ended, and will be started again.
    Crashed(Crash),
    /// It cannot be started.
    Broken(Broken),
}

/// A container that ends again and again.
#[derive(Debug, Clone)]
pub(super) struct Crash {
    pub crashes: u64,
    /// Whether it crashed several times in a row, and waits for its next start.
    pub loops: bool,
    /// How it ended last.
    pub how: String,
    /// When its last run began.
    pub started: Option<Timestamp>,
    /// What people call it.
    pub called: String,
    pub container: Option<Container>,
}

/// Something that does not mend itself.
#[derive(Debug, Clone)]
pub(super) struct Broken {
    pub said: String,
    pub blame: Blame,
    /// For how long it may look so without being so.
    pub patience: Duration,
    pub since: Option<Timestamp>,
    pub container: Option<Container>,
}

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blame {
    /// Nothing that is still to come can mend it.
    Own,
    /// What it depends on may bring what is missing.
    Perhaps,
}

/// How everything that a part depends on stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Dependencies {
    /// All are Ready, since this time where it is known.
    Ready(Option<Timestamp>),
    /// These are not, and depend on nothing else that is not.
    Missing(Vec<PartId>),
}

/// A verdict, and when time alone can change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decision {
    pub verdict: Verdict,
    pub again: Option<Duration>,
}

impl Finding {
    /// The one of two that explains more.
    pub fn worse(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }

    fn rank(&self) -> (u8, u64, Option<Timestamp>) {
        match self {
            Self::Fine => (0, 0, None),
            Self::Slow(_) => (1, 0, None),
            Self::Crashed(crash) => (2, crash.crashes, crash.started),
            Self::Broken(_) => (3, 0, None),
        }
    }

    /// What follows from it.
    pub fn decide(self, dependencies: &Dependencies, now: Timestamp) -> Decision {
        match self {
            Self::Fine => Decision::at_once(Verdict::Ready),
            Self::Slow(said) => Decision::at_once(Verdict::Waiting(said)),
            Self::Crashed(crash) => Decision::at_once(crash.decide(dependencies)),
            Self::Broken(broken) => broken.decide(dependencies, now),
        }
    }
}

impl Decision {
    pub fn at_once(verdict: Verdict) -> Self {
        Self { verdict, again: None }
    }
}

impl Crash {
    fn decide(self, dependencies: &Dependencies) -> Verdict {
        let times = if self.crashes == 1 { "once".to_owned() } else { format!("{} times", self.crashes) };
        let reason = format!("{} crashed {times} ({})", self.called, self.how);
        let counts = match dependencies {
            Dependencies::Missing(parts) => {
                return Verdict::Waiting(format!("{reason}, as may be while {} is not Ready", names(parts)));
            }
            Dependencies::Ready(None) => true,
            Dependencies::Ready(Some(since)) => {
                self.started.is_none_or(|began| began.duration_since(*since) >= SETTLED)
            }
        };
        if counts && self.loops && self.crashes >= CRASHES {
            Verdict::Hopeless { reason, container: self.container }
        } else {
            Verdict::Waiting(reason)
        }
    }
}

impl Broken {
    fn decide(self, dependencies: &Dependencies, now: Timestamp) -> Decision {
        if let (Blame::Perhaps, Dependencies::Missing(parts)) = (self.blame, dependencies) {
            let said = format!("{}, as may be while {} is not Ready", self.said, names(parts));
            return Decision::at_once(Verdict::Waiting(said));
        }
        let ready = if let Dependencies::Ready(since) = dependencies { *since } else { None };
        let from = if self.blame == Blame::Perhaps { self.since.max(ready) } else { self.since };
        let passed = from.map_or(SignedDuration::ZERO, |from| now.duration_since(from));
        let passed = Duration::try_from(passed).unwrap_or(Duration::ZERO);
        if passed >= self.patience {
            return Decision::at_once(Verdict::Hopeless { reason: self.said, container: self.container });
        }
        Decision { verdict: Verdict::Waiting(self.said), again: Some(self.patience.saturating_sub(passed)) }
    }
}

/// Parts in a sentence.
pub(super) fn names(parts: &[PartId]) -> String {
    parts.iter().map(PartId::to_string).collect::<Vec<_>>().join(", ")
}
