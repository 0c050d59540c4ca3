//! Which command may be sent when, and beside which others.
//!
//! Where [`state`](crate::state) says in which state a command is valid, this module says the rest, for both sides: what
//! has to wait for what (RFC 9051 section 5.5), what has to be advertised or enabled, what changes the mailbox, and which
//! commands a server may run at the same time. It knows no role and no connection: it compares [`Traits`].
//!
//! ```
//! use imap_fsm::{permit::{self, Conflict, Traits}, state::{Access, State}};
//! use imap_types::{command::CommandBody, fetch::FetchItems};
//!
//! let selected = State::Selected(Access::ReadWrite);
//! let noop = Traits::of(&CommandBody::Noop);
//! let fetch = Traits::of(&CommandBody::fetch(1, FetchItems::Macro(imap_types::fetch::FetchMacro::Fast))?);
//! assert_eq!(permit::may_follow(&fetch, selected, [&fetch]), Ok(()));
//! // The reply to NOOP may bring EXPUNGE, and then 1 is another message.
//! assert_eq!(permit::may_follow(&fetch, selected, [&noop]), Err(Conflict::Numbers("NOOP".into())));
//! # Ok::<(), imap_types::error::ValidationError>(())
//! ```

use alloc::{borrow::Cow, vec::Vec};
use core::borrow::Borrow;

use imap_types::{
    append::AppendData,
    command::CommandBody,
    fetch::{FetchAtt, FetchItems, FetchModifier},
    list::{List, ListPatterns, ListReturn, ListSelection},
    search::SearchReturn,
    select::SelectParameter,
    sequence::{SeqNumber, SequenceSet},
    store::StoreModifier,
};

use crate::{
    capabilities::Capabilities,
    pending::{has_numbers, name_of, row_of},
    state::{State, States, table},
};

/// What may be in flight around a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Beside {
    /// Anything that [`may_follow`] does not forbid.
    Any,
    /// Nothing may be sent after it before its reply: it changes what may be sent, or how. `C: a1 LOGIN joe secret`
    Last,
    /// Nothing may be in flight when it is sent, and nothing may be sent before its reply: it changes the stream, or
    /// takes over the client's side of it. `C: a1 STARTTLS`
    Alone,
}

/// What a command does to what others see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It reads.
    Reads,
    /// It changes messages of the selected mailbox: those with these UIDs, in order and apart from each other, where it
    /// names UIDs; otherwise any.
    Changes(Option<Vec<(u32, u32)>>),
    /// It reads messages with these UIDs and nothing else.
    ReadsUids(Vec<(u32, u32)>),
    /// It changes more than that: mailboxes, the session.
    Everything,
}

/// What of a command decides what it may stand beside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traits {
    /// Its name, as in [`table::COMMANDS`]: `UID FETCH`.
    pub name: Cow<'static, str>,
    /// Where it is valid.
    pub valid_in: States,
    /// What may be in flight around it.
    pub beside: Beside,
    /// Whether its arguments hold message numbers.
    pub numbers: bool,
    /// Whether EXPUNGE may come before its reply (RFC 9051 section 7.5.1): all but FETCH, STORE and SEARCH, and SORT and
    /// THREAD (RFC 5256 section 3), each by message numbers.
    pub renumbers: bool,
    /// Whether it changes the selected mailbox, which then has to be read-write.
    pub writes: bool,
}

/// What has to wait, or must not be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// A command in flight, named here, lets nothing follow before its reply.
    #[error("{0} has no reply yet, and nothing may be sent before that")]
    Last(Cow<'static, str>),
    /// The new command must be alone, and the one named here is in flight.
    #[error("{0} has no reply yet, and the command has to be alone")]
    Alone(Cow<'static, str>),
    /// Whether the new command is valid rests on the reply to the one named here.
    #[error("the reply to {0} decides whether the command is valid")]
    State(Cow<'static, str>),
    /// The new command has message numbers, and the one named here may change them (RFC 9051 section 5.5).
    #[error("{0} has no reply yet, and may change the message numbers of the command")]
    Numbers(Cow<'static, str>),
}

impl Conflict {
    /// The stable name of the kind: `last`, `alone`, `state`, `numbers`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Last(_) => "last",
            Self::Alone(_) => "alone",
            Self::State(_) => "state",
            Self::Numbers(_) => "numbers",
        }
    }
}

/// What a command needs of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    /// One of these capabilities, or IMAP4rev2 where that took the first of them in.
    Advertised(&'static [&'static str]),
    /// This was enabled with ENABLE.
    Enabled(&'static str),
}

