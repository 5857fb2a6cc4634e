//! Control flow of the language-neutral form: branches, loops, what is started, waited for and left.

use super::{Block, Value};
use crate::source::Span;

/// Why an arm of a branch runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// The step before failed.
    Failure,
    /// The step before succeeded.
    Success,
    /// Anything else.
    Condition,
    /// No other arm ran.
    Otherwise,
}

impl Guard {
    /// Why the arm runs that is taken where the one of this guard is not.
    #[must_use]
    pub fn otherwise(self) -> Self {
        match self {
            Self::Failure => Self::Success,
            Self::Success => Self::Failure,
            Self::Condition | Self::Otherwise => Self::Otherwise,
        }
    }
}

/// One arm of a branch.
#[derive(Debug, Clone)]
pub struct Arm {
    /// When it runs.
    pub guard: Guard,
    /// Variables its condition reads.
    pub reads: Vec<String>,
    /// What it does.
    pub body: Block,
}

/// Why a loop goes round.
#[expect(clippy::large_enum_variant, reason = "loops are few, and most of them go through things")]
#[derive(Debug, Clone)]
pub enum Turns {
    /// Once for each element.
    Each {
        /// Names given to the element.
        binds: Vec<String>,
        /// Where the elements come from.
        over: Value,
    },
    /// A counter.
    Counted,
    /// Until something holds, or for ever.
    Until,
}

/// A loop.
#[derive(Debug, Clone)]
pub struct Loop {
    /// Why it goes round.
    pub turns: Turns,
    /// What each round does.
    pub body: Block,
    /// The whole loop.
    pub span: Span,
    /// The loop's head.
    pub head: Span,
}

/// How something was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Launch {
    /// `go`, `thread::spawn`, `tokio::spawn`.
    Task,
    /// A member of a group that keeps the first error (`errgroup`, `JoinSet`-like).
    Group,
    /// A child process in the background.
    Process,
    /// Started and joined by one construct (`join!`, `rayon::join`, a parallel iterator).
    Structured,
    /// As structured, but the first error ends it (`try_join!`).
    StructuredFirst,
}

/// Something started and not waited for.
#[derive(Debug, Clone)]
pub struct Spawn {
    /// How.
    pub launch: Launch,
    /// The variable that waits for it, where there is one.
    pub handle: Option<String>,
    /// What it does.
    pub body: Block,
    /// Where.
    pub span: Span,
}

/// What is waited for.
#[derive(Debug, Clone)]
pub struct Join {
    /// The handle, channel or group; `None` for "everything" (`wait`).
    pub on: Option<String>,
    /// How it ends.
    pub kind: JoinKind,
    /// Variables that take the result.
    pub assigned: Vec<String>,
    /// Where.
    pub span: Span,
}

/// How a join ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinKind {
    /// One result is taken (`<-ch`, `handle.join()`, `wait $pid`).
    One,
    /// All are waited for (`wg.Wait()`).
    All,
    /// All are waited for, the first error is kept (`errgroup`).
    FirstError,
    /// All are waited for, every result is thrown away (a bare `wait`).
    NoResult,
}

/// The body or the loop is left.
#[derive(Debug, Clone)]
pub struct Exit {
    /// How.
    pub kind: ExitKind,
    /// Variables that go out.
    pub reads: Vec<String>,
    /// Where.
    pub span: Span,
}

/// How a body is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitKind {
    /// `return`.
    Return,
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// The process or the test ends here.
    Fatal,
}
