//! Which program a command line is of, where its name does not say it: a variable holds it, another program runs it, or
//! a helper is told only its words. It must not say what the command does.

use super::TOOLS;
use crate::classify::subject::split;

/// The command line as the program sees it: `$KUBECTL apply` and `minikube kubectl -- apply` are `kubectl apply`.
pub(super) fn plain(argv: &[String]) -> Option<Vec<String>> {
    let first = argv.first()?;
    let mut words: Vec<String> =
        if first.contains(' ') { first.split_whitespace().map(str::to_owned).collect() } else { vec![first.clone()] };
    words.extend(argv.iter().skip(1).cloned());
    if let Some(tool) = held(words.first()?) {
        tool.clone_into(&mut words[0]);
    }
    // `intent::kubectl apply`, `my_kubectl apply`: a function of a script that hands on what it is given.
    let tail = words[0].rsplit([':', '_', '-']).next().unwrap_or_default();
    if tail.len() < words[0].len() && matches!(tail, "kubectl" | "helm") {
        let start = words[0].len() - tail.len();
        words[0].drain(..start);
    }
    // `$KIND_SUDO kind load ...`: what runs it is a variable, or nothing.
    if words[0].starts_with("${") && words.get(1).is_some_and(|word| TOOLS.contains(&word.as_str())) {
        words.remove(0);
    }
    let wraps = matches!(words[0].as_str(), "minikube" | "microk8s" | "k3s" | "k0s");
    let inner = words.iter().take(5).position(|word| word == "kubectl");
    if let Some(inner) = inner.filter(|inner| wraps && *inner > 0) {
        words.drain(..inner);
        if words.get(1).is_some_and(|word| word == "--") {
            words.remove(1);
        }
    }
    (words != argv).then_some(words)
}

/// The tool that a variable is called after: `${KUBECTL}`, `${HELM_BIN}`.
fn held(program: &str) -> Option<&'static str> {
    let name = program.strip_prefix("${")?.strip_suffix('}')?.to_lowercase();
    let name =
        ["_bin", "_cmd", "_exe", "_path", "_tool"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    TOOLS.iter().copied().find(|tool| *tool == name.replace('_', "-"))
}

/// The command line of a helper that is told the words of one program alone: `k("apply", "-f", file)`.
pub(super) fn told(helper: &str, words: &[String]) -> Option<Vec<String>> {
    let name = split(helper);
    let hands_on = |word: &String| word.len() <= 2 || HANDS_ON.contains(&word.as_str());
    if !name.iter().any(hands_on) {
        return None; // `migrate("apply", "-f", ...)` is of something else.
    }
    let start = words.iter().take(6).position(|word| !word.contains("${") && word != "nil")?;
    let said = &words[start..];
    let has = |list: &[&str]| said.iter().any(|word| list.contains(&word.as_str()));
    let starts = |prefix: &str| said.iter().any(|word| word.starts_with(prefix));
    let program = match (said.first()?.as_str(), said.get(1).map_or("", String::as_str)) {
        ("apply" | "create" | "replace", _) if has(&["-f", "-k", "--filename"]) || starts("--filename=") => "kubectl",
        ("rollout", "status") => "kubectl",
        ("wait", _) if starts("--for") => "kubectl",
        ("build", _) if has(&["-t", "--tag"]) => "docker",
        ("load", "docker-image" | "image-archive") | ("create", "cluster") => "kind",
        ("upgrade", _) if has(&["--install", "-i"]) => "helm",
        ("install" | "upgrade", _) if has(&["--create-namespace", "--namespace", "--values", "--wait", "--set"]) => {
            "helm"
        }
        _ => return None,
    };
    Some(std::iter::once(program.to_owned()).chain(said.iter().cloned()).collect())
}

/// Words in the names of helpers that run whatever they are told.
const HANDS_ON: &[&str] =
    &["run", "exec", "execute", "command", "cmd", "kube", "ctl", "shell", "invoke", "output", "must"];

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_program_is_known_by_its_variable_or_by_what_runs_it() {
        assert_eq!(plain(&words("${KUBECTL_BIN} apply")), Some(words("kubectl apply")));
        assert_eq!(plain(&words("minikube kubectl -- apply")), Some(words("kubectl apply")));
        assert_eq!(plain(&words("minikube --profile p kubectl -- apply")), Some(words("kubectl apply")));
        assert_eq!(plain(&["minikube kubectl --".to_owned(), "wait".to_owned()]), Some(words("kubectl wait")));
        assert_eq!(plain(&words("kubectl apply")), None);
        assert_eq!(plain(&words("${SUDO} kind load docker-image a")), Some(words("kind load docker-image a")));
        assert_eq!(plain(&words("intent::kubectl apply")), Some(words("kubectl apply")));
        assert_eq!(plain(&words("${RUNNER} apply")), None);
    }

    #[test]
    fn a_helper_is_known_by_the_words_that_only_one_program_takes() {
        assert_eq!(told("run", &words("${ctx} apply -f a.yaml")), Some(words("kubectl apply -f a.yaml")));
        assert_eq!(told("run", &words("load docker-image a")), Some(words("kind load docker-image a")));
        assert_eq!(told("run", &words("upgrade --install a b")), Some(words("helm upgrade --install a b")));
        assert_eq!(told("run", &words("${dir} nil ${tool} build -t a .")), Some(words("docker build -t a .")));
        assert_eq!(
            told("k", &words("rollout status deployment/a")),
            Some(words("kubectl rollout status deployment/a"))
        );
        assert_eq!(told("migrate", &words("apply -f a.sql")), None);
        assert_eq!(told("SetArgs", &words("create cluster")), None);
        assert_eq!(told("run", &words("apply patch")), None);
        assert_eq!(told("run", &words("install hooks")), None);
    }
}
