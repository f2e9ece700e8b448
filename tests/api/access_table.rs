//! Who may call what: every route by every kind of caller. The table is the documentation of access.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::devices::with_device;
use crate::harness::{Browser, Call, Person, TestApp};
use crate::tokens;

/// The kinds of caller, in the order of the table's columns.
const CALLERS: [&str; 7] = [
    "nobody",
    "challenge",
    "stale aal1",
    "fresh aal1",
    "stale aal2",
    "fresh aal2",
    "half-enabled bearer",
];

const OK: &str = "200";
const DONE: &str = "204";
const LOGIN: &str = "401 not_authenticated";
const EXPIRED: &str = "401 login_expired";
const ENROL: &str = "401 otp_not_verified";
const CODE: &str = "403 otp_required";
const STALE: &str = "403 reauthentication_required";
const NO_OTP: &str = "409 otp_not_enabled";
const SHOWN: &str = "409 otp_already_verified";
const WRONG: &str = "400 otp_invalid";
const KEY: &str = "400 passkey_invalid";
const NO_KEY: &str = "409 no_passkey";
const PASSWORD: &str = "400 incorrect_password";
const NO_QR: &str = "404 no_pending_enrolment";
const NO_SESSION: &str = "404 session_not_found";
const NO_DEVICE: &str = "404 device_not_found";
const NOT_ONE: &str = "400 passkey_invalid";
const NO_PASSKEY: &str = "404 passkey_not_found";
const NO_MAIL: &str = "404 mail_not_available";
const FIELDS: &str = "422 invalid_fields";
const NO_CLIENT: &str = "401 invalid_client";
const NO_AAL2: &str = "403 aal2_required";