impl Need {
    /// The name of the first capability that would do.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Advertised([first, ..]) | Self::Enabled(first) => first,
            Self::Advertised([]) => "",
        }
    }
}

impl Traits {
    /// Those of a command.
    #[must_use]
    pub fn of(body: &CommandBody) -> Self {
        Self::named(name_of(body), has_numbers(body))
    }

    /// Those of a command of that name, as in [`table::COMMANDS`], whose arguments hold message numbers or not.
    #[must_use]
    pub fn named(name: Cow<'static, str>, numbers: bool) -> Self {
        let row = table::command(&name);
        Self {
            valid_in: row.valid_in,
            beside: beside(&name),
            numbers,
            renumbers: row.renumbers,
            writes: row.writes,
            name,
        }
    }
}

fn beside(name: &str) -> Beside {
    match name {
        // RFC 9051 section 6.2.1: "Once a client issues a STARTTLS command, it MUST NOT issue further commands until a
        // server response is seen and the TLS negotiation is complete." COMPRESS says the same (RFC 4978 section 3);
        // the lines of the client during AUTHENTICATE and IDLE are no commands; UNAUTHENTICATE ends all there was.
        "STARTTLS" | "COMPRESS" | "AUTHENTICATE" | "IDLE" | "UNAUTHENTICATE" => Beside::Alone,
        // After these the capabilities, or what is enabled, are others.
        "LOGIN" | "ENABLE" | "LOGOUT" => Beside::Last,
        _ => Beside::Any,
    }
}

/// Whether `new` may be sent in `state` while the replies to `in_flight`, oldest first, are outstanding.
///
/// # Errors
/// Why it has to wait.
pub fn may_follow<T: Borrow<Traits>>(
    new: &Traits,
    state: State,
    in_flight: impl IntoIterator<Item = T>,
) -> Result<(), Conflict> {
    let mut possible = States::from(state);
    for before in in_flight {
        let before = before.borrow();
        let name = || before.name.clone();
        if before.beside != Beside::Any {
            return Err(Conflict::Last(name()));
        }
        if new.beside == Beside::Alone {
            return Err(Conflict::Alone(name()));
        }
        if new.numbers && before.renumbers {
            return Err(Conflict::Numbers(name()));
        }
        let after = possible.after(&before.name);
        if after != possible && after.iter().any(|state| !new.valid_in.contains(state)) {
            return Err(Conflict::State(name()));
        }
        possible = after;
    }
    Ok(())
}

/// Whether `new` can be valid at all, once all of `in_flight` have their replies.
#[must_use]
pub fn may_become_valid<'t>(
    new: &Traits,
    state: State,
    in_flight: impl IntoIterator<Item = &'t Traits>,
) -> bool {
    let mut possible = States::from(state);
    for before in in_flight {
        possible = possible.after(&before.name);
    }
    possible.intersects(new.valid_in)
}

/// The effect of a command on what others see, for a server that runs several at a time.
#[must_use]
pub fn effect(body: &CommandBody) -> Effect {
    if let CommandBody::Fetch(fetch) = body {
        let uids = fetch.uid.then(|| intervals(&fetch.set)).flatten();
        return match (sets_seen(&fetch.items), uids) {
            (true, uids) => Effect::Changes(uids),
            (false, Some(uids)) => Effect::ReadsUids(uids),
            (false, None) => Effect::Reads,
        };
    }
    if let CommandBody::Store(store) = body {
        return Effect::Changes(store.uid.then(|| intervals(&store.set)).flatten());
    }
    if let CommandBody::Search(search) = body {
        // The result of one that is saved is an argument of the next.
        let saves = search.returns.iter().flatten().any(|option| matches!(option, SearchReturn::Save));
        return if saves { Effect::Everything } else { Effect::Reads };
    }
    let reads = matches!(
        body,
        CommandBody::Noop
            | CommandBody::Capability
            | CommandBody::Check
            | CommandBody::List(_)
            | CommandBody::Lsub { .. }
            | CommandBody::Namespace
            | CommandBody::Status { .. }
    );
    if reads { Effect::Reads } else { Effect::Everything }
}

