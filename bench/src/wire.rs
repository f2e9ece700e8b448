//! HTTP/1.1 from the client's side, as cheap as can be: one request, one answer, the connection stays.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::fault::{Result, fault};

const MOST_HEADERS: usize = 32;
const BUFFER: usize = 4 * 1024;

/// A connection that is kept.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// Where an answer's parts are in the buffer.
struct Shape {
    status: u16,
    head: usize,
    body: Body,
}

/// Where an answer ends.
enum Body {
    /// After so many bytes of the buffer.
    Until(usize),
    /// After the chunk without content.
    Chunks,
}

impl Shape {
    fn is_whole(&self, buffer: &[u8]) -> bool {
        match self.body {
            Body::Until(end) => buffer.len() >= end,
            Body::Chunks => buffer.ends_with(b"\r\n0\r\n\r\n"),
        }
    }
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers, as they were written.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(BUFFER) })
    }

    /// Sends a request and reads its answer, of which the status is returned.
    pub async fn exchange(&mut self, request: &[u8]) -> Result<u16> {
        Ok(self.answered(request).await?.status)
    }

    /// What was answered last, as text.
    pub fn last(&self) -> String {
        String::from_utf8_lossy(&self.buffer).into_owned()
    }

    /// Sends a request and reads its answer whole.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Answer> {
        let shape = self.answered(request).await?;
        let (head, body) = self.buffer.split_at_checked(shape.head).unwrap_or_default();
        let mut space = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut parsed = httparse::Response::new(&mut space);
        parsed.parse(head)?;
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let headers = parsed.headers.iter().map(|one| (one.name.to_owned(), text(one.value)));
        Ok(Answer { status: shape.status, headers: headers.collect(), body: body.to_vec() })
    }

    async fn answered(&mut self, request: &[u8]) -> Result<Shape> {
        self.buffer.clear();
        self.stream.write_all(request).await?;
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(fault("the server closed the connection before it answered"));
            }
            if let Some(shape) = shape(&self.buffer)?
                && shape.is_whole(&self.buffer)
            {
                return Ok(shape);
            }
        }
    }
}

/// Where the parts of an answer are, once its head is there.
fn shape(buffer: &[u8]) -> Result<Option<Shape>> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(buffer)? else {
        return Ok(None);
    };
    let status = response.code.ok_or_else(|| fault("an answer without a status"))?;
    let header = |name: &str| {
        let found = response.headers.iter().find(|one| one.name.eq_ignore_ascii_case(name));
        found.and_then(|one| std::str::from_utf8(one.value).ok())
    };
    let body = match header("content-length").map(|length| length.trim().parse::<usize>()) {
        Some(length) => Body::Until(head + length?),
        None if header("transfer-encoding") == Some("chunked") => Body::Chunks,
        None => return Err(fault("an answer without a length")),
    };
    Ok(Some(Shape { status, head, body }))
}

/// A request without a body; each line of `headers` ends with CR LF.
pub fn get(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\n{COMMON}{headers}\r\n").into_bytes()
}

/// A request with a JSON body; each line of `headers` ends with CR LF.
pub fn post(path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\n{COMMON}{headers}Content-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// What every request says.
const COMMON: &str = "Host: 127.0.0.1\r\nUser-Agent: twofold-bench\r\nAccept: application/json\r\n";

#[cfg(test)]
mod tests {
    use super::*;

    fn is_whole(answer: &[u8]) -> Result<bool> {
        Ok(shape(answer)?.is_some_and(|shape| shape.is_whole(answer)))
    }

    #[test]
    fn an_answer_is_whole_when_its_body_is_there() {
        assert!(!is_whole(b"HTTP/1.1 200 OK\r\nContent-Le").unwrap());
        assert!(is_whole(b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}").unwrap());
        assert!(!is_whole(b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{").unwrap());
        let chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
        assert!(is_whole(chunks).unwrap());
        assert!(!is_whole(&chunks[..chunks.len() - 5]).unwrap());
        assert!(is_whole(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
