//! Using and ending sessions.

use reqwest::Method;
use serde_json::json;

use super::{Person, State};
use crate::client::Unclear;

impl Person {
    /// Uses any session: a live one is accepted, and one that has ended is not.
    pub(super) async fn check_a_session(&mut self) -> Result<(), Unclear> {
        if self.sessions.is_empty() {
            return self.log_in().await;
        }
        let place = self.dice.below(self.sessions.len());
        self.check_session(place).await
    }

    pub(super) async fn check_session(&mut self, place: usize) -> Result<(), Unclear> {
        let session = self.sessions[place].clone();
        let call = self.call(Method::GET, "/api/auth/me").cookie(&session.cookie);
        let reply = self.send(&call).await?;
        match (session.state, reply.status) {
            (State::Live | State::Maybe, 200) | (State::Ended | State::Maybe, 401) => {}
            (State::Live, 401) => self.broken("a session was lost"),
            (State::Ended, 200) => self.broken("a session that had ended is alive"),
            _ => self.unexpected("a session", &reply),
        }
        Ok(())
    }

    /// Ends the oldest session.
    pub(super) async fn log_out(&mut self) -> Result<(), Unclear> {
        let Some(place) = self.live_sessions().first().copied() else { return Ok(()) };
        let cookie = self.sessions[place].cookie.clone();
        let call = self.post("/api/auth/logout").json(json!({})).cookie(&cookie);
        let outcome = self.send(&call).await;
        match &outcome {
            Ok(reply) if reply.status == 204 => {
                self.client.ledger.wrote();
                self.sessions[place].state = State::Ended;
            }
            Ok(reply) => self.unexpected("a logout", reply),
            Err(Unclear) => self.sessions[place].state = State::Maybe,
        }
        outcome.map(drop)
    }
}