/// Whether two commands may run at the same time, because neither changes what the other sees: RFC 9051 section 5.5 lets
/// a server "begin processing another command before processing the current command to completion" then.
///
/// ```
/// use imap_fsm::permit::{effect, independent};
/// use imap_types::{command::CommandBody, flag::Flag, store::StoreMode};
///
/// let store = |set| CommandBody::uid_store(set, StoreMode::Add, [Flag::Seen]).map(|store| effect(&store));
/// assert!(independent(&store("1:5")?, &store("6,9")?));
/// assert!(!independent(&store("1:5")?, &store("5:6")?));
/// // What `*` is may change.
/// assert!(!independent(&store("1:5")?, &store("9:*")?));
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
#[must_use]
pub fn independent(one: &Effect, other: &Effect) -> bool {
    match (one, other) {
        (Effect::Reads | Effect::ReadsUids(_), Effect::Reads | Effect::ReadsUids(_)) => true,
        (Effect::Changes(Some(these)), Effect::Changes(Some(those)) | Effect::ReadsUids(those))
        | (Effect::ReadsUids(these), Effect::Changes(Some(those))) => disjoint(these, those),
        (Effect::Everything | Effect::Changes(_), _) | (_, Effect::Everything | Effect::Changes(_)) => false,
    }
}

/// The numbers of a set as ranges in order, none of which touch; `None` where the set rests on the mailbox (`*`, `$`).
#[must_use]
pub fn intervals(set: &SequenceSet) -> Option<Vec<(u32, u32)>> {
    if set.has_saved() {
        return None;
    }
    let mut ranges = Vec::with_capacity(set.ranges().len());
    for range in set.ranges() {
        let (SeqNumber::Number(start), SeqNumber::Number(end)) = (range.start, range.end) else {
            return None;
        };
        ranges.push((start.min(end).get(), start.max(end).get()));
    }
    ranges.sort_unstable();
    let mut merged: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
    for (low, high) in ranges {
        match merged.last_mut() {
            Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
            _ => merged.push((low, high)),
        }
    }
    Some(merged)
}

/// Whether no number is in both; each is in order.
fn disjoint(mut these: &[(u32, u32)], mut those: &[(u32, u32)]) -> bool {
    while let (Some((one, rest_of_these)), Some((other, rest_of_those))) =
        (these.split_first(), those.split_first())
    {
        if one.1 < other.0 {
            these = rest_of_these;
        } else if other.1 < one.0 {
            those = rest_of_those;
        } else {
            return false;
        }
    }
    true
}

/// Whether FETCH sets `\Seen` (RFC 9051 section 6.4.5).
fn sets_seen(items: &FetchItems) -> bool {
    let items = match items {
        FetchItems::Macro(_) => return false,
        FetchItems::One(item) => core::slice::from_ref(item),
        FetchItems::List(items) => items,
    };
    items.iter().any(|item| {
        matches!(
            item,
            FetchAtt::BodySection { peek: false, .. }
                | FetchAtt::Binary { peek: false, .. }
                | FetchAtt::Rfc822
                | FetchAtt::Rfc822Text
        )
    })
}

/// What a command needs of the server, by its name and by its arguments (RFC 9051 section 6.1.1).
pub fn needs(body: &CommandBody) -> impl Iterator<Item = Need> {
    let mut needs = [row_of(body).needs, None, None, None, None, None];
    let mut places = needs.iter_mut().skip(1);
    needed_by_arguments(body, |is_needed, need| {
        if let Some(place) = places.next() {
            *place = is_needed.then_some(need);
        }
    });
    needs.into_iter().flatten()
}

/// What a server does not offer of that which a command with this row needs, the first of it.
pub(crate) fn not_offered(
    row: &table::Command,
    body: &CommandBody,
    capabilities: &Capabilities,
) -> Option<Need> {
    let lacks = |need: &Need| need.is_offered(capabilities) == Some(false);
    let mut lacking = row.needs.filter(lacks);
    needed_by_arguments(body, |is_needed, need| {
        if is_needed && lacking.is_none() && lacks(&need) {
            lacking = Some(need);
        }
    });
    lacking
}

