//! Passkeys at links: a reset of the password, and "This wasn't me".

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::verifying;
use crate::email::Mailed;
use crate::harness::authenticator::{Authenticator, encode};
use crate::harness::{Answer, Browser, Person};

const NEW: &str = "a saucer of marbles";

async fn ask(browser: &Browser, token: &str) -> Answer {
    browser.post("/api/auth/passkeys/challenge", json!({ "token": token })).await
}

async fn sign(browser: &Browser, token: &str, key: &mut Authenticator) -> Value {
    key.get(&ask(browser, token).await.assert_status(200).json())
}

async fn reset(browser: &Browser, token: &str, passkey: &Value) -> Answer {
    let form = json!({ "token": token, "new_password": NEW, "passkey": passkey });
    browser.post("/api/auth/password/reset", form).await
}

async fn secure(browser: &Browser, token: &str, passkey: Option<&Value>) -> Answer {
    let form = json!({ "token": token, "passkey": passkey });
    browser.post("/api/auth/secure", form).await
}

async fn with_key(mailed: &Mailed, name: &str, key: &mut Authenticator) -> Person {
    mailed.verified(name).await.with_passkey(&mailed.app, key).await
}

/// The password changes; the token of the notice's link.
async fn changed(mailed: &Mailed, person: &Person) -> String {
    mailed.app.advance(TimeDelta::seconds(1));
    let form = json!({ "current_password": person.password, "new_password": "the thief's own" });
    person.browser.put("/api/auth/password", form).await.assert_status(204);
    let notice = mailed.next(person, "notice-password_changed").await;
    mailed.app.advance(TimeDelta::seconds(1));
    notice.token_for("secure").to_owned()
}

#[tokio::test]
async fn a_passkey_resets_the_password() {
    let mailed = Mailed::spawn().await;
    let mut key = Authenticator::new();
    let mut ada = with_key(&mailed, "ada", &mut key).await;
    let mail = mailed.forgot(&ada).await;
    let (browser, token) = (mailed.app.browser(), mail.token_for("reset"));
    reset(&browser, token, &Value::Null).await.assert_problem(403, "otp_required");
    let passkey = sign(&browser, token, &mut key).await;
    reset(&browser, token, &passkey).await.assert_status(204);
    ask(&browser, token).await.assert_problem(400, "mail_token_invalid");
    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    ada.password = NEW.to_owned();
    let browser = mailed.app.challenged(&ada).await;
    browser.submit_passkey(&passkey).await.assert_problem(400, "passkey_invalid");
    browser.use_passkey(&mut key).await.assert_status(200);
}

#[tokio::test]
async fn five_wrong_passkeys_end_a_link_and_lock_no_codes() {
    let mailed = Mailed::spawn().await;
    let mut key = Authenticator::new();
    let ada = with_key(&mailed, "ada", &mut key).await;
    let mail = mailed.forgot(&ada).await;
    let (browser, token) = (mailed.app.browser(), mail.token_for("reset"));
    let mut wrong = sign(&browser, token, &mut key).await;
    let right = wrong.clone();
    wrong["response"]["signature"] = "AAAA".into();
    reset(&browser, token, &wrong).await.assert_problem(400, "passkey_invalid");
    // The challenge is used up.
    reset(&browser, token, &right).await.assert_problem(400, "passkey_invalid");
    for _ in 0..3 {
        reset(&browser, token, &json!({})).await.assert_problem(400, "passkey_invalid");
    }
    reset(&browser, token, &right).await.assert_problem(400, "mail_token_invalid");
    let stored = mailed.app.stored(&ada).await;
    assert!(!stored.get_document("mail").unwrap().contains_key("codes"));
}

#[tokio::test]
async fn a_passkey_that_looks_copied_is_refused_and_its_owner_notified() {
    let mailed = Mailed::spawn().await;
    let mut key = Authenticator::new();
    key.counter = 7;
    let ada = with_key(&mailed, "ada", &mut key).await;
    let mail = mailed.forgot(&ada).await;
    let (browser, token) = (mailed.app.browser(), mail.token_for("reset"));
    let passkey = sign(&browser, token, &mut key).await;
    reset(&browser, token, &passkey).await.assert_problem(400, "passkey_invalid");
    mailed.next(&ada, "notice-credential_refused").await;
}

#[tokio::test]
async fn the_token_decides_alone_and_must_be_of_a_live_link() {
    let mailed = Mailed::spawn().await;
    let mut key = Authenticator::new();
    let ada = with_key(&mailed, "ada", &mut key).await;
    let eve = mailed.verified("eve").await;
    let mail = mailed.forgot(&eve).await;
    // In a session of an account that has one.
    let asked = ask(&ada.browser, mail.token_for("reset")).await;
    asked.assert_problem(409, "no_passkey");
    ask(&ada.browser, "nonsense").await.assert_problem(400, "mail_token_invalid");
    let mail = mailed.forgot(&ada).await;
    let token = mail.token_for("reset");
    ask(&eve.browser, token).await.assert_status(200);
    mailed.app.advance(TimeDelta::minutes(30));
    ask(&eve.browser, token).await.assert_problem(400, "mail_token_invalid");
}

