//! Accounts as they are stored, with something in every list.

use bson::{Document, doc};
use chrono::TimeDelta;

use crate::domain::account::Account;
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::ids::UserId;
use crate::storage::document::{at, binary, id};
use crate::storage::reading::read_account;
use crate::storage::testing::TestStore;

/// The time of each test.
pub fn now() -> Moment {
    Moment::from_timestamp_millis(1_800_000_000_000).unwrap()
}

pub fn digest(byte: u8) -> Digest {
    Digest::from_bytes([byte; 32])
}

/// The `byte`th session.
fn session(byte: u8) -> Document {
    let then = at(now() - TimeDelta::minutes(10));
    doc! {
        "digest": binary(&[byte; 32]), "id": format!("session-{byte}"), "methods": ["pwd"], "authenticated_at": then,
        "created": then, "seen": then, "failed": 1_i64, "ip": "192.0.2.1", "user_agent": "x",
        "passkey": { "digest": binary(&[60; 32]), "until": at(now() + TimeDelta::minutes(5)) },
    }
}

/// Sessions 10 to 12, tokens 20 and 21, challenges 30 and 31, recovery codes 40 and 41, networks 50 and 51, the
/// challenges of passkeys 60, a passkey, and devices 70 and 71.
pub fn document(number: u8) -> Document {
    let (then, soon) = (at(now() - TimeDelta::days(1)), at(now() + TimeDelta::minutes(5)));
    let challenge = |byte| {
        doc! {
            "digest": binary(&[byte; 32]), "tries": 0_i64, "until": soon,
            "passkey": { "digest": binary(&[60; 32]), "until": soon },
        }
    };
    let device = |byte| {
        doc! {
            "id": format!("device-{byte}"), "unpresented": [binary(&[byte; 32])], "previous": binary(&[byte + 5; 32]),
            "until": soon, "created": then, "seen": then, "ip": "192.0.2.1", "user_agent": "x",
        }
    };
    let link = doc! {
        "digest": binary(&[80; 32]), "seed": binary(&[81; 16]), "email": "ada@example.com", "until": soon,
        "tries": 0_i64,
    };
    doc! {
        "_id": id(UserId::from_bytes([number; 12])),
        "email": "ada@example.com", "name": "Ada", "password": "$argon2id$", "epoch": 3_i64,
        "created_at": then, "updated_at": then,
        "totp": { "secret": binary(&[2; 40]), "last_step": 1_i64, "verified": true },
        "passkeys": [{
            "id": binary(&[90; 16]), "key": binary(&[91; 65]), "counter": 7_i64, "uv": true, "be": false, "bs": false,
            "name": "Phone", "created": then, "aaguid": binary(&[0; 16]),
        }],
        "recovery": [binary(&[40; 32]), binary(&[41; 32])],
        "codes": { "failed": 2_i64, "at": then },
        "sessions": (10..13).map(session).collect::<Vec<_>>(),
        "tokens": (20..22).map(session).collect::<Vec<_>>(),
        "challenges": [challenge(30), challenge(31)],
        "networks": [{ "key": binary(&[50; 32]), "at": then }, { "key": binary(&[51; 32]), "at": then }],
        "devices": [device(70), device(71)],
        "mail": { "reset": link },
    }
}

/// The list of sessions, full.
pub fn full_of_sessions(account: &mut Document) {
    account.insert("sessions", (100..120).map(session).collect::<Vec<_>>());
}

/// Stores an account, and reads it.
pub async fn insert(test: &TestStore, account: &Document) -> Account {
    let raw = bson::RawDocumentBuf::try_from(account).unwrap();
    test.store.users.insert_one(&raw).await.unwrap();
    read_account(raw).unwrap()
}

/// The account as it is stored now.
pub async fn stored(test: &TestStore, account: &Account) -> Option<Document> {
    let found = test.store.users.find_one(doc! { "_id": id(account.id) }).await.unwrap();
    found.map(|raw| Document::try_from(&*raw).unwrap())
}
