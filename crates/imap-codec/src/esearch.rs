//! ESEARCH responses.

use alloc::vec::Vec;

use imap_types::{
    esearch::{Correlator, EsearchResponse, SearchReturnData},
    value::{Invalid, Parameter},
};

use crate::{
    context::{context_changes, ret_data_partial},
    cursor::{Input, Parsed, close, keyword, more, open, skip_item, sp, sp_separated, within_list_limit},
    error::{EncodeError, EncodeErrorKind, expected},
    number::{mod_sequence_value, number, nz_number},
    parameter::{tagged_ext_comp, tagged_ext_label, tagged_ext_val},
    sequence::sequence_set,
    string::{astring, value},
    tolerance::Quirk,
    writer::Writer,
};

/// What follows the word `ESEARCH`.
///
/// ```abnf
/// esearch-response = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data)
///                                                           ; RFC 9051 section 9
/// ```
pub(crate) fn esearch_response(start: Input<'_>) -> Parsed<'_, EsearchResponse> {
    let mut i = start;
    let mut response = EsearchResponse::default();
    if let Some(next) = more(i).filter(|next| next.next_is(b'(')) {
        (i, response.correlators) = search_correlator(next)?;
    }
    if let Some(next) = more(i) {
        let (rest, word) = keyword(next);
        if word.as_bytes() == b"UID" {
            response.uid = true;
            i = rest;
        }
    }
    while let Some(next) = more(i) {
        let (rest, data) = search_return_data_or_invalid(next)?;
        i = within_list_limit(rest, response.data.len())?.0;
        response.data.push(data);
    }
    Ok((i, response))
}

/// ```abnf
/// search-correlator = SP "(" "TAG" SP tag-string ")"                      ; RFC 9051 section 9
/// search-correlator = SP "(" one-correlator *(SP one-correlator) ")"      ; RFC 7377 section 4
/// one-correlator    = ("TAG" SP tag-string) / ("MAILBOX" SP astring) / ("UIDVALIDITY" SP nz-number)
/// ```
fn search_correlator(i: Input<'_>) -> Parsed<'_, Vec<Correlator>> {
    let (i, ()) = open(i)?;
    let (i, correlators) = sp_separated(i, |i| {
        let (_, word) = keyword(i);
        let (rest, name) = tagged_ext_label(i)?;
        let (rest, ()) = sp(rest)?;
        match word.as_bytes() {
            b"TAG" => astring(rest).map(|(i, tag)| (i, Correlator::Tag(tag))),
            b"UIDVALIDITY" => {
                let (end, _) = nz_number(rest)?;
                let (_, value) = value(rest, 1)?;
                Ok((end, Correlator::Other(Parameter { name, value: Some(value) })))
            }
            _ => {
                let (i, value) = tagged_ext_comp(rest, 1)?;
                Ok((i, Correlator::Other(Parameter { name, value: Some(value) })))
            }
        }
    })?;
    let (i, ()) = close(i)?;
    Ok((i, correlators))
}

/// `search-return-data`; what cannot be read is kept raw, name and value, where the decoder keeps such.
fn search_return_data_or_invalid(start: Input<'_>) -> Parsed<'_, SearchReturnData> {
    if start.next_is(b'(') {
        let read = start.attempt(modseq_in_parentheses);
        if read.is_ok() {
            return read;
        }
    }
    let fault = match start.attempt(search_return_data) {
        Ok((i, data)) if matches!(i.peek(), None | Some(b' ' | b'\r' | b'\n')) => return Ok((i, data)),
        Ok((i, _)) => i.fault(expected!("SP", "a space or the end of the line")),
        Err(nom::Err::Error(fault) | nom::Err::Failure(fault)) => fault,
        Err(error) => return Err(error),
    };
    if start.cx.options.tolerance.keeps_invalid()
        && let Ok((i, _)) = skip_item(start)
    {
        let i = match more(i).map(skip_item) {
            Some(Ok((rest, _))) => rest,
            _ => i,
        };
        let at = fault.at.saturating_sub(u32::try_from(start.at()).unwrap_or(u32::MAX));
        let invalid = Invalid::new(start.until(i), fault.expect.rule, at);
        if !invalid.raw.is_empty() {
            return Ok((i, SearchReturnData::Invalid(invalid)));
        }
    }
    Err(nom::Err::Error(fault))
}

/// `(MODSEQ 9)`, as SEARCH has it.
#[cold]
fn modseq_in_parentheses(start: Input<'_>) -> Parsed<'_, SearchReturnData> {
    let (i, ()) = open(start)?;
    if keyword(i).1.as_bytes() != b"MODSEQ" || !start.tolerates(Quirk::ParenthesizedModSeq) {
        return start.fail(expected!("tagged-ext-label", "a name that begins with a letter"));
    }
    let (i, data) = search_return_data(i)?;
    let (i, ()) = close(i)?;
    if !matches!(i.peek(), None | Some(b' ' | b'\r' | b'\n')) {
        return i.fail(expected!("SP", "a space or the end of the line"));
    }
    Ok((i, data))
}

/// ```abnf
/// search-return-data  = "MIN" SP nz-number / "MAX" SP nz-number /
///                       "ALL" SP sequence-set / "COUNT" SP number /
///                       search-ret-data-ext     ; RFC 9051 section 9
/// search-return-data =/ ret-data-partial / ret-data-addto / ret-data-removefrom     ; RFC 5267 section 5
///   ; Note that "$" marker is not allowed after the ALL return data item.
/// search-ret-data-ext = search-modifier-name SP search-return-value
/// search-return-data  =/ "MODSEQ" SP mod-sequence-value     ; RFC 4731 section 4
/// ```
fn search_return_data(i: Input<'_>) -> Parsed<'_, SearchReturnData> {
    let (_, word) = keyword(i);
    let (after, name) = tagged_ext_label(i)?;
    let (rest, ()) = sp(after)?;
    match word.as_bytes() {
        b"MIN" => nz_number(rest).map(|(i, number)| (i, SearchReturnData::Min(number))),
        b"MAX" => nz_number(rest).map(|(i, number)| (i, SearchReturnData::Max(number))),
        b"PARTIAL" => ret_data_partial(after),
        b"ADDTO" => context_changes(after).map(|(i, changes)| (i, SearchReturnData::AddTo(changes))),
        b"REMOVEFROM" => {
            context_changes(after).map(|(i, changes)| (i, SearchReturnData::RemoveFrom(changes)))
        }
        b"COUNT" => number(rest).map(|(i, number)| (i, SearchReturnData::Count(number))),
        b"MODSEQ" => mod_sequence_value(rest).map(|(i, number)| (i, SearchReturnData::ModSeq(number))),
        b"ALL" => {
            let (i, set) = sequence_set(rest)?;
            if set.has_saved() || set.has_largest() {
                return rest.fail(expected!("search-return-data", "a set of numbers, without `*` and `$`"));
            }
            Ok((i, SearchReturnData::All(set)))
        }
        _ => {
            let (i, value) = tagged_ext_val(rest, 0)?;
            Ok((i, SearchReturnData::Other(Parameter { name, value: Some(value) })))
        }
    }
}

impl Writer<'_> {
    /// `esearch-response`, after the word.
    pub(crate) fn esearch_response(&mut self, response: &EsearchResponse) -> Result<(), EncodeError> {
        if !response.correlators.is_empty() {
            self.sp();
            self.list(&response.correlators, |w, correlator| match correlator {
                Correlator::Tag(tag) => {
                    w.bytes(b"TAG ");
                    w.astring(tag)
                }
                Correlator::Other(parameter) => w.tagged_ext(parameter),
                _ => Err(EncodeError::unknown("a correlator")),
            })?;
        }
        if response.uid {
            self.bytes(b" UID");
        }
        for data in &response.data {
            match data {
                SearchReturnData::Min(number) => {
                    self.bytes(b" MIN ");
                    self.number(number.get());
                }
                SearchReturnData::Max(number) => {
                    self.bytes(b" MAX ");
                    self.number(number.get());
                }
                SearchReturnData::Count(count) => {
                    self.bytes(b" COUNT ");
                    self.number(*count);
                }
                SearchReturnData::ModSeq(mod_seq) => {
                    self.bytes(b" MODSEQ ");
                    self.number(mod_seq.get());
                }
                SearchReturnData::All(set) => {
                    if set.has_saved() || set.has_largest() {
                        let what = "a result of a search with `*` or `$`";
                        return Err(EncodeError::new(EncodeErrorKind::Combination, what));
                    }
                    self.bytes(b" ALL ");
                    self.sequence_set(set)?;
                }
                SearchReturnData::Partial { range, set } => {
                    self.sp();
                    self.ret_data_partial(*range, set.as_ref())?;
                }
                SearchReturnData::AddTo(changes) => {
                    self.bytes(b" ADDTO ");
                    self.context_changes(changes)?;
                }
                SearchReturnData::RemoveFrom(changes) => {
                    self.bytes(b" REMOVEFROM ");
                    self.context_changes(changes)?;
                }
                SearchReturnData::Other(parameter) => {
                    self.sp();
                    self.tagged_ext(parameter)?;
                }
                SearchReturnData::Invalid(invalid) => {
                    self.sp();
                    self.invalid(invalid)?;
                }
                _ => return Err(EncodeError::unknown("a result of a search")),
            }
        }
        Ok(())
    }
}
