//! People with passkeys.

use bson::spec::BinarySubtype;
use bson::{Binary, DateTime, Document, doc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::answer::Answer;
use super::app::TestApp;
use super::authenticator::{Authenticator, BE, BS, UV, encode};
use super::browser::Browser;
use super::person::Person;

const CODES: usize = 10;

impl Person {
    /// Adds a passkey to the account; the person's browser stays signed in, at `aal2`.
    pub async fn with_passkey(mut self, app: &TestApp, key: &mut Authenticator) -> Self {
        let stored = app.stored(&self).await;
        let is_first = !stored.contains_key("totp") && !stored.contains_key("passkeys");
        if is_first {
            self.browser.log_in(&self).await.assert_status(200);
        }
        let id = stored.get_object_id("_id").unwrap().bytes();
        key.create(&json!({
            "rp": { "id": "localhost" }, "user": { "id": encode(&id) }, "challenge": "AA",
            "pubKeyCredParams": [{ "alg": -7 }, { "alg": -8 }, { "alg": -257 }],
        }));
        let now = DateTime::from_millis(app.clock.now().timestamp_millis());
        let mut update = doc! { "$push": { "passkeys": document(key, now) } };
        if is_first {
            self.recovery_codes = (0..CODES).map(|n| format!("{n}{}", "a".repeat(23))).collect();
            let digests: Vec<Binary> =
                self.recovery_codes.iter().map(|code| binary(&Sha256::digest(code))).collect();
            update.extend(doc! {
                "$set": {
                    "recovery": digests, "recovery_created": now,
                    "sessions.$[].methods": ["pwd", "passkey"],
                },
                "$inc": { "epoch": 1_i64 },
            });
        }
        let users = app.collection("users").await;
        users.update_one(doc! { "email": &self.email }, update).await.unwrap();
        self
    }
}

fn document(key: &Authenticator, now: DateTime) -> Document {
    let credential = key.credentials.last().unwrap();
    let has = |flag: u8| key.flags & flag != 0;
    doc! {
        "id": binary(&credential.id), "key": binary(&credential.cose_key()),
        "counter": i64::from(key.counter), "uv": has(UV), "be": has(BE), "bs": has(BS),
        "name": "Passkey", "created": now, "aaguid": binary(&[0; 16]),
    }
}

fn binary(bytes: &[u8]) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes: bytes.to_vec() }
}

impl Browser {
    /// The options for a signature of a passkey, for the login or the session.
    pub async fn passkey_challenge(&self) -> Value {
        let asked = self.post("/api/auth/passkeys/challenge", json!({})).await;
        asked.assert_status(200).json()
    }

    /// Submits a passkey's signature.
    pub async fn submit_passkey(&self, credential: &Value) -> Answer {
        let form = json!({ "credential": credential });
        self.post("/api/auth/passkeys/validate", form).await
    }

    /// The passkey step: asks, signs and submits.
    pub async fn use_passkey(&self, key: &mut Authenticator) -> Answer {
        let credential = key.get(&self.passkey_challenge().await);
        self.submit_passkey(&credential).await
    }
}
