//! From the language-neutral form to steps.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::flow::Flow;
use super::{Item, Joined, Looped, Sequence, Spawned, Step, What};
use crate::classify::subject::split;
use crate::classify::{Kind, Meaning, Source as How, Subject};
use crate::config::Sort;
use crate::ir::{
    Arm, Block, Call, Exit, ExitKind, Function, Guard, Join, JoinKind, Launch, Loop, Node, Spawn, Turns, Value, walk,
};
use crate::package::{Package, Parsed};
use crate::source::Span;

/// Walks one function.
pub struct Builder<'p, 'f> {
    package: &'p Package<'p>,
    file: &'f Parsed,
    receiver: Option<&'f str>,
    flow: Flow,
    arms: Vec<(usize, usize)>,
    next: usize,
    branch: usize,
    /// Lists of closures by variable: `steps := []step{{"redis", func() error { ... }}}`.
    tables: HashMap<String, Vec<Value>>,
    /// The table that is gone through, by the name of its element.
    table: Option<(String, Vec<Value>)>,
    table_used: bool,
    /// Channels that workers send to.
    channels: HashSet<String>,
    in_worker: bool,
}

impl<'p, 'f> Builder<'p, 'f> {
    /// A builder for one function.
    pub fn new(package: &'p Package<'p>, file: &'f Parsed, function: &'f Function) -> Self {
        let mut channels = HashSet::new();
        walk(&function.body, &mut |node| {
            if let Node::Send(on, _) = node {
                channels.insert(on.clone());
            }
        });
        Self {
            package,
            file,
            receiver: function.receiver.as_deref(),
            flow: Flow::default(),
            arms: Vec::new(),
            next: 1,
            branch: 0,
            tables: HashMap::new(),
            table: None,
            table_used: false,
            channels,
            in_worker: false,
        }
    }

    /// The steps of a body.
    pub fn run(mut self, body: &Block) -> Sequence {
        self.sequence(body)
    }

    fn sequence(&mut self, body: &Block) -> Sequence {
        let mut sequence = Sequence::default();
        self.block(body, &mut sequence);
        sequence
    }

    fn block(&mut self, body: &Block, out: &mut Sequence) {
        let depth = self.arms.len();
        for node in body {
            self.node(node, out);
        }
        // What was excluded by an early return is excluded to the end of the block, not further.
        self.arms.truncate(depth);
    }

    fn node(&mut self, node: &Node, out: &mut Sequence) {
        match node {
            Node::Call(call) => self.call(call, out),
            Node::Assign(assign) => {
                let from = self.flow.of_values([&assign.value]);
                assign.targets.iter().for_each(|name| self.flow.set(name, &from));
                if let [name] = assign.targets.as_slice()
                    && assign.value.items.iter().any(|item| self.callable(item))
                {
                    self.tables.insert(name.clone(), assign.value.items.clone());
                }
            }
            Node::Branch(arms) => self.branch(arms, out),
            Node::Loop(inner) => self.repeat(inner, out),
            Node::Spawn(spawn) => self.spawn(spawn, out),
            Node::Join(join) => self.join(join, out),
            Node::Exit(exit) => leave(exit, out),
            Node::Send(..) | Node::Defer(_) => {}
        }
    }

    fn push(&mut self, span: Span, what: What, out: &mut Sequence) -> usize {
        let id = self.next;
        self.next += 1;
        out.items.push(Item { id, span, arms: self.arms.clone(), what });
        id
    }

