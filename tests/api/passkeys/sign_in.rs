//! Signing in with a passkey alone.

use bson::{Document, doc};
use chrono::TimeDelta;
use futures_util::TryStreamExt;
use serde_json::{Value, json};

use super::{list, path, verifying, with_passkey};
use crate::harness::authenticator::{Authenticator, BE, BS, UV};
use crate::harness::{Answer, Browser, Call, Person, TestApp};

const START: &str = "/api/auth/passkeys/sign-in/options";
const SIGN_IN: &str = "/api/auth/passkeys/sign-in";
pub const COOKIE: &str = "twofold_passkey";

/// The options of a sign-in, whose cookie the browser keeps.
pub async fn request_options(browser: &Browser) -> Value {
    browser.send(Call::new("POST", START)).await.assert_status(200).json()
}

pub async fn answer(browser: &Browser, credential: &Value) -> Answer {
    browser.post(SIGN_IN, json!({ "credential": credential })).await
}

/// Signs in with the newest passkey of an authenticator.
pub async fn sign_in(browser: &Browser, key: &mut Authenticator) -> Answer {
    let options = request_options(browser).await;
    answer(browser, &key.get(&options)).await
}

#[tokio::test]
async fn a_passkey_opens_a_session_of_the_second_level() {
    let app = TestApp::spawn().await;
    let mut key = verifying();
    let ada = with_passkey(&app, "ada", &mut key).await;
    app.advance(TimeDelta::minutes(1));
    let browser = app.browser();
    let options = request_options(&browser).await;
    assert_eq!(options["rpId"], "localhost");
    assert_eq!(options["userVerification"], "preferred");
    assert_eq!(options["timeout"], 300_000);
    assert!(options.get("allowCredentials").is_none());
    let signed_in = answer(&browser, &key.get(&options)).await;
    let body = signed_in.assert_status(200).json();
    assert_eq!((&body["status"], &body["user"]["email"]), (&json!("success"), &json!(ada.email)));
    assert!(browser.cookie(COOKIE).is_none(), "the cookie is removed");
    let me = browser.get("/api/auth/me").await.assert_status(200).json();
    assert_eq!(me["session"]["aal"], "aal2");
    // It is fresh: it may do what is sensitive.
    browser.send(Call::new("POST", "/api/auth/passkeys/options")).await.assert_status(200);
    let used = list(&browser).await[0].clone();
    assert_eq!(used["last_used_at"], me["session"]["created_at"]);
    let expected =
        ["signed_in_with_passkey", "passkey_added", "signed_in_with_password", "registered"];
    app.assert_events(&browser, &expected).await;
    // Removing the passkey ends the sessions that it opened.
    ada.browser.delete(&path(&used)).await.assert_status(204);
    browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
}

#[tokio::test]
async fn the_cookie_is_bound_to_this_host_and_lives_five_minutes() {
    let production = [("APP_ENV", "production"), ("PUBLIC_ORIGIN", "https://auth.example.com")];
    let development = TestApp::spawn().await.browser().send(Call::new("POST", START)).await;
    let production = TestApp::with(production).await.browser().send(Call::new("POST", START)).await;
    let attributes = |answer: &Answer| {
        let [line] = answer.assert_status(200).set_cookies()[..] else { panic!("not one cookie") };
        let (name, rest) = line.split_once("=passkey-").unwrap();
        (name.to_owned(), rest.split_once("; ").unwrap().1.to_owned())
    };
    let (name, rest) = attributes(&development);
    assert_eq!(
        (name.as_str(), rest.as_str()),
        (COOKIE, "HttpOnly; SameSite=Lax; Path=/; Max-Age=300")
    );
    let (name, rest) = attributes(&production);
    assert_eq!(name, "__Host-twofold_passkey");
    assert_eq!(rest, "HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=300");
}

