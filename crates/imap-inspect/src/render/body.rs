//! The MIME tree of a BODYSTRUCTURE, a line a part.

use serde_json::{Map, Value};

/// The lines of a body structure, where `map` is one.
///
/// `1.2  text/plain; charset=us-ascii  7bit  1152 bytes, 23 lines`
pub(super) fn lines(map: &Map<String, Value>) -> Option<Vec<String>> {
    let (kind, part) = map.iter().next().filter(|_| map.len() == 1)?;
    let shape = match kind.as_str() {
        "single" => part.get("media_subtype"),
        "multi" => part.get("parts"),
        _ => None,
    };
    shape?;
    let mut lines = Vec::new();
    body(&mut lines, map, "", 0);
    Some(lines)
}

fn body(lines: &mut Vec<String>, map: &Map<String, Value>, path: &str, depth: usize) {
    let indent = "  ".repeat(depth);
    let label = if path.is_empty() { String::new() } else { format!("{path}  ") };
    let below = depth.saturating_add(1);
    if let Some(part) = map.get("multi") {
        let subtype = text(part.get("media_subtype")).to_ascii_lowercase();
        lines.push(format!("{indent}{label}multipart/{subtype}{}", extension(part)));
        let parts = part.get("parts").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (index, part) in parts.iter().enumerate() {
            let number = index.saturating_add(1);
            let path = if path.is_empty() { number.to_string() } else { format!("{path}.{number}") };
            part.as_object().into_iter().for_each(|part| body(lines, part, &path, below));
        }
    } else if let Some(part) = map.get("single") {
        let path = if path.is_empty() { "1" } else { path };
        single(lines, part, &indent, path, below);
    } else {
        lines.push(format!("{indent}{label}[unreadable part]"));
    }
}

fn single(lines: &mut Vec<String>, part: &Value, indent: &str, path: &str, below: usize) {
    let fields = part.get("fields");
    let field = |key| fields.and_then(|fields| fields.get(key));
    let mut line =
        format!("{indent}{path}  {}/{}", text(part.get("media_type")), text(part.get("media_subtype")))
            .to_ascii_lowercase();
    line.push_str(&parameters(field("parameters")));
    line.push_str(&format!("  {}", text(field("encoding")).to_ascii_lowercase()));
    line.push_str(&format!("  {} bytes", field("octets").cloned().unwrap_or_default()));
    let kind = part.get("kind").and_then(Value::as_object).and_then(|kind| kind.values().next());
    if let Some(count) = kind.and_then(|kind| kind.get("lines")) {
        line.push_str(&format!(", {count} lines"));
    }
    for key in ["id", "description"] {
        if let Some(value) = field(key).filter(|value| !value.is_null()) {
            line.push_str(&format!("  {key} {}", text(Some(value))));
        }
    }
    line.push_str(&extension(part));
    lines.push(line);
    if let Some(inner) = kind.and_then(|kind| kind.get("body")).and_then(Value::as_object) {
        // The parts of an enclosed multipart are numbered under the message itself.
        let path = if inner.contains_key("multi") { path.to_owned() } else { format!("{path}.1") };
        body(lines, inner, &path, below);
    }
}

/// Disposition, language and location.
fn extension(part: &Value) -> String {
    let extension = part.get("extension");
    let mut line = parameters(extension.and_then(|extension| extension.get("parameters")));
    let tail = extension.and_then(|extension| extension.get("tail"));
    if let Some([kind, list]) =
        tail.and_then(|tail| tail.get("disposition")).and_then(Value::as_array).map(Vec::as_slice)
    {
        line.push_str(&format!("  {}{}", text(Some(kind)), parameters(Some(list))));
    }
    line
}

/// `; charset=utf-8; name="a b"`
fn parameters(list: Option<&Value>) -> String {
    let list = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut line = String::new();
    for pair in list {
        let name = text(pair.get(0)).to_ascii_lowercase();
        let value = text(pair.get(1));
        let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`{|}~/:?=".contains(c);
        if !value.is_empty() && value.chars().all(token) {
            line.push_str(&format!("; {name}={value}"));
        } else {
            line.push_str(&format!("; {name}={value:?}"));
        }
    }
    line
}

/// A byte string, whatever its form.
fn text(value: Option<&Value>) -> String {
    let Some(Value::Object(map)) = value else { return "NIL".into() };
    match map.get("text") {
        Some(Value::String(text)) => text.clone(),
        _ => "[not text]".into(),
    }
}