/// Tells `need` of each thing that the arguments of a command can need, whether they do. At most five.
#[inline]
fn needed_by_arguments(body: &CommandBody, mut need: impl FnMut(bool, Need)) {
    if let CommandBody::Search(search) = body {
        let options = search.returns.as_deref();
        need(options.is_some(), Need::Advertised(&["ESEARCH", "CONTEXT=SEARCH"]));
        let saves = options.is_some_and(|options| options.iter().any(|it| matches!(it, SearchReturn::Save)));
        need(saves, SEARCHRES);
        let updates = |it: &SearchReturn| matches!(it, SearchReturn::Update(_) | SearchReturn::Context);
        let context = options.is_some_and(|options| options.iter().any(updates));
        need(context, Need::Advertised(&["CONTEXT=SEARCH"]));
    } else if let CommandBody::Fetch(fetch) = body {
        need(fetch.set.has_saved(), SEARCHRES);
        let since = fetch.modifiers.iter().any(|it| matches!(it, FetchModifier::ChangedSince(_)));
        need(since, CONDSTORE);
        let vanished = fetch.modifiers.iter().any(|it| matches!(it, FetchModifier::Vanished));
        need(vanished, Need::Enabled("QRESYNC"));
    } else if let CommandBody::Store(store) = body {
        need(store.set.has_saved(), SEARCHRES);
        let since = store.modifiers.iter().any(|it| matches!(it, StoreModifier::UnchangedSince(_)));
        need(since, CONDSTORE);
    } else if let CommandBody::Select { parameters, .. } | CommandBody::Examine { parameters, .. } = body {
        // RFC 7162 section 3.2.5: "A server MUST respond with a tagged BAD response if the Quick Resynchronization
        // parameter to the SELECT/EXAMINE command is specified and the client hasn't issued "ENABLE QRESYNC"".
        let qresync = parameters.iter().any(|it| matches!(it, SelectParameter::QResync { .. }));
        need(qresync, Need::Enabled("QRESYNC"));
        let condstore = parameters.iter().any(|it| matches!(it, SelectParameter::CondStore));
        need(condstore, CONDSTORE);
    } else if let CommandBody::Copy(copy) | CommandBody::Move(copy) = body {
        need(copy.set.has_saved(), SEARCHRES);
    } else if let CommandBody::Append(append) = body {
        need(append.messages.len() > 1, Need::Advertised(&["MULTIAPPEND"]));
        let catenate = append.messages.iter().any(|it| matches!(it.data, AppendData::Catenate(_)));
        need(catenate, Need::Advertised(&["CATENATE"]));
        let utf8 = append.messages.iter().any(|it| matches!(it.data, AppendData::Utf8(_)));
        need(utf8, Need::Enabled("UTF8=ACCEPT"));
    } else if let CommandBody::List(list) = body {
        for of_list in &LIST_NEEDS {
            need((of_list.of)(list), of_list.need);
        }
    }
}

/// What makes a LIST need something.
struct ListNeed {
    of: fn(&List) -> bool,
    need: Need,
}

//= rfc9051#section-6.3.9
//# Each non-initial option will be enabled by a capability string (one capability may enable multiple options), and a
//# client MUST NOT send an option for which the server has not advertised support.
const LIST_NEEDS: [ListNeed; 5] = [
    ListNeed { of: is_list_extended, need: Need::Advertised(&["LIST-EXTENDED"]) },
    ListNeed {
        of: |list| list.returns.iter().flatten().any(|it| matches!(it, ListReturn::Status(_))),
        need: Need::Advertised(&["LIST-STATUS"]),
    },
    ListNeed { of: |list| has_option(list, "SPECIAL-USE"), need: Need::Advertised(&["SPECIAL-USE"]) },
    ListNeed { of: |list| has_option(list, "MYRIGHTS"), need: Need::Advertised(&["LIST-MYRIGHTS"]) },
    ListNeed { of: |list| has_option(list, "METADATA"), need: Need::Advertised(&["LIST-METADATA"]) },
];

/// Whether there is something of LIST-EXTENDED itself (RFC 5258): its options, several patterns, a list without options.
fn is_list_extended(list: &List) -> bool {
    let selects = list.selection.as_ref().is_some_and(|options| {
        options.is_empty() || options.iter().any(|it| !matches!(it, ListSelection::Other(_)))
    });
    let returns = list.returns.as_ref().is_some_and(|options| {
        options.is_empty()
            || options.iter().any(|it| matches!(it, ListReturn::Subscribed | ListReturn::Children))
    });
    selects || returns || !matches!(list.patterns, ListPatterns::One(_))
}

/// Whether LIST has an option of that name.
fn has_option(list: &List, name: &str) -> bool {
    let selects = |it: &ListSelection| matches!(it, ListSelection::Other(option) if option.name == name);
    let returns = |it: &ListReturn| matches!(it, ListReturn::Other(option) if option.name == name);
    list.selection.iter().flatten().any(selects) || list.returns.iter().flatten().any(returns)
}

