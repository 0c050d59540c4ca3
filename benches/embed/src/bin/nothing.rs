//! What a program weighs that does nothing but read and write.

use std::io::{self, Read as _, Write as _};

fn main() -> io::Result<()> {
    let (mut socket, mut buffer) = (io::stdin().lock(), [0; 4096]);
    while let len @ 1.. = socket.read(&mut buffer)? {
        io::stdout().write_all(&buffer[..len])?;
    }
    Ok(())
}
