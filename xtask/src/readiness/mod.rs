//! Whether what was applied is Ready, cannot become Ready any more, or takes its time; and who is to blame.
//!
//! Pure: it is given the objects as the API server shows them, what was wanted, and the time; it asks for nothing and
//! remembers nothing. `judge` looks at one object alone, `assess` at everything that is waited for.

mod assess;
mod container;
mod decide;
mod index;
mod kinds;
mod pod;
mod wanted;

use std::fmt;

pub use assess::{Assessment, PartVerdict, assess};
pub use kinds::judge;
pub use wanted::{Live, PartId, Wanted, WantedObject, WantedPart};

/// How an object stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It does what it is for.
    Ready,
    /// Not yet, and why.
    Waiting(String),
    /// Not by itself any more.
    Hopeless {
        /// Why, in one line.
        reason: String,
        /// Whose last log lines tell more.
        container: Option<Container>,
    },
}

/// A container of a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// The pod's name.
    pub pod: String,
    /// The container's name.
    pub name: String,
    /// Which of its runs has the log lines.
    pub run: Run,
}

/// A run of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// The one that is now, or was last.
    Current,
    /// The one before: `kubectl logs --previous`.
    Previous,
}

impl Verdict {
    fn waiting(reason: impl Into<String>) -> Self {
        Self::Waiting(reason.into())
    }

    fn hopeless(reason: impl Into<String>) -> Self {
        Self::Hopeless { reason: reason.into(), container: None }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready => f.write_str("Ready"),
            Self::Waiting(reason) | Self::Hopeless { reason, container: None } => f.write_str(reason),
            Self::Hopeless { reason, container: Some(_) } => write!(f, "{reason}; last log lines follow"),
        }
    }
}

#[cfg(test)]
mod tests;
