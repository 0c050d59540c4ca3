//! NOTIFY: of what a server tells without being asked, in the selected mailbox and in others (RFC 5465).

use alloc::vec::Vec;

use crate::{
    atom::Atom, error::ValidationError, fetch::FetchAtt, mailbox::Mailbox, octets::detach, vec1::Vec1,
};

/// The arguments of NOTIFY (RFC 5465 section 3.1).
///
/// ```
/// use imap_types::notify::{EventGroup, EventName, MailboxFilter, Notify};
///
/// let events = [EventName::MessageNew, EventName::MessageExpunge];
/// let notify = Notify::set([
///     EventGroup::new(MailboxFilter::Selected, events.clone()),
///     EventGroup::new(MailboxFilter::subtree("Lists")?, events),
/// ])?;
/// assert_eq!(notify.check(), Ok(()));
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
///
/// `C: A1 NOTIFY SET (selected (MessageNew MessageExpunge)) (subtree Lists (MessageNew MessageExpunge))`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub enum Notify {
    /// `NONE`: of nothing at all.
    #[doc(alias = "notify-none")]
    None,
    /// `SET`: of these events, in place of those before.
    #[doc(alias = "notify-set")]
    Set {
        /// `STATUS`: whether the server first sends a STATUS response for each of the other mailboxes with message
        /// events.
        #[doc(alias = "status-indicator")]
        status: bool,
        /// The events by mailbox. A mailbox may be in several groups: the events of all of them are told (section 6).
        groups: Vec1<EventGroup>,
    },
}

/// `event-group`: some mailboxes, and the events in them (RFC 5465 section 8).
///
/// `C: A1 NOTIFY SET (personal (MailboxName SubscriptionChange))`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[doc(alias = "event-group")]
pub struct EventGroup {
    /// Which mailboxes.
    pub mailboxes: MailboxFilter,
    /// Which events; empty for `NONE`.
    pub events: Vec<Event>,
}

/// `filter-mailboxes`: which mailboxes (RFC 5465 section 6).
///
/// `C: A1 NOTIFY SET (mailboxes (INBOX Drafts) (MessageNew MessageExpunge))`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[doc(alias = "filter-mailboxes")]
pub enum MailboxFilter {
    /// `selected`: the selected one, at any time. Message numbers may change between any two commands.
    Selected,
    /// `selected-delayed`: the selected one, but EXPUNGE only where a command allows it.
    SelectedDelayed,
    /// `inboxes`: where mail is delivered to.
    Inboxes,
    /// `personal`: all of the user's own.
    Personal,
    /// `subscribed`: the subscribed ones.
    Subscribed,
    /// `subtree`: these and all below them.
    Subtree(Vec1<Mailbox>),
    /// `mailboxes`: these.
    Mailboxes(Vec1<Mailbox>),
}

/// `event`: what is told of (RFC 5465 section 5).
///
/// `C: A1 NOTIFY SET (selected (MessageNew (UID FLAGS) MessageExpunge))`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[doc(alias = "event")]
pub enum Event {
    /// An event by its name.
    Name(EventName),
    /// `MessageNew` with the items that are fetched of each new message: only in the selected mailbox.
    MessageNew(Vec1<FetchAtt>),
}

