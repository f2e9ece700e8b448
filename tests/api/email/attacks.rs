//! What somebody who knows a password, or wants another's address, might try.

use bson::doc;
use chrono::TimeDelta;
use serde_json::json;

use super::{Mailed, forgot, reset, use_link};
use crate::harness::{Call, Person, until};

const NEW: &str = "a saucer of marbles";

fn basic(person: &Person) -> Call {
    Call::new("POST", "/auth/credentials").header("authorization", &person.basic())
}

#[tokio::test]
async fn an_address_registered_twice_within_a_minute_can_still_be_disowned() {
    let mailed = Mailed::spawn().await;
    let (squatter, _) = mailed.register("owner").await;
    squatter.browser.log_in(&squatter).await.assert_status(200);
    let delete = Call::new("DELETE", "/api/auth/account");
    let delete = delete.json(&json!({ "password": squatter.password }));
    squatter.browser.send(delete).await.assert_status(204);
    // One mail a minute: this registration sends none.
    let squatter = mailed.app.register("owner").await.with_totp().await;
    let mail = mailed.forgot(&squatter).await;
    let owner = mailed.app.browser();
    use_link(&owner, "email/disown", mail.token_for("disown")).await.assert_status(204);
}

#[tokio::test]
async fn a_factor_that_a_thief_only_enabled_causes_a_notice_and_is_removed() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.verified("ada").await;
    let thief = mailed.app.bearer(&ada).await;
    mailed.app.advance(TimeDelta::seconds(1));
    thief.put("/auth/otp/enable", json!({ "enabled": true })).await.assert_status(200);
    let notice = mailed.next(&ada, "notice-factor_added").await;
    let owner = mailed.app.browser();
    use_link(&owner, "secure", notice.token_for("secure")).await.assert_status(204);
    let mail = mailed.next(&ada, "reset").await;
    reset(&owner, mail.token_for("reset"), NEW, None).await.assert_status(204);
}

#[tokio::test]
async fn logging_out_of_the_login_does_not_hide_that_its_factor_was_missing() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.verified("ada").await.with_totp().await;
    mailed.next(&ada, "notice-factor_added").await;
    let thief = mailed.app.challenged(&ada).await;
    thief.post("/api/auth/logout", json!({})).await.assert_status(204);
    mailed.app.advance(TimeDelta::minutes(6));
    mailed.next(&ada, "notice-second_factor_missing").await;
}

#[tokio::test]
async fn a_login_whose_tries_are_used_up_causes_a_notice_at_once() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.verified("ada").await.with_totp().await;
    mailed.next(&ada, "notice-factor_added").await;
    let thief = mailed.app.challenged(&ada).await;
    let outbox = mailed.app.collection("outbox").await;
    let waiting = doc! { "kind": "notice-second_factor_missing" };
    let waits = async || outbox.count_documents(waiting.clone()).await.unwrap() == 1;
    until("the notice waits", waits).await;
    let wrong = ada.phone().wrong_code_at(mailed.app.clock.now());
    for _ in 0..5 {
        thief.validate(&wrong).await.assert_problem(400, "otp_invalid");
    }
    mailed.next(&ada, "notice-second_factor_missing").await;
}

#[tokio::test]
async fn a_missing_factor_of_the_basic_contract_causes_a_notice_unless_it_follows() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.verified("ada").await.with_totp().await;
    mailed.next(&ada, "notice-factor_added").await;
    let outbox = mailed.app.collection("outbox").await;
    let waiting = doc! { "kind": "notice-second_factor_missing" };
    let count = async || outbox.count_documents(waiting.clone()).await.unwrap();
    let browser = mailed.app.browser();
    browser.send(basic(&ada)).await.assert_status(401);
    until("the notice waits", async || count().await == 1).await;
    mailed.app.advance(TimeDelta::seconds(30));
    let code = ada.phone().code_at(mailed.app.clock.now());
    mailed.app.bearer_with(&ada, &code).await;
    until("the notice is dropped", async || count().await == 0).await;

    browser.send(basic(&ada)).await.assert_status(401);
    until("the notice waits", async || count().await == 1).await;
    mailed.app.advance(TimeDelta::minutes(6));
    mailed.next(&ada, "notice-second_factor_missing").await;
}

