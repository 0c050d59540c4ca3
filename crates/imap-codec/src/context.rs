//! Contexts: RETURN options and results of searches that are kept up to date, and parts of results.

use imap_types::{
    context::{ContextChange, PartialRange},
    esearch::SearchReturnData,
    fetch::FetchAtt,
    search::SearchReturn,
    sequence::SequenceSet,
    string::IString,
    vec1::Vec1,
};

use crate::{
    cursor::{Input, Parsed, byte, close, keyword, more, one_or_more, open, sp, within_list_limit},
    error::{EncodeError, EncodeErrorKind, Expect, expected},
    fetch::fetch_att,
    number::{number, nz_number},
    parameter::{no_value, typed_parameter},
    sequence::sequence_set,
    string::{nil, quoted},
    writer::Writer,
};

/// A RETURN option of these RFCs.
///
/// ```abnf
/// search-return-opt =/ modifier-context / modifier-partial / modifier-update     ; RFC 5267 section 5
/// modifier-context   = "CONTEXT"
/// modifier-partial   = "PARTIAL" SP partial-range
/// modifier-update    = "UPDATE"
/// ```
pub(crate) fn search_return_opt_of_contexts(i: Input<'_>) -> Parsed<'_, SearchReturn> {
    let (_, word) = keyword(i);
    typed_parameter(
        i,
        |rest| match word.as_bytes() {
            b"CONTEXT" => no_value(rest).map(|(i, ())| (i, SearchReturn::Context)),
            b"UPDATE" => modifier_update(rest),
            _ => partial_range(sp(rest)?.0).map(|(i, range)| (i, SearchReturn::Partial(range))),
        },
        SearchReturn::Other,
    )
}

/// After the word:
///
/// ```abnf
/// modifier-update = "UPDATE" [ "(" fetch-att *(SP fetch-att) ")" ]     ; RFC 5465 section 8
/// ```
///
/// The example in section 7 of that RFC has a space before the parenthesis; both are read.
fn modifier_update(i: Input<'_>) -> Parsed<'_, SearchReturn> {
    let list = match i.rest() {
        [b'(', ..] => i.skip(1),
        [b' ', b'(', ..] => i.skip(2),
        _ => return no_value(i).map(|(i, ())| (i, SearchReturn::Update(None))),
    };
    let (i, items) = one_or_more(list, |i| fetch_att(i, true))?;
    let (i, ()) = close(i)?;
    Ok((i, SearchReturn::Update(Some(items))))
}

/// ```abnf
/// partial-range       = partial-range-first / partial-range-last     ; RFC 9394 section 4
/// partial-range-first = nz-number ":" nz-number
/// partial-range-last  = MINUS nz-number ":" MINUS nz-number
/// ```
pub(crate) fn partial_range(i: Input<'_>) -> Parsed<'_, PartialRange> {
    const COLON: &Expect = expected!("partial-range", "`:` and the end of the range");
    let from_last = i.next_is(b'-');
    let i = if from_last { i.skip(1) } else { i };
    let (i, start) = nz_number(i)?;
    let (i, ()) = byte(i, b':', COLON)?;
    let i = if from_last {
        byte(i, b'-', expected!("partial-range", "`-` as at the start of the range"))?.0
    } else {
        i
    };
    let (i, end) = nz_number(i)?;
    Ok((i, PartialRange { from_last, start, end }))
}

/// After the word:
///
/// ```abnf
/// ret-data-partial = "PARTIAL" SP "(" partial-range SP partial-results ")"     ; RFC 9394 section 4
/// partial-results  = sequence-set / "NIL"
/// ```
pub(crate) fn ret_data_partial(i: Input<'_>) -> Parsed<'_, SearchReturnData> {
    let (i, ()) = sp(i)?;
    let (i, ()) = open(i)?;
    let (i, range) = partial_range(i)?;
    let (i, ()) = sp(i)?;
    let (i, set) = match nil(i) {
        Ok((i, ())) => (i, None),
        Err(_) => sequence_set(i).map(|(i, set)| (i, Some(set)))?,
    };
    let (i, ()) = close(i)?;
    Ok((i, SearchReturnData::Partial { range, set }))
}

/// After the word:
///
/// ```abnf
/// ret-data-addto      = "ADDTO" SP "(" context-position SP sequence-set
///                       *(SP context-position SP sequence-set) ")"     ; RFC 5267 section 5
/// ret-data-removefrom = "REMOVEFROM" SP "(" context-position SP sequence-set
///                       *(SP context-position SP sequence-set) ")"
/// context-position    = number
/// ```
pub(crate) fn context_changes(i: Input<'_>) -> Parsed<'_, Vec1<ContextChange>> {
    let (i, ()) = sp(i)?;
    let (i, ()) = open(i)?;
    let (i, changes) = one_or_more(i, |i| {
        let (i, position) = number(i)?;
        let (i, ()) = sp(i)?;
        let (i, set) = sequence_set(i)?;
        Ok((i, ContextChange { position, set }))
    })?;
    let (i, ()) = close(i)?;
    Ok((i, changes))
}

/// `quoted`, where the grammar has no other form. Bytes above 0x7f that are not UTF-8, which are tolerated elsewhere, could
/// not be sent on: there is no literal to send them in.
pub(crate) fn quoted_tag(i: Input<'_>) -> Parsed<'_, IString> {
    let (rest, tag) = quoted(i)?;
    match tag.as_str() {
        Some(_) => Ok((rest, tag)),
        None => i.fail(expected!("quoted", "a tag in quotes")),
    }
}

/// After the word:
///
/// ```abnf
/// command-select =/ "CANCELUPDATE" 1*(SP quoted)     ; RFC 5267 section 5
/// ```
pub(crate) fn cancel_update(i: Input<'_>) -> Parsed<'_, Vec1<IString>> {
    let (i, ()) = sp(i)?;
    let (mut i, first) = quoted_tag(i)?;
    let mut tags = Vec1::new(first);
    while let Some(next) = more(i) {
        let (rest, tag) = quoted_tag(next)?;
        i = within_list_limit(rest, tags.len())?.0;
        tags.push(tag);
    }
    Ok((i, tags))
}

impl Writer<'_> {
    /// `modifier-update`
    pub(crate) fn modifier_update(&mut self, items: Option<&Vec1<FetchAtt>>) -> Result<(), EncodeError> {
        self.bytes(b"UPDATE");
        match items {
            Some(items) => {
                self.sp();
                self.list(items, Self::fetch_att)
            }
            None => Ok(()),
        }
    }

    /// `partial-range`
    pub(crate) fn partial_range(&mut self, range: PartialRange) {
        let sign: &[u8] = if range.from_last { b"-" } else { b"" };
        self.bytes(sign);
        self.number(range.start.get());
        self.bytes(b":");
        self.bytes(sign);
        self.number(range.end.get());
    }

    /// `ret-data-partial`
    pub(crate) fn ret_data_partial(
        &mut self,
        range: PartialRange,
        set: Option<&SequenceSet>,
    ) -> Result<(), EncodeError> {
        self.bytes(b"PARTIAL (");
        self.partial_range(range);
        self.sp();
        match set {
            Some(set) => self.sequence_set(set)?,
            None => self.bytes(b"NIL"),
        }
        self.bytes(b")");
        Ok(())
    }

    /// What `ADDTO` and `REMOVEFROM` hold.
    pub(crate) fn context_changes(&mut self, changes: &[ContextChange]) -> Result<(), EncodeError> {
        self.list(changes, |w, change| {
            w.number(change.position);
            w.sp();
            w.sequence_set(&change.set)
        })
    }

    /// The arguments of CANCELUPDATE.
    pub(crate) fn cancel_update_arguments(&mut self, tags: &[IString]) -> Result<(), EncodeError> {
        tags.iter().try_for_each(|tag| {
            self.sp();
            self.quoted_tag(tag)
        })
    }

    /// `quoted`, where the grammar has no other form.
    pub(crate) fn quoted_tag(&mut self, tag: &IString) -> Result<(), EncodeError> {
        if !self.may_quote(tag.as_bytes()) {
            return Err(EncodeError::new(EncodeErrorKind::Character, "a tag in quotes"));
        }
        self.quoted(tag.as_bytes());
        Ok(())
    }
}
