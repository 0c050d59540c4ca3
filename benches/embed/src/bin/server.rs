//! A server that says OK to all that it is asked, over standard input and output.

use std::{
    io::{self, Read as _, Write as _},
    sync::Arc,
};

use imap_fsm::{
    server::{Config, Event, Reply, Server},
    time::Time,
};
use imap_types::response::Greeting;

fn main() -> io::Result<()> {
    let config = Config::new(["IMAP4rev1", "IMAP4rev2"]).map_err(io::Error::other)?;
    let mut server = Server::protected(Arc::new(config), Time::ZERO);
    let misuse = |_| io::Error::from(io::ErrorKind::InvalidInput);
    server.greet(Greeting::ok("ready").map_err(io::Error::other)?, Time::ZERO).map_err(misuse)?;
    let (mut socket, mut buffer) = (io::stdin().lock(), [0; 4096]);
    loop {
        while let Some(bytes) = server.poll_transmit() {
            io::stdout().write_all(&bytes)?;
        }
        let len = socket.read(&mut buffer)?;
        if len == 0 {
            return Ok(());
        }
        server.handle_bytes(&buffer[..len], Time::ZERO);
        while let Some(event) = server.poll_event() {
            match event {
                Event::Command { id, .. } => {
                    server.complete(id, Reply::ok("done").map_err(io::Error::other)?, Time::ZERO).map_err(misuse)?;
                }
                Event::Ended(_) => return Ok(()),
                _ => {}
            }
        }
    }
}
