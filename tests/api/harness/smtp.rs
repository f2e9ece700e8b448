//! A real mail server that keeps what it receives, and misbehaves on request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use data_encoding::BASE64;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

use super::certificates::Authority;
use super::received::Received;
use super::wait::{PATIENCE, within};

/// How a server behaves.
#[derive(Default)]
pub struct Behaviour {
    /// TLS: none, by STARTTLS, or from the first byte.
    pub tls: Option<(Arc<Authority>, Start)>,
    /// The user and the password that it asks for.
    pub credentials: Option<(&'static str, &'static str)>,
    /// The only mechanism of AUTH that it offers; both if `None`.
    pub mechanism: Option<&'static str>,
    /// Answers to commands by their first word, `greeting` and `message` among them, in place of its own: a line, or
    /// [`HANG`] or [`DROP`].
    pub answers: Mutex<HashMap<&'static str, &'static str>>,
    /// Woken when a client waits for an answer that does not come.
    pub hung: Notify,
}

/// When TLS starts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Start {
    AtOnce,
    ByStarttls,
}

/// Never answers.
pub const HANG: &str = "hang";
/// Closes the connection without an answer.
pub const DROP: &str = "drop";

/// What a server has received.
#[derive(Default)]
struct Mailbox {
    messages: Mutex<Vec<Received>>,
    arrived: Notify,
    connections: Mutex<usize>,
}

/// A running mail server.
pub struct SmtpSink {
    port: u16,
    behaviour: Arc<Behaviour>,
    mailbox: Arc<Mailbox>,
    task: tokio::task::JoinHandle<()>,
}

impl SmtpSink {
    /// Starts a server without TLS and without users.
    pub async fn start() -> Self {
        Self::with(Behaviour::default()).await
    }

    /// Starts a server that behaves as told.
    pub async fn with(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (behaviour, mailbox) = (Arc::new(behaviour), Arc::new(Mailbox::default()));
        let (rules, store) = (Arc::clone(&behaviour), Arc::clone(&mailbox));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *store.connections.lock().unwrap() += 1;
                let (rules, store) = (Arc::clone(&rules), Arc::clone(&store));
                // A client that goes away is no failure of the server.
                tokio::spawn(async move { drop(serve(stream, &rules, &store).await) });
            }
        });
        Self { port, behaviour, mailbox, task }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its URL, as the value of `SMTP_URL`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// From now on it answers a command in this way; with its own answer for `None`.
    pub fn answer(&self, command: &'static str, answer: Option<&'static str>) {
        let mut answers = self.behaviour.answers.lock().unwrap();
        match answer {
            Some(answer) => answers.insert(command, answer),
            None => answers.remove(command),
        };
    }

    /// Resolves when a client waits for an answer that does not come.
    pub async fn hung(&self) {
        within(PATIENCE, "a client waits in vain", self.behaviour.hung.notified()).await;
    }

    /// How many connections it has accepted.
    pub fn connections(&self) -> usize {
        *self.mailbox.connections.lock().unwrap()
    }

    /// How many messages wait to be read.
    pub fn waiting(&self) -> usize {
        self.mailbox.messages.lock().unwrap().len()
    }

    /// Takes the oldest message to an address, and waits for one if there is none.
    pub async fn next_to(&self, address: &str) -> Received {
        let what = format!("a message to {address} arrives");
        within(PATIENCE, &what, async {
            loop {
                // Asked for before the look, so that what arrives in between is not missed.
                let arrived = self.mailbox.arrived.notified();
                tokio::pin!(arrived);
                arrived.as_mut().enable();
                if let Some(received) = self.take(address) {
                    return received;
                }
                arrived.await;
            }
        })
        .await
    }

    fn take(&self, address: &str) -> Option<Received> {
        let mut messages = self.mailbox.messages.lock().unwrap();
        let found = messages.iter().position(|message| message.to == address)?;
        Some(messages.remove(found))
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A conversation with a client.
struct Conversation<'a> {
    stream: BufReader<Box<dyn Stream>>,
    behaviour: &'a Behaviour,
}

enum Next {
    Continue,
    StartTls,
    End,
}

async fn serve(stream: TcpStream, behaviour: &Behaviour, mailbox: &Mailbox) -> std::io::Result<()> {
    let mut tls = behaviour.tls.as_ref();
    let mut stream: Box<dyn Stream> = Box::new(stream);
    if let Some((authority, Start::AtOnce)) = tls.take_if(|(_, start)| *start == Start::AtOnce) {
        stream = Box::new(TlsAcceptor::from(Arc::clone(&authority.server)).accept(stream).await?);
    }
    let mut conversation = Conversation { stream: BufReader::new(stream), behaviour };
    conversation.answer("greeting", "220 sink ready").await?;
    let mut envelope = (String::new(), String::new());
    loop {
        match conversation.command(tls.is_some(), &mut envelope, mailbox).await? {
            Next::Continue => {}
            Next::End => return Ok(()),
            Next::StartTls => {
                let Some((authority, _)) = tls.take() else { return Ok(()) };
                let acceptor = TlsAcceptor::from(Arc::clone(&authority.server));
                let secured = acceptor.accept(conversation.stream.into_inner()).await?;
                let stream: Box<dyn Stream> = Box::new(secured);
                conversation = Conversation { stream: BufReader::new(stream), behaviour };
            }
        }
    }
}

impl Conversation<'_> {
    async fn command(
        &mut self,
        offers_tls: bool,
        envelope: &mut (String, String),
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
                envelope.0 = address();
                self.answer("MAIL", "250 ok").await?;
            }
            "RCPT" => {
                envelope.1 = address();
                self.answer("RCPT", "250 ok").await?;
            }
            "DATA" => {
                if self.answer("DATA", "354 go ahead").await? {
                    let raw = self.message().await?;
                    if self.answer("message", "250 queued").await? {
                        let received = Received::new(&envelope.0, &envelope.1, raw);
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
    async fn answer(&mut self, command: &str, usual: &str) -> std::io::Result<bool> {
        let told = self.behaviour.answers.lock().unwrap().get(command).copied();
        match told {
            Some(HANG) => {
                self.behaviour.hung.notify_one();
                std::future::pending().await
            }
            Some(DROP) => Err(std::io::ErrorKind::ConnectionAborted.into()),
            told => {
                let answer = told.unwrap_or(usual);
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
