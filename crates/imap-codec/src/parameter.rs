//! Named parameters: the form that RFC 4466 gave to what extensions add to commands.
//!
//! A parameter of an unknown name has a value of that form. One of a known name has the value that its
//! extension says; another value is kept raw by a decoder that keeps invalid parts, and refused by a strict one.
//! What a parameter of a known name becomes is read in the file of its command; the names that have no type are
//! here.

use alloc::vec::Vec;

use imap_types::{
    atom::Atom,
    chars::{self, Class},
    value::{Bare, Invalid, Parameter, Value},
};

use crate::{
    context::partial_range,
    cursor::{
        Input, Parsed, bare, byte, close, parenthesized, skip_item, sp, sp_separated, within_depth_limit,
    },
    error::{EncodeError, EncodeErrorKind, expected},
    number::number64,
    sequence::sequence_set,
    string::{astring, string, value},
    writer::Writer,
};

/// ```abnf
/// select-params = SP "(" select-param *(SP select-param) ")"     ; RFC 4466 section 3
/// ```
///
/// And `create-params`, `rename-params`, `fetch-modifiers`, `store-modifiers`, all of the same form. Reads
/// from the parenthesis; the list is not empty.
pub(crate) fn parameters<'a, T>(
    i: Input<'a>,
    parameter: impl Fn(Input<'a>) -> Parsed<'a, T>,
) -> Parsed<'a, Vec<T>> {
    if let [b'(', b')', ..] = i.rest() {
        return i.skip(1).fail(expected!("tagged-ext-label", "the name of a parameter"));
    }
    parenthesized(i, parameter)
}

/// `[SP "(" param *(SP param) ")"]`
pub(crate) fn maybe_parameters<'a, T>(
    i: Input<'a>,
    parameter: impl Fn(Input<'a>) -> Parsed<'a, T>,
) -> Parsed<'a, Vec<T>> {
    match i.rest() {
        [b' ', b'(', ..] => parameters(i.skip(1), parameter),
        _ => Ok((i, Vec::new())),
    }
}

/// ```abnf
/// select-param = select-param-name [SP select-param-value]     ; RFC 4466 section 3
/// ```
///
/// A name begins with a letter, `-`, `_` or `.`, so it can be told from a value that is a number or a set. `known`
/// has the names that the command has; the same name in another command is an unknown one.
pub(crate) fn parameter<'a>(i: Input<'a>, known: &[(&str, Form)]) -> Parsed<'a, Parameter> {
    let (rest, name) = tagged_ext_label(i)?;
    let Some(form) = form_of(&name, known) else {
        if !value_follows(rest) {
            return Ok((rest, Parameter { name, value: None }));
        }
        let (i, value) = tagged_ext_val(rest.skip(1), 1)?;
        return Ok((i, Parameter { name, value: Some(value) }));
    };
    let (i, value) = value_or_raw(rest, |i| known_value(i, form))?;
    Ok((i, Parameter { name, value: value.unwrap_or_else(Some) }))
}

/// A parameter that has a type. `rule` reads what follows its name; where that does not fit, and the decoder keeps
/// invalid parts, it becomes `other` with the value raw.
pub(crate) fn typed_parameter<'a, T>(
    i: Input<'a>,
    rule: impl FnOnce(Input<'a>) -> Parsed<'a, T>,
    other: impl FnOnce(Parameter) -> T,
) -> Parsed<'a, T> {
    let (rest, name) = tagged_ext_label(i)?;
    let (i, read) = value_or_raw(rest, rule)?;
    Ok((i, read.unwrap_or_else(|raw| other(Parameter { name, value: Some(raw) }))))
}

/// What `rule` reads behind the name of a parameter, up to where a parameter may end. Where that fails and the
/// decoder keeps invalid parts, the value raw.
fn value_or_raw<'a, T>(
    rest: Input<'a>,
    rule: impl FnOnce(Input<'a>) -> Parsed<'a, T>,
) -> Parsed<'a, Result<T, Value>> {
    let read = rest.attempt(|i| {
        let (i, value) = rule(i)?;
        match i.peek() {
            Some(b' ' | b')') => Ok((i, value)),
            _ => i.fail(expected!(")", "a closing parenthesis")),
        }
    });
    match read {
        Ok((i, value)) => Ok((i, Ok(value))),
        Err(nom::Err::Error(fault)) if rest.next_is(b' ') && rest.cx.options.tolerance.keeps_invalid() => {
            let start = rest.skip(1);
            let (i, raw) = skip_item(start)?;
            let at = fault.at.saturating_sub(u32::try_from(start.at()).unwrap_or(u32::MAX));
            Ok((i, Err(Value::Invalid(Invalid::new(raw, fault.expect.rule, at)))))
        }
        Err(error) => Err(error),
    }
}

