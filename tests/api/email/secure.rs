//! "This wasn't me".

use bson::doc;
use chrono::TimeDelta;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::{Mailed, reset, use_link};
use crate::harness::{Answer, Browser, Person, at_once, count};

const NEW: &str = "a saucer of marbles";

async fn secure(browser: &Browser, token: &str, code: Option<&str>) -> Answer {
    let mut form = json!({ "token": token });
    if let Some(code) = code {
        form["code"] = Value::from(code);
    }
    browser.post("/api/auth/secure", form).await
}

/// A thief in a session of the account changes its password; the token of the owner's notice.
async fn stolen(mailed: &Mailed, owner: &Person) -> String {
    owner.browser.log_in(owner).await.assert_status(200);
    mailed.app.advance(TimeDelta::seconds(1));
    let change =
        json!({ "current_password": owner.password, "new_password": "the thief's own one" });
    owner.browser.put("/api/auth/password", change).await.assert_status(204);
    let notice = mailed.next(owner, "notice-password_changed").await;
    notice.token_for("secure").to_owned()
}

#[tokio::test]
async fn what_a_thief_gained_is_undone_and_only_a_new_link_sets_a_password() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.verified("ada").await;
    let token = stolen(&mailed, &ada).await;
    mailed.app.advance(TimeDelta::seconds(1));
    // The thief adds a second factor and asks for another address.
    let mut thief = ada.clone();
    thief.password = "the thief's own one".to_owned();
    thief.enrol_again().await;
    mailed.next(&ada, "notice-factor_added").await;
    let ask = json!({ "email": "thief@example.net", "password": thief.password });
    thief.browser.put("/api/auth/email", ask).await.assert_status(202);
    mailed.next(&ada, "notice-email_change_requested").await;
    let confirm = mailed.smtp.next_to("thief@example.net").await;

    let owner = mailed.app.browser();
    let answer = secure(&owner, &token, None).await;
    answer.assert_status(204);
    assert!(answer.set_cookies().is_empty());
    thief.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    for password in [&thief.password, &ada.password, &"!".repeat(8)] {
        let form = json!({ "email": ada.email, "password": password });
        let answer = owner.post("/api/auth/login", form).await;
        answer.assert_problem(400, "incorrect_credentials");
    }
    let confirm = confirm.token_for("confirm-email");
    use_link(&owner, "email/confirm", confirm).await.assert_problem(400, "mail_token_invalid");
    secure(&owner, &token, None).await.assert_problem(400, "mail_token_invalid");

    let mail = mailed.next(&ada, "reset").await;
    reset(&owner, mail.token_for("reset"), NEW, None).await.assert_status(204);
    let mut ada = ada.clone();
    ada.password = NEW.to_owned();
    let answer = owner.log_in(&ada).await;
    assert_eq!(answer.assert_status(200).json()["user"]["otp_enabled"], false);
}

#[tokio::test]
async fn a_factor_older_than_the_event_stays_and_is_asked_for() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.verified("ada").await.with_totp().await;
    mailed.next(&ada, "notice-factor_added").await;
    mailed.app.advance(TimeDelta::seconds(31));
    let change = json!({ "current_password": ada.password, "new_password": "the thief's own one" });
    ada.browser.put("/api/auth/password", change).await.assert_status(204);
    let notice = mailed.next(&ada, "notice-password_changed").await;
    let (owner, token) = (mailed.app.browser(), notice.token_for("secure"));
    secure(&owner, token, None).await.assert_problem(403, "otp_required");
    let wrong = ada.phone().wrong_code_at(owner.service_time());
    secure(&owner, token, Some(&wrong)).await.assert_problem(400, "otp_invalid");
    let code = ada.phone().code_at(owner.service_time());
    secure(&owner, token, Some(&code)).await.assert_status(204);
    let mail = mailed.next(&ada, "reset").await;
    let reset_token = mail.token_for("reset");
    reset(&owner, reset_token, NEW, None).await.assert_problem(403, "otp_required");
    reset(&owner, reset_token, NEW, Some(&ada.recovery_codes[0])).await.assert_status(204);
}

#[tokio::test]
async fn codes_that_the_thief_renewed_prove_nothing() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.verified("ada").await.with_totp().await;
    mailed.next(&ada, "notice-factor_added").await;
    mailed.app.advance(TimeDelta::seconds(31));
    let renewed = ada.browser.post("/api/auth/otp/recovery-codes", json!({})).await;
    let codes = renewed.assert_status(200).json()["recovery_codes"].clone();
    let notice = mailed.next(&ada, "notice-recovery_codes_renewed").await;
    let (owner, token) = (mailed.app.browser(), notice.token_for("secure"));
    let thief_s = codes[0].as_str().unwrap();
    secure(&owner, token, Some(thief_s)).await.assert_problem(400, "otp_invalid");
    let code = ada.phone().code_at(owner.service_time());
    secure(&owner, token, Some(&code)).await.assert_status(204);
    assert_eq!(mailed.app.stored(&ada).await.get_array("recovery").unwrap().len(), 0);
}

