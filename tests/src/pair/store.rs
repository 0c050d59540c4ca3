//! A small store of mail: mailboxes of UIDs and flags.

use std::collections::BTreeMap;

use imap_types::{flag::Flag, number::Uid, sequence::UidSet};

/// All mailboxes, by name.
#[derive(Clone, Debug)]
pub struct Store {
    boxes: BTreeMap<Vec<u8>, Mailbox>,
    /// The last UIDVALIDITY that was given out.
    validity: u32,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Mailbox {
    /// UIDVALIDITY.
    pub validity: u32,
    /// UIDNEXT.
    pub next: u32,
    /// The messages: their flags by UID.
    pub messages: BTreeMap<u32, Vec<Flag>>,
}

/// The name of a mailbox as a key: INBOX in any case is one.
fn key(name: &[u8]) -> Vec<u8> {
    if name.eq_ignore_ascii_case(b"INBOX") { b"INBOX".to_vec() } else { name.to_vec() }
}

impl Default for Store {
    /// INBOX with a few messages, `Work` with many, `Empty` with none.
    fn default() -> Self {
        let mut store = Self { boxes: BTreeMap::new(), validity: 0 };
        for (name, messages) in [(&b"INBOX"[..], 5), (b"Work", 40), (b"Empty", 0)] {
            store.create(name);
            store.append(name, messages);
        }
        store.expunge(b"Work", |uid| uid % 3 == 0);
        store
    }
}

impl Store {
    /// The mailbox of that name.
    #[must_use]
    pub fn mailbox(&self, name: &[u8]) -> Option<&Mailbox> {
        self.boxes.get(&key(name))
    }

    /// The same, to change.
    pub fn mailbox_mut(&mut self, name: &[u8]) -> Option<&mut Mailbox> {
        self.boxes.get_mut(&key(name))
    }

    /// The names of all mailboxes.
    pub fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.boxes.keys().map(Vec::as_slice)
    }

    /// Makes a mailbox; false where there is one of that name.
    pub fn create(&mut self, name: &[u8]) -> bool {
        if self.mailbox(name).is_some() {
            return false;
        }
        self.validity += 1;
        let mailbox = Mailbox { validity: self.validity, next: 1, messages: BTreeMap::new() };
        self.boxes.insert(key(name), mailbox);
        true
    }

    /// Removes a mailbox; false where there is none, or it is INBOX.
    pub fn delete(&mut self, name: &[u8]) -> bool {
        key(name) != b"INBOX" && self.boxes.remove(&key(name)).is_some()
    }

    /// Adds messages, and gives their UIDs; `None` where there is no such mailbox.
    ///
    /// # Panics
    /// Never: UIDs begin at 1.
    pub fn append(&mut self, name: &[u8], messages: u32) -> Option<UidSet> {
        let mailbox = self.boxes.get_mut(&key(name))?;
        let first = mailbox.next;
        mailbox.next += messages;
        let uids = first..mailbox.next;
        mailbox.messages.extend(uids.clone().map(|uid| (uid, Vec::new())));
        Some(uids.map(|uid| Uid::try_from(uid).expect("UIDs begin at 1")).collect())
    }

    /// Removes the messages that `goes` picks, and gives their UIDs.
    ///
    /// # Panics
    /// Never: UIDs begin at 1.
    pub fn expunge(&mut self, name: &[u8], mut goes: impl FnMut(u32) -> bool) -> UidSet {
        let Some(mailbox) = self.boxes.get_mut(&key(name)) else { return UidSet::default() };
        let gone: Vec<u32> = mailbox.messages.keys().copied().filter(|uid| goes(*uid)).collect();
        mailbox.messages.retain(|uid, _| gone.binary_search(uid).is_err());
        gone.into_iter().map(|uid| Uid::try_from(uid).expect("UIDs begin at 1")).collect()
    }
}

impl Mailbox {
    /// Whether the message has the flag.
    #[must_use]
    pub fn has(&self, uid: u32, flag: &Flag) -> bool {
        self.messages.get(&uid).is_some_and(|flags| flags.contains(flag))
    }
}
