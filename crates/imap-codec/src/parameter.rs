//! Named parameters: the form that RFC 4466 gave to what extensions add to commands.

use alloc::vec::Vec;

use imap_types::{atom::Atom, value::Parameter};

use crate::{
    cursor::{Input, Parsed, parenthesized},
    error::{EncodeError, expected},
    string::value,
    writer::Writer,
};

/// ```abnf
/// select-params = SP "(" select-param *(SP select-param) ")"     ; RFC 4466 section 3
/// ```
///
/// And `create-params`, `rename-params`, `fetch-modifiers`, `store-modifiers`, all of the same form. Reads
/// from the parenthesis; the list is not empty.
pub(crate) fn parameters(i: Input<'_>) -> Parsed<'_, Vec<Parameter>> {
    if let [b'(', b')', ..] = i.rest() {
        return i.skip(1).fail(expected!("tagged-ext-label", "the name of a parameter"));
    }
    parenthesized(i, parameter)
}

/// ```abnf
/// select-param = select-param-name [SP select-param-value]     ; RFC 4466 section 3
/// ```
///
/// A name is a letter, `-`, `_` or `.` first, so that it can be told from a value that is a number or a set.
pub(crate) fn parameter(i: Input<'_>) -> Parsed<'_, Parameter> {
    let (i, name) = tagged_ext_label(i)?;
    match i.rest() {
        [b' ', b'(' | b'"' | b'{' | b'~' | b'$' | b'*' | b'0'..=b'9', ..] => {
            let (i, value) = value(i.skip(1), 1)?;
            Ok((i, Parameter { name, value: Some(value) }))
        }
        _ => Ok((i, Parameter { name, value: None })),
    }
}

/// ```abnf
/// tagged-ext-label   = tagged-label-fchar *tagged-label-char     ; Is a valid RFC 3501 "atom".
/// tagged-label-fchar = ALPHA / "-" / "_" / "."                   ; RFC 9051 section 9
/// tagged-label-char  = tagged-label-fchar / DIGIT / ":"
/// ```
pub(crate) fn tagged_ext_label(i: Input<'_>) -> Parsed<'_, Atom> {
    let first = i.peek().is_some_and(|byte| label_byte(byte) && !byte.is_ascii_digit() && byte != b':');
    let len = i.rest().iter().take_while(|byte| label_byte(**byte)).count();
    match Atom::try_from(i.octets(len)) {
        Ok(name) if first => Ok((i.skip(len), name)),
        _ => i.fail(expected!("tagged-ext-label", "a name of letters")),
    }
}

const fn label_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':')
}

impl Writer<'_> {
    /// ` (name value ..)`, with the space before it; nothing where there are no parameters.
    pub(crate) fn parameters(&mut self, parameters: &[Parameter]) -> Result<(), EncodeError> {
        if parameters.is_empty() {
            return Ok(());
        }
        self.sp();
        self.list(parameters, Self::parameter)
    }

    /// `name [SP value]`
    pub(crate) fn parameter(&mut self, parameter: &Parameter) -> Result<(), EncodeError> {
        self.bytes(parameter.name.as_bytes());
        if let Some(value) = &parameter.value {
            self.sp();
            self.value(value)?;
        }
        Ok(())
    }
}
