//! ID, both ways.

use imap_types::id::{Id, IdField};

use crate::{
    cursor::{Input, Parsed, parenthesized, sp},
    error::EncodeError,
    string::{nil, nstring_or_atom, string_or_atom},
    writer::Writer,
};

/// What follows the word `ID`.
///
/// ```abnf
/// id             = "ID" SP id-params-list                                    ; RFC 2971 section 4
/// id-response    = "ID" SP id-params-list
/// id-params-list = "(" [string SP nstring *(SP string SP nstring)] ")" / nil
/// ```
///
/// The RFC prints the list in an older notation, `"(" #(string SPACE nstring) ")"`. The limits of section 3.3 bind who
/// sends.
pub(crate) fn id(i: Input<'_>) -> Parsed<'_, Id> {
    let (i, ()) = sp(i)?;
    if !i.next_is(b'(') {
        return nil(i).map(|(i, ())| (i, Id::NIL));
    }
    let (i, fields) = parenthesized(i, |i| {
        let (i, field) = string_or_atom(i)?;
        let (i, ()) = sp(i)?;
        let (i, value) = nstring_or_atom(i)?;
        Ok((i, IdField { field, value }))
    })?;
    Ok((i, Id(Some(fields))))
}

impl Writer<'_> {
    /// `id-params-list`, with the space before it.
    pub(crate) fn id_params_list(&mut self, id: &Id) -> Result<(), EncodeError> {
        self.sp();
        let Some(fields) = &id.0 else {
            self.bytes(b"NIL");
            return Ok(());
        };
        self.list(fields, |w, field| {
            w.string(&field.field)?;
            w.sp();
            w.nstring(&field.value)
        })
    }
}
