//! A request whose body is held back after its head was sent.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::app::TestApp;
use super::browser::Browser;

/// A request that the service waits for: it has the head, and the body is to come.
pub struct HeldCall {
    stream: TcpStream,
    body: String,
}

impl HeldCall {
    /// Sends the head of a call with a JSON body, with the browser's session cookie.
    pub async fn begin(
        app: &TestApp,
        browser: &Browser,
        (method, path, body): (&str, &str, &Value),
    ) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", app.port)).await.unwrap();
        let (session, body) = (browser.cookie("twofold_session").unwrap(), body.to_string());
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Cookie: twofold_session={session}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        Self { stream, body }
    }

    /// Sends the body; returns the answer's status.
    pub async fn finish(mut self) -> u16 {
        self.stream.write_all(self.body.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        self.stream.read_to_end(&mut answer).await.unwrap();
        let status = answer.split(|byte| *byte == b' ').nth(1).unwrap();
        std::str::from_utf8(status).unwrap().parse().unwrap()
    }
}
