//! Comparing everything that was promised with what the service says in the end.

use reqwest::Method;
use serde_json::{Value, json};

use super::{CodeState, Factor, Person, State};
use crate::client::Unclear;

/// Wrong codes for one login challenge, before it ends.
const TRIES: usize = 4;

impl Person {
    /// Compares the sessions, the passwords, the recovery codes and the accounts of friends.
    ///
    /// # Errors
    ///
    /// [`Unclear`]: nothing fails any more, so that breaks a promise too.
    pub async fn verify(&mut self) -> Result<(), Unclear> {
        for place in 0..self.sessions.len() {
            self.check_session(place).await?;
        }
        self.count_recovery_codes().await?;
        let challenge = self.challenge().await?;
        if let Some(former) = self.former.clone() {
            self.check_password(&self.email.clone(), &former, 400).await?;
        }
        if let Some(challenge) = challenge {
            self.reuse_recovery_codes(&challenge).await?;
        }
        for (email, password) in self.friends.clone() {
            self.check_password(&email, &password, 200).await?;
        }
        Ok(())
    }

    async fn check_password(
        &mut self,
        email: &str,
        password: &str,
        expected: u16,
    ) -> Result<(), Unclear> {
        let form = json!({ "email": email, "password": password });
        let reply = self.send(&self.post("/api/auth/login").json(form)).await?;
        if reply.status != expected {
            let status = reply.status;
            self.broken(&format!("a password of {email} was answered {status}, not {expected}"));
        }
        Ok(())
    }

    /// As many recovery codes are left as were not used.
    async fn count_recovery_codes(&mut self) -> Result<(), Unclear> {
        let live = self.live_sessions().pop();
        let Some(place) = live.filter(|_| !self.recovery.is_empty()) else { return Ok(()) };
        let call = self.call(Method::GET, "/api/auth/otp/recovery-codes");
        let reply = self.send(&call.cookie(&self.sessions[place].cookie)).await?;
        let are = |state| self.recovery.iter().filter(|one| one.state == state).count();
        let (unused, maybe) = (are(CodeState::Unused), are(CodeState::Maybe));
        let left = reply.body["remaining"].as_u64().and_then(|left| usize::try_from(left).ok());
        if left.is_none_or(|left| left < unused || left > unused + maybe) {
            self.broken(&format!(
                "{left:?} recovery codes are left of {unused} to {}",
                unused + maybe
            ));
        }
        Ok(())
    }

    /// Used recovery codes stay used.
    async fn reuse_recovery_codes(&mut self, challenge: &str) -> Result<(), Unclear> {
        if matches!(self.factor, Factor::None) {
            return Ok(());
        }
        let used = self.recovery.iter().filter(|one| one.state == CodeState::Used);
        let used: Vec<String> = used.map(|one| one.code.clone()).take(TRIES).collect();
        for code in used {
            let name = format!("recovery code {code} of {}", self.email);
            let reply = self.send(&self.submission(challenge, &code)).await?;
            self.note(&reply, &name);
        }
        Ok(())
    }

    /// Compares the recorded events with the changes of the password that were acknowledged. An instance that is killed
    /// loses those that it has not written yet; one that is stopped loses none.
    ///
    /// # Errors
    ///
    /// [`Unclear`].
    pub async fn verify_events(&mut self) -> Result<(), Unclear> {
        let Some(place) = self.live_sessions().pop() else { return Ok(()) };
        let call = self.call(Method::GET, "/api/auth/events?limit=100");
        let reply = self.send(&call.cookie(&self.sessions[place].cookie)).await?;
        let events = reply.body["events"].as_array().unwrap();
        let is_change = |event: &&Value| event["kind"] == "password_changed";
        let recorded = events.iter().filter(is_change).count();
        if recorded != self.password_changes && events.len() < 100 {
            let made = self.password_changes;
            self.broken(&format!("{recorded} events of {made} changes of the password"));
        }
        Ok(())
    }

    /// How many sessions are promised to be alive, and how many to have ended.
    #[must_use]
    pub fn promised_sessions(&self) -> (usize, usize) {
        let are = |state| self.sessions.iter().filter(|one| one.state == state).count();
        (are(State::Live), are(State::Ended))
    }
}
