//! Codes, recovery codes and passkeys, each sent to both instances at the same time: one may succeed.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;

use super::{CodeState, Factor, PASSKEY_EVERY, Person};
use crate::client::{Call, Reply, Unclear};

/// The time step of codes.
#[expect(clippy::disallowed_methods, reason = "an authenticator app has the system's clock")]
pub(super) fn step_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / 30
}

/// What became of two attempts with the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pair {
    Succeeded,
    Refused,
    Unclear,
}

impl Person {
    /// Signs in with the code of a step that was not used yet.
    pub(super) async fn use_code(&mut self) -> Result<(), Unclear> {
        let Factor::App { totp, last_step } = &mut self.factor else { return Ok(()) };
        let step = step_now();
        // The code of the next step is accepted too, but not in the last second of this one.
        let Some(step) = [step, step + 1].into_iter().find(|one| *one > *last_step) else {
            return self.check_a_session().await;
        };
        let code = totp.generate(step * 30).to_string();
        let Some(challenges) = self.two_challenges().await? else { return Ok(()) };
        if let Factor::App { last_step, .. } = &mut self.factor {
            *last_step = step;
        }
        let name = format!("code {step} of {}", self.email);
        if self.submit_twice(&challenges, &code, &name).await? == Pair::Refused
            && step >= step_now()
        {
            self.broken(&format!("{name} was refused twice"));
        }
        if self.dice.one_in(3) {
            self.replay(&code, &name).await?;
        }
        Ok(())
    }

    /// Signs in with a recovery code.
    pub(super) async fn use_recovery_code(&mut self) -> Result<(), Unclear> {
        let usable = self.recovery.iter().position(|one| one.state != CodeState::Used);
        let Some(place) = usable else { return self.renew_recovery_codes().await };
        let (code, state) = (self.recovery[place].code.clone(), self.recovery[place].state);
        let Some(challenges) = self.two_challenges().await? else { return Ok(()) };
        let name = format!("recovery code {code} of {}", self.email);
        self.recovery[place].state = CodeState::Maybe;
        let outcome = self.submit_twice(&challenges, &code, &name).await?;
        self.recovery[place].state = CodeState::Used;
        if outcome == Pair::Refused && state == CodeState::Unused {
            self.broken(&format!("{name} was refused twice"));
        }
        if self.dice.one_in(3) {
            self.replay(&code, &name).await?;
        }
        Ok(())
    }

    /// Signs in with a passkey alone.
    pub(super) async fn use_passkey(&mut self) -> Result<(), Unclear> {
        if self.last_passkey.elapsed() < PASSKEY_EVERY {
            return self.check_a_session().await;
        }
        if self.live_sessions().len() >= super::SESSIONS {
            return self.log_out().await;
        }
        self.last_passkey = Instant::now();
        let options = self.send(&self.post("/api/auth/passkeys/sign-in/options")).await?;
        let cookie = options.cookie("twofold_passkey").unwrap();
        let Factor::Passkey(key) = &mut self.factor else { return Ok(()) };
        let credential = key.get(&options.body);
        let name = format!("assertion of {} for {}", self.email, options.body["challenge"]);
        let form = json!({ "credential": credential });
        let call = self.post("/api/auth/passkeys/sign-in").json(form).cookie(&cookie);
        let outcome = self.race([call.clone(), call.clone()], &name).await;
        if outcome == Pair::Refused {
            self.broken(&format!("{name} was refused twice"));
        }
        // What may have succeeded must not succeed again.
        self.race([call.clone(), call], &name).await.into_result()?;
        outcome.into_result()
    }

    /// Two logins that wait for a second factor, one for each attempt.
    async fn two_challenges(&mut self) -> Result<Option<[String; 2]>, Unclear> {
        if self.live_sessions().len() >= super::SESSIONS {
            self.log_out().await?;
            return Ok(None);
        }
        let (one, other) = (self.challenge().await?, self.challenge().await?);
        Ok(one.zip(other).map(|(one, other)| [one, other]))
    }

    pub(super) fn submission(&self, challenge: &str, code: &str) -> Call {
        self.post("/api/auth/otp/validate").json(json!({ "token": code })).cookie(challenge)
    }

    async fn submit_twice(
        &mut self,
        challenges: &[String; 2],
        code: &str,
        name: &str,
    ) -> Result<Pair, Unclear> {
        let calls = challenges.each_ref().map(|challenge| self.submission(challenge, code));
        let outcome = self.race(calls, name).await;
        outcome.into_result().map(|()| outcome)
    }

    /// Sends a code again that may have been used.
    async fn replay(&mut self, code: &str, name: &str) -> Result<(), Unclear> {
        let Some(challenge) = self.challenge().await? else { return Ok(()) };
        let call = self.submission(&challenge, code);
        let reply = self.send(&call).await?;
        self.note(&reply, name);
        Ok(())
    }

    /// Sends one request to each instance at the same time.
    async fn race(&mut self, calls: [Call; 2], name: &str) -> Pair {
        let (one, other) =
            tokio::join!(self.client.send(0, &calls[0]), self.client.send(1, &calls[1]));
        let outcomes = [one, other].map(|result| match result {
            Ok(reply) if self.note(&reply, name) => Pair::Succeeded,
            Ok(reply) if reply.status == 429 => Pair::Unclear,
            Ok(_) => Pair::Refused,
            Err(Unclear) => Pair::Unclear,
        });
        let either =
            [Pair::Succeeded, Pair::Unclear].into_iter().find(|one| outcomes.contains(one));
        either.unwrap_or(Pair::Refused)
    }

    /// Notes the answer to a second factor. Returns whether it succeeded.
    pub(super) fn note(&mut self, reply: &Reply, name: &str) -> bool {
        match reply.status {
            200 => {
                self.client.ledger.used(name);
                self.opened(reply.cookie("twofold_session"));
            }
            400 | 401 => {}
            _ => self.unexpected(name, reply),
        }
        reply.status == 200
    }
}

impl Pair {
    fn into_result(self) -> Result<(), Unclear> {
        if self == Self::Unclear { Err(Unclear) } else { Ok(()) }
    }
}
