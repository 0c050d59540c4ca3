//! What a command leaves behind when it was carried out: the server goes on telling until it is told to stop.

use alloc::vec::Vec;

use imap_types::{
    atom::Tag, command::CommandBody, notify::Notify, octets::Detach as _, search::SearchReturn,
    string::IString, vec1::Vec1,
};

/// The kind of what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// NOTIFY SET (RFC 5465): there is one at a time.
    Notify,
    /// SEARCH RETURN (UPDATE) (RFC 5267): ended by CANCELUPDATE, and with the selected mailbox.
    Search,
}

impl Standing {
    /// What this command leaves behind.
    pub(crate) fn of(body: &CommandBody) -> Option<Self> {
        if let CommandBody::Notify(notify) = body {
            return (!matches!(notify, Notify::None)).then_some(Self::Notify);
        }
        let CommandBody::Search(search) = body else { return None };
        let updates = search.returns.iter().flatten().any(|option| matches!(option, SearchReturn::Update(_)));
        updates.then_some(Self::Search)
    }
}

/// What was left behind, by the handle of its command.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standings(Vec<(u64, Standing, Tag)>);

impl Standings {
    /// The most searches that are kept; RFC 5267 section 4.3 lets a server have fewer.
    const MOST: usize = 64;

    pub(crate) fn push(&mut self, handle: u64, standing: Standing, tag: &Tag) {
        if self.0.len() < Self::MOST {
            self.0.push((handle, standing, tag.clone().detach()));
        }
    }

    /// The command that ends what `handle` left behind.
    pub(crate) fn end_of(&self, handle: u64) -> Option<CommandBody> {
        let (_, standing, tag) = self.0.iter().find(|left| left.0 == handle)?;
        Some(match standing {
            Standing::Notify => CommandBody::Notify(Notify::None),
            Standing::Search => CommandBody::CancelUpdate(Vec1::new(IString::try_from(tag.as_str()).ok()?)),
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn remove(&mut self, handle: u64) {
        self.0.retain(|left| left.0 != handle);
    }

    /// The search that has this tag.
    pub(crate) fn search_of(&self, tag: &[u8]) -> Option<u64> {
        self.0.iter().find(|left| left.1 == Standing::Search && left.2.as_bytes() == tag).map(|left| left.0)
    }

    /// A command was carried out: what it ends.
    pub(crate) fn on_completed(&mut self, name: &str) {
        match name {
            "NOTIFY" => self.0.retain(|left| left.1 != Standing::Notify),
            "SELECT" | "EXAMINE" | "CLOSE" | "UNSELECT" => self.0.retain(|left| left.1 != Standing::Search),
            "UNAUTHENTICATE" => self.0.clear(),
            _ => {}
        }
    }
}
