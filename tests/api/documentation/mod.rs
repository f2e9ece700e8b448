//! This test writes `docs/api.md`: every call with an example request and its response, as a running
//! service gave it. `UPDATE_DOCS=1 cargo test --test api documentation` updates the file.

mod basic;
mod devices;
mod guide;
mod insomnia;
mod mail;
mod passkey_factor;
mod passkeys;
mod samples;
mod tokens;

use std::fmt::Write;
use std::path::Path;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{Browser, Call, Phone, TestApp, until};
use guide::Guide;

const INTRODUCTION: &str = include_str!("introduction.md");

#[tokio::test]
async fn the_document_shows_every_call_as_it_is_answered() {
    let app = TestApp::spawn().await;
    let mut guide = Guide(INTRODUCTION.to_owned());
    let browser = app.browser().always("user-agent", "Firefox");
    let phone = signing_in(&app, &mut guide, &browser).await;
    second_factor(&app, &mut guide, &browser, &phone).await;
    passkey_factor::passkey_factor(&app, &mut guide).await;
    sessions(&app, &mut guide, &browser).await;
    devices::devices(&mut guide).await;
    account(&app, &mut guide, &browser).await;
    passkeys::passkeys(&app, &mut guide).await;
    mail::mail(&mut guide).await;
    tokens::tokens(&mut guide).await;
    basic::basic(&app, &mut guide).await;
    probes(&app, &mut guide).await;

    pages(&mut guide);
    for (method, path, _) in twofold::app::surface() {
        let heading = format!("### `{method} {}`", path.replace(":.*", ""));
        assert!(guide.0.contains(&heading), "{heading} is missing");
    }
    assert_written("docs/api.md", &guide.0);
}

#[test]
fn the_insomnia_collection_has_both_walk_throughs_as_the_description_has_them() {
    assert_written("docs/insomnia.json", &insomnia::collection());
}

/// Asserts that a file is up to date; `UPDATE_DOCS` updates it first.
#[track_caller]
fn assert_written(file: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, expected).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == expected, "{file} is not up to date: UPDATE_DOCS=1 updates it");
}

fn get(path: &str) -> Call {
    Call::new("GET", path)
}

#[expect(clippy::needless_pass_by_value, reason = "the body is made where it is passed")]
fn post(path: &str, body: Value) -> Call {
    Call::new("POST", path).json(&body)
}

#[expect(clippy::needless_pass_by_value, reason = "the body is made where it is passed")]
fn put(path: &str, body: Value) -> Call {
    Call::new("PUT", path).json(&body)
}

/// From registration to an authenticator app, which is returned.
async fn signing_in(app: &TestApp, guide: &mut Guide, browser: &Browser) -> Phone {
    guide.section("Signing up and signing in");
    let form = json!({
        "name": "Ada", "email": "ada@example.com",
        "password": "plum velvet tractor", "passwordConfirm": "plum velvet tractor",
    });
    let path = "/api/auth/register";
    guide.call(browser, path, post(path, form.clone()), "Creates an account. `passwordConfirm` is optional; if it is sent, it must equal `password`.").await;
    guide.example(browser, post(path, form)).await;
    guide
        .example(browser, post(path, json!({ "name": "", "email": "ada", "password": "short" })))
        .await;

    let login = json!({ "email": "ada@example.com", "password": "plum velvet tractor" });
    let path = "/api/auth/login";
    guide.call(browser, path, post(path, login), "Logs in. The cookie holds a session or, if the account has a second factor, a login challenge; in that case `second_factor_required` is true: call `otp/validate` or `passkeys/validate` next. The response is the same for an unknown email and a wrong password.").await;
    let wrong = json!({ "email": "ada@example.com", "password": "not the password" });
    guide.example(&app.browser(), post(path, wrong)).await;

    guide.section("The second factor");
    let path = "/api/auth/otp/generate";
    let offer = guide.call(browser, path, post(path, json!({})), "Starts setting up an authenticator app. Returns a new secret, as text and as the URI for a QR code, which is valid for ten minutes. Requires a recent sign-in. An authenticator app that is already set up keeps working until `verify` confirms the new one.").await;
    let phone = Phone::typed(offer.json()["base32"].as_str().unwrap());
    let path = "/api/auth/otp/qr";
    let png = get(path).header("accept", "image/png");
    guide.call(browser, path, png, "Returns the same as a QR code, for the session that called `generate`: SVG, or PNG if `Accept` prefers it.").await;
    let path = "/api/auth/otp/verify";
    let code = phone.code_at(app.clock.now());
    guide.call(browser, path, post(path, json!({ "token": code })), "Confirms the setup with the first code. Two-factor authentication is on, every other session ends, and this session gets a new token. The response contains ten recovery codes, which are shown only once.").await;
    phone
}

