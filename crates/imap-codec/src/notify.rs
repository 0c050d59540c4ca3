//! NOTIFY.

use alloc::vec::Vec;

use imap_types::{
    mailbox::Mailbox,
    notify::{Event, EventGroup, EventName, MailboxFilter, Notify},
    vec1::Vec1,
};

use crate::{
    atom::atom,
    cursor::{Input, Parsed, close, keyword, more, one_or_more, open, sp, sp_separated, within_list_limit},
    error::{EncodeError, expected},
    fetch::fetch_att,
    mailbox::mailbox,
    writer::Writer,
};

/// After the word:
///
/// ```abnf
/// notify           = "NOTIFY" SP (notify-set / notify-none)     ; RFC 5465 section 8
/// notify-set       = "SET" [status-indicator] SP event-groups
/// notify-none      = "NONE"
/// status-indicator = SP "STATUS"
/// event-groups     = event-group *(SP event-group)
/// ```
///
/// Meaning: RFC 5465 section 3.1. What the comments of the grammar ask for beyond it is left to [`Notify::check`].
pub(crate) fn notify(i: Input<'_>) -> Parsed<'_, Notify> {
    let (start, ()) = sp(i)?;
    let (rest, word) = keyword(start);
    match word.as_bytes() {
        b"NONE" => return Ok((rest, Notify::None)),
        b"SET" => {}
        _ => return start.fail(expected!("notify", "SET or NONE")),
    }
    let (i, ()) = sp(rest)?;
    let (rest, word) = keyword(i);
    let (i, status) = if word.as_bytes() == b"STATUS" { (sp(rest)?.0, true) } else { (i, false) };
    let (mut i, first) = event_group(i)?;
    let mut groups = Vec1::new(first);
    while let Some(next) = more(i) {
        let (rest, group) = event_group(next)?;
        i = within_list_limit(rest, groups.len())?.0;
        groups.push(group);
    }
    Ok((i, Notify::Set { status, groups }))
}

/// ```abnf
/// event-group = "(" filter-mailboxes SP events ")"                  ; RFC 5465 section 8
/// events      = ( "(" event *(SP event) ")" ) / "NONE"
/// ```
fn event_group(i: Input<'_>) -> Parsed<'_, EventGroup> {
    let (i, ()) = open(i)?;
    let (i, mailboxes) = filter_mailboxes(i)?;
    let (i, ()) = sp(i)?;
    let (rest, word) = keyword(i);
    let (i, events) = if word.as_bytes() == b"NONE" {
        (rest, Vec::new())
    } else if i.next_is(b'(') {
        let (i, events) = sp_separated(i.skip(1), event)?;
        (close(i)?.0, events)
    } else {
        return i.fail(expected!("events", "a list of events or NONE"));
    };
    let (i, ()) = close(i)?;
    Ok((i, EventGroup { mailboxes, events }))
}

/// ```abnf
/// filter-mailboxes          = filter-mailboxes-selected / filter-mailboxes-other     ; RFC 5465 section 8
/// filter-mailboxes-selected = "selected" / "selected-delayed"
/// filter-mailboxes-other    = "inboxes" / "personal" / "subscribed" /
///                             ( "subtree" SP one-or-more-mailbox ) /
///                             ( "mailboxes" SP one-or-more-mailbox )
/// ```
fn filter_mailboxes(i: Input<'_>) -> Parsed<'_, MailboxFilter> {
    let (rest, word) = keyword(i);
    let filter = match word.as_bytes() {
        b"SELECTED" => MailboxFilter::Selected,
        b"SELECTED-DELAYED" => MailboxFilter::SelectedDelayed,
        b"INBOXES" => MailboxFilter::Inboxes,
        b"PERSONAL" => MailboxFilter::Personal,
        b"SUBSCRIBED" => MailboxFilter::Subscribed,
        b"SUBTREE" => {
            return one_or_more_mailbox(sp(rest)?.0).map(|(i, names)| (i, MailboxFilter::Subtree(names)));
        }
        b"MAILBOXES" => {
            return one_or_more_mailbox(sp(rest)?.0).map(|(i, names)| (i, MailboxFilter::Mailboxes(names)));
        }
        _ => return i.fail(expected!("filter-mailboxes", "which mailboxes: selected, inboxes, ..")),
    };
    Ok((rest, filter))
}

/// ```abnf
/// one-or-more-mailbox = mailbox / many-mailboxes                    ; RFC 5465 section 8
/// many-mailboxes      = "(" mailbox *(SP mailbox) ")"
/// ```
fn one_or_more_mailbox(i: Input<'_>) -> Parsed<'_, Vec1<Mailbox>> {
    if !i.next_is(b'(') {
        return mailbox(i).map(|(i, name)| (i, Vec1::new(name)));
    }
    let (i, names) = one_or_more(i.skip(1), mailbox)?;
    let (i, ()) = close(i)?;
    Ok((i, names))
}

/// ```abnf
/// event         = message-event / mailbox-event / user-event / event-ext     ; RFC 5465 section 8
/// message-event = ( "MessageNew" [SP "(" fetch-att *(SP fetch-att) ")" ] ) /
///                 "MessageExpunge" / "FlagChange" / "AnnotationChange"
/// ```
fn event(i: Input<'_>) -> Parsed<'_, Event> {
    let (i, name) = event_name(i)?;
    match (i.rest(), name) {
        ([b' ', b'(', ..], EventName::MessageNew) => {
            let (i, items) = one_or_more(i.skip(2), |i| fetch_att(i, true))?;
            let (i, ()) = close(i)?;
            Ok((i, Event::MessageNew(items)))
        }
        (_, name) => Ok((i, Event::Name(name))),
    }
}

/// ```abnf
/// event-name         = message-event-name / mailbox-event / user-event     ; RFC 5465 section 8
/// message-event-name = "MessageNew" / "MessageExpunge" / "FlagChange" / "AnnotationChange"
/// mailbox-event      = "MailboxName" / "SubscriptionChange" / "MailboxMetadataChange"
/// user-event         = "ServerMetadataChange"
/// event-ext          = atom
/// ```
///
/// `event-ext` is read in BADEVENT as well: a server that has more events names them.
pub(crate) fn event_name(i: Input<'_>) -> Parsed<'_, EventName> {
    let (rest, word) = keyword(i);
    let name = match word.as_bytes() {
        b"MESSAGENEW" => EventName::MessageNew,
        b"MESSAGEEXPUNGE" => EventName::MessageExpunge,
        b"FLAGCHANGE" => EventName::FlagChange,
        b"ANNOTATIONCHANGE" => EventName::AnnotationChange,
        b"MAILBOXNAME" => EventName::MailboxName,
        b"SUBSCRIPTIONCHANGE" => EventName::SubscriptionChange,
        b"MAILBOXMETADATACHANGE" => EventName::MailboxMetadataChange,
        b"SERVERMETADATACHANGE" => EventName::ServerMetadataChange,
        _ => {
            return match atom(i) {
                Ok((i, name)) => Ok((i, EventName::Other(name))),
                Err(_) => i.fail(expected!("event", "the name of an event")),
            };
        }
    };
    Ok((rest, name))
}

impl Writer<'_> {
    /// `notify`, after the word.
    pub(crate) fn notify_arguments(&mut self, notify: &Notify) -> Result<(), EncodeError> {
        match notify {
            Notify::None => {
                self.bytes(b" NONE");
                Ok(())
            }
            Notify::Set { status, groups } => {
                self.bytes(if *status { b" SET STATUS " } else { b" SET " });
                self.separated(groups, Self::event_group)
            }
        }
    }

    /// `event-group`
    fn event_group(&mut self, group: &EventGroup) -> Result<(), EncodeError> {
        self.bytes(b"(");
        self.bytes(group.mailboxes.as_str().as_bytes());
        if let MailboxFilter::Subtree(names) | MailboxFilter::Mailboxes(names) = &group.mailboxes {
            self.sp();
            match &**names {
                [one] => self.mailbox(one)?,
                names => self.list(names, Self::mailbox)?,
            }
        }
        self.sp();
        if group.events.is_empty() {
            self.bytes(b"NONE");
        } else {
            self.list(&group.events, Self::event)?;
        }
        self.bytes(b")");
        Ok(())
    }

    /// `event`
    fn event(&mut self, event: &Event) -> Result<(), EncodeError> {
        self.event_name(event.name());
        match event {
            Event::Name(_) => Ok(()),
            Event::MessageNew(items) => {
                self.sp();
                self.list(items, Self::fetch_att)
            }
        }
    }

    /// `event-name`
    pub(crate) fn event_name(&mut self, name: &EventName) {
        self.bytes(name.as_str().as_bytes());
    }
}