#[tokio::test]
async fn a_malformed_job_and_one_of_a_later_version_stop_no_other() {
    let mailed = Mailed::spawn().await;
    let outbox = mailed.app.collection("outbox").await;
    let early = bson::DateTime::from_millis(0);
    let malformed =
        |key: &str, kind: &str| doc! { "_id": key, "kind": kind, "due": early, "tries": 0_i64 };
    outbox.insert_one(malformed("a", "verify")).await.unwrap();
    outbox.insert_one(malformed("b", "of a later version")).await.unwrap();
    mailed.register("ada").await;
    let kept = outbox.find_one(doc! { "_id": "b" }).await.unwrap().unwrap();
    assert_eq!(kept.get_datetime("due").unwrap(), &early);
    let put_off = outbox.find_one(doc! { "_id": "a" }).await.unwrap().unwrap();
    assert!(put_off.get_datetime("due").unwrap() > &early);
}

#[tokio::test]
async fn a_change_asked_for_before_the_address_was_verified_ends_when_it_is() {
    let mailed = Mailed::spawn().await;
    let (ada, mail) = mailed.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let ask = json!({ "email": "thief@example.net", "password": ada.password });
    ada.browser.put("/api/auth/email", ask).await.assert_status(202);
    let confirm = mailed.smtp.next_to("thief@example.net").await;
    let browser = mailed.app.browser();
    use_link(&browser, "email/verify", mail.token_for("verify")).await.assert_status(204);
    let answer = use_link(&browser, "email/confirm", confirm.token_for("confirm-email")).await;
    answer.assert_problem(400, "mail_token_invalid");
    mailed.next(&ada, "notice-email_change_cancelled").await;
}

#[tokio::test]
async fn the_operator_unlocks_codes_at_links_too() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.verified("ada").await.with_totp().await;
    mailed.next(&ada, "notice-factor_added").await;
    let users = mailed.app.collection("users").await;
    let at = bson::DateTime::from_millis(mailed.app.clock.now().timestamp_millis());
    let locked = doc! { "$set": { "mail.codes": { "failed": 100_i64, "at": at } } };
    users.update_one(doc! { "email": &ada.email }, locked).await.unwrap();
    let mail = mailed.forgot(&ada).await;
    mailed.app.advance(TimeDelta::seconds(30));
    let (browser, token) = (mailed.app.browser(), mail.token_for("reset"));
    let code = ada.phone().code_at(mailed.app.clock.now());
    reset(&browser, token, NEW, Some(&code)).await.assert_problem(429, "too_many_attempts");
    mailed.app.operator(&["users", "unlock", &ada.email]).assert_code(0);
    reset(&browser, token, NEW, Some(&code)).await.assert_status(204);
}

#[tokio::test]
async fn a_recovery_code_used_at_a_link_causes_a_notice() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.verified("ada").await.with_totp().await;
    mailed.next(&ada, "notice-factor_added").await;
    let mail = mailed.forgot(&ada).await;
    let (browser, token) = (mailed.app.browser(), mail.token_for("reset"));
    reset(&browser, token, NEW, Some(&ada.recovery_codes[0])).await.assert_status(204);
    let mut kinds = Vec::new();
    while kinds.len() < 2 {
        kinds.push(mailed.smtp.next_to(&ada.email).await.kind());
    }
    kinds.sort();
    assert_eq!(kinds, ["notice-password_reset", "notice-recovery_code_used"]);
}