async fn second_factor(app: &TestApp, guide: &mut Guide, browser: &Browser, phone: &Phone) {
    app.advance(TimeDelta::seconds(30));
    let login = json!({ "email": "ada@example.com", "password": "plum velvet tractor" });
    guide.0.push_str("\n### `POST /api/auth/otp/validate`\n\nSubmits the second factor. `token` is a code from the authenticator app or a recovery code. First the password:\n");
    guide.example(browser, post("/api/auth/login", login)).await;
    guide.0.push_str("\nThen the code:\n");
    let path = "/api/auth/otp/validate";
    let code = phone.code_at(app.clock.now());
    guide.example(browser, post(path, json!({ "token": code }))).await;
    guide.0.push_str("\nA wrong code:\n");
    let wrong = phone.wrong_code_at(app.clock.now());
    guide.example(browser, post(path, json!({ "token": wrong }))).await;

    let path = "/api/auth/otp/recovery-codes";
    guide.call(browser, path, get(path), "Returns how many recovery codes are left.").await;
    guide
        .call(
            browser,
            path,
            Call::new("POST", path),
            "Creates ten new recovery codes, which are shown only once; the old ones stop working. Requires a recent sign-in.",
        )
        .await;
    let path = "/api/auth/otp/disable";
    guide.call(browser, path, post(path, json!({})), "Removes the authenticator app and ends every other session. Without a passkey in the account, two-factor authentication is off afterwards, and the recovery codes no longer work. With one, `otp_enabled` stays true. Requires a recent sign-in.").await;
}

async fn sessions(app: &TestApp, guide: &mut Guide, browser: &Browser) {
    guide.section("Sessions");
    let path = "/api/auth/me";
    guide.call(browser, path, get(path), "Returns the user and the session. `aal` is `aal1` after a password only, and `aal2` after both factors.").await;
    let path = "/api/auth/sessions";
    let ada = json!({ "email": "ada@example.com", "password": "plum velvet tractor" });
    let other = app.browser().always("user-agent", "curl/8.5.0");
    other.send(post("/api/auth/login", ada.clone())).await.assert_status(200);
    let listed = guide
        .call(
            browser,
            path,
            get(path),
            "Lists every live session of the account, of both kinds, most recently used first.",
        )
        .await;
    let sessions = listed.json()["sessions"].clone();
    let other = sessions.as_array().unwrap().iter().find(|one| one["current"] == false).unwrap();
    let one = format!("{path}/{}", other["id"].as_str().unwrap());
    guide
        .call(
            browser,
            "/api/auth/sessions/{id}",
            Call::new("DELETE", &one),
            "Ends one session, which may be the caller's own.",
        )
        .await;
    guide
        .call(
            browser,
            path,
            Call::new("DELETE", path),
            "Ends all other sessions, and every login in progress.",
        )
        .await;
}

