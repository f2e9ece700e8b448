//! Registering and setting up a second factor.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use super::{CodeState, Factor, Kind, Person, RecoveryCode, State};
use crate::authenticator::{Authenticator, UV};
use crate::client::{Reply, Unclear};
use crate::person::second_factor::step_now;

/// A mail takes this long at most while nothing fails.
const MAIL: Duration = Duration::from_secs(20);

impl Person {
    pub(super) async fn enrol(&mut self, kind: Kind) -> Result<(), Unclear> {
        let (email, password) = (self.email.clone(), self.password.clone());
        let registered = self.register(&email, &password).await?;
        self.verify_twice(registered.sent).await?;
        self.log_in().await?;
        match kind {
            Kind::Password => {}
            Kind::App => self.add_app().await?,
            Kind::Passkey => self.add_passkey().await?,
        }
        Ok(())
    }

    /// Registers an account until that is promised.
    async fn register(&mut self, email: &str, password: &str) -> Result<Reply, Unclear> {
        let form = json!({ "name": "Person", "email": email, "password": password });
        let call = self.post("/api/auth/register").json(form);
        let first = self.send(&call).await;
        let is_second = first.is_err();
        let reply = match first {
            Err(Unclear) => self.send(&call).await?,
            Ok(reply) => reply,
        };
        match (reply.status, is_second) {
            (201, _) => {
                self.client.ledger.wrote();
                self.client.ledger.promised(email, "verify", reply.sent, reply.instance);
            }
            (409, true) => {}
            _ => self.unexpected("a registration", &reply),
        }
        Ok(reply)
    }

    /// Registers somebody else, who only logs in at the end.
    pub(super) async fn register_a_friend(&mut self) -> Result<(), Unclear> {
        self.invitations += 1;
        let email = format!("friend{}of.{}", self.invitations, self.email);
        let password = "a saucer of marbles".to_owned();
        let reply = self.register(&email, &password).await?;
        if [201, 409].contains(&reply.status) {
            self.friends.push((email, password));
        }
        Ok(())
    }

    /// Uses the link that verifies the address at both instances at the same time.
    async fn verify_twice(&mut self, since: Instant) -> Result<(), Unclear> {
        let token = self.mailbox.token(&self.email, "verify", "verify", since, MAIL).await;
        let token = token.expect("a mail arrives while nothing fails");
        let call = self.post("/api/auth/email/verify").json(json!({ "token": token }));
        let (one, other) = tokio::join!(self.client.send(0, &call), self.client.send(1, &call));
        for reply in [one?, other?] {
            match reply.status {
                204 => self.client.ledger.used(&format!("verification of {}", self.email)),
                400 => {}
                _ => self.unexpected("a verification", &reply),
            }
        }
        Ok(())
    }

    async fn add_app(&mut self) -> Result<(), Unclear> {
        let cookie = self.sessions[0].cookie.clone();
        let offer = self.post("/api/auth/otp/generate").json(json!({})).cookie(&cookie);
        let offer = self.send(&offer).await?;
        let secret = Secret::try_from_base32(offer.body["base32"].as_str().unwrap()).unwrap();
        let totp = Builder::new().with_secret(secret).build().unwrap();
        // The code of the step before is accepted as well, and leaves the present one for the first login.
        let last_step = step_now() - 1;
        let code = totp.generate(last_step * 30).to_string();
        let proof = self.post("/api/auth/otp/verify").json(json!({ "token": code }));
        let proved = self.send(&proof.cookie(&cookie)).await?;
        assert_eq!(proved.status, 200, "{}", proved.body);
        self.factor = Factor::App { totp: Box::new(totp), last_step };
        self.take_recovery_codes(&proved);
        Ok(())
    }

    async fn add_passkey(&mut self) -> Result<(), Unclear> {
        let cookie = self.sessions[0].cookie.clone();
        let options = self.post("/api/auth/passkeys/options").json(json!({})).cookie(&cookie);
        let options = self.send(&options).await?.body;
        let mut key = Authenticator::new();
        key.flags |= UV;
        let form = json!({ "credential": key.create(&options) });
        let added = self.post("/api/auth/passkeys").json(form).cookie(&cookie);
        let added = self.send(&added).await?;
        assert_eq!(added.status, 201, "{}", added.body);
        self.factor = Factor::Passkey(Box::new(key));
        self.take_recovery_codes(&added);
        Ok(())
    }

    /// Notes what the first second factor changed: every session ended, but one that has a new token.
    fn take_recovery_codes(&mut self, reply: &Reply) {
        self.client.ledger.wrote();
        self.all_sessions(State::Ended);
        self.opened(reply.cookie("twofold_session"));
        self.recovery = codes(&reply.body);
    }

    /// Asks for new recovery codes. The old ones end.
    pub(super) async fn renew_recovery_codes(&mut self) -> Result<(), Unclear> {
        let Some(place) = self.usable_session() else { return self.use_factor().await };
        let cookie = self.sessions[place].cookie.clone();
        let call = self.call(Method::POST, "/api/auth/otp/recovery-codes").cookie(&cookie);
        let outcome = self.send(&call).await;
        // Whether the old ones still work is unknown if the outcome is.
        self.recovery.clear();
        let reply = outcome?;
        if reply.status == 200 {
            self.client.ledger.wrote();
            self.recovery = codes(&reply.body);
        } else {
            self.refused(place, "a request for new recovery codes", &reply);
        }
        Ok(())
    }

    async fn use_factor(&mut self) -> Result<(), Unclear> {
        match self.factor {
            Factor::None => self.log_in().await,
            Factor::App { .. } => self.use_code().await,
            Factor::Passkey(_) => self.use_passkey().await,
        }
    }
}

fn codes(body: &Value) -> Vec<RecoveryCode> {
    let codes = body["recovery_codes"].as_array().unwrap().iter();
    let code = |code: &Value| code.as_str().unwrap().to_owned();
    codes.map(|one| RecoveryCode { code: code(one), state: CodeState::Unused }).collect()
}
