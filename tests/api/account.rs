//! The account in its owner's hands: password, recovery codes, QR code, deletion.

use bson::doc;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{Answer, Browser, Call, Person, Phone, TestApp, read_qr_code};

async fn change(browser: &Browser, current: &str, new: &str) -> Answer {
    let form = json!({ "current_password": current, "new_password": new });
    browser.put("/api/auth/password", form).await
}

async fn delete(browser: &Browser, password: &str) -> Answer {
    let call = Call::new("DELETE", "/api/auth/account").json(&json!({ "password": password }));
    browser.send(call).await
}

async fn bearer(app: &TestApp, person: &Person) -> Browser {
    let call = Call::new("POST", "/auth/credentials").header("authorization", &person.basic());
    let token = app.browser().send(call).await.json()["token"].as_str().unwrap().to_owned();
    app.browser().bearer(&token)
}

#[tokio::test]
async fn a_new_password_ends_every_other_session_and_the_old_password() {
    let app = TestApp::spawn().await;
    let mut ada = app.register("ada").await;
    let (here, there) = (app.browser(), app.browser());
    here.log_in(&ada).await.assert_status(200);
    there.log_in(&ada).await.assert_status(200);
    let elsewhere = bearer(&app, &ada).await;
    let (copied, token) = (here.copy(), here.cookie("twofold_session"));

    let changed = change(&here, &ada.password, "a saucer of marbles").await;
    assert!(changed.assert_status(204).body.is_empty());
    assert_ne!(here.cookie("twofold_session"), token, "the caller's session has a new token");
    here.get("/api/auth/me").await.assert_status(200);
    copied.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    there.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    elsewhere.get("/whoami").await.assert_problem(401, "not_authenticated");
    app.browser().log_in(&ada).await.assert_problem(400, "incorrect_credentials");
    ada.password = "a saucer of marbles".to_owned();
    app.browser().log_in(&ada).await.assert_status(200);
}

#[tokio::test]
async fn a_new_password_gives_a_bearer_caller_a_new_token() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let caller = bearer(&app, &ada).await;
    let own = caller.get("/api/auth/me").await.json()["session"]["id"].clone();
    let changed = change(&caller, &ada.password, "a saucer of marbles").await;
    assert!(changed.assert_status(200).set_cookies().is_empty());
    let renewed = caller.bearer(changed.json()["token"].as_str().unwrap());
    caller.get("/whoami").await.assert_problem(401, "not_authenticated");
    let session = renewed.get("/api/auth/me").await.assert_status(200).json()["session"].clone();
    assert_eq!(session["id"], own, "the session is the same one");
}

#[tokio::test]
async fn a_new_password_ends_logins_that_are_under_way() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let late = app.browser();
    late.log_in(&ada).await.assert_status(200);
    change(&ada.browser, &ada.password, "a saucer of marbles").await.assert_status(204);
    let code = app.next_code(&ada);
    late.validate(&code).await.assert_problem(401, "login_expired");
}

#[tokio::test]
async fn five_wrong_current_passwords_end_the_session_and_a_right_one_forgives_four() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let wrong = async |times: usize| {
        for _ in 0..times {
            let answer = change(&ada.browser, "not the password", "a saucer of marbles").await;
            answer.assert_problem(400, "incorrect_password");
        }
    };
    wrong(4).await;
    change(&ada.browser, &ada.password, &ada.password).await.assert_status(204);
    wrong(5).await;
    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    // What was tried inside a session is no business of the address's throttle.
    app.browser().log_in(&ada).await.assert_status(200);
}

#[tokio::test]
async fn a_new_password_follows_the_rules_of_registration() {
    let app =
        TestApp::with([("PUBLIC_ORIGIN", "https://auth.example.com"), ("APP_ENV", "production")])
            .await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let fields = async |body: Value| {
        let answer = ada.browser.put("/api/auth/password", body).await;
        answer.assert_problem(422, "invalid_fields");
        let errors = answer.json()["errors"].clone();
        let named = |error: &Value| {
            format!("{} {}", error["field"].as_str().unwrap(), error["code"].as_str().unwrap())
        };
        errors.as_array().unwrap().iter().map(named).collect::<Vec<_>>()
    };
    let current = ada.password.clone();
    assert_eq!(fields(json!({})).await, ["current_password missing", "new_password missing"]);
    assert_eq!(
        fields(json!({ "current_password": 1, "new_password": null })).await,
        ["current_password wrong_type", "new_password wrong_type"]
    );
    assert_eq!(
        fields(json!({ "current_password": current, "new_password": "1234567" })).await,
        ["new_password password_too_short"]
    );
    assert_eq!(
        fields(json!({ "current_password": current, "new_password": "password123" })).await,
        ["new_password password_too_common"]
    );
    let differs = json!({
        "current_password": current, "new_password": "a saucer of marbles",
        "passwordConfirm": "a saucer of marble",
    });
    assert_eq!(fields(differs).await, ["passwordConfirm password_mismatch"]);
    // Nothing of this was counted against the session.
    assert_eq!(
        app.stored(&ada).await.get_array("sessions").unwrap()[0]
            .as_document()
            .unwrap()
            .get_i64("failed")
            .unwrap(),
        0
    );
}

