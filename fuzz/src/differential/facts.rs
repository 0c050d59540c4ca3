//! What several readers of a message can agree on.

use std::{collections::BTreeMap, fmt::Display};

/// Facts by name. A name stands for the same everywhere, and a reader that cannot say it leaves it out.
#[derive(Debug, Default)]
pub(super) struct Facts(BTreeMap<&'static str, String>);

impl Facts {
    /// Of a message of this kind: the word by which it is known.
    pub(super) fn of(kind: impl Display) -> Self {
        Self::default().with("kind", kind.to_string().to_ascii_uppercase())
    }

    pub(super) fn with(mut self, name: &'static str, fact: impl Display) -> Self {
        self.add(name, fact);
        self
    }

    pub(super) fn add(&mut self, name: &'static str, fact: impl Display) {
        self.0.insert(name, fact.to_string());
    }

    /// Bytes, so that they can be shown.
    pub(super) fn with_bytes(self, name: &'static str, bytes: &[u8]) -> Self {
        self.with(name, bytes.escape_ascii())
    }

    /// The name of a mailbox; INBOX has no case.
    pub(super) fn with_mailbox(self, name: &'static str, mailbox: &[u8]) -> Self {
        if mailbox.eq_ignore_ascii_case(b"INBOX") {
            return self.with(name, "INBOX");
        }
        self.with_bytes(name, mailbox)
    }

    /// Things in the order given.
    pub(super) fn with_list<T: Display>(self, name: &'static str, list: impl IntoIterator<Item = T>) -> Self {
        let list: Vec<_> = list.into_iter().map(|item| item.to_string()).collect();
        self.with(name, list.join(" "))
    }

    /// Flags have neither case nor order.
    pub(super) fn add_flags<T: Display>(&mut self, flags: impl IntoIterator<Item = T>) {
        let mut flags: Vec<_> = flags.into_iter().map(|flag| flag.to_string().to_ascii_uppercase()).collect();
        flags.sort();
        flags.dedup();
        self.add("flags", flags.join(" "));
    }

    /// What a status response says behind its word: with a code, only those who read one know where the text begins.
    pub(super) fn add_text(&mut self, has_code: bool, text: &[u8]) {
        self.add(if has_code { "text behind a code" } else { "text" }, text.escape_ascii());
    }

    /// The facts that both have, and that differ.
    pub(super) fn differences<'a>(&'a self, other: &'a Self) -> Vec<(&'static str, &'a str, &'a str)> {
        let both = self.0.iter().filter_map(|(name, fact)| Some((*name, &**fact, &**other.0.get(name)?)));
        both.filter(|(_, ours, others)| ours != others).collect()
    }

    #[cfg(test)]
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// The payloads of a message's items, in order: NIL, or the bytes.
#[derive(Debug, Default)]
pub(super) struct Payloads(Vec<String>);

impl Payloads {
    pub(super) fn push(&mut self, payload: Option<&[u8]>) {
        self.0.push(payload.map_or("NIL".to_owned(), |bytes| format!("\"{}\"", bytes.escape_ascii())));
    }

    pub(super) fn add_to(self, facts: &mut Facts) {
        facts.add("payloads", self.0.join(" "));
    }
}
