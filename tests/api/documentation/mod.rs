//! `docs/api.md` is written by this test: every call with an example request and its answer, as a live
//! service gave it. `UPDATE_DOCS=1 cargo test --test api documentation` writes it anew.

mod guide;
mod insomnia;
mod samples;

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
    sessions(&app, &mut guide, &browser).await;
    account(&app, &mut guide, &browser).await;
    basic(&app, &mut guide).await;
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

/// Asserts that a file is as it should be; with `UPDATE_DOCS` it is written first.
#[track_caller]
fn assert_written(file: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, expected).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == expected, "{file} is not up to date: UPDATE_DOCS=1 writes it anew");
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

/// From a stranger to a user with an authenticator app, whose phone is returned.
async fn signing_in(app: &TestApp, guide: &mut Guide, browser: &Browser) -> Phone {
    guide.section("Signing up and signing in");
    let form = json!({
        "name": "Ada", "email": "ada@example.com",
        "password": "plum velvet tractor", "passwordConfirm": "plum velvet tractor",
    });
    let path = "/api/auth/register";
    guide.call(browser, path, post(path, form.clone()), "Makes an account. `passwordConfirm` may be left out; where it is sent, it must be the same.").await;
    guide.example(browser, post(path, form)).await;
    guide
        .example(browser, post(path, json!({ "name": "", "email": "ada", "password": "short" })))
        .await;

    let login = json!({ "email": "ada@example.com", "password": "plum velvet tractor" });
    let path = "/api/auth/login";
    guide.call(browser, path, post(path, login), "Takes the password step. The cookie is a session's, or, where the account has an authenticator app, a login challenge's: then `otp/validate` is next. A wrong address and a wrong password are told alike.").await;
    let wrong = json!({ "email": "ada@example.com", "password": "not the password" });
    guide.example(&app.browser(), post(path, wrong)).await;

    guide.section("The second factor");
    let path = "/api/auth/otp/generate";
    let offer = guide.call(browser, path, post(path, json!({})), "Shows a new secret, as text and as the URI of a QR code, and begins an enrolment of ten minutes. Wants a fresh session. An authenticator app that is bound already keeps working until `verify` proves the new one.").await;
    let phone = Phone::typed(offer.json()["base32"].as_str().unwrap());
    let path = "/api/auth/otp/qr";
    let png = get(path).header("accept", "image/png");
    guide.call(browser, path, png, "The same as a picture, for the session that began the enrolment: SVG, or PNG where `Accept` would rather have it.").await;
    let path = "/api/auth/otp/verify";
    let code = phone.code_at(app.clock.now());
    guide.call(browser, path, post(path, json!({ "token": code })), "Proves the first code: the authenticator app is bound, every other session ends, this one gets a new token and ten recovery codes are shown, once.").await;
    phone
}

async fn second_factor(app: &TestApp, guide: &mut Guide, browser: &Browser, phone: &Phone) {
    app.advance(TimeDelta::seconds(30));
    let login = json!({ "email": "ada@example.com", "password": "plum velvet tractor" });
    guide.0.push_str("\n### `POST /api/auth/otp/validate`\n\nTakes the code step. `token` is a code of the authenticator app or a recovery code. First the password:\n");
    guide.example(browser, post("/api/auth/login", login)).await;
    guide.0.push_str("\nThen the code:\n");
    let path = "/api/auth/otp/validate";
    let code = phone.code_at(app.clock.now());
    guide.example(browser, post(path, json!({ "token": code }))).await;
    guide.0.push_str("\nA wrong one:\n");
    let wrong = phone.wrong_code_at(app.clock.now());
    guide.example(browser, post(path, json!({ "token": wrong }))).await;

    let path = "/api/auth/otp/recovery-codes";
    guide.call(browser, path, get(path), "How many recovery codes are left.").await;
    guide
        .call(
            browser,
            path,
            Call::new("POST", path),
            "Ten new recovery codes, shown this once; the old ones stop. Wants a fresh session.",
        )
        .await;
    let path = "/api/auth/otp/disable";
    guide.call(browser, path, post(path, json!({})), "Unbinds the authenticator app with its recovery codes; every other session ends. Wants a fresh session.").await;
}

async fn sessions(app: &TestApp, guide: &mut Guide, browser: &Browser) {
    guide.section("Sessions");
    let path = "/api/auth/me";
    guide.call(browser, path, get(path), "Who is signed in, and how. `aal` is `aal1` after a password alone and `aal2` after both factors.").await;
    let path = "/api/auth/sessions";
    let ada = json!({ "email": "ada@example.com", "password": "plum velvet tractor" });
    let other = app.browser().always("user-agent", "curl/8.5.0");
    other.send(post("/api/auth/login", ada.clone())).await.assert_status(200);
    let listed = guide
        .call(
            browser,
            path,
            get(path),
            "Every live session of the account, of both kinds, last seen first.",
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
            "Ends one of them, which may be the caller's own.",
        )
        .await;
    guide
        .call(
            browser,
            path,
            Call::new("DELETE", path),
            "Ends all others, and every login under way.",
        )
        .await;
}

