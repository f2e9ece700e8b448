//! Connections above the limit: each gets a complete 503 and is closed.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::error::ApiError;
use super::state::HttpState;
use super::wire_answer::{HEAD, answer, is_whole};
use crate::flows::error::AuthError;

/// How long to wait for a head: without its origin, a browser hides the response from the page.
const HEAD_WAIT: Duration = Duration::from_millis(500);

/// The client must accept the response within this.
const ANSWER_WAIT: Duration = Duration::from_secs(1);

/// Bytes of the rest of a request that are read before closing.
const UNREAD: u64 = 64 * 1024;

/// Answers that the service is busy, then closes the connection.
pub async fn refuse(mut stream: TcpStream, state: &HttpState) {
    let mut head = Vec::new();
    let _late_or_gone = timeout(HEAD_WAIT, read_head(&mut stream, &mut head)).await;
    let busy = answer(&ApiError::from(AuthError::Busy), &head, state);
    let _late_or_gone = timeout(ANSWER_WAIT, write_and_close(&mut stream, &busy)).await;
}

async fn read_head(stream: &mut TcpStream, head: &mut Vec<u8>) -> io::Result<()> {
    while head.len() < HEAD && !is_whole(head) && stream.read_buf(head).await? > 0 {}
    Ok(())
}

async fn write_and_close(stream: &mut TcpStream, answer: &[u8]) -> io::Result<()> {
    stream.write_all(answer).await?;
    stream.shutdown().await?;
    // Closing with unread bytes would reset the connection, and the response could be lost.
    tokio::io::copy(&mut stream.take(UNREAD), &mut tokio::io::sink()).await?;
    Ok(())
}
