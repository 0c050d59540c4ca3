//! NAMESPACE: the data of the response.

use alloc::vec::Vec;

use imap_types::{
    namespace::{Namespace, NamespaceResponse},
    string::IString,
    vec1::Vec1,
};

use nom::{
    Parser as _,
    sequence::{delimited, terminated},
};

use crate::{
    cursor::{Input, Parsed, close, open, sp, sp_separated, within_list_limit},
    error::{EncodeError, expected},
    list::delimiter,
    string::{nil, string},
    tolerance::Quirk,
    writer::Writer,
};

/// The data of NAMESPACE, after the word and its space.
///
/// ```abnf
/// namespace-response = "NAMESPACE" SP namespace SP namespace SP namespace     ; RFC 9051 section 9
/// ```
pub(crate) fn namespace_response(i: Input<'_>) -> Parsed<'_, NamespaceResponse> {
    let (i, personal) = namespace(i)?;
    let (i, ()) = sp(i)?;
    let (i, other_users) = namespace(i)?;
    let (i, ()) = sp(i)?;
    let (i, shared) = namespace(i)?;
    Ok((i, NamespaceResponse { personal, other_users, shared }))
}

/// ```abnf
/// namespace = nil / "(" 1*namespace-descr ")"     ; RFC 9051 section 9
/// ```
fn namespace(i: Input<'_>) -> Parsed<'_, Vec<Namespace>> {
    if !i.next_is(b'(') {
        return match nil(i) {
            Ok((i, ())) => Ok((i, Vec::new())),
            Err(_) => i.fail(expected!("namespace", "a list of namespaces or NIL")),
        };
    }
    let (mut i, ()) = gap(i.skip(1))?;
    let mut namespaces = Vec::new();
    loop {
        //= rfc9051#section-6.3.10
        //# there MAY be multiples of these, and a client MUST be prepared for them.
        let (rest, each) = namespace_descr(i)?;
        i = gap(within_list_limit(rest, namespaces.len())?.0)?.0;
        namespaces.push(each);
        if i.next_is(b')') {
            return Ok((i.skip(1), namespaces));
        }
    }
}

/// Nothing, or a space where the decoder overlooks it.
fn gap(i: Input<'_>) -> Parsed<'_, ()> {
    if i.next_is(b' ') && i.tolerates(Quirk::SpaceInNamespace) {
        return Ok((i.skip(1), ()));
    }
    Ok((i, ()))
}

/// ```abnf
/// namespace-descr = "(" string SP (DQUOTE QUOTED-CHAR DQUOTE / nil)
///                   [namespace-response-extensions] ")"     ; RFC 9051 section 9
/// namespace-response-extensions = *namespace-response-extension
/// ```
fn namespace_descr(i: Input<'_>) -> Parsed<'_, Namespace> {
    let (i, ()) = gap(open(i)?.0)?;
    let (i, prefix) = string(i)?;
    let (i, ()) = sp(i)?;
    let (mut i, delimiter) = delimiter(i)?;
    let mut extensions = Vec::new();
    while i.next_is(b' ') && !i.rest().starts_with(b" )") {
        let (rest, extension) = namespace_response_extension(i)?;
        i = within_list_limit(rest, extensions.len())?.0;
        extensions.push(extension);
    }
    let (i, ()) = close(gap(i)?.0)?;
    Ok((i, Namespace { prefix, delimiter, extensions }))
}

/// ```abnf
/// namespace-response-extension = SP string SP "(" string *(SP string) ")"     ; RFC 9051 section 9
/// ```
fn namespace_response_extension(i: Input<'_>) -> Parsed<'_, (IString, Vec1<IString>)> {
    let (i, name) = delimited(sp, string, sp).parse(i)?;
    let (start, ()) = open(i)?;
    let (i, values) = terminated(|i| sp_separated(i, string), close).parse(start)?;
    match Vec1::try_from(values) {
        Ok(values) => Ok((i, (name, values))),
        Err(_) => start.fail(expected!("string", "a string")),
    }
}

impl Writer<'_> {
    /// `namespace-response`, after the word and its space.
    pub(crate) fn namespace_response(&mut self, data: &NamespaceResponse) -> Result<(), EncodeError> {
        self.namespaces(&data.personal)?;
        self.sp();
        self.namespaces(&data.other_users)?;
        self.sp();
        self.namespaces(&data.shared)
    }

    /// `namespace`
    fn namespaces(&mut self, namespaces: &[Namespace]) -> Result<(), EncodeError> {
        if namespaces.is_empty() {
            self.bytes(b"NIL");
            return Ok(());
        }
        self.bytes(b"(");
        for namespace in namespaces {
            self.bytes(b"(");
            self.string(&namespace.prefix)?;
            self.sp();
            self.delimiter(namespace.delimiter)?;
            for (name, values) in &namespace.extensions {
                self.sp();
                self.string(name)?;
                self.sp();
                self.list(values, Self::string)?;
            }
            self.bytes(b")");
        }
        self.bytes(b")");
        Ok(())
    }
}
