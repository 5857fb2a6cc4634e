//! What a cluster may be called: the name is a directory, a label of every object, and part of a host's name.

use crate::catalog::is_label;

/// The node is a host called `NAME-control-plane`, and a host's name has 63 characters.
const LONGEST: usize = 63 - "-control-plane".len();

/// The name, or why there can be no cluster of this name.
pub fn cluster_name(text: &str) -> Result<String, String> {
    if is_label(text) && text.len() <= LONGEST {
        return Ok(text.to_owned());
    }
    Err(format!(
        "no cluster can be called `{text}`: lower-case letters, digits and -, which is neither first nor last, at most \
         {LONGEST} of them"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_directory_a_label_and_a_host_can_have() {
        let longest = "a".repeat(49);
        for good in ["a", "one-two", "1", &longest] {
            assert_eq!(cluster_name(good), Ok(good.to_owned()));
        }
        let longer = format!("{longest}a");
        for bad in ["", "../x", "_builds", "A_b", "a.b", "-a", "a-", "a/b", &longer] {
            assert!(cluster_name(bad).is_err(), "{bad}");
        }
    }
}