    fn call(&mut self, call: &Call, out: &mut Sequence) {
        if self.run_table(call, out) {
            return;
        }
        let values = call.chain.iter().chain(&call.args);
        let mut needs = self.flow.of_values(values);
        if let Some(first) =
            call.path.first().filter(|first| call.path.len() > 1 && self.receiver != Some(first.as_str()))
        {
            needs.extend(self.flow.of(std::slice::from_ref(first)));
        }
        asserts(call, out);
        let meaning = self.package.meaning(call);
        if meaning.as_ref().is_none_or(|meaning| meaning.kind == Kind::Use) {
            needs.extend(Self::asked(call, out));
        }
        let Some(meaning) = meaning else {
            for name in &call.assigned {
                self.flow.set(name, &needs);
            }
            return;
        };
        let mut from = needs.clone();
        let outs: Vec<&String> = call.args.iter().filter_map(|arg| arg.out.as_ref()).collect();
        let id = self.push(call.span, What::Step(Step { meaning, needs, words: words(call) }), out);
        from.insert(id);
        for name in &call.assigned {
            self.flow.set(name, &from);
        }
        let shared = outs.len() == call.args.len();
        for name in outs.into_iter().filter(|_| !shared) {
            self.flow.add(&format!("{name}.filled"), &BTreeSet::from([id]));
        }
    }

    /// A call whose result is kept, and that names something deployed before, asks about it.
    fn asked(call: &Call, out: &Sequence) -> BTreeSet<usize> {
        let mut items = BTreeSet::new();
        if call.assigned.is_empty() {
            return items;
        }
        let mut said: Vec<String> =
            words(call).iter().filter(|word| !word.contains("${")).flat_map(|word| split(word)).collect();
        said.extend(split(call.name()));
        for item in &out.items {
            let Some(step) = item.step().filter(|step| step.meaning.kind.deploys()) else { continue };
            if step.meaning.subject.words.iter().any(|word| said.contains(word)) {
                items.insert(item.id);
            }
        }
        items
    }

    fn branch(&mut self, arms: &[Arm], out: &mut Sequence) {
        self.branch += 1;
        let branch = self.branch;
        let mut gone = false;
        for (index, arm) in arms.iter().enumerate() {
            let ends = arm.body.iter().rev().find_map(|node| match node {
                Node::Exit(exit) => Some(exit),
                _ => None,
            });
            match arm.guard {
                Guard::Failure => {
                    if let Some(exit) = ends.filter(|exit| matches!(exit.kind, ExitKind::Return | ExitKind::Fatal)) {
                        mark_left(exit.span, out);
                    }
                }
                Guard::Success => self.block(&arm.body, out),
                Guard::Condition | Guard::Otherwise => {
                    self.arms.push((branch, index));
                    self.block(&arm.body, out);
                    self.arms.pop();
                    gone |= ends.is_some() && matches!(arm.body.last(), Some(Node::Exit(_)));
                }
            }
        }
        if gone && arms.len() == 1 {
            self.arms.push((branch, usize::MAX));
        }
    }

    fn spawn(&mut self, spawn: &Spawn, out: &mut Sequence) {
        let mut signals: Vec<String> = spawn.handle.iter().cloned().collect();
        walk(&spawn.body, &mut |node| match node {
            Node::Send(on, _) => signals.push(on.clone()),
            Node::Call(call) => {
                match call.path.as_slice() {
                    [name, method] if method == "Done" => signals.push(name.clone()),
                    [close] if close == "close" => signals.extend(call.args.iter().flat_map(|arg| arg.reads.clone())),
                    _ => {}
                }
                signals.extend(
                    call.args
                        .iter()
                        .flat_map(|arg| arg.reads.iter().chain(&arg.out))
                        .filter(|name| is_signal(name))
                        .cloned(),
                );
            }
            _ => {}
        });
        let flow = self.flow.clone();
        let arms = std::mem::take(&mut self.arms);
        let outside = std::mem::replace(&mut self.in_worker, true);
        let inner = self.sequence(&spawn.body);
        self.in_worker = outside;
        self.arms = arms;
        self.flow = flow;
        let mut needs = BTreeSet::new();
        inner.each_step(&mut |_, step| needs.extend(&step.needs));
        let id = self.push(
            spawn.span,
            What::Spawn(Spawned { launch: spawn.launch, signals: signals.clone(), needs, inner }),
            out,
        );
        for name in signals {
            self.flow.add(&name, &BTreeSet::from([id]));
        }
    }

