//! Which command untagged data belongs to, by its meaning.
//!
//! The protocol does not say it: data carries no tag, and a server may send anything at any time. What is told here is
//! what a reader would conclude: the oldest command in flight that asks for such data.

use alloc::{boxed::Box, vec::Vec};

use imap_types::{
    command::CommandBody,
    esearch::Correlator,
    fetch::{FetchResponse, MsgAtt, UidFetchResponse},
    response::Data,
};

use crate::permit::intervals;

/// Whether data of that name (upper case) is what the command named `command` asks for. FETCH is judged by
/// [`Wanted::takes`], and ESEARCH by its tag where it has one.
pub(crate) fn answers(data: &str, command: &str) -> bool {
    let command = command.strip_prefix("UID ").unwrap_or(command);
    match data {
        "FLAGS" | "EXISTS" | "RECENT" => matches!(command, "SELECT" | "EXAMINE"),
        "EXPUNGE" | "VANISHED" => matches!(command, "EXPUNGE" | "MOVE" | "REPLACE"),
        "VANISHED (EARLIER)" => matches!(command, "SELECT" | "EXAMINE" | "FETCH"),
        "LIST" => matches!(command, "LIST" | "RLIST" | "SELECT" | "EXAMINE"),
        "LSUB" => matches!(command, "LSUB" | "RLSUB"),
        "STATUS" => matches!(command, "STATUS" | "LIST" | "NOTIFY"),
        "SEARCH" | "ESEARCH" => matches!(command, "SEARCH" | "ESEARCH" | "SORT"),
        "ENABLED" => command == "ENABLE",
        "QUOTA" => matches!(command, "GETQUOTA" | "GETQUOTAROOT" | "SETQUOTA"),
        "QUOTAROOT" => command == "GETQUOTAROOT",
        "ACL" => command == "GETACL",
        "METADATA" => command == "GETMETADATA",
        "CONVERSION" => command == "CONVERSIONS",
        "CONVERTED" => command == "CONVERT",
        "JMAPACCESS" => command == "GETJMAPACCESS",
        // CAPABILITY, NAMESPACE, ID, SORT, THREAD, XLIST, LISTRIGHTS, MYRIGHTS, GENURLAUTH, URLFETCH, LANGUAGE, ...
        same => same == command,
    }
}

/// The messages that a FETCH or STORE names, as far as that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Whether the numbers are UIDs.
    pub(crate) uid: bool,
    /// In order and apart from each other; `None` where they rest on the mailbox.
    pub(crate) numbers: Option<Box<[(u32, u32)]>>,
    /// Whether it changes flags: the answer has nothing else.
    pub(crate) flags_only: bool,
}

impl Wanted {
    /// What a command is about, where FETCH responses answer it.
    pub(crate) fn of(body: &CommandBody) -> Option<Self> {
        let (uid, set, flags_only) = if let CommandBody::Fetch(fetch) = body {
            (fetch.uid, &fetch.set, false)
        } else if let CommandBody::Store(store) = body {
            (store.uid, &store.set, true)
        } else {
            return None;
        };
        Some(Self { uid, numbers: intervals(set).map(Vec::into_boxed_slice), flags_only })
    }

    /// Whether a FETCH response may be an answer to this.
    pub(crate) fn takes(&self, fetch: &FetchResponse) -> bool {
        let number = if self.uid {
            fetch
                .items
                .iter()
                .find_map(|item| if let MsgAtt::Uid(uid) = item { Some(uid.get()) } else { None })
        } else {
            Some(fetch.seq.get())
        };
        self.takes_items(&fetch.items) && self.names(number)
    }

    /// The same for UIDFETCH.
    pub(crate) fn takes_uid(&self, fetch: &UidFetchResponse) -> bool {
        self.uid && self.takes_items(&fetch.items) && self.names(Some(fetch.uid.get()))
    }

    /// Nobody sends unasked what never changes.
    fn takes_items(&self, items: &[MsgAtt]) -> bool {
        let asked = items.iter().any(|item| {
            !matches!(item, MsgAtt::Flags(_) | MsgAtt::Uid(_) | MsgAtt::ModSeq(_) | MsgAtt::Other { .. })
        });
        !(self.flags_only && asked)
    }

    fn names(&self, number: Option<u32>) -> bool {
        match (&self.numbers, number) {
            (Some(numbers), Some(number)) => {
                let at = numbers.partition_point(|(_, high)| *high < number);
                numbers.get(at).is_some_and(|(low, _)| *low <= number)
            }
            (None, _) | (_, None) => true,
        }
    }
}

/// The tag that an ESEARCH response names.
pub(crate) fn esearch_tag(data: &Data) -> Option<&[u8]> {
    let Data::Esearch(esearch) = data else { return None };
    esearch.correlators.iter().find_map(|correlator| {
        if let Correlator::Tag(tag) = correlator { Some(tag.as_bytes()) } else { None }
    })
}
