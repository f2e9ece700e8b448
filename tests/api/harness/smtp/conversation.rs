//! The server's side of a connection.

use std::sync::Arc;

use data_encoding::BASE64;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::{Behaviour, DROP, HANG, Mailbox, Received, Start};

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A conversation with a client.
struct Conversation<'a> {
    stream: BufReader<Box<dyn Stream>>,
    behaviour: &'a Behaviour,
    /// The recipient of the message that is being sent.
    to: String,
}

enum Next {
    Continue,
    StartTls,
    End,
}

pub(super) async fn serve(
    stream: TcpStream,
    behaviour: &Behaviour,
    mailbox: &Mailbox,
) -> std::io::Result<()> {
    let mut tls = behaviour.tls.as_ref();
    let mut stream: Box<dyn Stream> = Box::new(stream);
    if let Some((authority, Start::AtOnce)) = tls.take_if(|(_, start)| *start == Start::AtOnce) {
        stream = Box::new(TlsAcceptor::from(Arc::clone(&authority.server)).accept(stream).await?);
    }
    let mut conversation =
        Conversation { stream: BufReader::new(stream), behaviour, to: String::new() };
    conversation.answer("greeting", "220 sink ready").await?;
    let mut from = String::new();
    loop {
        match conversation.command(tls.is_some(), &mut from, mailbox).await? {
            Next::Continue => {}
            Next::End => return Ok(()),
            Next::StartTls => {
                let Some((authority, _)) = tls.take() else { return Ok(()) };
                let acceptor = TlsAcceptor::from(Arc::clone(&authority.server));
                let secured = acceptor.accept(conversation.stream.into_inner()).await?;
                let stream: Box<dyn Stream> = Box::new(secured);
                conversation =
                    Conversation { stream: BufReader::new(stream), behaviour, to: String::new() };
            }
        }
    }
}

impl Conversation<'_> {
    async fn command(
        &mut self,
        offers_tls: bool,
        from: &mut String,
        mailbox: &Mailbox,
    ) -> std::io::Result<Next> {
        let line = self.line().await?;
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let address = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        match verb.as_str() {
            "EHLO" => drop(self.answer("EHLO", &self.capabilities(offers_tls)).await?),
            "STARTTLS" => {
                self.answer("STARTTLS", "220 go ahead").await?;
                return Ok(Next::StartTls);
            }
            "AUTH" => drop(self.authenticate(&line).await?),
            "MAIL" => {
                (*from, self.to) = (address(), String::new());
                self.answer("MAIL", "250 ok").await?;
            }
            "RCPT" => {
                self.to = address();
                self.answer("RCPT", "250 ok").await?;
            }
            "DATA" => {
                if self.answer("DATA", "354 go ahead").await? {
                    let raw = self.message().await?;
                    let received = Received::new(from, &self.to, raw);
                    mailbox.read.lock().unwrap().push(received.clone());
                    if self.answer("message", "250 queued").await? {
                        mailbox.messages.lock().unwrap().push(received);
                        mailbox.arrived.notify_waiters();
                    }
                }
            }
            "QUIT" => {
                self.answer("QUIT", "221 bye").await?;
                return Ok(Next::End);
            }
            "" => return Ok(Next::End),
            _ => drop(self.answer("NOOP", "250 ok").await?),
        }
        Ok(Next::Continue)
    }

    fn capabilities(&self, offers_tls: bool) -> String {
        let mechanism = self.behaviour.mechanism.unwrap_or("PLAIN LOGIN");
        match (offers_tls, self.behaviour.credentials) {
            (true, _) => "250-sink\r\n250 STARTTLS".to_owned(),
            (false, Some(_)) => format!("250-sink\r\n250 AUTH {mechanism}"),
            (false, None) => "250 sink".to_owned(),
        }
    }

    async fn authenticate(&mut self, line: &str) -> std::io::Result<bool> {
        let decoded =
            |text: &str| String::from_utf8(BASE64.decode(text.as_bytes()).unwrap()).unwrap();
        let given = if let Some(response) = line.strip_prefix("AUTH PLAIN ") {
            decoded(response).trim_start_matches('\0').replace('\0', ":")
        } else {
            self.send("334 VXNlcm5hbWU6").await?;
            let user = decoded(&self.line().await?);
            self.send("334 UGFzc3dvcmQ6").await?;
            format!("{user}:{}", decoded(&self.line().await?))
        };
        let expected =
            self.behaviour.credentials.map(|(user, password)| format!("{user}:{password}"));
        let is_right = expected.as_ref() == Some(&given);
        self.answer("AUTH", if is_right { "235 ok" } else { "535 5.7.8 wrong password" }).await
    }

    /// The lines up to a dot, with the dots undone that the client doubled.
    async fn message(&mut self) -> std::io::Result<String> {
        let mut raw = String::new();
        loop {
            let line = self.line().await?;
            if line == "." {
                return Ok(raw);
            }
            raw.push_str(line.strip_prefix('.').unwrap_or(&line));
            raw.push_str("\r\n");
        }
    }

    async fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// Answers a command, and returns whether the answer is positive.
    async fn answer(&mut self, command: &'static str, usual: &str) -> std::io::Result<bool> {
        let set = {
            let answers = self.behaviour.answers.lock().unwrap();
            let of = |recipient: &str| answers.get(&(recipient.to_owned(), command)).copied();
            of(&self.to).or_else(|| of(""))
        };
        match set {
            Some(HANG) => {
                self.behaviour.hung.notify_one();
                std::future::pending().await
            }
            Some(DROP) => Err(std::io::ErrorKind::ConnectionAborted.into()),
            set => {
                let answer = set.unwrap_or(usual);
                self.send(answer).await?;
                Ok(answer.starts_with(['2', '3']))
            }
        }
    }

    async fn send(&mut self, line: &str) -> std::io::Result<()> {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        self.stream.flush().await
    }
}