    fn join(&mut self, join: &Join, out: &mut Sequence) {
        let from = join.on.iter().flat_map(|on| self.flow.of(std::slice::from_ref(on))).collect();
        join.assigned.iter().for_each(|name| self.flow.set(name, &from));
        let joined = Joined { on: join.on.clone(), kind: join.kind, leaves: None, assigned: join.assigned.clone() };
        self.push(join.span, What::Join(joined), out);
    }

    fn repeat(&mut self, inner: &Loop, out: &mut Sequence) {
        let id = self.next;
        self.next += 1;
        let outer_table = self.table.take();
        let mut each = false;
        let mut channel = None;
        if let Turns::Each { binds, over } = &inner.turns {
            each = true;
            let mut from = self.flow.of(&over.reads);
            from.insert(id);
            for name in binds {
                self.flow.set(name, &from);
            }
            channel = over
                .reads
                .first()
                .filter(|name| self.channels.contains(*name))
                .map(|name| (name.clone(), binds.clone()));
            let rows = if over.items.is_empty() {
                over.reads.first().and_then(|name| self.tables.get(name)).cloned()
            } else {
                Some(over.items.clone())
            };
            if let (Some(rows), Some(name)) = (rows, binds.last()) {
                self.table = Some((name.clone(), rows));
            }
        } else if self.file.source.slice(inner.head).contains("len(") {
            each = true;
            let name = counter(self.file.source.slice(inner.head));
            self.flow.set(&name, &BTreeSet::from([id]));
        }
        self.table_used = false;
        let mut body = Sequence::default();
        if let Some((on, assigned)) = channel {
            let join = Join { on: Some(on), kind: JoinKind::One, assigned, span: inner.head };
            self.join(&join, &mut body);
        }
        self.block(&inner.body, &mut body);
        self.table = outer_table;
        if std::mem::take(&mut self.table_used) {
            out.items.append(&mut body.items);
            return;
        }
        self.place(inner, each, id, body, out);
    }

    /// A loop stays a loop, is a retry of what is in it, or is a wait.
    fn place(&mut self, inner: &Loop, each: bool, id: usize, mut body: Sequence, out: &mut Sequence) {
        let works = body.any(|step| step.meaning.kind.is_setup());
        let sleeps = body.any(|step| step.meaning.kind == Kind::Sleep) || self.ticks(inner);
        let joins = body.items.iter().any(|item| matches!(item.what, What::Join(_) | What::Spawn(_)));
        if !each && works && !joins {
            body.items.retain(|item| item.step().is_none_or(|step| step.meaning.kind != Kind::Sleep));
            out.items.append(&mut body.items);
        } else if sleeps && !works && !joins {
            let subject = self.polled(inner);
            let meaning =
                Meaning { kind: Kind::Wait, subject, source: How::Direct, waits: true, label: "this loop".to_owned() };
            self.push(inner.head, What::Step(Step { meaning, needs: BTreeSet::new(), words: Vec::new() }), out);
        } else if !body.items.is_empty() {
            let what = What::Loop(Looped { each, inner: body, head: inner.head });
            out.items.push(Item { id, span: inner.span, arms: self.arms.clone(), what });
        }
    }

    fn ticks(&self, inner: &Loop) -> bool {
        let text = self.file.source.slice(inner.span);
        !matches!(inner.turns, Turns::Each { .. })
            && ["time.After", "ticker.C", "Ticker", ".tick()"].iter().any(|sign| text.contains(sign))
    }

    /// What a polling loop asks for, by words it uses.
    fn polled(&self, inner: &Loop) -> Subject {
        let config = self.package.config;
        let words = crate::classify::subject::split(self.file.source.slice(inner.span));
        let mut subject = Subject::of_words(&words, config);
        subject.words.retain(|word| config.is(word, Sort::Service) || config.is(word, Sort::Foundation));
        subject
    }

    fn callable(&self, value: &Value) -> bool {
        value.closure.is_some()
            || value.reads.iter().any(|name| self.package.defines(name))
            || value.items.iter().any(|item| self.callable(item))
    }