const SEARCHRES: Need = Need::Advertised(&["SEARCHRES"]);
const CONDSTORE: Need = Need::Advertised(&["CONDSTORE", "QRESYNC"]);

/// What a command needs by its name alone: one of these capabilities.
const BY_NAME: &[(&str, &[&str])] = &[
    ("STARTTLS", &["STARTTLS"]),
    ("ENABLE", &["ENABLE"]),
    ("IDLE", &["IDLE"]),
    ("NAMESPACE", &["NAMESPACE"]),
    ("UNSELECT", &["UNSELECT"]),
    ("UID EXPUNGE", &["UIDPLUS"]),
    ("MOVE", &["MOVE"]),
    ("UID MOVE", &["MOVE"]),
    ("ID", &["ID"]),
    ("COMPRESS", &["COMPRESS=DEFLATE"]),
    ("LANGUAGE", &["LANGUAGE"]),
    ("COMPARATOR", &["I18NLEVEL=2"]),
    ("CONVERSIONS", &["CONVERT"]),
    ("CONVERT", &["CONVERT"]),
    ("UID CONVERT", &["CONVERT"]),
    ("GETMETADATA", &["METADATA", "METADATA-SERVER"]),
    ("SETMETADATA", &["METADATA", "METADATA-SERVER"]),
    ("NOTIFY", &["NOTIFY"]),
    ("RLIST", &["MAILBOX-REFERRALS"]),
    ("RLSUB", &["MAILBOX-REFERRALS"]),
    ("UNAUTHENTICATE", &["UNAUTHENTICATE"]),
    ("GETJMAPACCESS", &["JMAPACCESS"]),
    ("SETACL", &["ACL"]),
    ("DELETEACL", &["ACL"]),
    ("GETACL", &["ACL"]),
    ("LISTRIGHTS", &["ACL"]),
    ("MYRIGHTS", &["ACL"]),
    ("GETQUOTA", &["QUOTA"]),
    ("GETQUOTAROOT", &["QUOTA"]),
    ("SETQUOTA", &["QUOTASET", "QUOTA"]),
    ("RESETKEY", &["URLAUTH"]),
    ("GENURLAUTH", &["URLAUTH"]),
    ("URLFETCH", &["URLAUTH"]),
    ("ESEARCH", &["MULTISEARCH"]),
    ("REPLACE", &["REPLACE"]),
    ("UID REPLACE", &["REPLACE"]),
    ("SORT", &["SORT", "ESORT"]),
    ("UID SORT", &["SORT", "ESORT"]),
    ("THREAD", &["THREAD=REFERENCES", "THREAD=ORDEREDSUBJECT", "THREAD=REFS"]),
    ("UID THREAD", &["THREAD=REFERENCES", "THREAD=ORDEREDSUBJECT", "THREAD=REFS"]),
    ("CANCELUPDATE", &["CONTEXT=SEARCH", "CONTEXT=SORT"]),
    ("UIDBATCHES", &["UIDBATCHES"]),
];

/// The same of one command, for its row in the table.
#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "evaluated by the compiler, which stops where it is wrong"
)]
pub(crate) const fn needed_by(name: &str) -> Option<Need> {
    let mut at = 0;
    while at < BY_NAME.len() {
        if table::equal(BY_NAME[at].0.as_bytes(), name.as_bytes()) {
            return Some(Need::Advertised(BY_NAME[at].1));
        }
        at += 1;
    }
    None
}

impl Need {
    /// Whether a client may send what needs it to a server with these capabilities ([`Capabilities::may_use`]); `None`
    /// while they are not known.
    #[must_use]
    pub fn is_met(&self, capabilities: &Capabilities) -> Option<bool> {
        self.any(capabilities, Capabilities::may_use)
    }

    /// Whether a server with these capabilities takes it ([`Capabilities::offers`]); `None` while they are not known.
    #[must_use]
    pub fn is_offered(&self, capabilities: &Capabilities) -> Option<bool> {
        self.any(capabilities, Capabilities::offers)
    }

    /// Whether one of the names is `there`.
    fn any(
        &self,
        capabilities: &Capabilities,
        there: fn(&Capabilities, &str) -> Option<bool>,
    ) -> Option<bool> {
        match self {
            Self::Advertised(names) => {
                let mut known = None;
                for name in *names {
                    known = there(capabilities, name);
                    if known == Some(true) {
                        break;
                    }
                }
                known
            }
            Self::Enabled(name) => Some(capabilities.is_enabled(name)),
        }
    }
}
