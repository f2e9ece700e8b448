//! A real mail server that keeps what it receives, and misbehaves on request.

mod conversation;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::sync::Notify;

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
    /// Answers to commands in place of its own: a line, or [`HANG`] or [`DROP`]. The key is the recipient, empty for
    /// all of them, and the command's first word; `greeting` and `message` are commands too.
    pub answers: Mutex<HashMap<(String, &'static str), &'static str>>,
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
    /// All that it read, whether it accepted them or not.
    read: Mutex<Vec<Received>>,
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

    /// Starts a server that behaves like this.
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
                tokio::spawn(
                    async move { drop(conversation::serve(stream, &rules, &store).await) },
                );
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
        self.answer_for("", command, answer);
    }

    /// The same, for one recipient only: `RCPT` and the commands after it.
    pub fn answer_for(&self, recipient: &str, command: &'static str, answer: Option<&'static str>) {
        let key = (recipient.to_owned(), command);
        let mut answers = self.behaviour.answers.lock().unwrap();
        match answer {
            Some(answer) => answers.insert(key, answer),
            None => answers.remove(&key),
        };
    }

    /// All messages to an address that it has read, those too that it refused by its answer to `message`.
    pub fn read_for(&self, address: &str) -> Vec<Received> {
        let read = self.mailbox.read.lock().unwrap();
        read.iter().filter(|message| message.to == address).cloned().collect()
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
