//! A value as lines of text.
//!
//! It starts from the JSON form, so that a value of any extension has lines without code of its own. A few
//! shapes that mail people write in a way of their own are known by their keys: flags, addresses, sections,
//! and the MIME tree.

use serde_json::{Map, Value};

use super::{body, wire::shorten};

/// The longest text of a string, and of a list on one line, in characters.
const WIDTH: usize = 88;

/// A part of a value.
enum Node {
    /// Nothing worth a line: NIL, an empty list, a switch that is off.
    Nothing,
    /// One line.
    Line(String),
    /// Names with parts below them.
    Fields(Vec<(String, Node)>),
    /// Lines that are as they have to be.
    Lines(Vec<String>),
}

/// The lines of a message's value, not indented. `full` shortens no string.
pub(super) fn lines(value: &Value, full: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let node = match value {
        Value::Object(map) => match map.iter().next() {
            // The name of a variant is that of the message, which stands above.
            Some((name, only)) if map.len() == 1 => of_name(name, only, full),
            _ => {
                let head = |name: &str| matches!(name, "tag" | "status" | "kind") && map.contains_key("text");
                let rest = map.iter().filter(|(name, _)| !head(name));
                fields(rest.map(|(name, value)| (name.as_str(), value)), full)
            }
        },
        Value::String(_) => Node::Nothing,
        other => node(other, full),
    };
    write(&mut lines, 0, node);
    lines
}