#[tokio::test]
async fn a_link_of_a_notice_stays_dead_when_the_address_comes_back() {
    let mailed = Mailed::with([("EMAIL_CHANGE_DELAY", "0")]).await;
    let ada = mailed.verified("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let change = json!({ "current_password": ada.password, "new_password": NEW });
    ada.browser.put("/api/auth/password", change).await.assert_status(204);
    let notice = mailed.next(&ada, "notice-password_changed").await;
    for email in ["ada@elsewhere.example", &ada.email] {
        mailed.app.advance(TimeDelta::seconds(61));
        let ask = json!({ "email": email, "password": NEW });
        ada.browser.put("/api/auth/email", ask).await.assert_status(202);
        let mut mail = mailed.smtp.next_to(email).await;
        while mail.kind() != "change" {
            mail = mailed.smtp.next_to(email).await;
        }
        let confirm = mail.token_for("confirm-email");
        use_link(&mailed.app.browser(), "email/confirm", confirm).await.assert_status(200);
    }
    let answer = use_link(&mailed.app.browser(), "secure", notice.token_for("secure")).await;
    answer.assert_problem(400, "mail_token_invalid");
}

#[tokio::test]
async fn links_of_a_disabled_account_are_dead() {
    let mailed = Mailed::spawn().await;
    let (ada, mail) = mailed.register("ada").await;
    let forgotten = mailed.forgot(&ada).await;
    mailed.app.operator(&["users", "disable", &ada.email, "--yes"]).assert_code(0);
    let browser = mailed.app.browser();
    for (call, token) in [
        ("email/verify", mail.token_for("verify")),
        ("email/disown", forgotten.token_for("disown")),
    ] {
        use_link(&browser, call, token).await.assert_problem(400, "mail_token_invalid");
    }
    let answer = reset(&browser, forgotten.token_for("reset"), NEW, None).await;
    answer.assert_problem(400, "mail_token_invalid");
}

#[tokio::test]
async fn an_address_gets_one_reset_a_minute_and_a_network_thirty_requests_an_hour() {
    let mailed = Mailed::spawn().await;
    let (ada, _) = mailed.register("ada").await;
    mailed.forgot(&ada).await;
    let browser = mailed.app.browser();
    for _ in 0..29 {
        forgot(&browser, &ada.email).await.assert_status(202);
    }
    forgot(&browser, &ada.email).await.assert_problem(429, "too_many_attempts");
    mailed.app.advance(TimeDelta::hours(1));
    mailed.forgot(&ada).await;
    assert_eq!(mailed.smtp.waiting(), 0);
}

#[tokio::test]
async fn a_token_of_one_kind_is_nothing_in_the_place_of_another() {
    let mailed = Mailed::spawn().await;
    let (ada, mail) = mailed.register("ada").await;
    let forgotten = mailed.forgot(&ada).await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let session = ada.browser.cookie("twofold_session").unwrap();
    let links = [mail.token_for("verify"), forgotten.token_for("reset")];
    let stranger = mailed.app.browser();
    for link in links {
        stranger.bearer(link).get("/api/auth/me").await.assert_problem(401, "not_authenticated");
        let browser = mailed.app.browser();
        browser.set_cookie("twofold_session", link);
        browser.set_cookie("twofold_login", link);
        browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
        browser.validate("000000").await.assert_problem(401, "login_expired");
    }
    let calls = ["email/verify", "email/disown", "email/confirm", "email/approve", "secure"];
    for call in calls {
        let fitting = ["email/verify"].contains(&call);
        for token in [session.as_str(), forgotten.token_for("reset")] {
            use_link(&stranger, call, token).await.assert_problem(400, "mail_token_invalid");
        }
        if !fitting {
            let answer = use_link(&stranger, call, mail.token_for("verify")).await;
            answer.assert_problem(400, "mail_token_invalid");
        }
    }
    for token in [session.as_str(), mail.token_for("verify")] {
        reset(&stranger, token, NEW, None).await.assert_problem(400, "mail_token_invalid");
    }
}

#[tokio::test]
async fn a_forged_link_and_a_request_over_the_limit_send_nothing_again() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.verified("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let ask = json!({ "email": "ada@new.example", "password": ada.password });
    ada.browser.put("/api/auth/email", ask.clone()).await.assert_status(202);
    let notice = mailed.next(&ada, "notice-email_change_requested").await;
    mailed.smtp.next_to("ada@new.example").await;
    mailed.forgot(&ada).await;
    let token = notice.token_for("secure");
    let last = if token.ends_with('A') { "B" } else { "A" };
    let forged = format!("{}{last}", token.split_at(token.len() - 9).0.to_owned() + "AAAAAAAA");
    let answer = use_link(&mailed.app.browser(), "secure", &forged).await;
    answer.assert_problem(400, "mail_token_invalid");
    ada.browser.put("/api/auth/email", ask).await.assert_status(202);
    forgot(&mailed.app.browser(), &ada.email).await.assert_status(202);
    mailed.app.advance(TimeDelta::seconds(11));
    // What comes next was asked for next.
    mailed.register("eve").await;
    let outbox = mailed.app.collection("outbox").await;
    let is_empty = async || outbox.count_documents(doc! {}).await.unwrap() == 0;
    until("the outbox is empty", is_empty).await;
    assert_eq!(mailed.smtp.waiting(), 0);
}