#[tokio::test]
async fn asking_for_options_writes_nothing_to_the_database() {
    let app = TestApp::spawn().await;
    with_passkey(&app, "ada", &mut verifying()).await;
    let everything = async || {
        let mut all: Vec<(String, Vec<Document>)> = Vec::new();
        for name in ["users", "throttles", "outbox"] {
            let found = app.collection(name).await.find(doc! {}).await.unwrap();
            all.push((name.to_owned(), found.try_collect().await.unwrap()));
        }
        all
    };
    let before = everything().await;
    for _ in 0..3 {
        request_options(&app.browser()).await;
    }
    assert_eq!(everything().await, before);
}

#[tokio::test]
async fn without_a_user_handle_the_account_is_found_by_the_passkey() {
    let app = TestApp::spawn().await;
    let mut key = verifying();
    let ada = with_passkey(&app, "ada", &mut key).await;
    let eve = app.register("eve").await;
    let id_of = async |person: &Person| app.stored(person).await.get_object_id("_id").unwrap();
    let (of_ada, of_eve) = (id_of(&ada).await.bytes(), id_of(&eve).await.bytes());
    let encode = |bytes: &[u8]| json!(data_encoding::BASE64URL_NOPAD.encode(bytes));
    for (handle, status) in [
        (Value::Null, 200),
        (encode(&of_ada), 200),
        (encode(&of_eve), 400),
        (encode(&of_ada[..11]), 400),
        (encode(&[of_ada.as_slice(), &[0]].concat()), 400),
        (encode(&[7; 12]), 400),
    ] {
        let browser = app.browser();
        let mut credential = key.get(&request_options(&browser).await);
        credential["response"]["userHandle"] = handle.clone();
        let answered = answer(&browser, &credential).await;
        assert_eq!(answered.status, status, "{handle}");
    }
}

#[tokio::test]
async fn every_wrong_answer_is_refused_in_the_same_words() {
    let app = TestApp::spawn().await;
    let mut key = verifying();
    with_passkey(&app, "ada", &mut key).await;
    let mut stranger = key.clone();
    let mut unverified = key.clone();
    unverified.flags &= !UV;
    let mut evil = Authenticator { origin: "https://evil.example".to_owned(), ..key.clone() };
    let browser = app.browser();
    let mut wrong = Vec::new();
    let options = request_options(&browser).await;
    wrong.push(answer(&browser, &unverified.get(&options)).await);
    wrong.push(answer(&browser, &evil.get(&options)).await);
    wrong.push(answer(&browser, &json!({})).await);
    wrong.push(answer(&browser, &json!("text")).await);
    // A passkey that no account has, and a signature of another key.
    stranger.create(&super::creation_options(&app.signed_in("eve").await.browser).await);
    wrong.push(answer(&browser, &stranger.get(&options)).await);
    let mut forged = stranger.get(&options);
    forged["id"] = key.get(&options)["id"].clone();
    forged["rawId"] = forged["id"].clone();
    forged["response"]["userHandle"] = key.get(&options)["response"]["userHandle"].clone();
    wrong.push(answer(&browser, &forged).await);
    // The cookie of other options, none, and one that was changed.
    let right = key.get(&options);
    let own = browser.cookie(COOKIE).unwrap();
    for cookie in [None, Some(format!("{own}A")), Some(own.replace("passkey-", "session-"))] {
        let other = app.browser();
        if let Some(cookie) = cookie {
            other.set_cookie(COOKIE, &cookie);
        }
        wrong.push(answer(&other, &right).await);
    }
    let other = app.browser();
    request_options(&other).await;
    wrong.push(answer(&other, &right).await);
    let text = |answer: &Answer| {
        answer.assert_problem(400, "passkey_invalid");
        assert!(answer.set_cookies().is_empty());
        answer.json()["detail"].as_str().unwrap().to_owned()
    };
    let texts: Vec<String> = wrong.iter().map(text).collect();
    assert!(texts.iter().all(|one| *one == texts[0]));
    // None of them ended the challenge.
    answer(&browser, &right).await.assert_status(200);
}

#[tokio::test]
async fn a_passkey_that_did_not_verify_its_user_when_it_was_added_never_signs_in() {
    let app = TestApp::spawn().await;
    let mut key = Authenticator::new();
    with_passkey(&app, "ada", &mut key).await;
    key.flags |= UV;
    sign_in(&app.browser(), &mut key).await.assert_problem(400, "passkey_invalid");
}

