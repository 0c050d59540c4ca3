//! Literals: what the owner is asked about them, and decides.

use bytes::Bytes;
use imap_types::atom::Tag;

use super::{
    Frame, Framer, LiteralPolicy, State,
    event::{Event, FrameErrorKind, LiteralStop, StreamedLiteral},
    head,
    scan::Announced,
    u64_of,
};
use crate::Side;

impl Framer {
    /// The message so far, up to the header of the literal at which the framer stopped.
    #[must_use]
    pub fn partial(&self) -> &[u8] {
        if self.partial.is_empty() {
            self.source().get(..self.pos).unwrap_or_default()
        } else {
            &self.partial
        }
    }

    /// The message so far as a frame of its own, up to the header of the literal at which the framer stopped, as if that
    /// were streamed and `end` and CRLF followed: decoding it says what is known before the payload comes. `None` where
    /// the framer has not stopped.
    ///
    /// ```
    /// use imap_codec::{DecodeOptions, Side, decode_response, frame::{Event, Framer, FramerOptions}};
    ///
    /// let options = DecodeOptions::tolerant_of_servers();
    /// let mut framer = Framer::new(Side::Server, FramerOptions { stream_above: Some(100), ..FramerOptions::new(&options) });
    /// framer.push(b"* 7 FETCH (UID 4827 BODY[] {5000}\r\n");
    /// assert!(matches!(framer.next_event(), Some(Event::Literal(_))));
    /// let so_far = framer.partial_frame(b")").unwrap();
    /// assert!(decode_response(&so_far, &options).is_ok());
    /// ```
    #[must_use]
    pub fn partial_frame(&self, end: &[u8]) -> Option<Frame> {
        let State::Stop(stop, _) = self.state else { return None };
        let partial = self.partial();
        let mut streamed = self.streamed.clone();
        streamed.push(StreamedLiteral { at: partial.len(), size: stop.size });
        let mut frame = Frame::new(Bytes::from([partial, end, b"\r\n"].concat()));
        frame.streamed = streamed;
        Some(frame)
    }

    /// The tag of the message that is being read, where its first line is there.
    #[must_use]
    pub fn tag(&self) -> Option<Tag> {
        head::tag(self.partial(), self.side)
    }

    /// Collects the payload of the literal at which the framer stopped into the message. The owner sends
    /// `+` where the literal is synchronizing. Without effect where the framer has not stopped.
    pub fn accept(&mut self) {
        if let State::Stop(stop, announced) = self.state {
            self.state = if stop.fits { State::Collect(stop.size) } else { State::Unfit(announced) };
        }
    }

    /// Hands the payload to the owner: [`Event::Chunk`]s as they arrive, and [`Event::StreamEnd`]. The framer
    /// holds no more of it than was pushed. Then the message goes on; its frame holds the header, and
    /// [`Frame::streamed`](super::Frame::streamed) says where the payload was. The owner sends `+` where the literal is synchronizing.
    /// Without effect where the framer has not stopped.
    pub fn stream(&mut self) {
        if let State::Stop(stop, _) = self.state {
            self.leave_out(stop.size);
            self.state = State::Stream(stop.size);
        }
    }

    /// As [`Framer::stream`], with the payload going nowhere.
    pub fn discard(&mut self) {
        if let State::Stop(stop, _) = self.state {
            self.leave_out(stop.size);
            self.state = State::Discard(stop.size);
        }
    }

    /// Gives the message up, and [`Event::Skipped`] says where it ended. After a synchronizing literal that is
    /// here: the owner answers with a tagged NO or BAD ([`Framer::tag`], before this call), and the client
    /// goes on with its next command. Otherwise the payload and the rest of the message are skipped.
    /// Without effect where the framer has not stopped.
    pub fn refuse(&mut self) {
        if let State::Stop(stop, _) = self.state {
            self.drop_scanned();
            self.state = if stop.synchronizing { State::Skipped } else { State::SkipPayload(stop.size) };
        }
    }

    /// The payload that follows stays out of the frame.
    pub(super) fn leave_out(&mut self, size: u64) {
        self.gather(self.pos);
        let at = self.partial.len();
        self.streamed.push(StreamedLiteral { at, size });
        self.line_start = at;
    }

    /// A literal was announced: collect it, ask, or refuse it.
    pub(super) fn begin_literal(&mut self, announced: Announced) -> Option<Event> {
        self.literals = self.literals.saturating_add(1);
        let limits = self.options.limits;
        if self.literals > limits.literals {
            return Some(self.literal_error(FrameErrorKind::Literals, announced));
        }
        let Some(size) = announced.size else {
            return Some(self.literal_error(FrameErrorKind::LiteralSize, announced));
        };
        // The first line says which command it is.
        if !self.partial.is_empty() {
            self.gather(self.pos);
        }
        let is_message = self.side == Side::Server || head::is_message_literal(self.partial(), self.literals);
        let limit = if is_message { limits.literal } else { limits.argument_literal };
        let total = u64_of(self.scanned()).saturating_add(size);
        let too_large = size > u64_of(limit);
        let fits = !too_large && total <= u64_of(self.message_limit());
        let synchronizing = self.side == Side::Client && !announced.non_sync;
        let streamable = is_message && self.options.stream_above.is_some_and(|above| size > above);
        match self.options.literals {
            LiteralPolicy::Ask if streamable || (synchronizing && fits) => {
                let stop = LiteralStop {
                    offset: self.offset.saturating_add(self.span().length),
                    size,
                    synchronizing,
                    literal8: announced.eight,
                    fits,
                };
                self.state = State::Stop(stop, announced);
                None
            }
            LiteralPolicy::Ask | LiteralPolicy::Accept if fits => {
                self.state = State::Collect(size);
                None
            }
            LiteralPolicy::Ask | LiteralPolicy::Accept => {
                let kind = if too_large { FrameErrorKind::Literal } else { FrameErrorKind::Message };
                Some(self.literal_error(kind, announced))
            }
        }
    }
}
