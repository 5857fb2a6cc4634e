//! A command line taken apart: words, flags with their values, standard input.

/// A command line without its global flags.
pub(super) struct Line<'a> {
    pub(super) words: Vec<&'a str>,
    pub(super) flags: Vec<(&'a str, &'a str)>,
    pub(super) stdin: Option<&'a str>,
}

impl<'a> Line<'a> {
    pub(super) fn new(argv: &'a [String], stdin: Option<&'a str>) -> Self {
        let mut line = Line { words: Vec::new(), flags: Vec::new(), stdin };
        let mut rest = argv.iter().skip(1).map(String::as_str).peekable();
        while let Some(word) = rest.next() {
            if let Some(flag) = word.strip_prefix("--").filter(|flag| !flag.is_empty()) {
                if let Some((name, value)) = flag.split_once('=') {
                    line.flags.push((name, value));
                } else {
                    let takes = !is_switch(flag) && rest.peek().is_some_and(|next| !next.starts_with('-'));
                    let value = if takes { rest.next().unwrap_or_default() } else { "" };
                    line.flags.push((flag, value));
                }
            } else if word.len() > 1 && word.starts_with('-') && !word.starts_with("--") {
                let flag = &word[1..];
                let takes = matches!(
                    flag,
                    "f" | "n" | "k" | "l" | "t" | "o" | "C" | "i" | "c" | "p" | "e" | "v" | "H" | "d" | "u"
                ) && !(flag == "d" || flag == "i")
                    && rest.peek().is_some_and(|next| !next.starts_with('-') || *next == "-");
                let value = if takes { rest.next().unwrap_or_default() } else { "" };
                line.flags.push((flag, value));
            } else {
                line.words.push(word);
            }
        }
        line
    }

    pub(super) fn word(&self, index: usize) -> &'a str {
        self.words.get(index).copied().unwrap_or_default()
    }

    pub(super) fn values(&self, names: &[&str]) -> Vec<&'a str> {
        self.flags.iter().filter(|(flag, _)| names.contains(flag)).map(|(_, value)| *value).collect()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.flags.iter().any(|(flag, value)| *flag == name && *value != "false")
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.words.iter().copied().chain(self.flags.iter().map(|(_, value)| *value))
    }
}

/// Long flags without a value that are often followed by a word.
pub(super) fn is_switch(flag: &str) -> bool {
    matches!(
        flag,
        "wait"
            | "help"
            | "install"
            | "create-namespace"
            | "atomic"
            | "server-side"
            | "force"
            | "force-conflicts"
            | "recursive"
            | "all"
            | "all-namespaces"
            | "debug"
            | "devel"
            | "reuse-values"
            | "reset-values"
            | "dependency-update"
            | "skip-crds"
            | "no-cache"
            | "pull"
            | "push"
            | "load"
            | "rm"
            | "detach"
            | "quiet"
            | "overwrite"
            | "insecure"
            | "prune"
            | "retain"
            | "privileged"
            | "disable-openapi-validation"
            | "replace"
    )
}
