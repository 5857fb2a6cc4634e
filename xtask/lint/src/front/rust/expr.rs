//! Statements and expressions of Rust, in order of evaluation: what is left of them is a value.

use syn::{Expr, Stmt};

use super::value::{bind, field_name, field_text, literal_text, name, names, path_names, pattern_guard};
use super::{Lower, span};
use crate::front::{MAX_DEPTH, merge};
use crate::ir::{Arm, Block, Exit, ExitKind, Guard, Loop, Node, Role, Turns, Value};

impl Lower {
    pub(super) fn block(&mut self, block: &syn::Block, out: &mut Block) {
        for statement in &block.stmts {
            match statement {
                Stmt::Local(local) => {
                    let Some(init) = &local.init else { continue };
                    let names = names(&local.pat);
                    if let Expr::Closure(closure) = init.expr.as_ref() {
                        self.named_closure(&names, closure);
                        continue;
                    }
                    let before = out.len();
                    let value = self.expr(&init.expr, out);
                    bind(&names, value, before, out, span(local));
                    if let Some((_, other)) = &init.diverge {
                        let mut body = Vec::new();
                        self.expr(other, &mut body);
                        out.push(Node::Branch(vec![Arm { guard: Guard::Failure, reads: Vec::new(), body }]));
                    }
                }
                Stmt::Expr(expr, _) => _ = self.expr(expr, out),
                Stmt::Macro(makro) => _ = self.tokens(&makro.mac, out),
                Stmt::Item(item) => self.items(std::slice::from_ref(item)),
            }
        }
    }

    fn named_closure(&mut self, names: &[String], closure: &syn::ExprClosure) {
        let mut body = Vec::new();
        self.expr(&closure.body, &mut body);
        let name = names.first().cloned().unwrap_or_default();
        let at = span(closure);
        self.unit.functions.push(crate::ir::Function {
            name,
            receiver: None,
            role: Role::Closure,
            params: Vec::new(),
            span: at,
            name_span: at,
            body,
        });
    }

    pub(super) fn expr(&mut self, expr: &Expr, out: &mut Block) -> Value {
        if self.depth > MAX_DEPTH {
            return Value::default();
        }
        self.depth += 1;
        let mut value = self.expression(expr, out);
        self.depth -= 1;
        value.span = span(expr);
        value
    }

    fn expression(&mut self, expr: &Expr, out: &mut Block) -> Value {
        match expr {
            Expr::Lit(literal) => Value { text: literal_text(&literal.lit), ..Value::default() },
            Expr::Path(path) => name(&path_names(&path.path).join("::")),
            Expr::Field(field) => name(&field_name(expr).unwrap_or_else(|| field_text(&field.member))),
            Expr::Reference(inner) => {
                let mut value = self.expr(&inner.expr, out);
                if inner.mutability.is_some() {
                    value.out = value.reads.first().cloned();
                }
                value
            }
            Expr::Paren(inner) => self.expr(&inner.expr, out),
            Expr::Group(inner) => self.expr(&inner.expr, out),
            Expr::Await(inner) => self.awaited(&inner.base, out),
            Expr::Try(inner) => {
                let value = self.expr(&inner.expr, out);
                let exit = Exit { kind: ExitKind::Return, reads: Vec::new(), span: span(expr) };
                out.push(Node::Branch(vec![Arm {
                    guard: Guard::Failure,
                    reads: Vec::new(),
                    body: vec![Node::Exit(exit)],
                }]));
                value
            }
            Expr::Call(call) => self.call(call, out),
            Expr::MethodCall(call) => self.method(call, out),
            Expr::Macro(makro) => self.tokens(&makro.mac, out),
            Expr::Array(list) => self.list(list.elems.iter(), out),
            Expr::Tuple(list) => self.list(list.elems.iter(), out),
            Expr::Struct(object) => self.list(object.fields.iter().map(|field| &field.expr), out),
            Expr::Closure(closure) => {
                let mut body = Vec::new();
                self.expr(&closure.body, &mut body);
                Value { closure: Some(body), ..Value::default() }
            }
            Expr::Async(block) => {
                let mut body = Vec::new();
                self.block(&block.block, &mut body);
                Value { closure: Some(body), ..Value::default() }
            }
            _ => self.control(expr, out),
        }
    }

