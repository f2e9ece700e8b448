//! Security events: what an account's owner sees of it, and how they are kept.

use bson::{DateTime, Document, doc};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{Browser, Call, Person, TestApp, until};

#[tokio::test]
async fn the_events_of_a_life_with_two_factors_are_listed_newest_first() {
    let app = TestApp::spawn().await;
    let mut ada = app.register("ada").await.with_totp().await;
    let browser = ada.browser.clone();
    browser.log_in(&ada).await.assert_status(200);
    let wrong = ada.phone().wrong_code_at(app.clock.now());
    browser.validate(&wrong).await.assert_problem(400, "otp_invalid");
    let code = app.next_code(&ada);
    browser.validate(&code).await.assert_status(200);

    let other = app.browser();
    other.log_in(&ada).await.assert_status(200);
    other.validate(&ada.recovery_codes[0]).await.assert_status(200);
    let renewed = browser.post("/api/auth/otp/recovery-codes", json!({})).await;
    renewed.assert_status(200);
    let form = json!({ "current_password": ada.password, "new_password": "a saucer of marbles" });
    browser.put("/api/auth/password", form).await.assert_status(204);
    ada.password = "a saucer of marbles".to_owned();
    let code = app.next_code(&ada);
    let factors = json!({ "password": ada.password, "token": code });
    browser.post("/api/auth/reauthenticate", factors).await.assert_status(200);
    app.advance(TimeDelta::seconds(30));
    ada.enrol_again().await;
    browser.post("/api/auth/otp/disable", json!({})).await.assert_status(200);

    let expected = [
        "authenticator_disabled",
        "authenticator_replaced",
        "enrolment_begun",
        "reauthenticated",
        "sessions_ended_by_change",
        "password_changed",
        "recovery_codes_renewed",
        "signed_in_with_recovery_code",
        "recovery_code_used",
        "signed_in_with_code",
        "wrong_code",
        "enrolment_confirmed",
        "enrolment_begun",
        "signed_in_with_password",
        "registered",
    ];
    app.assert_events(&browser, &expected).await;
    let found = browser.get("/api/auth/events?limit=100").await.json()["events"].clone();
    let found = found.as_array().unwrap();
    let times: Vec<&str> = found.iter().map(|event| event["at"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older));
    let mut fields: Vec<&String> = found[0].as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(fields, ["at", "id", "ip", "kind", "user_agent"]);
    assert_eq!(found[0]["ip"], "127.0.0.1");
}

#[tokio::test]
async fn sessions_and_tokens_say_who_ended_them() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let (here, there) = (app.browser(), app.browser());
    here.log_in(&ada).await.assert_status(200);
    app.advance(TimeDelta::seconds(1));
    there.log_in(&ada).await.assert_status(200);
    let id = there.get("/api/auth/me").await.json()["session"]["id"].as_str().unwrap().to_owned();
    app.advance(TimeDelta::seconds(1));
    here.delete(&format!("/api/auth/sessions/{id}")).await.assert_status(204);
    app.advance(TimeDelta::seconds(1));
    let call = Call::new("POST", "/auth/credentials").header("authorization", &ada.basic());
    app.browser().send(call).await.assert_status(200);
    app.advance(TimeDelta::seconds(1));
    here.delete("/api/auth/sessions").await.assert_status(204);
    app.advance(TimeDelta::seconds(1));
    for _ in 0..5 {
        let form =
            json!({ "current_password": "not the password", "new_password": "whatever it is" });
        here.put("/api/auth/password", form).await.assert_problem(400, "incorrect_password");
    }
    app.advance(TimeDelta::seconds(1));
    there.log_in(&ada).await.assert_status(200);
    app.advance(TimeDelta::seconds(1));
    there.send(Call::new("POST", "/api/auth/logout")).await.assert_status(204);
    app.advance(TimeDelta::seconds(1));
    here.log_in(&ada).await.assert_status(200);
    let expected = [
        "signed_in_with_password",
        "signed_out",
        "signed_in_with_password",
        // Once for the five: an event that a caller can cause at will is merged.
        "wrong_password",
        "session_ended_by_failures",
        "other_sessions_ended",
        "signed_in_with_bearer",
        "session_ended",
        "signed_in_with_password",
        "signed_in_with_password",
        "registered",
    ];
    app.assert_events(&here, &expected).await;
}

#[tokio::test]
async fn refusals_by_a_wait_are_recorded_once_a_minute_however_many_there_are() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let owner = app.browser();
    owner.log_in(&ada).await.assert_status(200);
    let mut guess = ada.clone();
    guess.password = "not the password".to_owned();
    let stranger = app.browser();
    for _ in 0..5 {
        stranger.log_in(&guess).await.assert_problem(400, "incorrect_credentials");
    }
    for _ in 0..7 {
        stranger.log_in(&guess).await.assert_problem(429, "too_many_attempts");
    }
    let expected = ["sign_in_refused", "signed_in_with_password", "registered"];
    let found = async || {
        let events = owner.get("/api/auth/events").await.json()["events"].clone();
        events.as_array().unwrap().len()
    };
    until("the refusals are recorded", async || found().await >= expected.len()).await;
    assert_eq!(found().await, expected.len());
}

