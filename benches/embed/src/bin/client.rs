//! A client that logs in and selects INBOX, over standard input and output.

use std::{
    io::{self, Read as _, Write as _},
    sync::Arc,
};

use imap_fsm::{
    client::{Client, Config, Event},
    time::Time,
};
use imap_types::command::CommandBody;

fn main() -> io::Result<()> {
    let mut client = Client::protected(Arc::new(Config::default()), Time::ZERO);
    for body in [CommandBody::login("joe", "sesame"), CommandBody::select("INBOX")] {
        let body = body.map_err(io::Error::other)?;
        client.send(body, Time::ZERO).map_err(|_| io::ErrorKind::InvalidInput)?;
    }
    let (mut socket, mut buffer) = (io::stdin().lock(), [0; 4096]);
    while let len @ 1.. = socket.read(&mut buffer)? {
        client.handle_bytes(&buffer[..len], Time::ZERO);
        while let Some(event) = client.poll_event() {
            if let Event::Ended(_) = event {
                return Ok(());
            }
        }
        while let Some(bytes) = client.poll_transmit() {
            io::stdout().write_all(&bytes)?;
        }
    }
    Ok(())
}
