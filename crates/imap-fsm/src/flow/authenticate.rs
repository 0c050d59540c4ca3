//! AUTHENTICATE (RFC 9051 section 6.2.2): challenges and responses, whatever the SASL mechanism.

use imap_types::{octets::Octets, secret::Secret};

/// An AUTHENTICATE in progress, from the client's side.
#[derive(Clone, Debug)]
pub(crate) struct Authenticate {
    pub(crate) handle: u64,
    /// An initial response that could not be sent with the command: the answer to the first, empty challenge.
    held: Option<Secret<Octets>>,
    /// Whether a challenge waits for its answer.
    challenged: bool,
}

/// What a challenge asks for.
#[derive(Clone, Debug)]
pub(crate) enum Challenged {
    /// This is the answer.
    Answer(Secret<Octets>),
    /// The owner has to answer.
    Ask,
    /// Nothing: the one before it has no answer yet.
    Nothing,
}

impl Authenticate {
    pub(crate) const fn new(handle: u64, held: Option<Secret<Octets>>) -> Self {
        Self { handle, held, challenged: false }
    }

    /// A challenge came, with or without data.
    pub(crate) fn on_challenge(&mut self, empty: bool) -> Challenged {
        if self.challenged {
            return Challenged::Nothing;
        }
        // Where the server speaks first, an initial response is none.
        match self.held.take().filter(|_| empty) {
            Some(answer) => Challenged::Answer(answer),
            None => {
                self.challenged = true;
                Challenged::Ask
            }
        }
    }

    /// Whether an answer may be sent now; it then counts as sent.
    pub(crate) const fn take_turn(&mut self) -> bool {
        core::mem::replace(&mut self.challenged, false)
    }

    /// Whether a challenge waits for its answer.
    pub(crate) const fn is_challenged(&self) -> bool {
        self.challenged
    }
}

/// Whether credentials of this mechanism can be used by whoever reads them on the way: a password, or a token that is as
/// good as one. Mechanisms that are not known here are taken to be so.
pub(crate) fn is_plaintext(mechanism: &str) -> bool {
    let name = mechanism.to_ascii_uppercase();
    let safe = ["CRAM-MD5", "DIGEST-MD5", "GSSAPI", "NTLM", "ANONYMOUS", "EXTERNAL"];
    !(safe.contains(&name.as_str()) || name.starts_with("SCRAM-") || name.starts_with("GS2-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_response_answers_only_an_empty_first_challenge() {
        let response = || Some(Secret::new(Octets::from("x")));
        let mut first = Authenticate::new(1, response());
        assert!(matches!(first.on_challenge(true), Challenged::Answer(_)) && !first.is_challenged());
        assert!(
            matches!(first.on_challenge(true), Challenged::Ask) && first.take_turn() && !first.take_turn()
        );
        let mut other = Authenticate::new(1, response());
        assert!(matches!(other.on_challenge(false), Challenged::Ask));
        assert!(matches!(other.on_challenge(true), Challenged::Nothing) && other.take_turn());
        assert!(matches!(other.on_challenge(true), Challenged::Ask));
    }

    #[test]
    fn s04_what_is_not_known_to_be_safe_is_plaintext() {
        assert!(
            is_plaintext("plain")
                && is_plaintext("LOGIN")
                && is_plaintext("OAUTHBEARER")
                && is_plaintext("X-Y")
        );
        assert!(!is_plaintext("Scram-SHA-256-PLUS") && !is_plaintext("CRAM-MD5"));
    }
}