fn write(lines: &mut Vec<String>, depth: usize, node: Node) {
    let indent = "  ".repeat(depth);
    match node {
        Node::Nothing => {}
        Node::Line(line) => lines.push(format!("{indent}{line}")),
        Node::Lines(more) => lines.extend(more.into_iter().map(|line| format!("{indent}{line}"))),
        Node::Fields(fields) => {
            let fields: Vec<(String, Node)> =
                fields.into_iter().map(|(name, node)| (name, node.on_one_line())).collect();
            let short = |(name, node): &(String, Node)| match node {
                Node::Line(_) => name.chars().count(),
                Node::Nothing | Node::Fields(_) | Node::Lines(_) => 0,
            };
            let width = fields.iter().map(short).max().unwrap_or(0);
            for (name, node) in fields {
                match node {
                    Node::Nothing => {}
                    Node::Line(line) => lines.push(format!("{indent}{name:width$}  {line}")),
                    Node::Fields(_) | Node::Lines(_) => {
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
        match self {
            Self::Lines(mut lines) if lines.len() == 1 => Self::Line(lines.pop().unwrap_or_default()),
            Self::Fields(fields) => {
                let fields: Vec<(String, Self)> =
                    fields.into_iter().map(|(name, node)| (name, node.on_one_line())).collect();
                let words = fields.iter().map(|(name, node)| match node {
                    Self::Line(line) => Some(format!("{name} {line}")),
                    Self::Nothing | Self::Fields(_) | Self::Lines(_) => None,
                });
                match words.collect::<Option<Vec<_>>>().map(|words| words.join(", ")) {
                    Some(line) if line.chars().count() <= WIDTH => Self::Line(line),
                    _ => Self::Fields(fields),
                }
            }
            other => other,
        }
    }
}

fn node(value: &Value, full: bool) -> Node {
    match value {
        Value::Null | Value::Bool(false) => Node::Nothing,
        Value::Bool(true) => Node::Line("yes".into()),
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
            Node::Lines(wrap(&words)).on_one_line()
        }
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
    let nodes: Vec<Node> = items.iter().map(|item| node(item, full)).collect();
    let words = nodes.iter().map(|node| match node {
        Node::Line(line) => Some(line.clone()),
        Node::Nothing => Some("NIL".into()),
        Node::Fields(_) | Node::Lines(_) => None,
    });
    match words.collect::<Option<Vec<String>>>() {
        Some(words) if words.is_empty() => return Node::Nothing,
        Some(words) => return Node::Lines(wrap(&words)).on_one_line(),
        None => {}
    }
    // A list of named things: their names are the fields.
    let mut fields = Vec::new();
    for (index, (item, node)) in items.iter().zip(nodes).enumerate() {
        match (item.as_object().filter(|map| map.len() == 1), node) {
            (Some(_), Node::Fields(named)) => fields.extend(named),
            (_, node) => fields.push((format!("{}.", index.saturating_add(1)), node)),
        }
    }
    Node::Fields(fields)
}

/// Words on lines of at most [`WIDTH`] characters.
fn wrap(words: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.chars().count().saturating_add(word.chars().count()) < WIDTH => {
                line.push(' ');
                line.push_str(word);
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
        let name = leaf(name, full).unwrap_or_default();
        return match node(value, full) {
            Node::Nothing => Node::Line(name),
            other => Node::Fields(vec![(name, other)]),
        };
    }
    if let (Some((name, inner)), 1) = (map.iter().next(), map.len()) {
        // A variant that holds fields, or an item of a list that is named by its variant.
        match (name.as_str(), node(inner, full)) {
            ("other" | "OTHER", inner @ Node::Fields(_)) => return inner,
            (_, Node::Nothing) => return Node::Line(name.replace('_', "-")),
            _ => {}
        }
    }
    fields(map.iter().map(|(name, value)| (name.as_str(), value)), full)
}

/// The line of an object that has a form of its own.
fn leaf(map: &Map<String, Value>, full: bool) -> Option<String> {
    let get = |key| map.get(key);
    let keys: Vec<&str> = map.keys().map(String::as_str).collect();
    Some(match keys.as_slice() {
        ["text"] => string(get("text")?.as_str()?, full),
        ["b64"] => format!("base64 {}", shorten(get("b64")?.as_str()?, WIDTH)),
        ["bytes"] => format!("[{} bytes]", get("bytes")?),
        ["redacted"] => "[redacted]".into(),
        ["raw"] => format!("unreadable: {}", leaf(get("raw")?.as_object()?, full)?),
        ["data" | "bare" | "string" | "datetime" | "message" | "one" | "macro"] => {
            match node(map.values().next()?, full) {
                Node::Line(line) => line,
                Node::Nothing => "NIL".into(),
                Node::Fields(_) | Node::Lines(_) => return None,
            }
        }
        ["list"] => match list(get("list")?.as_array()?, full) {
            Node::Line(line) => format!("({line})"),
            Node::Nothing => "()".into(),
            Node::Fields(_) | Node::Lines(_) => return None,
        },
        ["name", "adl", "mailbox", "host"] => address(map)?,
        ["part", "text"] => section(map, full)?,
        ["offset", "length"] => format!("<{}.{}>", get("offset")?, get("length")?),
        _ => return None,
    })
}

/// A string: bare where that is plain, in quotes elsewhere, and shortened.
fn string(text: &str, full: bool) -> String {
    let plain = |c: char| c.is_alphanumeric() || c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '(' | ')');
    if !text.is_empty() && text.chars().all(plain) && (full || text.len() <= WIDTH) {
        return text.into();
    }
    // One character more than is shown says that something was cut.
    let most = if full { usize::MAX } else { WIDTH.saturating_add(1) };
    let mut escaped = String::new();
    for c in text.chars().take(most) {
        match c {
            '"' | '\\' => escaped.extend(['\\', c]),
            c if c.is_control() => escaped.extend(c.escape_default()),
            c => escaped.push(c),
        }
    }
    if full || escaped.chars().count() <= WIDTH {
        return format!("\"{escaped}\"");
    }
    format!("\"{}\" ({} bytes)", shorten(&escaped, WIDTH), text.len())
}

/// A flag or an attribute, with its backslash.
fn backslashed(flag: &Value, full: bool) -> String {
    match flag {
        Value::String(word) => format!("\\{}", cased(word)),
        Value::Object(map) => {
            let (kind, inner) = match map.iter().next() {
                Some(entry) => entry,
                None => return String::new(),
            };
            let text = match (kind.as_str(), inner) {
                ("flag", inner) => return backslashed(inner, full),
                (_, Value::Object(inner)) => leaf(inner, full).unwrap_or_default(),
                (_, other) => other.to_string(),
            };
            // A keyword and what cannot be read stand as they are.
            let bare = matches!(kind.as_str(), "keyword" | "invalid");
            if bare { text } else { format!("\\{text}") }
        }
        other => other.to_string(),
    }
}

/// The usual capitals of a system flag or attribute.
fn cased(word: &str) -> String {
    match word {
        "any" => "*".into(),
        "noinferiors" => "Noinferiors".into(),
        "noselect" => "Noselect".into(),
        "nonexistent" => "NonExistent".into(),
        "haschildren" => "HasChildren".into(),
        "hasnochildren" => "HasNoChildren".into(),
        other => {
            let mut chars = other.chars();
            chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
        }
    }
}

/// `Name <mailbox@host>`; a group's start is `Name:` and its end `;`.
fn address(map: &Map<String, Value>) -> Option<String> {
    let part = |key| map.get(key).and_then(|part| part.get("text")).and_then(Value::as_str);
    Some(match (part("name"), part("mailbox"), part("host")) {
        (Some(name), Some(mailbox), Some(host)) => format!("{name} <{mailbox}@{host}>"),
        (None, Some(mailbox), Some(host)) => format!("<{mailbox}@{host}>"),
        (_, Some(group), None) => format!("{group}:"),
        (None, None, None) if map.values().all(Value::is_null) => ";".into(),
        _ => return None,
    })
}

/// `1.2.HEADER.FIELDS (DATE)`
fn section(map: &Map<String, Value>, full: bool) -> Option<String> {
    let part = map.get("part")?.as_array()?.iter().map(Value::to_string);
    let (text, names) = match map.get("text")? {
        Value::Null => (None, None),
        Value::String(text) => (Some(text.as_str()), None),
        Value::Object(text) => {
            let (key, names) = text.iter().next()?;
            (Some(key.as_str()), Some(node(names, full)))
        }
        _ => return None,
    };
    let text = text.map(|text| text.to_ascii_uppercase().replace('-', "."));
    let path = part.chain(text).collect::<Vec<_>>().join(".");
    Some(match names {
        Some(Node::Line(names)) => format!("[{path} ({names})]"),
        _ => format!("[{path}]"),
    })
}
