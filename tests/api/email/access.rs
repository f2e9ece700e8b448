//! Who may call what where mail is configured, and what a call waits for.

use chrono::TimeDelta;
use serde_json::json;

use super::{Mailed, forgot};
use crate::harness::{Browser, Call, HeldWrite, SmtpSink, TestApp, until_in_time};

async fn send(browser: &Browser, method: &str, path: &str, body: serde_json::Value) -> String {
    let call = Call::new(method, &format!("/api/auth/{path}"));
    let call =
        if method == "DELETE" || path == "email/verification" { call } else { call.json(&body) };
    let answer = browser.send(call).await;
    format!("{} {}", answer.status, answer.json_or_null()["code"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn calls_in_a_session_ask_for_it_and_those_with_a_link_for_the_link() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.verified("ada").await.with_totp().await;
    let challenged = mailed.app.challenged(&ada).await;
    let nobody = mailed.app.browser();
    let wrong = json!({ "email": "ada@new.example", "password": "not the password" });
    let table = [
        ("POST", "email/verification", "409 email_already_verified", "409 email_already_verified"),
        ("PUT", "email", "400 incorrect_password", "403 reauthentication_required"),
        ("DELETE", "email/change", "204 ", "204 "),
    ];
    for (method, path, fresh, _) in table {
        assert_eq!(send(&nobody, method, path, wrong.clone()).await, "401 not_authenticated");
        assert_eq!(send(&challenged, method, path, wrong.clone()).await, "403 otp_required");
        assert_eq!(send(&ada.browser, method, path, wrong.clone()).await, fresh);
    }
    mailed.app.advance(TimeDelta::minutes(20));
    for (method, path, _, stale) in table {
        assert_eq!(send(&ada.browser, method, path, wrong.clone()).await, stale);
    }
    let public = [
        "email/verify",
        "email/disown",
        "email/confirm",
        "email/approve",
        "password/forgot",
        "password/reset",
        "secure",
    ];
    for path in public {
        for browser in [&nobody, &challenged, &ada.browser] {
            assert_eq!(
                send(browser, "POST", path, json!({})).await,
                "422 invalid_fields",
                "{path}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_forgot_a_password_is_answered_before_the_address_is_looked_up() {
    let (mongod, smtp) = (HeldWrite::mongod().await, SmtpSink::start().await);
    let url = smtp.url();
    let settings = [("SMTP_URL", url.as_str()), ("MAIL_FROM", "no-reply@auth.example")];
    let app = TestApp::on(&mongod.uri(), settings).await;
    app.register("ada").await;
    for email in ["ada@example.com", "nobody@example.com"] {
        until_in_time(async |_| {
            let held = HeldWrite::next(&app.database_url, "find").await;
            let answer = forgot(&app.browser(), email).await;
            let is_held = held.is_held();
            held.until_held().await;
            answer.assert_status(202);
            is_held.then_some(())
        })
        .await;
    }
}
