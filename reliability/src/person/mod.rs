//! People who use the service, and who remember what it promised them.

mod enrol;
mod password;
mod second_factor;
mod sessions;
mod verify;

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Method;
use tokio::time::sleep;
use totp_rs::Totp;

use crate::authenticator::Authenticator;
use crate::client::{Call, Client, Reply, Unclear};
use crate::dice::Dice;
use crate::mailbox::Mailbox;

/// How long somebody rests whose request had an unknown outcome.
const REST: Duration = Duration::from_secs(1);
/// Passkeys: fewer than 50 assertions in five minutes.
const PASSKEY_EVERY: Duration = Duration::from_secs(7);
/// Links that reset a password: one a minute, five an hour. A request is counted when its address is looked up, which may
/// be a while after it was answered.
const RESET_EVERY: Duration = Duration::from_secs(90);
const RESETS: u32 = 5;
/// More than the sessions that somebody keeps, fewer than the service keeps.
const SESSIONS: usize = 8;
/// Accounts that somebody registers for others.
const FRIENDS: usize = 6;
/// Remembered sessions, ended ones among them.
const REMEMBERED: usize = 24;

/// What somebody signs in with.
#[derive(Clone)]
pub enum Factor {
    /// The password alone.
    None,
    /// An authenticator app, and recovery codes.
    App {
        /// The app.
        totp: Box<Totp>,
        /// The last time step whose code was sent.
        last_step: u64,
    },
    /// A passkey, and recovery codes.
    Passkey(Box<Authenticator>),
}

/// A kind of [`Factor`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The password alone.
    Password,
    /// An authenticator app.
    App,
    /// A passkey.
    Passkey,
}

/// What was promised about a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Live,
    Ended,
    /// It may have ended: the outcome of what would end it is unknown.
    Maybe,
}

#[derive(Clone, Debug)]
struct Session {
    cookie: String,
    state: State,
}

/// A recovery code, with what was promised about it.
#[derive(Clone, Debug)]
struct RecoveryCode {
    code: String,
    state: CodeState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CodeState {
    Unused,
    Used,
    /// The outcome of its use is unknown.
    Maybe,
}

/// Somebody with an account.
pub struct Person {
    email: String,
    network: String,
    /// The password that was promised to be right.
    password: String,
    /// Passwords that may be right instead: the outcome of the change is unknown.
    maybe: Vec<String>,
    /// The password before this one, which must be wrong.
    former: Option<String>,
    changes: u32,
    /// Changes of the password that were acknowledged, without resets.
    password_changes: usize,
    sessions: Vec<Session>,
    factor: Factor,
    recovery: Vec<RecoveryCode>,
    resets: u32,
    last_reset: Instant,
    last_passkey: Instant,
    invitations: u32,
    friends: Vec<(String, String)>,
    dice: Dice,
    client: Client,
    mailbox: Arc<Mailbox>,
}

impl Person {
    /// Registers somebody and sets up their second factor. Everything must work.
    pub async fn enrolled(
        number: usize,
        kind: Kind,
        client: Client,
        mailbox: Arc<Mailbox>,
    ) -> Self {
        let now = Instant::now();
        let mut person = Self {
            email: format!("person{number}@example.com"),
            network: format!("10.1.{}.{}", number / 250, number % 250 + 1),
            password: format!("plum velvet tractor {number}"),
            maybe: Vec::new(),
            former: None,
            changes: 0,
            password_changes: 0,
            sessions: Vec::new(),
            factor: Factor::None,
            recovery: Vec::new(),
            resets: 0,
            last_reset: now.checked_sub(RESET_EVERY).unwrap(),
            last_passkey: now.checked_sub(PASSKEY_EVERY).unwrap(),
            invitations: 0,
            friends: Vec::new(),
            dice: Dice::new(u64::try_from(number).unwrap()),
            client,
            mailbox,
        };
        person.enrol(kind).await.expect("everybody is enrolled while nothing fails");
        person
    }

    /// Does one thing of a mix that depends on what they have.
    pub async fn act(&mut self) {
        let chance = self.dice.below(20);
        let done =
            if chance < 10 { self.act_anyhow(chance).await } else { self.sign_in(chance).await };
        if done == Err(Unclear) {
            sleep(REST).await;
        }
    }

    async fn act_anyhow(&mut self, chance: usize) -> Result<(), Unclear> {
        match chance {
            0 if self.friends.len() < FRIENDS => self.register_a_friend().await,
            1 | 2 => self.log_out().await,
            3 | 4 => self.change_password().await,
            _ => self.check_a_session().await,
        }
    }

    async fn sign_in(&mut self, chance: usize) -> Result<(), Unclear> {
        match (&self.factor, chance) {
            (Factor::None, 10 | 11) => self.reset_password().await,
            (Factor::None, _) => self.log_in().await,
            (Factor::App { .. }, 10..=16) => self.use_code().await,
            (Factor::Passkey(_), 10..=16) => self.use_passkey().await,
            (_, _) => self.use_recovery_code().await,
        }
    }

    fn call(&self, method: Method, path: &'static str) -> Call {
        Call::new(method, path, &self.network)
    }

    fn post(&self, path: &'static str) -> Call {
        self.call(Method::POST, path)
    }

    /// Sends a request to either instance.
    async fn send(&mut self, call: &Call) -> Result<Reply, Unclear> {
        let first = self.dice.below(2);
        self.client.send(first, call).await
    }

    fn broken(&self, promise: &str) {
        self.client.ledger.broken(format!("{}: {promise}", self.email));
    }

    /// Reports an answer that nothing promised explains. A limit on guesses may be the reason: attempts whose
    /// outcome was unknown count as wrong.
    fn unexpected(&self, what: &str, reply: &Reply) {
        if reply.status != 429 {
            self.broken(&format!("{what} was answered {} {}", reply.status, reply.code()));
        }
    }

    fn opened(&mut self, cookie: Option<String>) {
        // A change of the password under way may still end it.
        let state = if self.maybe.is_empty() { State::Live } else { State::Maybe };
        match cookie {
            Some(cookie) => self.sessions.push(Session { cookie, state }),
            None => self.broken("a sign-in set no session cookie"),
        }
        let surplus = self.sessions.len().saturating_sub(REMEMBERED);
        self.sessions.drain(..surplus);
    }

    fn all_sessions(&mut self, state: State) {
        for session in &mut self.sessions {
            if session.state != State::Ended {
                session.state = state;
            }
        }
    }

    /// The newest session that may be alive.
    fn usable_session(&self) -> Option<usize> {
        self.sessions.iter().rposition(|one| one.state != State::Ended)
    }

    /// Reports that a request with a session was refused, which is right if the session may have ended.
    fn refused(&mut self, place: usize, what: &str, reply: &Reply) {
        if self.sessions[place].state == State::Maybe {
            self.sessions.remove(place);
        } else {
            self.unexpected(what, reply);
        }
    }

    fn live_sessions(&self) -> Vec<usize> {
        let sessions = self.sessions.iter().enumerate();
        sessions.filter(|(_, one)| one.state == State::Live).map(|(place, _)| place).collect()
    }
}
