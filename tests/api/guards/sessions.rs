//! Sessions: ended together, counted together, and never more than an account may have.

use bson::spec::BinarySubtype;
use bson::{Binary, Bson, Document, doc};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{Browser, Call, HeldWrite, Person, TestApp, at_once, count, until_in_time};
use crate::passwords::from;

#[tokio::test]
async fn ending_the_other_sessions_ends_tokens_and_logins_under_way_too() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let (token, other_token) = (app.bearer(&ada).await, app.bearer(&ada).await);
    ada.browser.delete("/api/auth/sessions").await.assert_status(204);
    for ended in [&token, &other_token] {
        ended.get("/whoami").await.assert_problem(401, "not_authenticated");
    }
    let token = app.bearer(&ada).await;
    token.delete("/api/auth/sessions").await.assert_status(204);
    ada.browser.get("/whoami").await.assert_problem(401, "not_authenticated");
    token.get("/whoami").await.assert_status(200);

    let bea = app.register("bea").await.with_totp().await;
    let late = app.challenged(&bea).await;
    bea.browser.delete("/api/auth/sessions").await.assert_status(204);
    late.validate(&app.next_code(&bea)).await.assert_problem(401, "login_expired");
}

async fn page(browser: &Browser, query: &str) -> Value {
    browser.get(&format!("/api/auth/events?{query}")).await.assert_status(200).json()
}

