//! How a server session behaves.

use alloc::{sync::Arc, vec::Vec};
use core::{fmt, time::Duration};

use imap_codec::{DecodeOptions, limits::Limits};
use imap_types::{capability::Capability, command::CommandBody, error::ValidationError};

use super::Reply;
use crate::{state::State, time};

/// How a server session behaves. One configuration is shared by any number of sessions, in an `Arc`.
///
/// ```
/// use imap_fsm::server::Config;
///
/// let mut config = Config::new(["IMAP4rev2", "IMAP4rev1", "STARTTLS", "AUTH=PLAIN", "SASL-IR", "IDLE", "LITERAL+"])?;
/// config.require_tls = true;
/// # Ok::<(), imap_types::error::ValidationError>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Config {
    /// What the server can do. The session tells what fits the moment: STARTTLS only while there is no TLS, mechanisms and
    /// LOGINDISABLED only before authentication, and a command whose capability is not listed here is refused.
    pub capabilities: Vec<Capability>,
    /// How clients are read, and with what limits once they are authenticated. Default: tolerant of what real clients
    /// send.
    pub decode: DecodeOptions,
    /// The limits before authentication. Default: [`Limits::SERVER_BEFORE_AUTHENTICATION`].
    pub limits_before: Limits,
    /// The one place where commands are allowed or refused. Default: none, all are allowed.
    pub authorize: Option<Arc<dyn Authorize>>,
    /// Whether LOGIN, and AUTHENTICATE with a mechanism that sends a password or token as it is, need TLS. Default: yes.
    pub require_tls: bool,
    /// A message in APPEND or REPLACE from this size on, in bytes, is handed over piece by piece as it arrives, after
    /// [`Event::Upload`](super::Event::Upload); smaller ones are collected into the command. Default: `None`, all are
    /// collected, as far as the limits allow.
    pub upload_above: Option<u64>,
    /// Whether parts that were received invalid are sent on as they came: for proxies. Default: no, such data is refused.
    pub relay_invalid: bool,
    /// How many commands are handed over at a time, where they are independent of each other
    /// ([`independent`](crate::permit::independent)). Default: 1, each waits for the reply to the one before.
    pub parallel: usize,
    /// While more than so many bytes wait to be sent, no further command is read. Default: 256 KiB.
    pub backlog: usize,
    /// Whether commands that this library does not know are handed over too; otherwise they are answered with BAD.
    /// Default: no.
    pub hand_over_unknown: bool,
    /// The bad commands in a row after which the session says BYE, before authentication. Default: 3.
    pub bad_commands_before: u32,
    /// The same after authentication. Default: 20.
    pub bad_commands: u32,
    /// How long a client may be silent, while no command waits for its reply. Default: 30 minutes, the least that RFC 9051 section 5.4 allows after
    /// authentication.
    pub autologout: Option<Duration>,
    /// How long authentication may take. Default: 60 s.
    pub authentication_timeout: Option<Duration>,
    /// How long the payload of a literal may be without a byte before that is reported. Default: off.
    pub literal_timeout: Option<Duration>,
}

impl Config {
    /// A server that can do this: `IMAP4rev1` or `IMAP4rev2` and whatever else.
    ///
    /// # Errors
    /// Where one of the names is no capability.
    pub fn new<C>(capabilities: impl IntoIterator<Item = C>) -> Result<Self, ValidationError>
    where
        C: TryInto<Capability>,
        ValidationError: From<C::Error>,
    {
        let mut names = Vec::new();
        for name in capabilities {
            names.push(name.try_into()?);
        }
        Ok(Self {
            capabilities: names,
            decode: DecodeOptions::tolerant_of_clients(),
            limits_before: Limits::SERVER_BEFORE_AUTHENTICATION,
            authorize: None,
            //= rfc9051#section-11.7
            //# A server implementation MUST implement a configuration that, at the time of authentication,
            //# requires:
            require_tls: true,
            upload_above: None,
            relay_invalid: false,
            parallel: 1,
            backlog: 256 * 1024,
            hand_over_unknown: false,
            bad_commands_before: 3,
            bad_commands: 20,
            //= rfc9051#section-5.4
            //# If a server has an inactivity autologout timer that applies to sessions after authentication,
            //# the duration of that timer MUST be at least 30 minutes.
            autologout: Some(time::MINUTE.saturating_mul(30)),
            authentication_timeout: Some(time::MINUTE),
            literal_timeout: None,
        })
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("capabilities", &self.capabilities)
            .field("authorize", &self.authorize.is_some())
            .field("require_tls", &self.require_tls)
            .finish_non_exhaustive()
    }
}

/// Allows or refuses commands: the one place where a server decides who may do what.
///
/// Asked for every command that is well-formed and valid in the state, before anything else happens: before the session
/// answers it by itself, before it is handed over, and before the payload of a literal is taken, when what is known of
/// the command ends with that literal.
pub trait Authorize: Send + Sync {
    /// Whether the command may go on.
    ///
    /// # Errors
    /// The reply with which it is refused: a NO or a BAD; any other is sent as NO.
    fn authorize(&self, request: &Request<'_>) -> Result<(), Reply>;
}

impl<F> Authorize for F
where
    F: Fn(&Request<'_>) -> Result<(), Reply> + Send + Sync,
{
    fn authorize(&self, request: &Request<'_>) -> Result<(), Reply> {
        self(request)
    }
}

/// A command that waits for permission.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Request<'r> {
    /// The command, as far as it is known.
    pub command: &'r CommandBody,
    /// The size of the payload that is still to come, where the command is not complete.
    pub payload: Option<u64>,
    /// The state.
    pub state: State,
    /// Whether TLS protects the connection.
    pub protected: bool,
    /// Who logged in: what the owner said with [`Server::set_user`](super::Server::set_user).
    pub user: Option<&'r str>,
}
