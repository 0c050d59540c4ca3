//! Frozen answers: a JSON object beside each table, from the name of the case to its answer.
//!
//! `UPDATE_GOLDEN=1` writes them anew; what changed is reviewed as a diff.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::PathBuf};

use serde_json::Value;

use crate::{
    report::{Report, selected},
    table::{Named, Table},
};

/// The golden file of one table.
#[derive(Debug)]
pub struct Golden {
    path: PathBuf,
    frozen: BTreeMap<String, Value>,
    /// In the order of the table, as compact JSON.
    now: Vec<(String, String)>,
}

/// Whether this run rewrites the golden files.
#[must_use]
pub fn updating() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value != "0" && !value.is_empty())
}

impl Golden {
    /// The file `<folder>/<topic>.golden.json`; as good as empty where there is none.
    ///
    /// # Panics
    /// Where the file is no JSON object.
    #[must_use]
    pub fn open(folder: &str, topic: &str) -> Self {
        let path = crate::data(folder).join(format!("{topic}.golden.json"));
        let frozen = match fs::read_to_string(&path) {
            Ok(text) => {
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
            }
            Err(_) => BTreeMap::new(),
        };
        Self { path, frozen, now: Vec::new() }
    }

    /// Compares the answer of a case with the frozen one.
    ///
    /// # Errors
    /// Where they differ: in which places, and how.
    pub fn compare(&mut self, case: &str, answer: &impl serde::Serialize) -> Result<(), String> {
        let text = serde_json::to_string(answer).map_err(|error| error.to_string())?;
        let answer: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        self.now.push((case.into(), text));
        if updating() {
            return Ok(());
        }
        let Some(frozen) = self.frozen.get(case) else {
            return Err(format!(
                "no answer is frozen for it; look at this one, then run again with UPDATE_GOLDEN=1\n{}",
                pretty(&self.now.last().map(|(_, text)| text.clone()).unwrap_or_default(), 0)
            ));
        };
        let mut differences = Vec::new();
        differ(String::new(), frozen, &answer, &mut differences);
        if differences.is_empty() {
            return Ok(());
        }
        Err(format!(
            "another answer than the frozen one (UPDATE_GOLDEN=1 accepts it)\n{}",
            differences.join("\n")
        ))
    }

    /// Ends the comparison: writes the file where this run does so.
    ///
    /// # Errors
    /// Where answers are frozen for cases that are no longer there.
    pub fn close(self) -> Result<(), String> {
        if updating() && crate::report::filter().is_none() {
            let mut text = String::from("{");
            for (at, (case, answer)) in self.now.iter().enumerate() {
                let comma = if at == 0 { "" } else { "," };
                let _ = write!(text, "{comma}\n  {}: {}", Value::from(case.as_str()), pretty(answer, 2));
            }
            text.push_str("\n}\n");
            return fs::write(&self.path, text).map_err(|error| format!("{}: {error}", self.path.display()));
        }
        if crate::report::filter().is_some() {
            return Ok(());
        }
        let gone: Vec<_> =
            self.frozen.keys().filter(|frozen| !self.now.iter().any(|(case, _)| case == *frozen)).collect();
        if gone.is_empty() {
            return Ok(());
        }
        Err(format!(
            "{}: answers of cases that are no longer there: {gone:?} (UPDATE_GOLDEN=1 removes them)",
            self.path.display()
        ))
    }
}

/// Lists where two JSON values differ.
fn differ(path: String, frozen: &Value, now: &Value, out: &mut Vec<String>) {
    match (frozen, now) {
        (Value::Object(a), Value::Object(b)) => {
            for (key, frozen) in a {
                match b.get(key) {
                    Some(now) => differ(format!("{path}.{key}"), frozen, now, out),
                    None => out.push(format!("{path}.{key}: frozen {frozen}, now not there")),
                }
            }
            for (key, now) in b.iter().filter(|(key, _)| !a.contains_key(*key)) {
                out.push(format!("{path}.{key}: frozen not there, now {now}"));
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (at, (frozen, now)) in a.iter().zip(b).enumerate() {
                differ(format!("{path}[{at}]"), frozen, now, out);
            }
        }
        _ if frozen == now => {}
        _ => out.push(format!(
            "{}:\n  frozen {frozen}\n  now    {now}",
            if path.is_empty() { "whole value" } else { &path }
        )),
    }
}

/// Compact JSON broken into lines where it would be longer than a line should be. Keeps the order of keys.
#[must_use]
pub fn pretty(compact: &str, indent: usize) -> String {
    let mut out = String::new();
    write_pretty(compact.trim(), indent, &mut out);
    out
}

fn write_pretty(json: &str, indent: usize, out: &mut String) {
    const WIDTH: usize = 100;
    let container = json.starts_with(['{', '[']);
    if !container || json.len() + indent <= WIDTH {
        out.push_str(json);
        return;
    }
    let inner = &json[1..json.len() - 1];
    out.push_str(&json[..1]);
    for (at, item) in split(inner, ',').into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        let _ = write!(out, "\n{:width$}", "", width = indent + 2);
        match (json.starts_with('{'), split(item, ':').as_slice()) {
            (true, [key, _, ..]) => {
                out.push_str(key);
                out.push_str(": ");
                write_pretty(&item[key.len() + 1..], indent + 2, out);
            }
            _ => write_pretty(item, indent + 2, out),
        }
    }
    let _ = write!(out, "\n{:width$}{}", "", &json[json.len() - 1..], width = indent);
}

/// Splits compact JSON at a separator that stands outside strings and brackets.
fn split(json: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in json.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ if c == separator && depth == 0 => {
                parts.push(&json[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&json[start..]);
    parts
}

/// Runs `check` on the selected cases of the tables of `folder`, each beside the frozen answers of its table. What
/// it hands to the last argument is a failure of the case.
///
/// # Panics
/// Where a case failed, with all failures; where no case ran, unless a filter is set.
pub fn every_case<T: Named>(
    folder: &str,
    tables: Vec<Table<T>>,
    check: impl Fn(&T, &mut Golden, &mut dyn FnMut(String)),
) {
    let mut report = Report::default();
    for table in tables {
        let mut golden = Golden::open(folder, &table.topic);
        for case in &table.cases {
            let name = format!("{}/{}", table.topic, case.name());
            if selected(&name) {
                report.run(&name, |fail| check(case, &mut golden, fail));
            }
        }
        if let Err(what) = golden.close() {
            report.fail(&table.topic, what);
        }
    }
    report.finish(folder);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pretty_json_is_the_same_json() {
        let value = serde_json::json!({"a": [1, {"b": "x,:\"}\\"}], "long": "y".repeat(90), "c": {}});
        let text = pretty(&value.to_string(), 0);
        assert!(text.lines().count() > 3, "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