/// What wants a fresh session.
async fn account(app: &TestApp, guide: &mut Guide, browser: &Browser) {
    app.advance(TimeDelta::minutes(20));
    guide.0.push_str("\n### `POST /api/auth/reauthenticate`\n\nSensitive calls want an authentication younger than `REAUTH_WINDOW` (15 minutes):\n");
    let change =
        json!({ "current_password": "plum velvet tractor", "new_password": "a saucer of marbles" });
    guide.example(browser, put("/api/auth/password", change.clone())).await;
    guide.0.push_str("\nProving every factor again makes the session fresh, under a new token; where the account has an authenticator app, `token` is due too. Five wrong passwords end the session.\n");
    let again = post("/api/auth/reauthenticate", json!({ "password": "plum velvet tractor" }));
    guide.example(browser, again).await;

    guide.section("The account");
    let path = "/api/auth/password";
    guide
        .call(
            browser,
            path,
            put(path, change),
            "Changes the password; every other session ends. Wants a fresh session.",
        )
        .await;
    let path = "/api/auth/events";
    let told = ["password_changed", "reauthenticated", "other_sessions_ended", "session_ended"];
    let arrived = async || {
        let events = browser.get("/api/auth/events?limit=4").await.json()["events"].clone();
        let kinds: Vec<Value> =
            events.as_array().unwrap().iter().map(|e| e["kind"].clone()).collect();
        kinds == told
    };
    until("the events are recorded", arrived).await;
    let page = guide.call(browser, path, get("/api/auth/events?limit=2"), "The account's security events, newest first: `limit` of them, 1 to 100, 50 unless said, those after `after`. Without `ip` it was the operator.").await;
    let next = page.json()["next"].as_str().unwrap().to_owned();
    guide.example(browser, get(&format!("/api/auth/events?limit=2&after={next}"))).await;
    farewell(app, guide, browser).await;
}

async fn farewell(app: &TestApp, guide: &mut Guide, browser: &Browser) {
    let path = "/api/auth/account";
    let call = Call::new("DELETE", path).json(&json!({ "password": "a saucer of marbles" }));
    guide
        .call(
            browser,
            path,
            call,
            "Deletes the account with everything in it. Wants a fresh session.",
        )
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
            "Ends whatever the request carries: a session, a login challenge, or nothing.",
        )
        .await;
}

async fn basic(app: &TestApp, guide: &mut Guide) {
    guide.section("The Basic → Bearer contract");
    let cleo = app.register("cleo").await;
    let credentials =
        || Call::new("POST", "/auth/credentials").header("authorization", &cleo.basic());
    let path = "/auth/credentials";
    let got = guide.call(&app.browser(), path, credentials(), "Trades an address and a password (HTTP Basic), and perhaps a code (`?otp=`), for a bearer token. `status` says what was wrong: 1 a code is due, 2 the code is wrong, 3 the credentials are.").await;
    let bearer = app.browser().bearer(got.json()["token"].as_str().unwrap());
    let path = "/whoami";
    guide
        .call(
            &bearer,
            path,
            get(path),
            "Whose the token is. This and the calls below carry `Authorization: Bearer …`.",
        )
        .await;
    let path = "/auth/otp/enable";
    guide.call(&bearer, path, put(path, json!({ "enabled": true })), "Switches the authenticator app on, at once, or off. Until a first code was right, the token may only fetch the QR code, ask who it is, switch off again and log out.").await;
    let path = "/auth/otp/generate";
    guide
        .call(&bearer, path, get(path), "The QR code, as PNG, until a first code was right.")
        .await;
    guide.0.push_str("\nFrom now on a code is due:\n");
    guide.example(&app.browser(), credentials()).await;
}

async fn probes(app: &TestApp, guide: &mut Guide) {
    guide.section("Probes");
    let browser = app.browser();
    for (path, prose) in [
        ("/api/healthchecker", "The tutorial's greeting; it needs no database."),
        ("/health/live", "The process runs."),
        (
            "/health/ready",
            "The database answers and has its indexes, and the service is not stopping; else 503.",
        ),
        (
            "/metrics",
            "Counters in the Prometheus text format. In production only with `METRICS_TOKEN` as bearer token.",
        ),
    ] {
        guide.call(&browser, path, get(path), prose).await;
    }
}

fn pages(guide: &mut Guide) {
    guide.section("Pages");
    for (path, prose) in [
        ("/", "Leads to `/static/index.html`."),
        ("/static/{file}", "The web UI: `/static/index.html` and what it loads."),
        ("/docs", "Swagger UI: the calls, to be tried out."),
        ("/redoc", "ReDoc: the calls, to be read."),
        (
            "/openapi.json",
            "The description of every call in OpenAPI 3.1, which Insomnia and Postman import.",
        ),
    ] {
        write!(guide.0, "\n### `GET {path}`\n\n{prose}\n").unwrap();
    }
}