/// `event-name`: the name of an event (RFC 5465 section 8), in any case on the wire.
///
/// `S: A1 NO [BADEVENT (MessageNew MessageExpunge FlagChange)] no such event`
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
#[doc(alias = "event-name")]
pub enum EventName {
    /// `MessageNew`: a message has come.
    MessageNew,
    /// `MessageExpunge`: a message has gone.
    MessageExpunge,
    /// `FlagChange`: a flag was set or taken away.
    FlagChange,
    /// `AnnotationChange`: an annotation was changed (RFC 5257).
    AnnotationChange,
    /// `MailboxName`: a mailbox was made, deleted or renamed.
    MailboxName,
    /// `SubscriptionChange`: a mailbox was subscribed or unsubscribed.
    SubscriptionChange,
    /// `MailboxMetadataChange`: metadata of a mailbox was changed (RFC 5464).
    MailboxMetadataChange,
    /// `ServerMetadataChange`: metadata of the server was changed (RFC 5464).
    ServerMetadataChange,
    /// `event-ext`: any other. A server says NO to those that it does not have, with
    /// [`Code::BadEvent`](crate::code::Code::BadEvent).
    #[doc(alias = "event-ext")]
    #[cfg_attr(feature = "serde", serde(rename = "other"))]
    Other(#[cfg_attr(feature = "arbitrary", arbitrary(with = crate::arbitrary::unknown_name))] Atom),
}

/// What RFC 5465 does not allow a client to ask for, though the grammar has it. The server's answer is BAD.
///
/// `C: A1 NOTIFY SET (selected (MessageNew))`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum NotifyError {
    /// One of `MessageNew` and `MessageExpunge` without the other (section 5).
    #[error("MessageNew and MessageExpunge are only asked for together")]
    NotTogether,
    /// `FlagChange` or `AnnotationChange` without those two (section 5).
    #[error("FlagChange and AnnotationChange are only asked for together with MessageNew and MessageExpunge")]
    ChangeAlone,
    /// An event of mailboxes or of the server, for the selected mailbox (section 8).
    #[error("only events of messages are asked for in the selected mailbox")]
    NoMessageEvent,
    /// `MessageNew` with items, for another mailbox than the selected one (section 8).
    #[error("MessageNew has items to fetch in the selected mailbox only")]
    ItemsElsewhere,
    /// Two of `selected` and `selected-delayed` (section 8).
    #[error("the selected mailbox is named twice")]
    SelectedTwice,
}

impl Notify {
    /// SET without STATUS.
    ///
    /// # Errors
    /// Where there is no group.
    pub fn set(groups: impl IntoIterator<Item = EventGroup>) -> Result<Self, ValidationError> {
        let groups = Vec1::try_from(groups.into_iter().collect::<Vec<_>>())?;
        Ok(Self::Set { status: false, groups })
    }

    /// The same with STATUS; NONE has none.
    #[must_use]
    pub fn with_status(mut self) -> Self {
        if let Self::Set { status, .. } = &mut self {
            *status = true;
        }
        self
    }

    /// Whether this may be asked for: the rules that RFC 5465 adds to its grammar.
    ///
    /// # Errors
    /// The first rule that is broken. A command that breaks one is decoded all the same, so that a server can answer.
    pub fn check(&self) -> Result<(), NotifyError> {
        let Self::Set { groups, .. } = self else { return Ok(()) };
        if groups.iter().filter(|group| group.mailboxes.is_selected()).count() > 1 {
            return Err(NotifyError::SelectedTwice);
        }
        groups.iter().try_for_each(EventGroup::check)
    }
}

impl EventGroup {
    /// These events in these mailboxes.
    pub fn new(mailboxes: MailboxFilter, events: impl IntoIterator<Item = EventName>) -> Self {
        Self { mailboxes, events: events.into_iter().map(Event::Name).collect() }
    }

    fn check(&self) -> Result<(), NotifyError> {
        let has = |name: &EventName| self.events.iter().any(|event| event.name() == name);
        let (new, gone) = (has(&EventName::MessageNew), has(&EventName::MessageExpunge));
        if new != gone {
            return Err(NotifyError::NotTogether);
        }
        if !new && (has(&EventName::FlagChange) || has(&EventName::AnnotationChange)) {
            return Err(NotifyError::ChangeAlone);
        }
        if self.mailboxes.is_selected() {
            if self.events.iter().any(|event| event.name().is_of_mailboxes()) {
                return Err(NotifyError::NoMessageEvent);
            }
        } else if self.events.iter().any(|event| matches!(event, Event::MessageNew(_))) {
            return Err(NotifyError::ItemsElsewhere);
        }
        Ok(())
    }
}

impl MailboxFilter {
    /// `subtree` of one mailbox.
    ///
    /// # Errors
    /// Where `mailbox` is no mailbox name: it holds NUL.
    pub fn subtree<M>(mailbox: M) -> Result<Self, ValidationError>
    where
        M: TryInto<Mailbox>,
        ValidationError: From<M::Error>,
    {
        Ok(Self::Subtree(Vec1::new(mailbox.try_into()?)))
    }

    /// `mailboxes` of one mailbox.
    ///
    /// # Errors
    /// Where `mailbox` is no mailbox name: it holds NUL.
    pub fn mailbox<M>(mailbox: M) -> Result<Self, ValidationError>
    where
        M: TryInto<Mailbox>,
        ValidationError: From<M::Error>,
    {
        Ok(Self::Mailboxes(Vec1::new(mailbox.try_into()?)))
    }

