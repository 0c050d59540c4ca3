//! How a client session behaves.

use core::time::Duration;

use imap_codec::DecodeOptions;

use crate::{tag::TagPrefix, time};

/// How a client session behaves. One configuration is shared by any number of sessions, in an `Arc`.
///
/// ```
/// use imap_fsm::client::{Config, Tls};
///
/// let mut config = Config::default();
/// config.tls = Tls::Optional; // a test server on this machine
/// config.idle_renew = None;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// How the server is read, and with what limits. Default: tolerant of what real servers send.
    pub decode: DecodeOptions,
    /// What tags begin with. Default: `a`.
    pub tag_prefix: TagPrefix,
    /// What may be sent without TLS. Default: [`Tls::Required`].
    pub tls: Tls,
    /// What becomes of a command that commands in flight forbid. Default: [`Blocked::Wait`].
    pub blocked: Blocked,
    /// The form of literals. Default: [`LiteralForm::Fastest`].
    pub literals: LiteralForm,
    /// Whether parts that were received invalid are sent on as they came: for proxies. Default: no, such a command is refused.
    pub relay_invalid: bool,
    /// A literal of the server from this size on, in bytes, is handed over piece by piece as it arrives, instead of being
    /// collected into its message. Default: `None`, all are collected.
    pub stream_above: Option<u64>,
    /// Whether the session asks for the capabilities by itself where they are not known: after the greeting, TLS and
    /// authentication, unless the server told them. Default: yes.
    pub ask_capabilities: bool,
    /// What a tagged reply means whose tag no command has. Default: [`StrayReply::Report`].
    pub stray_reply: StrayReply,
    /// The most commands that may wait or be in flight. Default: 1,024, as many as are judged; more are never taken.
    pub commands: usize,
    /// How long the greeting may take. Default: 60 s.
    pub greeting_timeout: Option<Duration>,
    /// How long IDLE runs before it is begun anew. Default: 29 minutes, one less than a server has to wait.
    pub idle_renew: Option<Duration>,
    /// How long a command may be without its reply before that is reported. IDLE does not count. Default: off.
    pub reply_timeout: Option<Duration>,
    /// How long the server may be silent while a literal waits for its `+`, or arrives, before that is reported.
    /// Default: off.
    pub literal_timeout: Option<Duration>,
}

/// What may be sent without TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tls {
    /// CAPABILITY, NOOP, ID, STARTTLS and LOGOUT, and nothing else. A greeting that makes STARTTLS impossible (PREAUTH)
    /// ends the session.
    #[default]
    Required,
    /// Everything but what gives credentials away: LOGIN, and AUTHENTICATE with a mechanism that sends a password or a
    /// token as it is.
    ForCredentials,
    /// Everything.
    Optional,
}

/// What becomes of a command that has to wait for the replies to others (RFC 9051 section 5.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Blocked {
    /// It waits, and so do those behind it.
    #[default]
    Wait,
    /// It is refused.
    Refuse,
}

/// The form of the literals that a client sends (RFC 9051 section 4.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LiteralForm {
    /// Without waiting where the server is known to take it: all with LITERAL+, those of up to 4096 bytes with LITERAL- and
    /// IMAP4rev2. A payload that is streamed waits where it is larger than that in any case, so that the server can
    /// refuse it before it is sent.
    #[default]
    Fastest,
    /// Always waiting for `+`.
    Synchronizing,
}

/// What a tagged reply means whose tag no command has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum StrayReply {
    /// A violation that is reported.
    #[default]
    Report,
    /// A violation that ends the session: the two sides do not speak of the same commands any more.
    End,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            decode: DecodeOptions::tolerant_of_servers(),
            tag_prefix: TagPrefix::default(),
            tls: Tls::default(),
            blocked: Blocked::default(),
            literals: LiteralForm::default(),
            relay_invalid: false,
            stream_above: None,
            ask_capabilities: true,
            stray_reply: StrayReply::default(),
            commands: crate::pending::Pending::<()>::MOST,
            greeting_timeout: Some(time::MINUTE),
            idle_renew: Some(time::MINUTE.saturating_mul(29)),
            reply_timeout: None,
            literal_timeout: None,
        }
    }
}