/// A call, and its answer to each kind of caller.
type Row = (&'static str, &'static str, &'static str, [&'static str; 7]);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    // method, path, body                                  nobody   challenge stale1   fresh1   stale2   fresh2   half-enabled
    ("GET",    "/api/healthchecker", "",                   [OK,      OK,      OK,      OK,      OK,      OK,      OK]),
    ("GET",    "/health/live", "",                         [OK,      OK,      OK,      OK,      OK,      OK,      OK]),
    ("GET",    "/health/ready", "",                        [OK,      OK,      OK,      OK,      OK,      OK,      OK]),
    ("GET",    "/", "",                                    ["302",   "302",   "302",   "302",   "302",   "302",   "302"]),
    ("GET",    "/static/{file:.*}", "",                    [OK,      OK,      OK,      OK,      OK,      OK,      OK]),
    ("GET",    "/docs", "",                                [OK,      OK,      OK,      OK,      OK,      OK,      OK]),
    ("GET",    "/redoc", "",                               [OK,      OK,      OK,      OK,      OK,      OK,      OK]),
    ("GET",    "/openapi.json", "",                        [OK,      OK,      OK,      OK,      OK,      OK,      OK]),
    ("GET",    "/metrics", "",                             [OK,      OK,      OK,      OK,      OK,      OK,      OK]),
    ("POST",   "/api/auth/register", "{}",                 [FIELDS,  FIELDS,  FIELDS,  FIELDS,  FIELDS,  FIELDS,  FIELDS]),
    ("POST",   "/api/auth/login", "{}",                    [FIELDS,  FIELDS,  FIELDS,  FIELDS,  FIELDS,  FIELDS,  FIELDS]),
    ("POST",   "/auth/credentials", "",                    ["401",   "401",   "401",   "401",   "401",   "401",   "401"]),
    ("POST",   "/api/auth/otp/generate", "{}",             [LOGIN,   CODE,    STALE,   OK,      STALE,   OK,      CODE]),
    ("POST",   "/api/auth/otp/verify", r#"{"token":"000000"}"#,
                                                           [LOGIN,   CODE,    STALE,   WRONG,   STALE,   WRONG,   CODE]),
    ("POST",   "/api/auth/otp/validate", r#"{"token":"000000"}"#,
                                                           [EXPIRED, WRONG,   ENROL,   ENROL,   WRONG,   WRONG,   CODE]),
    ("POST",   "/api/auth/passkeys/challenge", "{}",       [EXPIRED, NO_KEY,  NO_KEY,  NO_KEY,  NO_KEY,  NO_KEY,  CODE]),
    ("POST",   "/api/auth/passkeys/challenge", r#"{"token":"of-no-link"}"#,
                                                           [NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL]),
    ("POST",   "/api/auth/passkeys/validate", r#"{"credential":{}}"#,
                                                           [EXPIRED, KEY,     ENROL,   ENROL,   KEY,     KEY,     CODE]),
    ("POST",   "/api/auth/otp/disable", "{}",              [LOGIN,   CODE,    STALE,   OK,      STALE,   OK,      OK]),
    ("GET",    "/api/auth/otp/qr", "",                     [LOGIN,   CODE,    NO_QR,   NO_QR,   NO_QR,   NO_QR,   CODE]),
    ("GET",    "/api/auth/otp/recovery-codes", "",         [LOGIN,   CODE,    OK,      OK,      OK,      OK,      CODE]),
    ("POST",   "/api/auth/otp/recovery-codes", "",         [LOGIN,   CODE,    STALE,   NO_OTP,  STALE,   OK,      CODE]),
    ("PUT",    "/api/auth/password", r#"{"current_password":"not the password","new_password":"another password"}"#,
                                                           [LOGIN,   CODE,    STALE,   PASSWORD, STALE,  PASSWORD, CODE]),
    ("DELETE", "/api/auth/account", r#"{"password":"not the password"}"#,
                                                           [LOGIN,   CODE,    STALE,   PASSWORD, STALE,  PASSWORD, CODE]),
    ("POST",   "/api/auth/password/forgot", "{}",          [NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL]),
    ("POST",   "/api/auth/password/reset", "{}",           [NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL]),
    ("POST",   "/api/auth/email/verification", "",         [NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL]),
    ("POST",   "/api/auth/email/verify", "{}",             [NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL]),
    ("POST",   "/api/auth/email/disown", "{}",             [NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL]),
    ("PUT",    "/api/auth/email", "{}",                    [NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL]),
    ("POST",   "/api/auth/email/confirm", "{}",            [NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL]),
    ("POST",   "/api/auth/email/approve", "{}",            [NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL]),
    ("DELETE", "/api/auth/email/change", "",               [NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL]),
    ("POST",   "/api/auth/secure", "{}",                   [NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL, NO_MAIL]),
    ("GET",    "/api/auth/devices", "",                    [LOGIN,   CODE,    OK,      OK,      OK,      OK,      CODE]),
    ("DELETE", "/api/auth/devices", "",                    [LOGIN,   CODE,    DONE,    DONE,    DONE,    DONE,    CODE]),
    ("DELETE", "/api/auth/devices/{id}", "",               [LOGIN,   CODE,    NO_DEVICE, NO_DEVICE, NO_DEVICE, NO_DEVICE, CODE]),
    ("POST",   "/api/auth/passkeys/options", "",           [LOGIN,   CODE,    STALE,   OK,      STALE,   OK,      CODE]),
    ("POST",   "/api/auth/passkeys", r#"{"credential":{}}"#,
                                                           [LOGIN,   CODE,    STALE,   NOT_ONE, STALE,   NOT_ONE, CODE]),
    ("GET",    "/api/auth/passkeys", "",                   [LOGIN,   CODE,    OK,      OK,      OK,      OK,      CODE]),
    ("PATCH",  "/api/auth/passkeys/{id}", r#"{"name":"x"}"#,
                                                           [LOGIN,   CODE,    NO_PASSKEY, NO_PASSKEY, NO_PASSKEY, NO_PASSKEY, CODE]),
    ("DELETE", "/api/auth/passkeys/{id}", "",              [LOGIN,   CODE,    STALE,   NO_PASSKEY, STALE, NO_PASSKEY, CODE]),
    ("POST",   "/api/auth/passkeys/sign-in/options", "",   [OK,      OK,      OK,      OK,      OK,      OK,      OK]),
    ("POST",   "/api/auth/passkeys/sign-in", r#"{"credential":{}}"#,
                                                           [NOT_ONE, NOT_ONE, NOT_ONE, NOT_ONE, NOT_ONE, NOT_ONE, NOT_ONE]),
    ("POST",   "/api/auth/token", r#"{"audience":"billing"}"#,
                                                           [LOGIN,   CODE,    OK,      OK,      OK,      OK,      CODE]),
    ("GET",    "/api/auth/forward", "",                    [LOGIN,   LOGIN,   DONE,    DONE,    DONE,    DONE,    LOGIN]),
    ("GET",    "/api/auth/forward?aal=2", "",              [LOGIN,   LOGIN,   NO_AAL2, NO_AAL2, DONE,    DONE,    LOGIN]),
    ("POST",   "/oauth/introspect", "",                    [NO_CLIENT, NO_CLIENT, NO_CLIENT, NO_CLIENT, NO_CLIENT, NO_CLIENT, NO_CLIENT]),
    ("GET",    "/.well-known/jwks.json", "",               [OK,      OK,      OK,      OK,      OK,      OK,      OK]),
    ("GET",    "/.well-known/change-password", "",         ["302",   "302",   "302",   "302",   "302",   "302",   "302"]),
    ("GET",    "/api/auth/events", "",                     [LOGIN,   CODE,    OK,      OK,      OK,      OK,      CODE]),
    ("GET",    "/api/auth/me", "",                         [LOGIN,   CODE,    OK,      OK,      OK,      OK,      CODE]),
    ("POST",   "/api/auth/logout", "",                     [DONE,    DONE,    DONE,    DONE,    DONE,    DONE,    DONE]),
    ("POST",   "/api/auth/reauthenticate", r#"{"password":"not the password","token":"000000"}"#,
                                                           [LOGIN,   CODE,    PASSWORD, PASSWORD, PASSWORD, PASSWORD, CODE]),
    ("GET",    "/api/auth/sessions", "",                   [LOGIN,   CODE,    OK,      OK,      OK,      OK,      CODE]),
    ("DELETE", "/api/auth/sessions", "",                   [LOGIN,   CODE,    DONE,    DONE,    DONE,    DONE,    CODE]),
    ("DELETE", "/api/auth/sessions/{id}", "",              [LOGIN,   CODE,    NO_SESSION, NO_SESSION, NO_SESSION, NO_SESSION, CODE]),
    ("PUT",    "/auth/otp/enable", r#"{"enabled":true}"#,  [LOGIN,   CODE,    STALE,   OK,      STALE,   OK,      OK]),
    ("PUT",    "/auth/otp/enable", r#"{"enabled":false}"#, [LOGIN,   CODE,    STALE,   OK,      STALE,   OK,      OK]),
    ("GET",    "/auth/otp/generate", "",                   [LOGIN,   CODE,    NO_OTP,  NO_OTP,  SHOWN,   SHOWN,   OK]),
    ("GET",    "/whoami", "",                              [LOGIN,   CODE,    OK,      OK,      OK,      OK,      OK]),
];

/// Longer than `REAUTH_WINDOW`, shorter than a session's idle time.
const PAST_FRESHNESS: TimeDelta = TimeDelta::minutes(20);

/// A new caller of this kind, with an account of its own.
async fn caller(app: &TestApp, kind: &str, name: &str) -> Browser {
    let person = app.register(name).await;
    let browser = person.browser.clone();
    match kind {
        "nobody" => {}
        "challenge" => {
            let person = person.with_totp().await;
            let browser = app.browser();
            browser.log_in(&person).await.assert_status(200);
            return browser;
        }
        "stale aal1" | "fresh aal1" => {
            browser.log_in(&person).await.assert_status(200);
        }
        "stale aal2" | "fresh aal2" => {
            person.with_totp().await;
        }
        "half-enabled bearer" => return half_enabled(app, &person).await,
        other => panic!("{other} is no kind of caller"),
    }
    if kind.starts_with("stale") {
        app.advance(PAST_FRESHNESS);
    }
    browser
}

/// A bearer that switched its authenticator on and has not confirmed it.
async fn half_enabled(app: &TestApp, person: &Person) -> Browser {
    let call = Call::new("POST", "/auth/credentials").header("authorization", &person.basic());
    let token = app.browser().send(call).await.json()["token"].as_str().unwrap().to_owned();
    let bearer = app.browser().bearer(&token);
    bearer.put("/auth/otp/enable", json!({ "enabled": true })).await.assert_status(200);
    bearer
}

#[tokio::test]
async fn every_route_answers_every_kind_of_caller_as_the_table_says() {
    let app = tokens::issuing().await;
    let mut wrong = Vec::new();
    for (number, (method, path, body, expected)) in TABLE.iter().enumerate() {
        for (column, (kind, expected)) in CALLERS.iter().zip(expected).enumerate() {
            let browser = caller(&app, kind, &format!("caller-{number}-{column}")).await;
            let call = Call::new(
                method,
                &path.replace("{id}", "of-nobody").replace("{file:.*}", "docs/swagger.js"),
            );
            let call = if body.is_empty() { call } else { call.raw_json(*body) };
            let answer = browser.send(call).await;
            let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let code = problem["code"].as_str().unwrap_or_default();
            let found = format!("{} {code}", answer.status);
            if found.trim() != *expected {
                wrong.push(format!("{method} {path} {body} by {kind}: {found}, not {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A session on a trusted device may do what a stale one may, however fresh it is.
#[tokio::test]
async fn a_session_on_a_trusted_device_is_answered_like_a_stale_one() {
    let app = TestApp::spawn().await;
    let column = CALLERS.iter().position(|kind| *kind == "stale aal2").unwrap();
    let mut sensitive = 0;
    for (number, (method, path, body, expected)) in TABLE.iter().enumerate() {
        if expected[column] != STALE {
            continue;
        }
        let (person, browser) = with_device(&app, &format!("trusting-{number}")).await;
        browser.log_in(&person).await.assert_status(200);
        let call = Call::new(method, &path.replace("{id}", "of-nobody"));
        let call = if body.is_empty() { call } else { call.raw_json(*body) };
        browser.send(call).await.assert_problem(403, "reauthentication_required");
        sensitive += 1;
    }
    assert!(sensitive > 5);
}

#[test]
fn the_table_names_every_route() {
    for (method, path, access) in twofold::app::surface() {
        let named = TABLE.iter().any(|row| row.0 == method && row.1 == path);
        assert!(named, "{method} {path} ({access}) is not in the table");
    }
}
