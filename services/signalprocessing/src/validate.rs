//! Is a specification worth working on? Pure. The CRD's schema refuses most nonsense; what it cannot say is said here,
//! and what it does say is not taken on trust, since a CRD may be older than this program.

use api::SignalProcessingSpec;

use crate::enrich::kind::Kind;

/// Everything that is wrong with the specification.
#[must_use]
pub fn problems(spec: &SignalProcessingSpec) -> Vec<String> {
    let signal = &spec.signal;
    let mut problems = Vec::new();
    let mut check = |holds: bool, problem: &str| {
        if !holds {
            problems.push(problem.to_owned());
        }
    };
    check(!spec.remediation_request_ref.name.is_empty(), "remediationRequestRef.name is empty");
    check(!signal.name.is_empty(), "signal.name is empty");
    check(!signal.type_.is_empty(), "signal.type is empty");
    check(is_fingerprint(&signal.fingerprint), "signal.fingerprint is not 64 lower-case hex digits");
    check(!signal.target.name.is_empty(), "signal.target.name is empty");
    let namespaced = signal.target.namespace.as_deref().is_some_and(|namespace| !namespace.is_empty());
    match Kind::of_target(&signal.target.kind) {
        Some(kind) if kind.is_namespaced() => {
            check(namespaced, "signal.target.namespace is missing, and the kind lives in namespaces");
        }
        Some(_) => check(!namespaced, "signal.target.namespace is set, and the kind lives in none"),
        // Of other kinds nothing is known: they are not looked up, which is degraded and not wrong.
        None => check(!signal.target.kind.is_empty(), "signal.target.kind is empty"),
    }
    problems
}

fn is_fingerprint(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_sound_specification_has_no_problems() {
        assert_eq!(problems(&samples::signal_processing().spec), Vec::<String>::new());
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let mut spec = samples::signal_processing().spec;
        spec.signal.fingerprint = "ABC".to_owned();
        spec.signal.target.namespace = None;
        spec.remediation_request_ref.name = String::new();
        let problems = problems(&spec);
        assert_eq!(problems.len(), 3, "{problems:?}");
    }

    #[test]
    fn a_node_has_no_namespace_and_an_unknown_kind_may() {
        let with = |kind: &str, namespace: Option<&str>| {
            let mut spec = samples::signal_processing().spec;
            spec.signal.target.kind = kind.to_owned();
            spec.signal.target.namespace = namespace.map(str::to_owned);
            problems(&spec).len()
        };
        assert_eq!(with("Node", None), 0);
        assert_eq!(with("Node", Some("shop")), 1);
        assert_eq!(with("Rocket", None), 0);
        assert_eq!(with("Rocket", Some("shop")), 0);
    }
}