/// What requires a recent sign-in.
async fn account(app: &TestApp, guide: &mut Guide, browser: &Browser) {
    app.advance(TimeDelta::minutes(20));
    guide.0.push_str("\n### `POST /api/auth/reauthenticate`\n\nSensitive calls require a sign-in within `REAUTH_WINDOW` (15 minutes):\n");
    let change =
        json!({ "current_password": "plum velvet tractor", "new_password": "a saucer of marbles" });
    guide.example(browser, put("/api/auth/password", change.clone())).await;
    guide.0.push_str("\nConfirming every factor again counts as a recent sign-in, and gives the session a new token. If the account has a second factor, `token` or `passkey` is required too; a `passkey` that verifies its user, now and when it was added, is enough without `password`. Five wrong passwords end the session.\n");
    let again = post("/api/auth/reauthenticate", json!({ "password": "plum velvet tractor" }));
    guide.example(browser, again).await;

    guide.section("The account");
    let path = "/api/auth/password";
    guide
        .call(
            browser,
            path,
            put(path, change),
            "Changes the password. Every other session ends, and this session gets a new token. Requires a recent sign-in.",
        )
        .await;
    let path = "/api/auth/events";
    let recorded = ["password_changed", "reauthenticated", "other_sessions_ended", "session_ended"];
    let arrived = async || {
        let events = browser.get("/api/auth/events?limit=4").await.json()["events"].clone();
        let kinds: Vec<Value> =
            events.as_array().unwrap().iter().map(|e| e["kind"].clone()).collect();
        kinds == recorded
    };
    until("the events are recorded", arrived).await;
    let page = guide.call(browser, path, get("/api/auth/events?limit=2"), "Lists the account's security events, newest first. `limit` is 1 to 100, by default 50; `after` is `next` of the page before. If `ip` is null, the operator or the service itself caused the event.").await;
    let next = page.json()["next"].as_str().unwrap().to_owned();
    guide.example(browser, get(&format!("/api/auth/events?limit=2&after={next}"))).await;
    farewell(app, guide, browser).await;
}

async fn farewell(app: &TestApp, guide: &mut Guide, browser: &Browser) {
    let path = "/api/auth/account";
    let call = Call::new("DELETE", path).json(&json!({ "password": "a saucer of marbles" }));
    guide
        .call(browser, path, call, "Permanently deletes the account. Requires a recent sign-in.")
        .await;
    let path = "/api/auth/logout";
    let leaver = app.browser();
    app.register("bea").await;
    leaver
        .send(post(
            "/api/auth/login",
            json!({ "email": "bea@example.com", "password": "bea's plum velvet tractor" }),
        ))
        .await
        .assert_status(200);
    guide
        .call(
            &leaver,
            path,
            Call::new("POST", path),
            "Logs out: ends the session or the login challenge that the request carries, if any.",
        )
        .await;
}

async fn probes(app: &TestApp, guide: &mut Guide) {
    guide.section("Probes");
    let browser = app.browser();
    for (path, prose) in [
        ("/api/healthchecker", "Returns the tutorial's greeting. Needs no database."),
        ("/health/live", "Responds with 200 as long as the process runs."),
        (
            "/health/ready",
            "Responds with 200 if the service can use its database and is not stopping, else with 503.",
        ),
        (
            "/metrics",
            "Returns counters in the Prometheus text format. In production it requires `METRICS_TOKEN` as a bearer token.",
        ),
    ] {
        guide.call(&browser, path, get(path), prose).await;
    }
}

fn pages(guide: &mut Guide) {
    guide.section("Pages");
    for (path, prose) in [
        ("/", "Redirects to `/static/index.html`."),
        ("/static/{file}", "Serves the web UI: `/static/index.html` and the files it loads."),
        ("/.well-known/change-password", "Redirects to the page that changes the password."),
        ("/docs", "Swagger UI, to try the calls out."),
        ("/redoc", "ReDoc, to read about the calls."),
        (
            "/openapi.json",
            "The OpenAPI 3.1 description of every call, which Insomnia and Postman can import.",
        ),
    ] {
        write!(guide.0, "\n### `GET {path}`\n\n{prose}\n").unwrap();
    }
}