#[tokio::test]
async fn recovery_codes_are_counted_and_renewed() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browser = &ada.browser;
    let remaining = async || {
        browser.get("/api/auth/otp/recovery-codes").await.assert_status(200).json()["remaining"]
            .clone()
    };
    assert_eq!(remaining().await, 10);
    let late = app.browser();
    late.log_in(&ada).await.assert_status(200);
    late.validate(&ada.recovery_codes[0]).await.assert_status(200);
    assert_eq!(remaining().await, 9);

    let renewed = browser.send(Call::new("POST", "/api/auth/otp/recovery-codes")).await;
    let codes = renewed.assert_status(200).json()["recovery_codes"].clone();
    let codes: Vec<&str> = codes.as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
    assert_eq!(codes.len(), 10);
    assert_eq!(remaining().await, 10);
    late.get("/api/auth/me").await.assert_status(200);

    late.log_in(&ada).await.assert_status(200);
    late.validate(&ada.recovery_codes[1]).await.assert_problem(400, "otp_invalid");
    late.validate(codes[0]).await.assert_status(200);
}

#[tokio::test]
async fn without_an_authenticator_there_are_no_recovery_codes() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let count = ada.browser.get("/api/auth/otp/recovery-codes").await;
    assert_eq!(count.assert_status(200).json(), json!({ "remaining": 0 }));
    let renewed = ada.browser.post("/api/auth/otp/recovery-codes", json!({})).await;
    renewed.assert_problem(409, "otp_not_enabled");
}

#[tokio::test]
async fn the_qr_code_is_the_pending_secret_s_and_its_session_s_alone() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let (here, there) = (app.browser(), app.browser());
    here.log_in(&ada).await.assert_status(200);
    there.log_in(&ada).await.assert_status(200);
    let path = "/api/auth/otp/qr";
    here.get(path).await.assert_problem(404, "no_pending_enrolment");
    let offer = here.post("/api/auth/otp/generate", json!({})).await.json();

    let svg = here.get(path).await;
    assert_eq!(svg.assert_status(200).header("content-type"), Some("image/svg+xml"));
    assert!(String::from_utf8(svg.body).unwrap().contains("<svg"));
    let png =
        here.send(Call::new("GET", path).header("accept", "image/png, image/svg+xml;q=0.5")).await;
    assert_eq!(png.assert_status(200).header("content-type"), Some("image/png"));
    assert!(png.header("vary").unwrap().to_ascii_lowercase().contains("accept"));
    assert_eq!(read_qr_code(&png.body), offer["otpauth_url"].as_str().unwrap());
    for accept in ["*/*", "image/*", "image/svg+xml, image/png;q=0.9", "text/html", "nonsense"] {
        let answer = here.send(Call::new("GET", path).header("accept", accept)).await;
        assert_eq!(answer.header("content-type"), Some("image/svg+xml"), "{accept}");
    }
    let refusals =
        [("image/png;q=0, */*", "image/svg+xml"), ("image/svg+xml;q=0, image/*", "image/png")];
    for (accept, given) in refusals {
        let answer = here.send(Call::new("GET", path).header("accept", accept)).await;
        assert_eq!(answer.header("content-type"), Some(given), "{accept}");
    }

    there.get(path).await.assert_problem(404, "no_pending_enrolment");
    app.advance(TimeDelta::minutes(10));
    here.get(path).await.assert_problem(404, "no_pending_enrolment");
    let code = Phone::enrolling(&here).await.code_at(app.clock.now());
    here.post("/api/auth/otp/verify", json!({ "token": code })).await.assert_status(200);
    here.get(path).await.assert_problem(404, "no_pending_enrolment");
}

#[tokio::test]
async fn a_deleted_account_leaves_a_stranger_nothing() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let elsewhere = app.browser();
    elsewhere.log_in(&ada).await.assert_status(200);
    elsewhere.validate(&ada.recovery_codes[0]).await.assert_status(200);
    // Somebody guessed wrong; the counters of that go with the account.
    let mut guess = ada.clone();
    guess.password = "not the password".to_owned();
    app.browser().log_in(&guess).await.assert_problem(400, "incorrect_credentials");

    delete(&ada.browser, "not the password").await.assert_problem(400, "incorrect_password");
    let stale = ada.browser.copy();
    let deleted = delete(&ada.browser, &ada.password).await;
    assert!(deleted.assert_status(204).body.is_empty());
    assert!(ada.browser.cookie("twofold_session").is_none(), "the cookie expired");
    stale.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    elsewhere.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    app.browser().log_in(&ada).await.assert_problem(400, "incorrect_credentials");
    let throttles = app.collection("throttles").await;
    assert_eq!(throttles.count_documents(doc! { "failed": { "$gt": 1 } }).await.unwrap(), 0);

    let stranger = app.register("ada").await;
    let login = stranger.browser.log_in(&stranger).await;
    assert_eq!(login.assert_status(200).json()["user"]["otp_enabled"], false);
    app.assert_events(&stranger.browser, &["signed_in_with_password", "registered"]).await;
    for old in [stale, elsewhere] {
        old.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    }
}

#[tokio::test]
async fn a_bearer_deletes_its_account_too_and_gets_no_cookie() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let bearer = bearer(&app, &ada).await;
    let deleted = delete(&bearer, &ada.password).await;
    assert!(deleted.assert_status(204).set_cookies().is_empty());
    bearer.get("/whoami").await.assert_problem(401, "not_authenticated");
}