/// What follows the name of a parameter that has no value: the end of the list, or the next name.
pub(crate) fn no_value(i: Input<'_>) -> Parsed<'_, ()> {
    if value_follows(i) {
        return i.fail(expected!(")", "no value: this parameter has none"));
    }
    Ok((i, ()))
}

/// Whether a value follows the name of a parameter. What begins like a name is the next parameter.
fn value_follows(i: Input<'_>) -> bool {
    i.next_is(b' ') && !i.skip(1).peek().is_some_and(label_first)
}

/// The value of a parameter that an RFC defines and that has no type here.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    /// None at all.
    Nothing,
    /// `partial-range`
    PartialRange,
    /// `"(" [use-attr *(SP use-attr)] ")"`
    UseAttributes,
}

fn form_of(name: &Atom, known: &[(&str, Form)]) -> Option<Form> {
    known.iter().find_map(|(known, form)| (*name == *known).then_some(*form))
}

impl Form {
    /// Whether a value has this form.
    fn fits(self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::Nothing, value) => value.is_none(),
            (Self::PartialRange, Some(Value::Bare(range))) => is_partial_range(range.as_bytes()),
            (Self::UseAttributes, Some(Value::List(items))) => items.iter().all(|item| match item {
                Value::Bare(word) => word
                    .as_bytes()
                    .strip_prefix(b"\\")
                    .is_some_and(|name| !name.is_empty() && chars::run(Class::ATOM_CHAR, name) == name.len()),
                Value::String(_) | Value::List(_) | Value::Invalid(_) => false,
            }),
            (Self::PartialRange | Self::UseAttributes, _) => false,
        }
    }
}

