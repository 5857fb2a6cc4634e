//! Versions as programs write them: `v1.34.4`, `v1.32.4-dispatcher`, `0.27.0`.

use std::fmt;

/// Major and minor; the rest decides nothing here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    pub(super) major: u32,
    pub(super) minor: u32,
}

impl Version {
    /// Reads a version, with or without the letter, whatever follows the minor number.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.trim().trim_start_matches('v').split('.');
        let major = numbers.next()?.parse().ok()?;
        let minor = numbers.next()?;
        let digits = minor.find(|c: char| !c.is_ascii_digit()).unwrap_or(minor.len());
        Some(Self { major, minor: minor[..digits].parse().ok()? })
    }

    /// Whether the other has the same major and at most `by` minors more or less.
    pub(super) fn within(self, other: Self, by: u32) -> bool {
        self.major == other.major && self.minor.abs_diff(other.minor) <= by
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_as_programs_write_them() {
        let v = |major, minor| Some(Version { major, minor });
        assert_eq!(Version::parse("v1.34.4"), v(1, 34));
        assert_eq!(Version::parse("v1.32.4-dispatcher"), v(1, 32));
        assert_eq!(Version::parse("0.27"), v(0, 27));
        assert_eq!(Version::parse("1.32+"), v(1, 32));
        assert_eq!(Version::parse("latest"), None);
    }

    #[test]
    fn within_one_minor() {
        let node = Version::parse("v1.34.0").unwrap();
        let fits = |text: &str| Version::parse(text).unwrap().within(node, 1);
        assert!(fits("v1.33.9") && fits("v1.35.0"));
        assert!(!fits("v1.32.3") && !fits("v2.34.0"));
    }
}