#[tokio::test]
async fn a_challenge_expires_after_five_minutes() {
    let app = TestApp::spawn().await;
    let mut key = verifying();
    with_passkey(&app, "ada", &mut key).await;
    for (seconds, status) in [(300, 400), (299, 200)] {
        let browser = app.browser();
        let credential = key.get(&request_options(&browser).await);
        app.advance(TimeDelta::seconds(seconds));
        assert_eq!(answer(&browser, &credential).await.status, status);
    }
}

#[tokio::test]
async fn a_counter_that_does_not_rise_is_refused_unless_the_passkey_is_synced() {
    let app = TestApp::spawn().await;
    let mut key = Authenticator { counter: 5, ..verifying() };
    let ada = with_passkey(&app, "ada", &mut key).await;
    for (counter, status) in [(5, 400), (4, 400), (0, 400), (6, 200), (6, 400), (7, 200)] {
        key.counter = counter;
        let answered = sign_in(&app.browser(), &mut key).await;
        assert_eq!(answered.status, status, "{counter}");
    }
    let mut expected =
        vec!["signed_in_with_passkey", "passkey_counter_refused", "signed_in_with_passkey"];
    expected.extend(["passkey_counter_refused"; 3]);
    expected.extend(["passkey_added", "signed_in_with_password", "registered"]);
    app.assert_events(&ada.browser, &expected).await;

    let mut synced = Authenticator { counter: 5, ..verifying() };
    synced.flags |= BE;
    let bea = with_passkey(&app, "bea", &mut synced).await;
    for counter in [5, 0, 9, 1] {
        synced.counter = counter;
        sign_in(&app.browser(), &mut synced).await.assert_status(200);
    }
    // Whether it is copied may change, whether it can be must not.
    synced.flags |= BS;
    sign_in(&app.browser(), &mut synced).await.assert_status(200);
    assert_eq!(list(&bea.browser).await[0]["synced"], true);
    synced.flags &= !(BE | BS);
    sign_in(&app.browser(), &mut synced).await.assert_problem(400, "passkey_invalid");
}

#[tokio::test]
async fn what_the_request_carried_ends_as_at_a_login() {
    let app = TestApp::spawn().await;
    let mut key = verifying();
    let ada = with_passkey(&app, "ada", &mut key).await;
    let eve = app.register("eve").await.with_totp().await;
    // Its own session is replaced, another account's is ended, and so is another account's challenge.
    let before = ada.browser.copy();
    sign_in(&ada.browser, &mut key).await.assert_status(200);
    before.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    assert_eq!(app.stored(&ada).await.get_array("sessions").unwrap().len(), 1);
    let before = eve.browser.copy();
    let challenged = app.challenged(&eve).await;
    for browser in [&eve.browser, &challenged] {
        let refused = answer(browser, &json!({})).await;
        refused.assert_problem(400, "passkey_invalid");
    }
    before.get("/api/auth/me").await.assert_status(200);
    let late = challenged.copy();
    for browser in [&eve.browser, &challenged] {
        sign_in(browser, &mut key).await.assert_status(200);
        assert!(browser.cookie("twofold_login").is_none());
        let me = browser.get("/api/auth/me").await.json();
        assert_eq!(me["user"]["email"], ada.email);
    }
    before.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    late.validate(&app.next_code(&eve)).await.assert_problem(401, "login_expired");
}

#[tokio::test]
async fn a_page_of_another_origin_signs_nobody_in() {
    let app = TestApp::spawn().await;
    let mut key = verifying();
    with_passkey(&app, "ada", &mut key).await;
    let browser = app.browser();
    let form = json!({ "credential": key.get(&request_options(&browser).await) });
    let call = |origin: &str| Call::new("POST", SIGN_IN).json(&form).header("origin", origin);
    browser.send(call("https://evil.example")).await.assert_problem(403, "origin_not_allowed");
    browser.send(call("null")).await.assert_problem(403, "origin_not_allowed");
    browser.send(call("http://localhost:3000")).await.assert_status(200);
}