    /// `step.run(ctx)` where `step` goes through a table of functions: all of them run here, one after another.
    fn run_table(&mut self, call: &Call, out: &mut Sequence) -> bool {
        let Some((bind, rows)) = &self.table else { return false };
        let first = call.path.first().map(String::as_str);
        if first != Some(bind.as_str()) || call.path.len() > 2 {
            return false;
        }
        let rows = rows.clone();
        if !rows.iter().any(|row| self.callable(row)) {
            return false;
        }
        if self.in_worker {
            // Each round launches one of them: the first stands for all.
            let first = rows.iter().find(|row| self.callable(row)).cloned();
            if let Some(row) = &first {
                self.row(row, out);
            }
            return true;
        }
        self.table = None;
        self.table_used = true;
        for row in &rows {
            self.row(row, out);
        }
        true
    }

    fn row(&mut self, value: &Value, out: &mut Sequence) {
        if let Some(body) = &value.closure {
            self.block(body, out);
        } else if value.items.is_empty() {
            for name in value.reads.iter().filter(|name| self.package.defines(name)) {
                let call = Call { path: vec![name.clone()], span: value.span, ..Call::default() };
                self.call(&call, out);
            }
        }
        value.items.iter().for_each(|item| self.row(item, out));
    }
}

/// What a call is given, as text.
fn words(call: &Call) -> Vec<String> {
    if let Some(argv) = crate::classify::command::argv(call) {
        return argv;
    }
    let mut words = Vec::new();
    for value in call.chain.iter().chain(&call.args) {
        spell(value, &mut words);
    }
    words
}

fn spell(value: &Value, words: &mut Vec<String>) {
    match &value.text {
        Some(text) => words.push(text.clone()),
        None if value.items.is_empty() => words.push(format!("${{{}}}", value.reads.join(","))),
        None => value.items.iter().for_each(|item| spell(item, words)),
    }
}

/// The counter in `for i := 0; i < len(x); i++`.
fn counter(head: &str) -> String {
    head.trim_start_matches("for")
        .trim_start()
        .chars()
        .take_while(|char| char.is_alphanumeric() || *char == '_')
        .collect()
}

fn is_signal(name: &str) -> bool {
    let lower = name.to_lowercase();
    ["ch", "chan", "done", "wg", "errs", "results", "group", "errch", "donech", "sem"]
        .iter()
        .any(|word| lower == *word || lower.ends_with(word) || lower.ends_with(&format!("{word}an")))
}

/// The function is left because the result that was just taken is an error.
fn mark_left(at: Span, out: &mut Sequence) {
    if let Some(Item { what: What::Join(joined), .. }) = out.items.last_mut() {
        joined.leaves = Some(at);
    }
}

fn leave(exit: &Exit, out: &mut Sequence) {
    let goes = matches!(exit.kind, ExitKind::Return);
    if let Some(Item { what: What::Join(joined), .. }) = out.items.last_mut()
        && goes
        && joined.assigned.iter().any(|name| exit.reads.contains(name))
    {
        joined.leaves = Some(exit.span);
    }
}

/// `Expect(err).NotTo(HaveOccurred())` and `require.NoError(t, err)` leave the test at the first error.
fn asserts(call: &Call, out: &mut Sequence) {
    let asserting =
        matches!(call.path.first().map(String::as_str), Some("Expect" | "require" | "ExpectWithOffset" | "Ω"));
    if !asserting {
        return;
    }
    let reads = |name: &String| {
        call.chain
            .iter()
            .chain(&call.args)
            .any(|value| value.reads.iter().any(|read| read == name || read.starts_with(&format!("{name}."))))
    };
    if let Some(Item { what: What::Join(joined), .. }) = out.items.last_mut()
        && (joined.assigned.iter().any(reads) || joined.on.as_ref().is_some_and(reads))
    {
        joined.leaves = Some(call.span);
    }
}

impl Spawned {
    /// Whether a join waits for this one.
    #[must_use]
    pub fn joined_by(&self, join: &Joined) -> bool {
        match (&join.on, join.kind) {
            (None, _) => self.launch == Launch::Process,
            (Some(on), _) => self.signals.iter().any(|signal| signal == on || signal.strip_prefix('&') == Some(on)),
        }
    }
}