    fn control(&mut self, expr: &Expr, out: &mut Block) -> Value {
        match expr {
            Expr::Block(inner) => self.block(&inner.block, out),
            Expr::Unsafe(inner) => self.block(&inner.block, out),
            Expr::If(branch) => self.branch(branch, out),
            Expr::Match(choice) => self.choice(choice, out),
            Expr::ForLoop(inner) => {
                let over = self.expr(&inner.expr, out);
                let turns = if matches!(inner.expr.as_ref(), Expr::Range(_)) {
                    Turns::Counted
                } else {
                    Turns::Each { binds: names(&inner.pat), over }
                };
                self.repeat(turns, &inner.body, span(expr), span(&inner.pat), out);
            }
            Expr::While(inner) => self.repeat(Turns::Until, &inner.body, span(expr), span(&inner.cond), out),
            Expr::Loop(inner) => self.repeat(Turns::Until, &inner.body, span(expr), span(&inner.loop_token), out),
            Expr::Return(inner) => {
                let reads = inner.expr.as_ref().map(|value| self.expr(value, out).reads).unwrap_or_default();
                out.push(Node::Exit(Exit { kind: ExitKind::Return, reads, span: span(expr) }));
            }
            Expr::Break(_) => out.push(Node::Exit(Exit { kind: ExitKind::Break, reads: Vec::new(), span: span(expr) })),
            Expr::Continue(_) => {
                out.push(Node::Exit(Exit { kind: ExitKind::Continue, reads: Vec::new(), span: span(expr) }));
            }
            Expr::Assign(assign) => {
                let before = out.len();
                let value = self.expr(&assign.right, out);
                let target = field_name(&assign.left).into_iter().collect::<Vec<_>>();
                bind(&target, value, before, out, span(expr));
            }
            Expr::Binary(inner) => {
                let mut value = self.expr(&inner.left, out);
                let right = self.expr(&inner.right, out);
                merge(&mut value.reads, &right.reads);
                value.text = None;
                return value;
            }
            Expr::Unary(inner) => return self.expr(&inner.expr, out),
            Expr::Index(inner) => return self.expr(&inner.expr, out),
            Expr::Cast(inner) => return self.expr(&inner.expr, out),
            Expr::Let(inner) => return self.expr(&inner.expr, out),
            _ => {}
        }
        Value::default()
    }

    pub(super) fn list<'a>(&mut self, elements: impl Iterator<Item = &'a Expr>, out: &mut Block) -> Value {
        let mut value = Value::default();
        for element in elements {
            let item = self.expr(element, out);
            merge(&mut value.reads, &item.reads);
            value.items.push(item);
        }
        value
    }

    fn branch(&mut self, branch: &syn::ExprIf, out: &mut Block) {
        let reads = self.expr(&branch.cond, out).reads;
        let guard = match branch.cond.as_ref() {
            Expr::Let(condition) => pattern_guard(&condition.pat),
            _ => Guard::Condition,
        };
        let mut body = Vec::new();
        self.block(&branch.then_branch, &mut body);
        let mut arms = vec![Arm { guard, reads: reads.clone(), body }];
        if let Some((_, other)) = &branch.else_branch {
            let mut body = Vec::new();
            self.expr(other, &mut body);
            arms.push(Arm { guard: guard.otherwise(), reads, body });
        }
        out.push(Node::Branch(arms));
    }

    fn choice(&mut self, choice: &syn::ExprMatch, out: &mut Block) {
        let reads = self.expr(&choice.expr, out).reads;
        let mut arms = Vec::new();
        for arm in &choice.arms {
            let mut body = Vec::new();
            self.expr(&arm.body, &mut body);
            arms.push(Arm { guard: pattern_guard(&arm.pat), reads: reads.clone(), body });
        }
        out.push(Node::Branch(arms));
    }

    fn repeat(
        &mut self,
        turns: Turns,
        block: &syn::Block,
        at: crate::source::Span,
        head: crate::source::Span,
        out: &mut Block,
    ) {
        let mut body = Vec::new();
        self.block(block, &mut body);
        out.push(Node::Loop(Box::new(Loop { turns, body, span: at, head })));
    }
}