#[tokio::test]
async fn the_tenth_wrong_code_is_recorded_as_a_lock() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    app.lock_codes(&ada).await;
    let count = async |kind: &str| {
        let events = app.collection("security_events").await;
        events.count_documents(doc! { "kind": kind }).await.unwrap()
    };
    until("the codes are recorded as wrong and then as locked", async || {
        count("wrong_code").await >= 10 && count("codes_locked").await >= 1
    })
    .await;
    assert_eq!((count("wrong_code").await, count("codes_locked").await), (10, 1));

    // What the lock refuses is expected as a refusal, once.
    let browser = app.browser();
    browser.log_in(&ada).await.assert_status(200);
    let code = app.next_code(&ada);
    for _ in 0..3 {
        browser.validate(&code).await.assert_problem(429, "too_many_attempts");
    }
    until("the refusal is recorded", async || count("sign_in_refused").await >= 1).await;
    assert_eq!(count("sign_in_refused").await, 1);
}

/// Puts events of an account into the database, a second apart, the newest at the service's present.
async fn plant(app: &TestApp, person: &Person, count: i64) {
    let user = app.stored(person).await.get_object_id("_id").unwrap();
    let now = app.clock.now().timestamp_millis();
    let event = |number: i64| {
        doc! {
            "_id": bson::Binary {
                subtype: bson::spec::BinarySubtype::Generic,
                bytes: u128::try_from(number).unwrap().to_be_bytes().to_vec(),
            },
            "user": user, "kind": "registered",
            // Three share each moment, so that pages must break ties.
            "at": DateTime::from_millis(now - (count - number) / 3 * 1_000),
            "expires": DateTime::from_millis(now + 1_000_000_000),
            "ip": "192.0.2.1", "user_agent": format!("number {number}"),
        }
    };
    let events: Vec<Document> = (1..=count).map(event).collect();
    app.collection("security_events").await.insert_many(events).await.unwrap();
}

#[tokio::test]
async fn paging_is_stable_while_new_events_arrive() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let browser = ada.browser.clone();
    browser.log_in(&ada).await.assert_status(200);
    app.assert_events(&browser, &["signed_in_with_password", "registered"]).await;
    app.collection("security_events").await.delete_many(doc! {}).await.unwrap();
    plant(&app, &ada, 100).await;

    let (mut seen, mut path) = (Vec::new(), "/api/auth/events?limit=7".to_owned());
    // A hundred events are fifteen pages of seven.
    for _ in 0..100 {
        let page = browser.get(&path).await.assert_status(200).json();
        let events = page["events"].as_array().unwrap();
        seen.extend(events.iter().map(|event| event["user_agent"].as_str().unwrap().to_owned()));
        app.advance(TimeDelta::milliseconds(10));
        app.browser().log_in(&ada).await.assert_status(200);
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("/api/auth/events?limit=7&after={next}");
    }
    let expected: Vec<String> = (1..=100).rev().map(|number| format!("number {number}")).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_page_that_is_asked_for_wrongly_is_refused_with_the_parameter_s_name() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=", "limit"),
        ("after=", "after"),
        ("after=nonsense", "after"),
        ("after=%00", "after"),
        ("limit=5&after=0000", "after"),
    ] {
        let answer = ada.browser.get(&format!("/api/auth/events?{query}")).await;
        answer.assert_problem(422, "invalid_fields");
        assert_eq!(answer.json()["errors"][0]["field"], field, "{query}");
    }
    ada.browser.get("/api/auth/events?limit=1&other=1").await.assert_status(200);
}

#[tokio::test]
async fn events_are_the_account_s_own_and_end_after_ninety_days() {
    let app = TestApp::spawn().await;
    let (ada, bea) = (app.register("ada").await, app.register("bea").await);
    ada.browser.log_in(&ada).await.assert_status(200);
    app.assert_events(&ada.browser, &["signed_in_with_password", "registered"]).await;
    bea.browser.log_in(&bea).await.assert_status(200);
    app.assert_events(&bea.browser, &["signed_in_with_password", "registered"]).await;

    let events = app.collection("security_events").await;
    let event = events.find_one(doc! {}).await.unwrap().unwrap();
    let kept = event.get_datetime("expires").unwrap().timestamp_millis()
        - event.get_datetime("at").unwrap().timestamp_millis();
    assert_eq!(kept, TimeDelta::days(90).num_milliseconds());
    app.advance(TimeDelta::days(90));
    ada.browser.log_in(&ada).await.assert_status(200);
    app.assert_events(&ada.browser, &["signed_in_with_password"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_stop_loses_no_event() {
    let app = TestApp::spawn().await;
    let settings = [("HASH_QUEUE", "1000"), ("HASH_QUEUE_SHARE", "100")];
    let mut service = app.start_process(settings).await;
    let base = Browser::new(service.url(), app.clock.clone());
    let mut logins = Vec::new();
    for number in 0..40 {
        let person = app.register(&format!("person-{number}")).await;
        let browser = base.copy();
        logins.push(async move { browser.log_in(&person).await });
    }
    for login in futures_util::future::join_all(logins).await {
        login.assert_status(200);
    }
    assert_eq!(service.terminate().await.unwrap().code(), Some(0));
    assert!(!service.log().contains("events were lost"), "{}", service.log());
    let events = app.collection("security_events").await;
    let signed_in = doc! { "kind": "signed_in_with_password" };
    assert_eq!(events.count_documents(signed_in).await.unwrap(), 40);
}

#[tokio::test]
async fn the_time_of_an_event_is_the_service_s() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    app.assert_events(&ada.browser, &["signed_in_with_password", "registered"]).await;
    let events: Value = ada.browser.get("/api/auth/events").await.json();
    assert_eq!(events["events"][0]["at"], "2027-01-15T08:00:15.000Z");
    assert_eq!(events["next"], Value::Null);
}
