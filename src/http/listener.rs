//! The listening socket.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

#[cfg(target_os = "linux")]
use socket2::{SockFilter, SockRef};
use tokio::net::TcpSocket;

/// How long it takes until connections that were begun before [`ignore_new`] are accepted and have sent a request.
/// A client that is ignored tries again after a second and is to be refused by then.
pub const SETTLE: Duration = Duration::from_millis(500);

/// Binds an address. The system keeps up to 1,024 connections until they are accepted; the standard library's 128 are too
/// few for all the clients that come back at once.
///
/// # Errors
///
/// An I/O error of the operating system.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    const BACKLOG: u32 = 1_024;
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A restarted service can bind its port at once.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

/// Lets the system ignore clients that ask for a connection from now on, and complete those that are being made. A
/// listening socket that is closed resets every connection that waits to be accepted, although a request may have been
/// sent on it; a client that was ignored and is refused later has sent none.
///
/// # Errors
///
/// An I/O error of the operating system.
#[cfg(target_os = "linux")]
pub fn ignore_new(listener: &TcpListener) -> io::Result<()> {
    // The classic BPF of a program that drops what has SYN, but not ACK, among the flags of TCP's header.
    const LOAD_BYTE: u16 = 0x30;
    const AND: u16 = 0x54;
    const JUMP_IF_EQUAL: u16 = 0x15;
    const RETURN: u16 = 0x06;
    const FLAGS: u32 = 13;
    const SYN: u32 = 0x02;
    const ACK: u32 = 0x10;
    SockRef::from(listener).attach_filter(&[
        SockFilter::new(LOAD_BYTE, 0, 0, FLAGS),
        SockFilter::new(AND, 0, 0, SYN | ACK),
        SockFilter::new(JUMP_IF_EQUAL, 0, 1, SYN),
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
    ])
}

/// Other systems than Linux cannot do this.
///
/// # Errors
///
/// None.
#[cfg(not(target_os = "linux"))]
pub fn ignore_new(_listener: &TcpListener) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::{ErrorKind, Read, Write};
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn a_connection_from_before_is_accepted_and_a_later_one_is_not_made() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut before = TcpStream::connect(address).unwrap();
        ignore_new(&listener).unwrap();
        let late = TcpStream::connect_timeout(&address, Duration::from_millis(200)).unwrap_err();
        assert_eq!(late.kind(), ErrorKind::TimedOut);
        before.write_all(b"request").unwrap();
        let (mut accepted, _) = listener.accept().unwrap();
        let mut request = [0; 7];
        accepted.read_exact(&mut request).unwrap();
        assert_eq!(&request, b"request");
        drop(listener);
        let refused = TcpStream::connect(address).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    }
}
