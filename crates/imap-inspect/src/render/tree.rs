//! A value as lines of text.
//!
//! It starts from the JSON form, so that a value of any extension has lines without code of its own. A few
//! shapes that mail people write in a way of their own are known by their keys: flags, addresses, sections,
//! and the MIME tree.

use serde_json::{Map, Value};

use super::{
    body,
    leaf::{backslashed, leaf, mailbox},
};

/// The longest text of a string, and of a list on one line, in characters.
pub(super) const WIDTH: usize = 88;

/// The most lines of one list that are shown without `--full`.
const MOST_LINES: usize = 12;

/// A part of a value.
enum Node {
    /// Nothing worth a line: NIL, an empty list, a switch that is off.
    Nothing,
    /// A switch that is on.
    Yes,
    /// One line.
    Line(String),
    /// A part that its variant names, such as an item of FETCH.
    Named(String, Box<Self>),
    /// Names with parts below them.
    Fields(Vec<(String, Self)>),
    /// Lines that are as they have to be.
    Lines(Vec<String>),
}

/// The lines of a message's value, not indented. `full` shortens no string.
pub(super) fn lines(value: &Value, full: bool) -> Vec<String> {
    let node = match value {
        Value::Object(map) => match map.iter().next() {
            // The name of a variant is that of the message, which stands above.
            Some((_, Value::Object(fields))) if map.len() == 1 => top(fields, full),
            Some((name, only)) if map.len() == 1 => of_name(name, only, full),
            _ => top(map, full),
        },
        Value::String(_) => Node::Nothing,
        other => node(other, full),
    };
    let mut lines = Vec::new();
    write(&mut lines, 0, node);
    lines
}

/// The fields of a message, but for those that stand above.
fn top(map: &Map<String, Value>, full: bool) -> Node {
    if let Some(line) = leaf(map, full) {
        return Node::Line(line);
    }
    let status = map.contains_key("text") && map.contains_key("code");
    let unknown = map.contains_key("arguments") || map.contains_key("values");
    let head = |name: &str| match name {
        "tag" | "status" | "kind" => status,
        "name" => unknown,
        "uid" => true,
        _ => false,
    };
    let rest = map.iter().filter(|(name, value)| !(head(name) && (*name != "uid" || value.is_boolean())));
    fields(rest.map(|(name, value)| (name.as_str(), value)), full)
}

fn write(lines: &mut Vec<String>, depth: usize, node: Node) {
    let indent = "  ".repeat(depth);
    match node {
        Node::Nothing => {}
        Node::Yes => lines.push(format!("{indent}yes")),
        Node::Line(line) => lines.push(format!("{indent}{line}")),
        Node::Lines(more) => lines.extend(more.into_iter().map(|line| format!("{indent}{line}"))),
        Node::Named(name, inner) => write(lines, depth, Node::Fields(vec![(name, *inner)])),
        Node::Fields(fields) => {
            let fields: Vec<(String, Node)> =
                fields.into_iter().map(|(name, node)| (name, node.on_one_line())).collect();
            let short = |(name, node): &(String, Node)| match node {
                Node::Line(_) | Node::Yes => name.chars().count(),
                Node::Nothing | Node::Named(..) | Node::Fields(_) | Node::Lines(_) => 0,
            };
            let width = fields.iter().map(short).max().unwrap_or(0);
            for (name, node) in fields {
                match node {
                    Node::Nothing => {}
                    Node::Yes => lines.push(format!("{indent}{name:width$}  yes")),
                    Node::Line(line) => lines.push(format!("{indent}{name:width$}  {line}")),
                    Node::Named(..) | Node::Fields(_) | Node::Lines(_) => {
                        lines.push(format!("{indent}{name}"));
                        write(lines, depth.saturating_add(1), node);
                    }
                }
            }
        }
    }
}

impl Node {
    /// A block that is short enough is a line.
    fn on_one_line(self) -> Self {
        match self.words() {
            Some(line) if line.chars().count() <= WIDTH || matches!(self, Self::Line(_)) => match self {
                Self::Nothing | Self::Yes => self,
                _ => Self::Line(line),
            },
            _ => self,
        }
    }

    /// The node as a part of a line; `None` where it needs lines of its own.
    fn words(&self) -> Option<String> {
        match self {
            Self::Nothing => Some("NIL".into()),
            Self::Yes => Some("yes".into()),
            Self::Line(line) => Some(line.clone()),
            Self::Named(name, inner) => match &**inner {
                Self::Nothing | Self::Yes => Some(name.clone()),
                inner => {
                    let words = inner.words()?;
                    let group = words.contains(", ") && !words.starts_with('"');
                    Some(if group { format!("{name} ({words})") } else { format!("{name} {words}") })
                }
            },
            Self::Fields(fields) => {
                let words = fields.iter().map(|(name, node)| match node {
                    Self::Yes => Some(name.clone()),
                    node => node.words().map(|words| format!("{name} {words}")),
                });
                words.collect::<Option<Vec<_>>>().map(|words| words.join(", "))
            }
            Self::Lines(lines) => match lines.as_slice() {
                [only] => Some(only.clone()),
                _ => None,
            },
        }
    }
}

