//! What is told while an image is being obtained, and how that ended. Whoever reports decides what is shown.

use std::fmt;

use super::Source;
use crate::catalog::{ImageName, ImageRef};

/// Something worth a line.
#[derive(Debug, Clone)]
pub enum Notice {
    /// A source is being tried.
    Trying {
        /// For which image.
        image: ImageName,
        /// Which.
        source: Source,
    },
    /// A source did not serve; the next one is tried.
    Failed {
        /// For which image.
        image: ImageName,
        /// Which, and why.
        failed: Failed,
    },
    /// A recipe has reached another step.
    Step {
        /// Of which image.
        image: ImageName,
        /// The step.
        step: String,
    },
}

/// A source that did not serve.
#[derive(Debug, Clone)]
pub struct Failed {
    /// Which.
    pub source: Source,
    /// Why, with everything that helps.
    pub why: String,
}

/// An image that the engine has now.
#[derive(Debug, Clone)]
pub struct Obtained {
    /// Under this reference.
    pub reference: ImageRef,
    /// From this source.
    pub source: Source,
    /// Sources that were tried before.
    pub failed: Vec<Failed>,
}

/// An image that no source could serve.
#[derive(Debug, Clone)]
pub struct NotObtained {
    /// Which.
    pub image: ImageName,
    /// Every source that was tried; empty where there was none.
    pub failed: Vec<Failed>,
}

impl Failed {
    /// The gist: the last line of the innermost reason that says anything.
    #[must_use]
    pub fn gist(&self) -> &str {
        let said = self.why.lines().filter_map(|l| l.trim_start().strip_prefix("| ")).next_back();
        said.or_else(|| self.why.lines().next()).unwrap_or_default()
    }
}

impl Obtained {
    /// In a few words, for the line that ends the task.
    #[must_use]
    pub fn words(&self) -> String {
        let how = match &self.source {
            Source::Engine { .. } => "already in the engine".to_owned(),
            Source::Cache { archive } => format!("from {}", archive.display()),
            Source::Pull { .. } => "pulled".to_owned(),
            Source::Recipe { .. } => "made by its recipe".to_owned(),
        };
        match self.failed.as_slice() {
            [] => how,
            failed => {
                let not: Vec<String> = failed.iter().map(|f| format!("{}: {}", f.source, f.gist())).collect();
                format!("{how} (not {})", not.join("; not "))
            }
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trying { image, source } => write!(f, "{image}: {source}"),
            Self::Failed { image, failed } => write!(f, "{image}: {} did not serve: {}", failed.source, failed.gist()),
            Self::Step { image, step } => write!(f, "{image}: {step}"),
        }
    }
}

impl fmt::Display for NotObtained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the image `{}` cannot be had", self.image)?;
        if self.failed.is_empty() {
            write!(f, ": it has no recipe, is in no registry, and E2E_IMAGE_CACHE has no archive of it")?;
        }
        for failed in &self.failed {
            write!(f, "\n- {}: {}", failed.source, failed.why.replace('\n', "\n  "))?;
        }
        Ok(())
    }
}

impl std::error::Error for NotObtained {}
