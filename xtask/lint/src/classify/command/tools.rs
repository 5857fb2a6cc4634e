//! What each known program does, by its words and flags.

use super::line::Line;
use crate::classify::subject::split;
use crate::classify::{Kind, Source, Subject, name};
use crate::config::Config;

pub(super) fn helm(line: &Line, config: &Config) -> Option<(Kind, Subject, bool)> {
    let verb = line.words.iter().position(|word| {
        matches!(
            *word,
            "install"
                | "upgrade"
                | "uninstall"
                | "delete"
                | "test"
                | "repo"
                | "template"
                | "dependency"
                | "package"
                | "pull"
                | "lint"
                | "list"
                | "plugin"
                | "registry"
        )
    })?;
    let waits = line.has("wait") || line.has("atomic");
    match line.words[verb] {
        "install" | "upgrade" => {
            let named: Vec<_> = line.words.iter().skip(verb + 1).collect();
            let mut subject = named
                .iter()
                .find(|word| !word.starts_with("${") && !word.contains('/'))
                .map(|word| Subject::of_words(&split(word), config))
                .unwrap_or_default();
            for word in named {
                if subject.is_unknown() {
                    subject = Subject::of_path(word, config);
                }
            }
            Some((Kind::Deploy, subject, waits))
        }
        "uninstall" | "delete" => Some((Kind::Remove, Subject::default(), false)),
        "test" => Some((Kind::Use, Subject::default(), false)),
        _ => None,
    }
}

pub(super) fn cluster(line: &Line, config: &Config) -> Option<(Kind, Subject, bool)> {
    match (line.word(0), line.word(1)) {
        ("create", "cluster") | ("cluster", "create") | ("start", _) => {
            Some((Kind::Cluster, Subject::default(), false))
        }
        ("load", "docker-image" | "image-archive") | ("image", "import" | "load") | ("cache", "add") => {
            let words: Vec<String> = line.words.iter().skip(2).flat_map(|image| image_words(image)).collect();
            Some((Kind::Load, Subject::of_words(&words, config), false))
        }
        ("image", "build") => {
            engine(&Line { words: line.words[1..].to_vec(), flags: line.flags.clone(), stdin: None }, config)
        }
        ("delete" | "stop", _) | (_, "delete") => Some((Kind::Remove, Subject::default(), false)),
        _ => None,
    }
}

pub(super) fn image_words(image: &str) -> Vec<String> {
    let name = image.rsplit('/').next().unwrap_or(image);
    split(name.split([':', '@']).next().unwrap_or(name))
}

pub(super) fn engine(line: &Line, config: &Config) -> Option<(Kind, Subject, bool)> {
    match (line.word(0), line.word(1)) {
        ("build" | "bud", _) | ("buildx" | "image", "build") => {
            let mut words: Vec<String> = line.values(&["t", "tag"]).iter().flat_map(|tag| image_words(tag)).collect();
            let mut subject = Subject::of_words(&words, config);
            if subject.is_unknown() {
                words = line
                    .values(&["f", "file"])
                    .iter()
                    .flat_map(|file| split(file))
                    .filter(|word| word != "dockerfile")
                    .collect();
                words.extend(line.words.iter().skip(1).flat_map(|word| split(word)));
                subject = Subject::of_words(&words, config);
            }
            Some((Kind::Build, subject, false))
        }
        ("compose", _) => compose(&Line { words: line.words[1..].to_vec(), flags: Vec::new(), stdin: None }),
        ("run", image)
            if line.has("d")
                || line.has("detach")
                || line.flags.iter().any(|(flag, _)| matches!(*flag, "dit" | "itd" | "td" | "dt")) =>
        {
            let name = line.values(&["name"]).first().map_or_else(|| image_words(image), |name| split(name));
            Some((Kind::Deploy, Subject::of_words(&name, config), false))
        }
        ("exec", _) if line.words.contains(&"ctr") && line.words.contains(&"import") => {
            let archive = line.words.last().map_or_else(Vec::new, |word| image_words(word));
            Some((Kind::Load, Subject::of_words(&archive, config), false))
        }
        ("exec", _) => Some((Kind::Use, Subject::default(), false)),
        ("rm" | "rmi" | "stop" | "kill", _) => Some((Kind::Remove, Subject::default(), false)),
        _ => None,
    }
}

pub(super) fn compose(line: &Line) -> Option<(Kind, Subject, bool)> {
    match *line.words.iter().find(|word| matches!(**word, "up" | "build" | "down" | "exec"))? {
        "up" => Some((Kind::Deploy, Subject { words: vec!["compose".to_owned()] }, false)),
        "build" => Some((Kind::Build, Subject::default(), false)),
        "down" => Some((Kind::Remove, Subject::default(), false)),
        _ => Some((Kind::Use, Subject::default(), false)),
    }
}

pub(super) fn installer(program: &str, line: &Line, config: &Config) -> Option<(Kind, Subject, bool)> {
    let first = line.word(0);
    match first {
        "install" | "init" | "run" | "deploy" | "apply" | "sync" | "up" | "ci" => {
            let mut words = split(program);
            // These roll out whatever they are told to; the others are what they install.
            if matches!(program, "skaffold" | "tilt" | "kapp") {
                let told = line.words.iter().skip(1).copied();
                let told = told.chain(line.values(&["p", "profile", "a", "app", "m", "module"]));
                let subject = Subject::of_words(&told.flat_map(split).collect::<Vec<_>>(), config);
                if !subject.is_unknown() {
                    return Some((Kind::Deploy, subject, true));
                }
            }
            words.extend(line.values(&["f", "filename"]).iter().flat_map(|file| Subject::of_path(file, config).words));
            Some((Kind::Deploy, Subject::of_words(&words, config), true))
        }
        "resolve" if program == "ko" => {
            let words =
                line.values(&["f", "filename"]).iter().flat_map(|file| Subject::of_path(file, config).words).collect();
            Some((Kind::Build, Subject { words }, false))
        }
        "build" | "publish" => Some((Kind::Build, Subject::of_words(&split(line.word(1)), config), false)),
        "check" | "status" => Some((Kind::Wait, Subject::of_words(&split(program), config), false)),
        "uninstall" | "delete" => Some((Kind::Remove, Subject::default(), false)),
        _ => None,
    }
}

pub(super) fn make(line: &Line, config: &Config) -> Option<(Kind, Subject, bool)> {
    let target = line.words.iter().find(|word| !word.contains('='))?;
    let words = split(target);
    if words == ["install"] {
        return Some((Kind::Prepare, Subject::default(), false));
    }
    let is_image = |word: &String| matches!(word.as_str(), "image" | "images" | "container");
    let does_more = |word: &String| matches!(word.as_str(), "push" | "load" | "pull" | "clean" | "save" | "list");
    let ends = words.last().is_some_and(|word| is_image(word) || word == "img" || word == "docker");
    let starts = words.first().is_some_and(is_image);
    if starts && !words.iter().any(does_more) {
        return Some((Kind::Build, Subject::of_words(&words[1..], config), false));
    }
    if words.first().is_some_and(|word| word == "docker") && words.iter().any(|word| word == "build") {
        return Some((Kind::Build, Subject::of_words(&words[2.min(words.len())..], config), false));
    }
    let told = name::of_words(&words, config);
    if told.is_none() && ends && !words.iter().any(does_more) {
        return Some((Kind::Build, Subject::of_words(&words, config), false));
    }
    let (kind, rest, source) = told?;
    if source == Source::WeakName && !matches!(kind, Kind::Prepare) {
        return None;
    }
    Some((kind, Subject::of_words(rest, config), true))
}