    /// Whether it is the selected mailbox, whichever that is.
    #[must_use]
    pub const fn is_selected(&self) -> bool {
        matches!(self, Self::Selected | Self::SelectedDelayed)
    }

    /// The word on the wire, in the case in which the RFC prints it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Selected => "selected",
            Self::SelectedDelayed => "selected-delayed",
            Self::Inboxes => "inboxes",
            Self::Personal => "personal",
            Self::Subscribed => "subscribed",
            Self::Subtree(_) => "subtree",
            Self::Mailboxes(_) => "mailboxes",
        }
    }
}

impl Event {
    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &EventName {
        match self {
            Self::Name(name) => name,
            Self::MessageNew(_) => &EventName::MessageNew,
        }
    }
}

impl EventName {
    /// The name on the wire, in the case in which the RFC prints it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::MessageNew => "MessageNew",
            Self::MessageExpunge => "MessageExpunge",
            Self::FlagChange => "FlagChange",
            Self::AnnotationChange => "AnnotationChange",
            Self::MailboxName => "MailboxName",
            Self::SubscriptionChange => "SubscriptionChange",
            Self::MailboxMetadataChange => "MailboxMetadataChange",
            Self::ServerMetadataChange => "ServerMetadataChange",
            Self::Other(name) => name.as_str(),
        }
    }

    /// Whether it is `mailbox-event` or `user-event`; nothing is known of other names.
    const fn is_of_mailboxes(&self) -> bool {
        match self {
            Self::MailboxName
            | Self::SubscriptionChange
            | Self::MailboxMetadataChange
            | Self::ServerMetadataChange => true,
            Self::MessageNew
            | Self::MessageExpunge
            | Self::FlagChange
            | Self::AnnotationChange
            | Self::Other(_) => false,
        }
    }
}

detach!(enum Notify { Set { groups } });
detach!(struct EventGroup { mailboxes, events });
detach!(
    enum MailboxFilter {
        Subtree(names),
        Mailboxes(names),
    }
);
detach!(
    enum Event {
        Name(name),
        MessageNew(items),
    }
);
detach!(
    enum EventName {
        Other(name),
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(
        groups: impl IntoIterator<Item = (MailboxFilter, Vec<EventName>)>,
    ) -> Option<Result<(), NotifyError>> {
        let groups = groups.into_iter().map(|(filter, events)| EventGroup::new(filter, events));
        Notify::set(groups).ok().map(|notify| notify.check())
    }

    #[test]
    fn what_goes_together_is_checked() -> Result<(), ValidationError> {
        use EventName::{FlagChange, MailboxName, MessageExpunge, MessageNew, ServerMetadataChange};
        use MailboxFilter::{Inboxes, Personal, Selected, SelectedDelayed};
        let one = |filter, events| checked([(filter, events)]);
        let both = || alloc::vec![MessageNew, MessageExpunge];
        assert_eq!(one(Selected, both()), Some(Ok(())));
        assert_eq!(one(Selected, Vec::new()), Some(Ok(())));
        assert_eq!(one(Inboxes, alloc::vec![MailboxName, ServerMetadataChange]), Some(Ok(())));
        assert_eq!(one(Selected, alloc::vec![MessageNew]), Some(Err(NotifyError::NotTogether)));
        assert_eq!(one(Inboxes, alloc::vec![MessageExpunge]), Some(Err(NotifyError::NotTogether)));
        assert_eq!(one(Personal, alloc::vec![FlagChange]), Some(Err(NotifyError::ChangeAlone)));
        assert_eq!(one(SelectedDelayed, alloc::vec![MailboxName]), Some(Err(NotifyError::NoMessageEvent)));
        assert_eq!(
            checked([(Selected, both()), (SelectedDelayed, both())]),
            Some(Err(NotifyError::SelectedTwice))
        );
        assert_eq!(checked([]), None);

        let items = Event::MessageNew(Vec1::new(FetchAtt::Uid));
        let events = alloc::vec![items, Event::Name(MessageExpunge)];
        let elsewhere = EventGroup { mailboxes: MailboxFilter::mailbox("a")?, events: events.clone() };
        assert_eq!(Notify::set([elsewhere])?.check(), Err(NotifyError::ItemsElsewhere));
        let selected = EventGroup { mailboxes: Selected, events };
        assert_eq!(Notify::set([selected])?.with_status().check(), Ok(()));
        assert_eq!(Notify::None.check(), Ok(()));
        Ok(())
    }
}
