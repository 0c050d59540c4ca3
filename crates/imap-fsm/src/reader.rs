//! The framer of a session, while it has something to read: an idle session does without.

use alloc::boxed::Box;

use bytes::Bytes;
use imap_codec::{
    frame::{Event, Frame, Framer},
    limits::Limits,
};

/// The most bytes of a message that are decoded before it is complete.
const WORTH_A_LOOK: usize = 128 * 1024;

/// How often each byte of a stream may be decoded before its message is complete, on average and beyond the first
/// [`WORTH_A_LOOK`]. So the work for a message of many large literals stays linear in its bytes.
const LOOKS: u64 = 4;

/// A framer that is there once bytes come, and until the session rests.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    framer: Option<Box<Reading>>,
    /// The place in the stream at which the next framer begins.
    offset: u64,
}

#[derive(Debug)]
struct Reading {
    framer: Framer,
    /// How many bytes were decoded before their message was complete.
    looked: u64,
}

impl Reader {
    /// The framer; `new` makes one where there is none.
    pub(crate) fn ready(&mut self, new: impl FnOnce() -> Framer) -> &mut Framer {
        let offset = self.offset;
        let begin = || Box::new(Reading { framer: new().starting_at(offset), looked: 0 });
        &mut self.framer.get_or_insert_with(begin).framer
    }

    pub(crate) fn next_event(&mut self) -> Option<Event> {
        self.framer.as_mut()?.framer.next_event()
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.framer.as_ref().is_none_or(|reading| reading.framer.is_idle())
    }

    pub(crate) fn take_unread(&mut self) -> Bytes {
        self.framer.as_mut().map(|reading| reading.framer.take_unread()).unwrap_or_default()
    }

    pub(crate) fn partial(&self) -> &[u8] {
        self.framer.as_ref().map(|reading| reading.framer.partial()).unwrap_or_default()
    }

    /// As [`Framer::partial_frame`]; `None` where so much was collected already that looking at it again for every literal
    /// would be more work than the bytes are worth.
    pub(crate) fn partial_frame(&mut self, end: &[u8]) -> Option<Frame> {
        let Reading { framer, looked } = &mut **self.framer.as_mut()?;
        let length = framer.partial().len();
        let worth = framer.offset().saturating_mul(LOOKS).saturating_add(WORTH_A_LOOK as u64);
        if length > WORTH_A_LOOK || *looked > worth {
            return None;
        }
        *looked = looked.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        framer.partial_frame(end)
    }

    pub(crate) fn keep_blank_lines(&mut self, keep: bool) {
        if let Some(reading) = &mut self.framer {
            reading.framer.keep_blank_lines(keep);
        }
    }

    pub(crate) fn set_limits(&mut self, limits: Limits) {
        if let Some(reading) = &mut self.framer {
            reading.framer.options_mut().limits = limits;
        }
    }

    pub(crate) fn accept(&mut self) {
        if let Some(reading) = &mut self.framer {
            reading.framer.accept();
        }
    }

    pub(crate) fn stream(&mut self) {
        if let Some(reading) = &mut self.framer {
            reading.framer.stream();
        }
    }

    pub(crate) fn refuse(&mut self) {
        if let Some(reading) = &mut self.framer {
            reading.framer.refuse();
        }
    }

    /// Releases the framer where it holds nothing.
    pub(crate) fn shrink(&mut self) {
        if let Some(reading) = self.framer.take_if(|reading| reading.framer.is_idle()) {
            self.offset = reading.framer.offset();
        }
    }
}