#[tokio::test]
async fn a_challenge_of_a_link_is_of_no_use_at_a_login() {
    let mailed = Mailed::spawn().await;
    let mut key = Authenticator::new();
    let ada = with_key(&mailed, "ada", &mut key).await;
    let mail = mailed.forgot(&ada).await;
    let (browser, token) = (mailed.app.challenged(&ada).await, mail.token_for("reset"));
    let passkey = sign(&browser, token, &mut key).await;
    browser.submit_passkey(&passkey).await.assert_problem(400, "passkey_invalid");
    let passkey = key.get(&browser.passkey_challenge().await);
    reset(&browser, token, &passkey).await.assert_problem(400, "passkey_invalid");
}

#[tokio::test]
async fn a_passkey_that_is_as_new_as_the_event_is_removed_and_an_older_one_is_asked_for() {
    let mailed = Mailed::spawn().await;
    let mut key = verifying();
    let ada = with_key(&mailed, "ada", &mut key).await;
    let token = changed(&mailed, &ada).await;
    let mut thief_s = verifying();
    let ada = ada.with_passkey(&mailed.app, &mut thief_s).await;
    let owner = mailed.app.browser();
    secure(&owner, &token, None).await.assert_problem(403, "otp_required");
    let options = ask(&owner, &token).await.assert_status(200).json();
    let id = encode(&key.credentials[0].id);
    assert_eq!(options["allowCredentials"], json!([{ "type": "public-key", "id": id }]));
    let mut any = options.clone();
    any["allowCredentials"] = json!([]);
    let theirs = thief_s.get(&any);
    secure(&owner, &token, Some(&theirs)).await.assert_problem(400, "passkey_invalid");
    let passkey = sign(&owner, &token, &mut key).await;
    secure(&owner, &token, Some(&passkey)).await.assert_status(204);
    let stored = mailed.app.stored(&ada).await;
    assert_eq!(stored.get_array("passkeys").unwrap().len(), 1);
    assert_eq!(stored.get_array("recovery").unwrap().len(), 10);
    let mail = mailed.next(&ada, "reset").await;
    let passkey = sign(&owner, mail.token_for("reset"), &mut key).await;
    reset(&owner, mail.token_for("reset"), &passkey).await.assert_status(204);
}

#[tokio::test]
async fn with_an_older_passkey_an_app_of_the_thief_proves_nothing() {
    let mailed = Mailed::spawn().await;
    let mut key = verifying();
    let ada = with_key(&mailed, "ada", &mut key).await;
    let token = changed(&mailed, &ada).await;
    let mut thief = ada.clone();
    thief.enrol_again().await;
    mailed.next(&ada, "notice-factor_added").await;
    mailed.app.advance(TimeDelta::seconds(30));
    let owner = mailed.app.browser();
    let code = thief.phone().code_at(owner.service_time());
    for code in [&code, &thief.recovery_codes[0]] {
        let form = json!({ "token": token, "code": code });
        owner.post("/api/auth/secure", form).await.assert_problem(400, "otp_invalid");
    }
    let passkey = sign(&owner, &token, &mut key).await;
    secure(&owner, &token, Some(&passkey)).await.assert_status(204);
    let stored = mailed.app.stored(&ada).await;
    assert!(!stored.contains_key("totp"));
    assert!(stored.get_array("recovery").unwrap().is_empty());
    assert_eq!(stored.get_array("passkeys").unwrap().len(), 1);
}

#[tokio::test]
async fn without_an_older_factor_all_passkeys_go_and_such_accounts_do_not_collide() {
    let mailed = Mailed::spawn().await;
    for name in ["ada", "eve"] {
        let person = mailed.verified(name).await;
        person.browser.log_in(&person).await.assert_status(200);
        let token = changed(&mailed, &person).await;
        let mut thief = person.clone();
        thief.password = "the thief's own".to_owned();
        let mut key = verifying();
        let thief = thief.with_passkey(&mailed.app, &mut key).await;
        let owner = mailed.app.browser();
        ask(&owner, &token).await.assert_problem(409, "no_passkey");
        secure(&owner, &token, None).await.assert_status(204);
        let stored = mailed.app.stored(&thief).await;
        assert!(!stored.contains_key("passkeys"));
        assert!(stored.get_array("recovery").unwrap().is_empty());
        mailed.next(&person, "reset").await;
    }
}
