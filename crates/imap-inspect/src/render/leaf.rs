//! The parts of a value that mail people write in a way of their own: strings, flags, addresses, sections.

use imap_types::mailbox::{Mailbox, NameEncoding};
use serde_json::{Map, Value};

use super::{tree::WIDTH, wire::shorten};

/// The line of an object that has a form of its own.
pub(super) fn leaf(map: &Map<String, Value>, full: bool) -> Option<String> {
    let get = |key| map.get(key);
    let keys: Vec<&str> = map.keys().map(String::as_str).collect();
    Some(match keys.as_slice() {
        ["text"] => string(get("text")?.as_str()?, full),
        ["b64"] => format!("base64 {}", shorten(get("b64")?.as_str()?, WIDTH)),
        ["bytes"] => format!("[{} bytes]", get("bytes")?),
        ["redacted"] => "[redacted]".into(),
        ["raw"] => format!("unreadable: {}", leaf(get("raw")?.as_object()?, full)?),
        ["data" | "bare" | "string" | "datetime" | "message" | "one" | "macro"] => {
            match map.values().next()? {
                Value::String(word) => word.clone(),
                Value::Object(inner) => leaf(inner, full)?,
                Value::Null => "NIL".into(),
                _ => return None,
            }
        }
        // A list of a value tree; one of known things has no parentheses.
        ["list"] if get("list")?.as_array()?.iter().all(is_tree) => {
            let items = get("list")?.as_array()?.iter();
            let words: Option<Vec<String>> = items.map(|item| leaf(item.as_object()?, full)).collect();
            format!("({})", words?.join(" "))
        }
        ["name", "adl", "mailbox", "host"] => address(map)?,
        ["part", "text"] => section(map, full)?,
        ["offset", "length"] => format!("<{}.{}>", get("offset")?, get("length")?),
        _ => return None,
    })
}

/// A mailbox name that is modified UTF-7, with what it stands for.
pub(super) fn mailbox(map: &Map<String, Value>) -> Option<String> {
    let name = map.get("text").filter(|_| map.len() == 1)?.as_str()?;
    let unicode = Mailbox::try_from(name).ok()?.to_unicode(NameEncoding::ModifiedUtf7).ok()?;
    (name != unicode).then(|| format!("{}  {}", string(name, false), string(&unicode, false)))
}

/// Whether `value` is a part of a value tree.
fn is_tree(value: &Value) -> bool {
    ["bare", "string", "list"].iter().any(|key| value.get(key).is_some())
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
pub(super) fn backslashed(flag: &Value, full: bool) -> String {
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
        "noaccess" => "NoAccess".into(),
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
            let names = names.as_array()?.iter().map(|name| leaf(name.as_object()?, full));
            (Some(key.as_str()), Some(names.collect::<Option<Vec<_>>>()?.join(" ")))
        }
        _ => return None,
    };
    let text = text.map(|text| text.to_ascii_uppercase().replace('-', "."));
    let path = part.chain(text).collect::<Vec<_>>().join(".");
    Some(match names {
        Some(names) => format!("[{path} ({names})]"),
        None => format!("[{path}]"),
    })
}