/// Whether `text` is a `partial-range`.
fn is_partial_range(text: &[u8]) -> bool {
    let nz_number = |text: &str| !text.starts_with(['0', '+']) && text.parse::<u32>().is_ok();
    let Some((start, end)) = core::str::from_utf8(text).ok().and_then(|text| text.split_once(':')) else {
        return false;
    };
    match (start.strip_prefix('-'), end.strip_prefix('-')) {
        (Some(start), Some(end)) => nz_number(start) && nz_number(end),
        (None, None) => nz_number(start) && nz_number(end),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// The space before the value, and the value, to where a parameter may end.
fn known_value(i: Input<'_>, form: Form) -> Parsed<'_, Option<Value>> {
    let has_value = match form {
        Form::Nothing => false,
        Form::PartialRange | Form::UseAttributes => true,
    };
    if !has_value {
        return no_value(i).map(|(i, ())| (i, None));
    }
    let (start, ()) = sp(i)?;
    let end = match form {
        Form::PartialRange => partial_range(start)?.0,
        Form::UseAttributes => parenthesized(start, use_attribute)?.0,
        Form::Nothing => start,
    };
    let (i, value) = value(start, 1)?;
    if end.at() != start.at() && end.at() != i.at() {
        return end.fail(expected!(")", "the end of the value"));
    }
    Ok((i, Some(value)))
}

/// ```abnf
/// use-attr = "\All" / "\Archive" / "\Drafts" / "\Flagged" / "\Junk" / "\Sent" / "\Trash" /
///            use-attr-ext     ; RFC 6154 section 6
/// use-attr-ext = "\" atom
/// ```
fn use_attribute(i: Input<'_>) -> Parsed<'_, ()> {
    let (i, ()) = byte(i, b'\\', expected!("use-attr", "an attribute such as \\Sent"))?;
    match crate::atom::atom(i) {
        Ok((i, _)) => Ok((i, ())),
        Err(_) => i.fail(expected!("use-attr", "the name of an attribute after the backslash")),
    }
}

/// ```abnf
/// tagged-ext-label   = tagged-label-fchar *tagged-label-char     ; Is a valid RFC 3501 "atom".
/// tagged-label-fchar = ALPHA / "-" / "_" / "."                   ; RFC 9051 section 9
/// tagged-label-char  = tagged-label-fchar / DIGIT / ":"
/// ```
pub(crate) fn tagged_ext_label(i: Input<'_>) -> Parsed<'_, Atom> {
    let len = i.rest().iter().take_while(|byte| label_char(**byte)).count();
    match Atom::try_from(i.octets(len)) {
        Ok(name) if i.peek().is_some_and(label_first) => Ok((i.skip(len), name)),
        _ => i.fail(expected!("tagged-ext-label", "a name that begins with a letter")),
    }
}

pub(crate) const fn label_first(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_' | b'.')
}

const fn label_char(byte: u8) -> bool {
    label_first(byte) || byte.is_ascii_digit() || byte == b':'
}

/// ```abnf
/// tagged-ext-val    = tagged-ext-simple / "(" [tagged-ext-comp] ")"     ; RFC 9051 section 9
/// tagged-ext-simple = sequence-set / number / number64
/// tagged-ext-simple =/ partial-range-last                               ; RFC 9394 section 4
/// ```
pub(crate) fn tagged_ext_val(i: Input<'_>, depth: usize) -> Parsed<'_, Value> {
    match i.rest() {
        [b'(', b')', ..] => Ok((i.skip(2), Value::List(Vec::new()))),
        [b'(', ..] => tagged_ext_comp(i, depth),
        [b'0'..=b'9' | b'*' | b'$', ..] => {
            // A number is a set with one number, but for 0 and what is above 32 bits.
            let end = match sequence_set(i) {
                Ok((end, _)) => end,
                Err(fault) => match number64(i) {
                    Ok((end, _)) if !matches!(end.peek(), Some(b':' | b',')) => end,
                    _ => return Err(fault),
                },
            };
            simple_until(i, end)
        }
        [b'-', ..] => simple_until(i, partial_range(i)?.0),
        _ => i.fail(expected!("tagged-ext-val", "a number, a set or a list")),
    }
}

/// `tagged-ext-simple`, which was found to end at `end`.
fn simple_until<'a>(i: Input<'a>, end: Input<'a>) -> Parsed<'a, Value> {
    let (rest, word) = bare(i)?;
    if rest.at() == end.at() {
        return Ok((rest, Value::Bare(word)));
    }
    // Such as `5]`, where the value ends before the word does.
    match Bare::try_from(i.until(end)) {
        Ok(word) => Ok((end, Value::Bare(word))),
        Err(_) => i.fail(expected!("tagged-ext-val", "a number, a set or a list")),
    }
}

/// ```abnf
/// tagged-ext-comp = astring / tagged-ext-comp *(SP tagged-ext-comp) /
///                   "(" tagged-ext-comp ")"     ; RFC 9051 section 9
/// ```
///
/// One of the parts that the spaces separate. Lists are never empty.
pub(crate) fn tagged_ext_comp(i: Input<'_>, depth: usize) -> Parsed<'_, Value> {
    match i.peek() {
        Some(b'"' | b'{') => string(i).map(|(i, string)| (i, Value::String(string))),
        Some(b'(') => {
            let depth = depth.saturating_add(1);
            within_depth_limit(i, depth)?;
            let (i, items) = sp_separated(i.skip(1), |i| tagged_ext_comp(i, depth))?;
            let (i, ()) = close(i)?;
            Ok((i, Value::List(items)))
        }
        _ => {
            let (rest, word) = astring(i)?;
            match Bare::try_from(word.to_octets()) {
                Ok(word) => Ok((rest, Value::Bare(word))),
                Err(_) => i.fail(expected!("astring", "an atom or a string")),
            }
        }
    }
}

impl Writer<'_> {
    /// ` (name value ..)`, with the space before it; nothing where there are no parameters.
    pub(crate) fn parameters<T>(
        &mut self,
        parameters: &[T],
        parameter: impl FnMut(&mut Self, &T) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        if parameters.is_empty() {
            return Ok(());
        }
        self.sp();
        self.list(parameters, parameter)
    }

    /// A parameter that has no type, or one of those `typed` whose value could not be read, of a command that has
    /// the names `known` too.
    pub(crate) fn other_parameter(
        &mut self,
        parameter: &Parameter,
        typed: &[&str],
        known: &[(&str, Form)],
    ) -> Result<(), EncodeError> {
        if matches!(parameter.value, Some(Value::Invalid(_))) {
            return self.parameter(parameter);
        }
        if typed.iter().any(|typed| parameter.name == *typed) {
            return Err(EncodeError::new(EncodeErrorKind::Combination, "the name of a parameter"));
        }
        let Some(form) = form_of(&parameter.name, known) else { return self.parameter(parameter) };
        if !form.fits(parameter.value.as_ref()) {
            return Err(EncodeError::new(EncodeErrorKind::Combination, "a parameter and its value"));
        }
        self.bytes(parameter.name.as_bytes());
        if let Some(value) = &parameter.value {
            self.sp();
            self.value(value)?;
        }
        Ok(())
    }

    /// `tagged-ext = tagged-ext-label SP tagged-ext-val` (RFC 4466 section 3): a parameter that has a value.
    pub(crate) fn tagged_ext(&mut self, parameter: &Parameter) -> Result<(), EncodeError> {
        if parameter.value.is_none() {
            return Err(EncodeError::new(EncodeErrorKind::Empty, "the value of a parameter"));
        }
        self.parameter(parameter)
    }

    /// `name [SP value]`
    pub(crate) fn parameter(&mut self, parameter: &Parameter) -> Result<(), EncodeError> {
        self.bytes(parameter.name.as_bytes());
        if let Some(value) = &parameter.value {
            self.sp();
            self.tagged_ext_val(value)?;
        }
        Ok(())
    }

    /// `tagged-ext-val`
    pub(crate) fn tagged_ext_val(&mut self, value: &Value) -> Result<(), EncodeError> {
        let fits = match value {
            Value::Bare(bare) => bare
                .as_bytes()
                .iter()
                .all(|byte| matches!(byte, b'0'..=b'9' | b':' | b',' | b'*' | b'$' | b'-')),
            Value::List(items) => items.iter().all(is_tagged_ext_comp),
            Value::Invalid(_) => true,
            Value::String(_) => self.profile.relay_invalid,
        };
        if !fits && !self.profile.relay_invalid {
            return Err(EncodeError::new(EncodeErrorKind::Combination, "a parameter and its value"));
        }
        self.value(value)
    }
}

/// Whether `value` is `tagged-ext-comp`: an astring, or such in a list that is not empty.
fn is_tagged_ext_comp(value: &Value) -> bool {
    match value {
        Value::Bare(bare) => chars::run(Class::ASTRING_CHAR, bare.as_bytes()) == bare.as_bytes().len(),
        Value::String(_) | Value::Invalid(_) => true,
        Value::List(items) => !items.is_empty() && items.iter().all(is_tagged_ext_comp),
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use imap_types::{
        command::{Command, CommandBody},
        mailbox::Mailbox,
        select::SelectParameter,
    };

    use super::*;
    use crate::{encode_command, profile::EncodeProfile};

    #[test]
    fn a_known_parameter_is_sent_in_its_form_and_an_unknown_one_in_any() {
        let bare = |text| Bare::try_from(text).map(Value::Bare);
        let mailbox = || Mailbox::try_from("x");
        for (name, value, of_create, of_select) in [
            ("USE", None, false, true),
            ("USE", bare("1").ok(), false, true),
            ("USE", Some(Value::List(vec![])), true, true),
            ("use", Some(Value::List(bare("\\Sent").into_iter().collect())), true, false),
            ("USE", Some(Value::List(bare("Sent").into_iter().collect())), false, true),
            ("ANNOTATE", None, true, true),
            ("ANNOTATE", bare("1").ok(), true, false),
            ("PARTIAL", bare("5").ok(), true, true),
            ("CONDSTORE", None, true, false),
        ] {
            let parameter = || Atom::try_from(name).map(|name| Parameter { name, value: value.clone() });
            let sent = |body| {
                let command = Command::new("A1", body);
                command.map(|command| encode_command(&command, &EncodeProfile::client()).is_ok())
            };
            let parameters = parameter().into_iter().collect();
            let create = mailbox().map(|mailbox| sent(CommandBody::Create { mailbox, parameters }));
            assert_eq!(create, Ok(Ok(of_create)), "CREATE x ({name} {value:?})");
            let parameters = parameter().into_iter().map(SelectParameter::Other).collect();
            let select = mailbox().map(|mailbox| sent(CommandBody::Select { mailbox, parameters }));
            assert_eq!(select, Ok(Ok(of_select)), "SELECT x ({name} {value:?})");
        }
        for (range, fits) in [
            ("1:5", true),
            ("-1:-5", true),
            ("1:-5", false),
            ("0:1", false),
            ("1", false),
            ("1:4294967296", false),
        ] {
            assert_eq!(is_partial_range(range.as_bytes()), fits, "{range}");
        }
    }
}