fn node(value: &Value, full: bool) -> Node {
    match value {
        Value::Null | Value::Bool(false) => Node::Nothing,
        Value::Bool(true) => Node::Yes,
        Value::Number(number) => Node::Line(number.to_string()),
        Value::String(word) => Node::Line(word.clone()),
        Value::Array(items) => list(items, full),
        Value::Object(map) => object(map, full),
    }
}

fn fields<'a>(entries: impl Iterator<Item = (&'a str, &'a Value)>, full: bool) -> Node {
    let fields = entries.map(|(name, value)| (name.replace('_', "-"), of_name(name, value, full)));
    Node::Fields(fields.filter(|(_, node)| !matches!(node, Node::Nothing)).collect())
}

/// The part of that name: some are written in a way of their own.
fn of_name(name: &str, value: &Value, full: bool) -> Node {
    match (name.to_ascii_lowercase().as_str(), value) {
        ("flags" | "permanentflags" | "attributes", Value::Array(flags)) => {
            let words: Vec<String> = flags.iter().map(|flag| backslashed(flag, full)).collect();
            Node::Lines(wrap(&words, full)).on_one_line()
        }
        (
            "mailbox" | "reference" | "from" | "to" | "select" | "delete" | "subscribe" | "unsubscribe",
            Value::Object(map),
        ) => match mailbox(map) {
            Some(line) => Node::Line(line),
            None => node(value, full),
        },
        ("code", Value::String(code)) => Node::Line(match code.as_str() {
            "READONLY" => "READ-ONLY".into(),
            "READWRITE" => "READ-WRITE".into(),
            "UNKNOWNCTE" => "UNKNOWN-CTE".into(),
            other => other.into(),
        }),
        _ => node(value, full),
    }
}

fn list(items: &[Value], full: bool) -> Node {
    let mut nodes: Vec<Node> = items.iter().map(|item| node(item, full)).collect();
    if nodes.len() <= 1 {
        return nodes.pop().unwrap_or(Node::Nothing);
    }
    if let Some(words) = nodes.iter().map(Node::words).collect::<Option<Vec<_>>>() {
        if !nodes.iter().any(|node| matches!(node, Node::Named(..) | Node::Fields(_))) {
            if items.iter().any(|item| item.get("host").is_some()) {
                let line = words.join(", ");
                return if line.chars().count() <= WIDTH { Node::Line(line) } else { Node::Lines(words) };
            }
            return Node::Lines(wrap(&words, full)).on_one_line();
        }
        let line = words.join(", ");
        if line.chars().count() <= WIDTH {
            return Node::Line(line);
        }
    }
    // The names of named things are the fields.
    let fields = nodes.into_iter().enumerate().map(|(index, node)| match node {
        Node::Named(name, inner) => match *inner {
            Node::Nothing => (name, Node::Yes),
            inner => (name, inner),
        },
        Node::Line(word) if !word.contains(' ') => (word, Node::Yes),
        node => (format!("{}.", index.saturating_add(1)), node),
    });
    Node::Fields(fields.collect())
}

/// Words on lines of at most [`WIDTH`] characters; of many lines only the first.
fn wrap(words: &[String], full: bool) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        let count = lines.len();
        match lines.last_mut() {
            Some(line) if line.chars().count().saturating_add(word.chars().count()) < WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ if count == MOST_LINES && !full => {
                lines.push(format!("… ({} in all)", words.len()));
                break;
            }
            _ => lines.push(word.clone()),
        }
    }
    lines
}

fn object(map: &Map<String, Value>, full: bool) -> Node {
    if let Some(line) = leaf(map, full) {
        return Node::Line(line);
    }
    if let Some(lines) = body::lines(map) {
        return Node::Lines(lines);
    }
    if let (Some(Value::Object(name)), Some(value), 2) = (map.get("name"), map.get("value"), map.len()) {
        // A parameter, or an item without a type of its own.
        return Node::Named(leaf(name, full).unwrap_or_default(), Box::new(node(value, full)));
    }
    if let (Some((name, inner)), 1) = (map.iter().next(), map.len()) {
        // A variant and what it holds.
        let inner = of_name(name, inner, full);
        return match name.as_str() {
            "other" | "OTHER" | "many" | "one" | "list" => inner,
            _ => Node::Named(name.replace('_', "-"), Box::new(inner)),
        };
    }
    fields(map.iter().map(|(name, value)| (name.as_str(), value)), full)
}
