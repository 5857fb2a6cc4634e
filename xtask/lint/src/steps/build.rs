//! From the language-neutral form to steps.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::flow::Flow;
use super::signs::{asserts, is_signal, leave, mark_left, words};
use super::{Item, Joined, Sequence, Spawned, Step, What};
use crate::classify::Kind;
use crate::ir::{Arm, Block, Call, ExitKind, Function, Guard, Join, Launch, Node, Spawn, Value, walk};
use crate::package::{Package, Parsed};
use crate::source::Span;

/// Walks one function.
pub struct Builder<'p, 'f> {
    pub(super) package: &'p Package<'p>,
    pub(super) file: &'f Parsed,
    pub(super) receiver: Option<&'f str>,
    pub(super) flow: Flow,
    pub(super) arms: Vec<(usize, usize)>,
    pub(super) next: usize,
    pub(super) branch: usize,
    /// Lists of closures by variable: `steps := []step{{"redis", func() error { ... }}}`.
    pub(super) tables: HashMap<String, Vec<Value>>,
    /// The table that is gone through, by the name of its element.
    pub(super) table: Option<(String, Vec<Value>)>,
    pub(super) table_used: bool,
    /// Channels that workers send to.
    pub(super) channels: HashSet<String>,
    pub(super) in_worker: bool,
    /// Variables that hold a manifest of something light, or the command that prints it.
    pub(super) light: HashSet<String>,
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
            light: HashSet::new(),
        }
    }

    /// The steps of a body.
    pub fn run(mut self, body: &Block) -> Sequence {
        self.sequence(body)
    }

    pub(super) fn sequence(&mut self, body: &Block) -> Sequence {
        let mut sequence = Sequence::default();
        self.block(body, &mut sequence);
        sequence
    }

    pub(super) fn block(&mut self, body: &Block, out: &mut Sequence) {
        let depth = self.arms.len();
        for node in body {
            self.node(node, out);
        }
        // What was excluded by an early return is excluded to the end of the block, not further.
        self.arms.truncate(depth);
    }

    pub(super) fn node(&mut self, node: &Node, out: &mut Sequence) {
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

    pub(super) fn push(&mut self, span: Span, what: What, out: &mut Sequence) -> usize {
        let id = self.next;
        self.next += 1;
        out.items.push(Item { id, span, arms: self.arms.clone(), what });
        id
    }

    pub(super) fn call(&mut self, call: &Call, out: &mut Sequence) {
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
        self.prints(call);
        let mut meaning = self.package.meaning(call);
        if let Some(meaning) = meaning.as_mut().filter(|meaning| meaning.kind == Kind::Apply)
            && call
                .stdin
                .as_ref()
                .is_some_and(|text| self.light.iter().any(|name| text.contains(&format!("${{{name}}}"))))
        {
            meaning.kind = Kind::Prepare;
        }
        if meaning.as_ref().is_none_or(|meaning| meaning.kind == Kind::Use) {
            needs.extend(Self::asked(call, out));
        }
        let Some(meaning) = meaning else {
            // What is written to a file goes on under the file's name.
            if let ("WriteFile", [file, content, ..]) = (call.name(), call.args.as_slice()) {
                let from = self.flow.of_values([content]);
                file.reads.iter().for_each(|name| self.flow.add(name, &from));
            }
            for name in &call.assigned {
                self.flow.set(name, &needs);
            }
            return;
        };
        let meaning = self.named(meaning, call);
        if meaning.kind == Kind::Wait && meaning.label.contains("Eventually") {
            needs.extend(self.asked_in(call));
        }
        let mut from = needs.clone();
        let outs: Vec<&String> = call.args.iter().filter_map(|arg| arg.out.as_ref()).collect();
        let id = self.push(
            call.span,
            What::Step(Step { meaning, needs, words: words(call), before: self.file.before(call.span) }),
            out,
        );
        from.insert(id);
        for name in &call.assigned {
            self.flow.set(name, &from);
        }
        let shared = outs.len() == call.args.len();
        for name in outs.into_iter().filter(|_| !shared) {
            self.flow.add(&format!("{name}.filled"), &BTreeSet::from([id]));
        }
    }

    pub(super) fn branch(&mut self, arms: &[Arm], out: &mut Sequence) {
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

    pub(super) fn spawn(&mut self, spawn: &Spawn, out: &mut Sequence) {
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

    pub(super) fn join(&mut self, join: &Join, out: &mut Sequence) {
        let from = join.on.iter().flat_map(|on| self.flow.of(std::slice::from_ref(on))).collect();
        join.assigned.iter().for_each(|name| self.flow.set(name, &from));
        let joined = Joined { on: join.on.clone(), kind: join.kind, leaves: None, assigned: join.assigned.clone() };
        self.push(join.span, What::Join(joined), out);
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
