//! Requests at once: what one may do, fifty may not do fifty times.

use bson::doc;
use serde_json::json;

use crate::harness::{Answer, Browser, Call, Person, Phone, TestApp, at_once, count};

async fn validate(browser: Browser, token: String) -> Answer {
    browser.validate(&token).await
}

/// The first code of an enrolment that a browser begins.
pub async fn first_code(app: &TestApp, browser: &Browser) -> String {
    Phone::enrolling(browser).await.code_at(app.clock.now())
}

/// This many browsers with a login challenge each.
async fn challenged(app: &TestApp, person: &Person, count: usize) -> Vec<Browser> {
    let mut browsers = Vec::new();
    for _ in 0..count {
        browsers.push(app.challenged(person).await);
    }
    browsers
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_registrations_of_one_address_one_succeeds() {
    let app = TestApp::spawn().await;
    let form =
        json!({ "name": "Ada", "email": "ada@example.com", "password": "plum velvet tractor" });
    let answers = at_once((0..50).map(|_| {
        let (browser, form) = (app.browser(), form.clone());
        async move { browser.post("/api/auth/register", form).await }
    }))
    .await;
    assert_eq!(count(&answers, 201), 1);
    assert_eq!(count(&answers, 409) + count(&answers, 503), 49);
    let accounts = app.collection("users").await.count_documents(doc! {}).await.unwrap();
    assert_eq!(accounts, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_code_on_twenty_challenges_opens_one_session() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browsers = challenged(&app, &ada, 20).await;
    let code = app.next_code(&ada);
    let answers = at_once(browsers.into_iter().map(|one| validate(one, code.clone()))).await;
    assert_eq!(count(&answers, 200), 1);
    // Each refused use counts as a wrong code; the tenth locks codes, and then none is counted.
    let refused = answers.iter().filter(|answer| answer.code() == "otp_already_used").count();
    assert_eq!(refused + count(&answers, 429), 19);
    let sessions = app.stored(&ada).await.get_array("sessions").unwrap().len();
    assert_eq!(sessions, 2, "the one that enrolled and the one that the code opened");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_sixty_wrong_codes_on_one_challenge_five_count() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browser = app.challenged(&ada).await;
    let wrong = ada.phone().wrong_code_at(app.clock.now());
    let answers = at_once((0..60).map(|_| validate(browser.copy(), wrong.clone()))).await;
    assert_eq!(count(&answers, 400), 5);
    assert_eq!(count(&answers, 401), 55);
    let stored = app.stored(&ada).await;
    assert_eq!(stored.get_document("codes").unwrap().get_i64("failed").unwrap(), 5);

    let code = app.next_code(&ada);
    browser.validate(&code).await.assert_problem(401, "login_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_forty_wrong_codes_at_once_ten_count_and_lock() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let wrong = ada.phone().wrong_code_at(app.clock.now());
    let answers = at_once((0..40).map(|_| validate(ada.browser.copy(), wrong.clone()))).await;
    let refused = answers.iter().filter(|answer| answer.code() == "otp_invalid").count();
    assert_eq!((refused, count(&answers, 429)), (10, 30));
    let stored = app.stored(&ada).await;
    assert_eq!(stored.get_document("codes").unwrap().get_i64("failed").unwrap(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_used_fifty_times_opens_one_session() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browsers = challenged(&app, &ada, 20).await;
    let code = ada.recovery_codes[0].clone();
    let uses = (0..50).map(|n| validate(browsers[n % 20].copy(), code.clone()));
    let answers = at_once(uses).await;
    assert_eq!(count(&answers, 200), 1);
    assert_eq!(app.stored(&ada).await.get_array("recovery").unwrap().len(), 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_recovery_codes_at_once_open_a_session_each() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browsers = challenged(&app, &ada, 2).await;
    let codes = ada.recovery_codes.clone();
    let answers = at_once(browsers.into_iter().zip(codes).map(|(b, code)| validate(b, code))).await;
    assert_eq!(count(&answers, 200), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_proofs_of_one_pending_secret_one_succeeds() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let browser = ada.browser.clone();
    browser.log_in(&ada).await.assert_status(200);
    let code = first_code(&app, &browser).await;
    let answers = at_once((0..50).map(|_| {
        let (browser, code) = (browser.copy(), code.clone());
        async move { browser.post("/api/auth/otp/verify", json!({ "token": code })).await }
    }))
    .await;
    assert_eq!(count(&answers, 200), 1);
    assert_eq!(count(&answers, 401), 49);
    let winner = answers.iter().find(|answer| answer.status == 200).unwrap();
    assert_eq!(winner.json()["recovery_codes"].as_array().unwrap().len(), 10);
    assert_eq!(app.stored(&ada).await.get_array("recovery").unwrap().len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_codes_renewed_twenty_times_at_once_are_one_set() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let answers = at_once((0..20).map(|_| {
        let browser = ada.browser.copy();
        async move { browser.post("/api/auth/otp/recovery-codes", json!({})).await }
    }))
    .await;
    assert_eq!(count(&answers, 200), 20);
    assert_eq!(app.stored(&ada).await.get_array("recovery").unwrap().len(), 10);
    let mut usable = 0;
    for answer in &answers {
        let browser = app.browser();
        browser.log_in(&ada).await.assert_status(200);
        let first = answer.json()["recovery_codes"][0].as_str().unwrap().to_owned();
        usable += usize::from(browser.validate(&first).await.status == 200);
    }
    assert_eq!(usable, 1, "of twenty sets the last one is valid");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_password_changes_at_once_one_happens() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let (here, there) = (app.browser(), app.browser());
    for same_session in [true, false] {
        let mut ada = ada.clone();
        if !same_session {
            ada.password = "new password 0".to_owned();
            if app.browser().log_in(&ada).await.status != 200 {
                ada.password = "new password 1".to_owned();
            }
        }
        here.log_in(&ada).await.assert_status(200);
        there.log_in(&ada).await.assert_status(200);
        let other = if same_session { here.copy() } else { there.clone() };
        let changes = [here.copy(), other].into_iter().enumerate().map(|(number, browser)| {
            let new = format!("new password {number}{}", if same_session { "" } else { " again" });
            let form = json!({ "current_password": ada.password, "new_password": new });
            async move { browser.put("/api/auth/password", form).await }
        });
        let answers = at_once(changes).await;
        assert_eq!(count(&answers, 204), 1);
        assert_eq!(
            count(&answers, 401),
            1,
            "the token it came with was rotated, or its session ended"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_share_used_codes_and_ended_sessions() {
    let app = TestApp::spawn().await;
    let other = app.second_instance([]).await;
    let ada = app.register("ada").await.with_totp().await;
    let (here, there) = (app.browser(), other.browser());
    here.log_in(&ada).await.assert_status(200);
    there.log_in(&ada).await.assert_status(200);
    let code = app.next_code(&ada);
    let answers =
        at_once([validate(here.clone(), code.clone()), validate(there.clone(), code)]).await;
    assert_eq!(count(&answers, 200), 1);

    ada.browser.send(Call::new("DELETE", "/api/auth/sessions")).await.assert_status(204);
    for browser in [here, there] {
        browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    }
}
