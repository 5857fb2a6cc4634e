//! Loops: what goes through things, what tries again, what waits, and tables of functions that are gone through.

use std::collections::BTreeSet;

use super::build::Builder;
use super::signs::counter;
use super::{Item, Looped, Sequence, Step, What};
use crate::classify::{Kind, Meaning, Source as How, Subject};
use crate::config::Sort;
use crate::ir::{Call, Join, JoinKind, Loop, Node, Turns, Value, walk};
use crate::source::Language;

/// How a loop that asks until something holds is named in messages.
pub const POLL: &str = "this loop";

impl Builder<'_, '_> {
    pub(super) fn repeat(&mut self, inner: &Loop, out: &mut Sequence) {
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
    pub(super) fn place(&mut self, inner: &Loop, each: bool, id: usize, mut body: Sequence, out: &mut Sequence) {
        let works = body.any(|step| step.meaning.kind.is_setup());
        let sleeps = body.any(|step| step.meaning.kind == Kind::Sleep) || self.ticks(inner);
        let joins = body.items.iter().any(|item| matches!(item.what, What::Join(_) | What::Spawn(_)));
        if !each && works && !joins {
            body.items.retain(|item| item.step().is_none_or(|step| step.meaning.kind != Kind::Sleep));
            out.items.append(&mut body.items);
        } else if sleeps && !works && !joins {
            let subject = self.polled(inner);
            let meaning =
                Meaning { kind: Kind::Wait, subject, source: How::Direct, waits: true, label: POLL.to_owned() };
            let needs = self.asked_of(inner);
            self.push(inner.head, What::Step(Step { meaning, needs, words: Vec::new(), before: None }), out);
        } else if !body.items.is_empty() {
            let what = What::Loop(Looped { each, inner: body, head: inner.head });
            out.items.push(Item { id, span: inner.span, arms: self.arms.clone(), what });
        }
    }

    pub(super) fn ticks(&self, inner: &Loop) -> bool {
        let text = self.file.source.slice(inner.span);
        !matches!(inner.turns, Turns::Each { .. })
            && ["time.After", "ticker.C", "Ticker", ".tick()"].iter().any(|sign| text.contains(sign))
    }

    /// Where what a polling loop asks about comes from.
    fn asked_of(&self, inner: &Loop) -> BTreeSet<usize> {
        let mut needs = BTreeSet::new();
        if self.file.source.language == Language::Shell {
            needs.extend(self.flow.of_text(self.file.source.slice(inner.head)));
        }
        walk(&inner.body, &mut |node| {
            if let Node::Call(call) = node {
                needs.extend(call.args.iter().flat_map(|arg| self.flow.of(&arg.reads)));
            }
        });
        needs
    }

    /// What a polling loop asks for, by words it uses.
    pub(super) fn polled(&self, inner: &Loop) -> Subject {
        let config = self.package.config;
        let words = crate::classify::subject::split(self.file.source.slice(inner.span));
        let mut subject = Subject::of_words(&words, config);
        subject.words.retain(|word| config.is(word, Sort::Service) || config.is(word, Sort::Foundation));
        subject
    }

    pub(super) fn callable(&self, value: &Value) -> bool {
        value.closure.is_some()
            || value.reads.iter().any(|name| self.package.defines(name))
            || value.items.iter().any(|item| self.callable(item))
    }

    /// `step.run(ctx)` where `step` goes through a table of functions: all of them run here, one after another.
    pub(super) fn run_table(&mut self, call: &Call, out: &mut Sequence) -> bool {
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

    pub(super) fn row(&mut self, value: &Value, out: &mut Sequence) {
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