#[tokio::test]
async fn five_wrong_factors_end_the_link() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.verified("ada").await.with_totp().await;
    mailed.next(&ada, "notice-factor_added").await;
    mailed.app.advance(TimeDelta::seconds(31));
    let change = json!({ "current_password": ada.password, "new_password": "the thief's own one" });
    ada.browser.put("/api/auth/password", change).await.assert_status(204);
    let notice = mailed.next(&ada, "notice-password_changed").await;
    let (owner, token) = (mailed.app.browser(), notice.token_for("secure").to_owned());
    let calls = (0..12).map(|_| {
        let (owner, token) = (owner.clone(), token.clone());
        async move { secure(&owner, &token, Some("ABCDE-FGHJK")).await }
    });
    let answers = at_once(calls).await;
    let tried = answers.iter().filter(|answer| answer.json()["code"] == "otp_invalid").count();
    assert_eq!(tried, 5);
    let code = ada.phone().code_at(owner.service_time());
    secure(&owner, &token, Some(&code)).await.assert_problem(400, "mail_token_invalid");
}

#[tokio::test]
async fn a_link_works_until_72_hours_after_its_event() {
    let mailed = Mailed::spawn().await;
    let owner = mailed.app.browser();
    for (wait, status) in [(TimeDelta::seconds(1), 204), (TimeDelta::zero(), 400)] {
        let ada = mailed.verified(&format!("ada-{status}")).await;
        let token = stolen(&mailed, &ada).await;
        let before = mailed.app.stored(&ada).await;
        mailed.app.advance(TimeDelta::hours(72) - wait);
        let answer = secure(&owner, &token, None).await;
        if status == 204 {
            answer.assert_status(204);
        } else {
            answer.assert_problem(400, "mail_token_invalid");
            assert_eq!(mailed.app.stored(&ada).await, before);
        }
    }
}

#[tokio::test]
async fn a_use_ends_the_links_of_earlier_events_and_of_its_own_time_and_no_later_ones() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.verified("ada").await;
    let owner = mailed.app.browser();
    let earlier = stolen(&mailed, &ada).await;
    mailed.app.advance(TimeDelta::seconds(1));
    // Two events at the time of the use: the links of both end with it.
    let mut thief = ada.clone();
    thief.password = "the thief's own one".to_owned();
    let change = json!({ "current_password": thief.password, "new_password": "the thief's next" });
    thief.browser.put("/api/auth/password", change).await.assert_status(204);
    let used = mailed.next(&ada, "notice-password_changed").await;
    secure(&owner, used.token_for("secure"), None).await.assert_status(204);
    for token in [earlier.as_str(), used.token_for("secure")] {
        secure(&owner, token, None).await.assert_problem(400, "mail_token_invalid");
    }
    let mail = mailed.next(&ada, "reset").await;
    // An event after the use.
    mailed.app.advance(TimeDelta::milliseconds(1));
    reset(&owner, mail.token_for("reset"), NEW, None).await.assert_status(204);
    let later = mailed.next(&ada, "notice-password_reset").await;
    secure(&owner, &earlier, None).await.assert_problem(400, "mail_token_invalid");
    secure(&owner, later.token_for("secure"), None).await.assert_status(204);
}

#[tokio::test]
async fn a_link_is_made_by_this_service_for_its_account_event_and_address() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.verified("ada").await;
    let eve = mailed.verified("eve").await;
    let owner = mailed.app.browser();
    let (of_ada, of_eve) = (stolen(&mailed, &ada).await, stolen(&mailed, &eve).await);
    let before = mailed.app.stored(&ada).await;
    // The prefix, and then in base64: the account (12 bytes), the time (8) and the HMAC (32).
    let (prefix, encoded) = of_ada.split_once('-').unwrap();
    let bytes = BASE64URL_NOPAD.decode(encoded.as_bytes()).unwrap();
    assert_eq!(bytes.len(), 52);
    let eve_s = of_eve.split_once('-').unwrap().1;
    let eve_s = BASE64URL_NOPAD.decode(eve_s.as_bytes()).unwrap();
    let other_account = [&eve_s[..12], &bytes[12..]].concat();
    let hmac_of_other = [&bytes[..20], &eve_s[20..]].concat();
    let changed = |place: usize| {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        changed
    };
    let mut forged = vec![other_account, hmac_of_other, [&bytes[..20], &[0; 32]].concat()];
    // A later event, and each byte of the HMAC.
    forged.extend((19..52).map(changed));
    for bytes in forged {
        let token = format!("{prefix}-{}", BASE64URL_NOPAD.encode(&bytes));
        secure(&owner, &token, None).await.assert_problem(400, "mail_token_invalid");
    }
    assert_eq!(mailed.app.stored(&ada).await, before);
    let users = mailed.app.collection("users").await;
    let moved = doc! { "$set": { "email": "eve@moved.example" } };
    users.update_one(doc! { "email": &eve.email }, moved).await.unwrap();
    secure(&owner, &of_eve, None).await.assert_problem(400, "mail_token_invalid");
    secure(&owner, &of_ada, None).await.assert_status(204);
}

#[tokio::test]
async fn twenty_uses_at_once_send_one_link() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.verified("ada").await;
    let token = stolen(&mailed, &ada).await;
    let calls = (0..20).map(|_| {
        let (browser, token) = (mailed.app.browser(), token.clone());
        async move { secure(&browser, &token, None).await }
    });
    assert_eq!(count(&at_once(calls).await, 204), 1);
    // Those that came too late left the job due a little later.
    mailed.app.advance(TimeDelta::seconds(10));
    mailed.next(&ada, "reset").await;
}
