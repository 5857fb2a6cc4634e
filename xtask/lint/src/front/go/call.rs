//! Calls of Go: chains, closures passed as arguments, Ginkgo's hooks, programs that are run.

use tree_sitter::Node as Tree;

use super::{Lower, children, span};
use crate::front::merge;
use crate::ir::{Block, Call, Exit, ExitKind, Launch, Node, Role, Spawn, Value};

/// What a chain of selectors and calls is made of.
#[derive(Default)]
struct Chain<'a> {
    path: Vec<String>,
    /// Argument lists of inner calls, outermost first.
    inner: Vec<Tree<'a>>,
    /// Set when the chain starts with something that is no name.
    base: Option<Tree<'a>>,
}

impl<'a> Lower<'a> {
    pub(super) fn call(&mut self, node: Tree<'a>, out: &mut Block) -> Value {
        let Some(function) = node.child_by_field_name("function") else { return Value::default() };
        let arguments = node.child_by_field_name("arguments").map(children).unwrap_or_default();
        if function.kind() == "func_literal" {
            return self.immediate(function, &arguments, out);
        }
        let chain = self.chain(function);
        let name = chain.path.last().cloned().unwrap_or_default();
        if self.hook(&chain, &name, &arguments, node) {
            return Value::default();
        }
        let mut call = Call { path: chain.path, span: span(node), ..Call::default() };
        if let Some(base) = chain.base {
            let value = self.expr(base, out);
            call.chain.push(value);
        }
        for list in chain.inner.into_iter().rev() {
            for argument in children(list) {
                let value = self.expr(argument, out);
                call.chain.push(value);
            }
        }
        let open = arguments.last().is_some_and(|last| last.kind() == "variadic_argument");
        for argument in arguments {
            let value = self.expr(argument, out);
            call.args.push(value);
        }
        self.finish(call, open, out)
    }

    fn finish(&mut self, mut call: Call, open: bool, out: &mut Block) -> Value {
        let name = call.name().to_owned();
        if call.args.is_empty() && call.path.len() > 1 && self.handle_call(&call.qualifier(), &name, call.span, out) {
            return Value::default();
        }
        if let Some(value) = self.text_call(&call, open) {
            return value;
        }
        if name == "Go" && self.group_go(&mut call, out) {
            return Value::default();
        }
        self.command(&mut call, open);
        let mut value = Value::default();
        for part in call.chain.iter().chain(&call.args) {
            merge(&mut value.reads, &part.reads);
            value.calls.extend(part.calls.iter().cloned());
        }
        if let Some(first) = call.path.first().filter(|_| call.path.len() > 1) {
            merge(&mut value.reads, std::slice::from_ref(first));
        }
        value.calls.push(name.clone());
        let fatal = matches!(name.as_str(), "Fatal" | "Fatalf" | "FailNow" | "Exit" | "panic");
        let at = call.span;
        let inline = inlined(&mut call);
        out.push(Node::Call(Box::new(call)));
        if let Some(body) = inline {
            let call = out.pop();
            out.extend(body);
            out.extend(call);
        }
        if fatal {
            out.push(Node::Exit(Exit { kind: ExitKind::Fatal, reads: Vec::new(), span: at }));
        }
        value
    }

    /// `g.Go(func() error { ... })`: a member of a group.
    fn group_go(&mut self, call: &mut Call, out: &mut Block) -> bool {
        let on = call.qualifier();
        let Some(first) = call.args.first_mut() else { return false };
        let body = if let Some(body) = first.closure.take() {
            body
        } else {
            let path = first.reads.first().map(|name| name.split('.').map(str::to_owned).collect::<Vec<_>>());
            let Some(path) = path else { return false };
            vec![Node::Call(Box::new(Call { path, span: first.span, ..Call::default() }))]
        };
        let launch = if self.scope.groups.contains(&on) { Launch::Group } else { Launch::Task };
        out.push(Node::Spawn(Box::new(Spawn { launch, handle: Some(on), body, span: call.span })));
        true
    }

    /// `func() { ... }()`: the body runs here.
    fn immediate(&mut self, function: Tree<'a>, arguments: &[Tree<'a>], out: &mut Block) -> Value {
        let mut reads = Vec::new();
        for argument in arguments {
            let value = self.expr(*argument, out);
            merge(&mut reads, &value.reads);
        }
        let closure = self.expr(function, out);
        out.extend(closure.closure.unwrap_or_default());
        Value { reads, ..Value::default() }
    }

    /// Hooks and cases of test frameworks become functions of their own.
    fn hook(&mut self, chain: &Chain<'a>, name: &str, arguments: &[Tree<'a>], node: Tree<'a>) -> bool {
        let role = match name {
            "BeforeSuite" | "BeforeAll" | "BeforeEach" | "JustBeforeEach" | "SynchronizedBeforeSuite" => Role::SetUp,
            "AfterSuite"
            | "AfterAll"
            | "AfterEach"
            | "JustAfterEach"
            | "SynchronizedAfterSuite"
            | "ReportAfterSuite"
            | "ReportAfterEach"
            | "DeferCleanup"
            | "Cleanup" => Role::TearDown,
            "It"
            | "FIt"
            | "PIt"
            | "XIt"
            | "Specify"
            | "Entry"
            | "Describe"
            | "FDescribe"
            | "PDescribe"
            | "Context"
            | "FContext"
            | "When"
            | "DescribeTable"
            | "DescribeTableSubtree" => Role::Case,
            "Run" if chain.path.first().is_some_and(|first| first.len() == 1 || first == "suite") => Role::Case,
            _ => return false,
        };
        let literals: Vec<_> = arguments.iter().filter(|argument| argument.kind() == "func_literal").collect();
        if literals.is_empty() {
            return false;
        }
        let name_span = span(node.child_by_field_name("function").unwrap_or(node));
        for literal in literals {
            self.nested(name, role, *literal, name_span);
        }
        true
    }

    fn chain(&self, function: Tree<'a>) -> Chain<'a> {
        let mut chain = Chain::default();
        let mut node = function;
        loop {
            match node.kind() {
                "selector_expression" => {
                    chain.path.extend(node.child_by_field_name("field").map(|field| self.slice(field).to_owned()));
                    let Some(operand) = node.child_by_field_name("operand") else { break };
                    node = operand;
                }
                "call_expression" => {
                    chain.inner.extend(node.child_by_field_name("arguments"));
                    let Some(function) = node.child_by_field_name("function") else { break };
                    node = function;
                }
                "identifier" | "slice_type" => {
                    chain.path.push(self.slice(node).to_owned());
                    break;
                }
                "parenthesized_expression" | "index_expression" | "type_instantiation_expression" => {
                    let Some(inner) = children(node).into_iter().next() else { break };
                    node = inner;
                }
                _ => {
                    chain.base = Some(node);
                    break;
                }
            }
        }
        chain.path.reverse();
        chain
    }
}

/// A closure given to a function that is not known to poll is taken to run where it stands.
fn inlined(call: &mut Call) -> Option<Block> {
    let polls = call.path.iter().any(|name| {
        let lower = name.to_lowercase();
        ["eventually", "consistently", "poll", "wait", "retry", "backoff", "never", "until"]
            .iter()
            .any(|word| lower.contains(word))
    });
    if polls {
        return None;
    }
    let bodies: Vec<_> = call.args.iter_mut().filter_map(|arg| arg.closure.take()).collect();
    if bodies.is_empty() { None } else { Some(bodies.into_iter().flatten().collect()) }
}
