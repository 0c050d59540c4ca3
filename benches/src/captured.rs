//! Messages of real sessions: those of `tests/data/captures` that all contenders read, each once.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use imap_codec::{
    DecodeOptions, Side, decode_command, decode_response,
    frame::{Event, Framer, FramerOptions},
};
use peer_imap_codec::{CommandCodec, ResponseCodec, decode::Decoder};

/// The longest message that is kept, so that the many short ones count.
const LONGEST: usize = 4096;

/// One of so many is kept: enough of all kinds.
const ONE_OF: usize = 4;

/// Writes `captured.imap` and `captured_commands.imap`.
pub fn write(data: &Path) -> io::Result<()> {
    let mut files = Vec::new();
    find(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/captures"), &mut files)?;
    files.sort();
    let (mut responses, mut commands) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for file in files {
        let lines = fs::read_to_string(&file)?;
        for (side, dir, out) in [(Side::Server, "S", &mut responses), (Side::Client, "C", &mut commands)] {
            for message in messages(side, &bytes(&lines, dir)) {
                // Numbers differ without end; a message is another one where its letters are.
                let shape: Vec<u8> = message.iter().copied().filter(|byte| !byte.is_ascii_digit()).collect();
                if seen.insert(shape) && seen.len() % ONE_OF == 0 {
                    out.extend_from_slice(&message);
                }
            }
        }
    }
    for (name, bytes) in [("captured.imap", responses), ("captured_commands.imap", commands)] {
        println!("{name}: {} bytes", bytes.len());
        fs::write(data.join(name), bytes)?;
    }
    Ok(())
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "jsonl") {
            files.push(path);
        }
    }
    Ok(())
}

/// What one side sent: lines of `{"t": .., "dir": "S", "b64": ".."}`.
fn bytes(lines: &str, dir: &str) -> Vec<u8> {
    let of_dir = lines.lines().filter(|line| line.contains(&format!("\"dir\": \"{dir}\"")));
    let pieces = of_dir.filter_map(|line| line.split("\"b64\": \"").nth(1)?.split('"').next());
    pieces.flat_map(|piece| STANDARD.decode(piece).unwrap_or_default()).collect()
}

/// The messages that all contenders read and that are cut at their line ends.
fn messages(side: Side, bytes: &[u8]) -> Vec<Vec<u8>> {
    let options = DecodeOptions::strict();
    let mut framer = Framer::new(side, FramerOptions::offline(&options));
    framer.push(bytes);
    let mut messages = Vec::new();
    while let Some(event) = framer.next_event() {
        let Event::Message(frame) = event else { continue };
        let message = frame.as_bytes();
        let plain = |line: &[u8]| !line.ends_with(b"}\r\n");
        let read = match side {
            Side::Server => {
                decode_response(&frame, &options).is_ok()
                    && ResponseCodec::new().decode(message).is_ok_and(|(rest, _)| rest.is_empty())
                    && peer_imap_proto::Response::parse(message).is_ok_and(|(rest, _)| rest.is_empty())
            }
            Side::Client => {
                decode_command(&frame, &options).is_ok()
                    && CommandCodec::new().decode(message).is_ok_and(|(rest, _)| rest.is_empty())
            }
        };
        if read && message.len() <= LONGEST && plain(message) {
            messages.push(message.to_vec());
        }
    }
    messages
}