#[tokio::test]
async fn no_page_of_events_shows_those_of_another_account() {
    let app = TestApp::spawn().await;
    let (ada, bea) = (app.register("ada").await, app.register("bea").await);
    for _ in 0..3 {
        for person in [&ada, &bea] {
            app.advance(TimeDelta::seconds(1));
            person.browser.log_in(person).await.assert_status(200);
        }
    }
    let all = |person: &Browser| {
        let person = person.clone();
        async move { page(&person, "limit=100").await["events"].clone() }
    };
    let (of_ada, of_bea) = (all(&ada.browser).await, all(&bea.browser).await);
    let (mut seen, mut query) = (Vec::new(), "limit=1".to_owned());
    while let Some(next) = {
        let found = page(&ada.browser, &query).await;
        seen.extend(found["events"].as_array().unwrap().clone());
        found["next"].as_str().map(str::to_owned)
    } {
        assert!(seen.len() < 20, "the pages do not end");
        query = format!("limit=1&after={next}");
    }
    assert_eq!(Value::Array(seen), of_ada);
    // A cursor names no account: with another's, one reads one's own.
    let next = page(&ada.browser, "limit=1").await["next"].as_str().unwrap().to_owned();
    let read = page(&bea.browser, &format!("limit=100&after={next}")).await["events"].clone();
    let own = of_bea.as_array().unwrap();
    assert!(read.as_array().unwrap().iter().all(|event| own.contains(event)), "{read}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_thirty_wrong_passwords_at_once_in_one_session_five_are_checked_and_end_it() {
    let app = TestApp::with([("HASH_QUEUE", "1000"), ("HASH_QUEUE_SHARE", "100")]).await;
    let ada = app.register("ada").await;
    let wrong = "not the password";
    let calls = [
        Call::new("POST", "/api/auth/reauthenticate").json(&json!({ "password": wrong })),
        Call::new("DELETE", "/api/auth/account").json(&json!({ "password": wrong })),
        Call::new("PUT", "/api/auth/password")
            .json(&json!({ "current_password": wrong, "new_password": "a saucer of marbles" })),
    ];
    for call in &calls {
        ada.browser.log_in(&ada).await.assert_status(200);
        let answers = at_once((0..30).map(|_| {
            let browser = ada.browser.copy();
            let again = Call {
                body: call.body.clone(),
                headers: call.headers.clone(),
                ..Call::new(call.method.as_str(), &call.path)
            };
            async move { browser.send(again).await }
        }))
        .await;
        assert_eq!(count(&answers, 400), 5);
        assert_eq!(count(&answers, 401) + count(&answers, 429), 25);
        ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_thirty_wrong_recovery_codes_at_once_in_one_session_five_are_checked_and_end_it() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let answers = at_once((0..30).map(|_| {
        let browser = ada.browser.copy();
        async move { browser.validate("wrong-wrong-wrong").await }
    }))
    .await;
    assert_eq!(count(&answers, 400), 5);
    assert_eq!(count(&answers, 401) + count(&answers, 429), 25);
    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_whose_last_try_was_never_settled_ends_at_a_later_one() {
    let (_mongod, app) = HeldWrite::app().await;
    let ada = app.signed_in("ada").await;
    let guess = async || {
        let form = json!({ "password": "not the password" });
        ada.browser.post("/api/auth/reauthenticate", form).await
    };
    for _ in 0..4 {
        guess().await.assert_problem(400, "incorrect_password");
    }
    // The first write counts the try, the second would end the session.
    let refusing = HeldWrite::refusing_all_but_first(&app.database_url, "update").await;
    guess().await.assert_problem(503, "database_unavailable");
    refusing.release().await;
    // For all that is known, the last try is being checked.
    assert_eq!(guess().await.retry_after(), 1);
    ada.browser.get("/api/auth/me").await.assert_status(200);
    app.advance(TimeDelta::minutes(2));
    guess().await.assert_problem(401, "not_authenticated");
    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_logins_at_once_onto_eighteen_sessions_leave_the_newest_twenty_at_most() {
    let settings = [("HASH_QUEUE", "1000"), ("TRUSTED_PROXIES", "127.0.0.1")];
    let app = TestApp::with(settings).await;
    let ada = app.register("ada").await;
    for _ in 0..18 {
        app.browser().log_in(&ada).await.assert_status(200);
    }
    app.advance(TimeDelta::seconds(1));
    // A network each, since five checks under way make the sixth of a network wait.
    let browsers: Vec<Browser> = (0..20).map(|n| from(&app, &format!("192.0.2.{n}"))).collect();
    let answers = at_once(browsers.iter().map(|browser| {
        let (browser, ada) = (browser.clone(), ada.clone());
        async move { browser.log_in(&ada).await }
    }))
    .await;
    assert!(count(&answers, 200) > 0);
    assert_eq!(count(&answers, 200) + count(&answers, 503), 20);
    let stored = app.stored(&ada).await;
    assert!(stored.get_array("sessions").unwrap().len() <= 20);
    for (browser, answer) in browsers.iter().zip(&answers) {
        let status = if answer.status == 200 { 200 } else { 401 };
        browser.get("/api/auth/me").await.assert_status(status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_recovery_codes_at_once_onto_eighteen_sessions_leave_twenty_at_most() {
    let app = TestApp::with([("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let ada = app.register("ada").await.with_totp().await;
    fill_sessions(&app, &ada, 18).await;
    app.advance(TimeDelta::seconds(1));
    let browsers: Vec<Browser> = (0..10).map(|n| from(&app, &format!("192.0.2.{n}"))).collect();
    for browser in &browsers {
        browser.log_in(&ada).await.assert_status(200);
    }
    let answers = at_once(browsers.iter().zip(&ada.recovery_codes).map(|(browser, code)| {
        let (browser, code) = (browser.clone(), code.clone());
        async move { browser.validate(&code).await }
    }))
    .await;
    assert!(count(&answers, 200) > 0);
    assert_eq!(count(&answers, 200) + count(&answers, 503), 10);
    let stored = app.stored(&ada).await;
    assert!(stored.get_array("sessions").unwrap().len() <= 20);
    assert_eq!(stored.get_array("networks").unwrap().len(), 8);
    for (browser, answer) in browsers.iter().zip(&answers) {
        let is_signed_in = browser.get("/whoami").await.status == 200;
        assert_eq!(is_signed_in, answer.status == 200);
    }
}

/// Copies a person's session until there are `count`.
async fn fill_sessions(app: &TestApp, person: &Person, count: usize) {
    let stored = app.stored(person).await;
    let one = stored.get_array("sessions").unwrap()[0].as_document().unwrap().clone();
    let copy = |number: usize| {
        let digest = Binary { subtype: BinarySubtype::Generic, bytes: vec![number as u8; 32] };
        let mut copy = one.clone();
        copy.extend(doc! { "digest": digest, "id": format!("copy-{number}") });
        copy
    };
    let copies: Vec<Document> = (1..count).map(copy).collect();
    let update = doc! { "$push": { "sessions": { "$each": copies } } };
    let users = app.collection("users").await;
    users.update_one(doc! { "email": &person.email }, update).await.unwrap();
}

#[tokio::test]
async fn the_ninth_network_takes_the_place_of_the_oldest_and_a_known_one_is_noted_again() {
    let app = TestApp::with([("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let ada = app.register("ada").await;
    let noted = async || {
        let stored = app.stored(&ada).await;
        let networks = stored.get_array("networks").unwrap().clone();
        let at = |one: &Bson| one.as_document().unwrap().get_datetime("at").copied().unwrap();
        networks.iter().map(|one| at(one).timestamp_millis()).collect::<Vec<_>>()
    };
    let mut expected = Vec::new();
    for n in 0..9 {
        app.advance(TimeDelta::days(1));
        expected.push(app.clock.now().timestamp_millis());
        from(&app, &format!("192.0.2.{n}")).log_in(&ada).await.assert_status(200);
    }
    let mut found = noted().await;
    found.sort_unstable();
    assert_eq!(found, expected[1..]);
    app.advance(TimeDelta::days(1));
    from(&app, "192.0.2.1").log_in(&ada).await.assert_status(200);
    let mut found = noted().await;
    found.sort_unstable();
    assert_eq!(found, [&expected[2..], &[app.clock.now().timestamp_millis()]].concat());
}

#[tokio::test]
async fn an_old_event_is_on_no_page() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    app.advance(TimeDelta::days(89));
    for _ in 0..2 {
        app.advance(TimeDelta::seconds(1));
        ada.browser.log_in(&ada).await.assert_status(200);
    }
    app.advance(TimeDelta::days(2));
    ada.browser.log_in(&ada).await.assert_status(200);
    let first = page(&ada.browser, "limit=2").await;
    let next = first["next"].as_str().unwrap();
    let second = page(&ada.browser, &format!("limit=100&after={next}")).await;
    let kinds = second["events"].as_array().unwrap().iter().map(|event| event["kind"].clone());
    assert_eq!(kinds.collect::<Vec<_>>(), ["signed_in_with_password"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_use_that_is_recorded_late_does_not_replace_a_later_one() {
    let mongod = HeldWrite::mongod().await;
    let app = TestApp::on(&mongod.uri(), []).await;
    // A worker's own writes keep their order.
    let other = app.second_instance([]).await;
    until_in_time(async |n| {
        let ada = app.register(&format!("ada-{n}")).await;
        ada.browser.log_in(&ada).await.assert_status(200);
        app.advance(TimeDelta::minutes(2));
        let earlier = HeldWrite::on_users(&app, "update", 1).await;
        ada.browser.get("/whoami").await.assert_status(200);
        earlier.until_held().await;
        app.advance(TimeDelta::seconds(30));
        let elsewhere = other.browser();
        elsewhere.set_cookie("twofold_session", &ada.browser.cookie("twofold_session").unwrap());
        elsewhere.get("/whoami").await.assert_status(200);
        app.until_seen(&ada).await;
        let is_in_time = earlier.is_held();
        earlier.until_done().await;
        assert_eq!(app.last_seen(&ada).await, app.clock.now());
        is_in_time.then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_try_that_was_forgotten_already_is_not_taken_back_again() {
    let mongod = HeldWrite::mongod().await;
    let app = TestApp::on(&mongod.uri(), []).await;
    until_in_time(async |n| {
        let ada = app.register(&format!("ada-{n}")).await.with_totp().await;
        let wrong = ada.phone().wrong_code_at(app.clock.now());
        let form = json!({ "password": ada.password, "token": wrong });
        let call = Call::new("POST", "/api/auth/reauthenticate").json(&form);
        // The wrong code is counted by this write; the try of the password is taken back after it.
        let held = HeldWrite::next(&app.database_url, "findAndModify").await;
        let browser = ada.browser.copy();
        let calling = tokio::spawn(async move { browser.send(call).await });
        held.until_held().await;
        ada.browser.validate(&ada.recovery_codes[0]).await.assert_status(200);
        held.answer(calling).await?.assert_problem(400, "otp_invalid");
        let stored = app.stored(&ada).await;
        let session = stored.get_array("sessions").unwrap()[0].as_document().unwrap();
        assert_eq!(session.get_i64("failed").unwrap(), 0);
        Some(())
    })
    .await;
}
