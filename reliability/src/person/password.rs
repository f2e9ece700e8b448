//! Logging in by the password, changing it, and resetting it by a link.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use super::{Factor, Person, RESET_EVERY, RESETS, State};
use crate::client::{Reply, Unclear};

/// How long somebody waits for a link before they do something else. It must arrive nevertheless.
const MAIL: Duration = Duration::from_secs(8);

impl Person {
    /// Logs in. Without a second factor this opens a session.
    pub(super) async fn log_in(&mut self) -> Result<(), Unclear> {
        if self.live_sessions().len() >= super::SESSIONS {
            return self.log_out().await;
        }
        let Some(reply) = self.submit_password().await? else { return Ok(()) };
        if matches!(self.factor, Factor::None) {
            self.client.ledger.wrote();
            self.opened(reply.cookie("twofold_session"));
        }
        Ok(())
    }

    /// The cookie of a login challenge.
    pub(super) async fn challenge(&mut self) -> Result<Option<String>, Unclear> {
        let reply = self.submit_password().await?;
        Ok(reply.and_then(|reply| reply.cookie("twofold_login")))
    }

    /// Submits the password, or those that may be right instead. `None` if there is a limit on guesses.
    async fn submit_password(&mut self) -> Result<Option<Reply>, Unclear> {
        let candidates: Vec<String> =
            [&self.password].into_iter().chain(self.maybe.iter().rev()).cloned().collect();
        for candidate in candidates {
            let form = json!({ "email": self.email, "password": candidate });
            let reply = self.send(&self.post("/api/auth/login").json(form)).await?;
            match reply.status {
                200 => {
                    self.former_is_wrong(&candidate);
                    return Ok(Some(reply));
                }
                400 if !self.maybe.is_empty() => {}
                _ => {
                    self.unexpected("the right password", &reply);
                    return Ok(None);
                }
            }
        }
        self.broken("none of the passwords that may be right is");
        Ok(None)
    }

    /// A password that was changed stays changed, also if the outcome was unknown at first.
    fn former_is_wrong(&mut self, right: &str) {
        if right != self.password {
            self.former = Some(std::mem::replace(&mut self.password, right.to_owned()));
            self.maybe.retain(|one| one != right);
        }
    }

    fn new_password(&mut self) -> String {
        self.changes += 1;
        format!("a saucer of marbles {}", self.changes)
    }

    /// Ends every other session.
    pub(super) async fn change_password(&mut self) -> Result<(), Unclear> {
        if !self.maybe.is_empty() && self.submit_password().await?.is_none() {
            return Ok(());
        }
        let Some(place) = self.usable_session() else { return self.log_in().await };
        let new = self.new_password();
        let form = json!({ "current_password": self.password, "new_password": new });
        let call = self.call(Method::PUT, "/api/auth/password").json(form);
        match self.send(&call.cookie(&self.sessions[place].cookie)).await {
            Ok(reply) if reply.status == 204 => {
                self.client.ledger.wrote();
                self.password_changes += 1;
                self.changed_to(new);
                self.opened(reply.cookie("twofold_session"));
                Ok(())
            }
            Ok(reply) => {
                self.refused(place, "a change of the password", &reply);
                Ok(())
            }
            Err(Unclear) => {
                self.may_have_changed_to([new]);
                Err(Unclear)
            }
        }
    }

    fn changed_to(&mut self, new: String) {
        self.former = Some(std::mem::replace(&mut self.password, new));
        self.maybe.clear();
        self.all_sessions(State::Ended);
    }

    fn may_have_changed_to<const N: usize>(&mut self, new: [String; N]) {
        self.maybe.extend(new);
        self.all_sessions(State::Maybe);
    }

    /// Asks for a link and uses it at both instances at the same time, with two passwords.
    pub(super) async fn reset_password(&mut self) -> Result<(), Unclear> {
        if self.resets == RESETS || self.last_reset.elapsed() < RESET_EVERY {
            return self.log_in().await;
        }
        (self.resets, self.last_reset) = (self.resets + 1, Instant::now());
        let call = self.post("/api/auth/password/forgot").json(json!({ "email": self.email }));
        let asked = self.send(&call).await?;
        if asked.status != 202 {
            self.unexpected("a request for a link", &asked);
            return Ok(());
        }
        self.client.ledger.promised(&self.email, "reset", asked.sent, asked.instance);
        let token = self.mailbox.token(&self.email, "reset", "reset", asked.sent, MAIL).await;
        let Some(token) = token else { return Ok(()) };
        let [one, other] = [self.new_password(), self.new_password()];
        let call = |new: &str| {
            let form = json!({ "token": token, "new_password": new });
            self.post("/api/auth/password/reset").json(form)
        };
        let calls = [call(&one), call(&other)];
        let (first, second) =
            tokio::join!(self.client.send(0, &calls[0]), self.client.send(1, &calls[1]));
        let mut set = None;
        for (outcome, new) in [(&first, &one), (&second, &other)] {
            match outcome {
                Ok(reply) if reply.status == 204 => {
                    self.client.ledger.used(&format!("reset {} of {}", self.resets, self.email));
                    set = Some(new.clone());
                }
                Ok(reply) if reply.status == 400 => {}
                Ok(reply) => self.unexpected("a reset", reply),
                Err(Unclear) => {}
            }
        }
        match set {
            Some(new) => self.changed_to(new),
            None if first.is_err() || second.is_err() => {
                self.may_have_changed_to([one, other]);
                return Err(Unclear);
            }
            None if self.maybe.is_empty() => {
                self.broken("a link to reset the password was refused twice");
            }
            None => {}
        }
        Ok(())
    }
}
