//! The language-neutral form that the fronts lower functions to: ordered nodes with calls, control structure and spans.
//! It holds what was written, not what it means; meaning is `classify`'s.

mod flow;

pub use flow::{Arm, Exit, ExitKind, Guard, Join, JoinKind, Launch, Loop, Spawn, Turns};

use crate::front::ParseError;
use crate::source::Span;

/// A parsed file: its functions and its comments.
#[derive(Debug, Default)]
pub struct Unit {
    /// Every function, hook, test case and (for shell) the script's body.
    pub functions: Vec<Function>,
    /// Comments, in order.
    pub comments: Vec<Comment>,
    /// Text of string constants of the file by name, so that a name used as an argument can be read.
    pub constants: Vec<(String, String)>,
    /// Documents of a YAML file.
    pub documents: Vec<crate::front::yaml::Yaml>,
    /// What was left out because it does not parse.
    pub unread: Option<Unread>,
}

/// The part of a file that does not parse.
#[derive(Debug)]
pub struct Unread {
    /// Where it begins, and why.
    pub error: ParseError,
    /// Set when the file is broken; otherwise it is a corner that the grammar does not know.
    pub broken: bool,
}

/// A comment with its text, markers removed.
#[derive(Debug, Clone)]
pub struct Comment {
    /// Where it is.
    pub span: Span,
    /// What it says.
    pub text: String,
}

/// What kind of body a function is; test cases are scenarios, not set-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A named function or method.
    Named,
    /// The top level of a script.
    Script,
    /// A suite's set-up hook (`BeforeSuite`, `BeforeAll`, `TestMain`).
    SetUp,
    /// A suite's tear-down hook.
    TearDown,
    /// A test case (`It`, `t.Run`, `#[test]`).
    Case,
    /// A closure kept in a variable.
    Closure,
}

/// A body of code with a name.
#[derive(Debug)]
pub struct Function {
    /// Its name (`BeforeSuite` for a hook, empty for a script).
    pub name: String,
    /// For methods: the receiver's variable name.
    pub receiver: Option<String>,
    /// What it is.
    pub role: Role,
    /// Names of its parameters, in order.
    pub params: Vec<String>,
    /// The whole of it.
    pub span: Span,
    /// Its name in the source.
    pub name_span: Span,
    /// What it does.
    pub body: Block,
}

/// Nodes in order of evaluation.
pub type Block = Vec<Node>;

/// One thing that happens.
#[derive(Debug, Clone)]
pub enum Node {
    /// A call or command.
    Call(Box<Call>),
    /// A value is given a name without a call.
    Assign(Box<Assign>),
    /// Exactly one of the arms runs (or none).
    Branch(Vec<Arm>),
    /// Something is repeated.
    Loop(Box<Loop>),
    /// Something is started and not waited for.
    Spawn(Box<Spawn>),
    /// Something started earlier is waited for.
    Join(Join),
    /// A value is sent into a channel (or a worker says that it is done).
    Send(String, Span),
    /// Runs when the function ends.
    Defer(Block),
    /// The body is left, or the loop is.
    Exit(Exit),
}

/// A value, as far as it can be read from the source.
#[derive(Debug, Clone, Default)]
pub struct Value {
    /// The literal text; parts that are not literal are `${name}`, and everything unknown is `${}`.
    pub text: Option<String>,
    /// Variables it is made from (dotted paths, as written).
    pub reads: Vec<String>,
    /// Set when the address of a variable is passed: the callee may fill it.
    pub out: Option<String>,
    /// Elements, for a list literal.
    pub items: Vec<Value>,
    /// A function literal passed as this value.
    pub closure: Option<Block>,
    /// The value's place.
    pub span: Span,
    /// Calls made while this value was computed, by last name (`Sprintf`, `Now`).
    pub calls: Vec<String>,
    /// The type of an object literal (`appsv1.Deployment`).
    pub type_name: Option<String>,
    /// The field of an object literal that this is the value of.
    pub field: Option<String>,
}

/// A call of a function, or a command of a shell.
#[derive(Debug, Clone, Default)]
pub struct Call {
    /// Names from the outside in: `clientset.AppsV1().Deployments(ns).Create` is four segments.
    pub path: Vec<String>,
    /// Arguments in order.
    pub args: Vec<Value>,
    /// Arguments of the inner calls of a chain (`Deployments(ns)`).
    pub chain: Vec<Value>,
    /// Words of a command line, when this call runs a program.
    pub argv: Option<Vec<String>>,
    /// Set when some words of `argv` are unknown.
    pub argv_open: bool,
    /// Variables that take its results.
    pub assigned: Vec<String>,
    /// Text given to the command on its standard input.
    pub stdin: Option<String>,
    /// The call's place.
    pub span: Span,
    /// Environment given for this command alone (`KUBECONFIG=x kubectl ...`).
    pub env: Vec<String>,
    /// Set when a pipe takes its output.
    pub piped: bool,
    /// Files that the shell opens for writing.
    pub redirects: Vec<(String, Span)>,
}

/// A value is given a name.
#[derive(Debug, Clone)]
pub struct Assign {
    /// The names.
    pub targets: Vec<String>,
    /// What they get.
    pub value: Value,
    /// Where.
    pub span: Span,
}

impl Call {
    /// The last name of the path: what is called.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// The names before the last, joined with dots.
    #[must_use]
    pub fn qualifier(&self) -> String {
        self.path[..self.path.len().saturating_sub(1)].join(".")
    }
}

impl Value {
    /// The text when every part of it is literal.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        self.text.as_deref().filter(|text| !text.contains("${"))
    }
}

impl Value {
    /// The name that an object literal gives its object, by its own field or that of its metadata.
    #[must_use]
    pub fn object_name(&self) -> Option<&str> {
        let field = |name: &str| self.items.iter().find(|item| item.field.as_deref() == Some(name));
        let meta = field("ObjectMeta").and_then(Self::object_name);
        meta.or_else(|| field("Name").and_then(Self::literal))
    }
}

/// Calls `visit` on every node of a block, inner ones included.
pub fn walk<'a>(block: &'a [Node], visit: &mut dyn FnMut(&'a Node)) {
    for node in block {
        visit(node);
        match node {
            Node::Branch(arms) => arms.iter().for_each(|arm| walk(&arm.body, visit)),
            Node::Loop(inner) => walk(&inner.body, visit),
            Node::Spawn(inner) => walk(&inner.body, visit),
            Node::Defer(body) => walk(body, visit),
            Node::Call(call) => {
                for closure in call.args.iter().filter_map(|arg| arg.closure.as_ref()) {
                    walk(closure, visit);
                }
            }
            Node::Assign(_) | Node::Join(_) | Node::Send(..) | Node::Exit(_) => {}
        }
    }
}
