//! Guessing codes: a guess is counted before it is answered, whichever endpoint it is sent to.

use chrono::TimeDelta;
use serde_json::json;

use crate::harness::{Call, Person, TestApp};

/// Submits this many wrong codes, five to each challenge.
async fn guess_wrong(app: &TestApp, person: &Person, count: usize) {
    let mut browser = app.challenged(person).await;
    for number in 0..count {
        if number > 0 && number % 5 == 0 {
            browser = app.challenged(person).await;
        }
        let wrong = person.phone().wrong_code_at(app.clock.now());
        browser.validate(&wrong).await.assert_problem(400, "otp_invalid");
    }
}

#[tokio::test]
async fn a_code_works_once_its_enrolment_included() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let enrolment_code = ada.phone().code_at(app.clock.now());
    app.challenged(&ada)
        .await
        .validate(&enrolment_code)
        .await
        .assert_problem(400, "otp_already_used");

    let code = app.next_code(&ada);
    let first = app.challenged(&ada).await;
    first.validate(&code).await.assert_status(200);
    let replay = app.challenged(&ada).await.validate(&code).await;
    replay.assert_problem(400, "otp_already_used");
    replay.assert_detail("This code was already used. Wait for the next one.");
    // An earlier step's code is as used as the latest.
    let earlier = ada.phone().code_at(app.clock.now() - TimeDelta::seconds(30));
    app.challenged(&ada).await.validate(&earlier).await.assert_problem(400, "otp_already_used");
}

#[tokio::test]
async fn the_session_that_a_code_opened_may_send_it_again_and_another_may_not() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let code = app.next_code(&ada);
    let browser = app.challenged(&ada).await;
    browser.validate(&code).await.assert_status(200);
    let token = browser.cookie("twofold_session");
    let again = browser.validate(&code).await;
    assert_eq!(again.assert_status(200).json(), json!({ "otp_valid": true }));
    assert_eq!(browser.cookie("twofold_session"), token);
    ada.browser.validate(&code).await.assert_problem(400, "otp_already_used");
}

#[tokio::test]
async fn a_new_code_within_a_session_is_used_up_and_changes_nothing() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let code = app.next_code(&ada);
    let answer = ada.browser.validate(&code).await;
    assert!(answer.assert_status(200).set_cookies().is_empty());
    app.challenged(&ada).await.validate(&code).await.assert_problem(400, "otp_already_used");
}

#[tokio::test]
async fn five_wrong_codes_end_a_challenge() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browser = app.challenged(&ada).await;
    for _ in 0..5 {
        let wrong = ada.phone().wrong_code_at(app.clock.now());
        browser.validate(&wrong).await.assert_problem(400, "otp_invalid");
    }
    let late = browser.validate(&app.next_code(&ada)).await;
    late.assert_problem(401, "login_expired");
    late.assert_detail("Your login has expired, please log in again.");
}

#[tokio::test]
async fn every_tenth_wrong_code_locks_for_longer_and_a_hundred_for_good() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    for minutes in [15, 30, 60, 120, 240, 480, 960, 1440, 1440] {
        guess_wrong(&app, &ada, 10).await;
        let locked = app.challenged(&ada).await;
        for _ in 0..3 {
            let refused = locked.validate(&ada.phone().code_at(app.clock.now())).await;
            assert_eq!(
                refused.retry_after(),
                minutes * 60,
                "429 counts nothing and extends nothing"
            );
        }
        app.advance(TimeDelta::minutes(minutes) - TimeDelta::seconds(1));
        assert_eq!(app.challenged(&ada).await.validate("000000").await.retry_after(), 1);
        app.advance(TimeDelta::seconds(1));
    }
    guess_wrong(&app, &ada, 10).await;
    app.advance(TimeDelta::days(30));
    let browser = app.challenged(&ada).await;
    browser.validate(&ada.phone().code_at(app.clock.now())).await.retry_after();
    browser.validate(&ada.recovery_codes[0]).await.assert_status(200);
    app.challenged(&ada).await.validate(&app.next_code(&ada)).await.assert_status(200);
}

#[tokio::test]
async fn a_right_code_clears_the_count() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    guess_wrong(&app, &ada, 9).await;
    app.challenged(&ada).await.validate(&app.next_code(&ada)).await.assert_status(200);
    guess_wrong(&app, &ada, 9).await;
    app.challenged(&ada).await.validate(&app.next_code(&ada)).await.assert_status(200);
}

#[tokio::test]
async fn one_budget_serves_every_endpoint() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browser = ada.browser.clone();
    browser.post("/api/auth/otp/generate", json!({})).await.assert_status(200);
    let wrong = ada.phone().wrong_code_at(app.clock.now());
    let reauthenticate = json!({ "password": ada.password, "token": wrong });
    let token = json!({ "token": wrong });
    for _ in 0..2 {
        browser
            .post("/api/auth/reauthenticate", reauthenticate.clone())
            .await
            .assert_problem(400, "otp_invalid");
        browser
            .post("/api/auth/otp/verify", token.clone())
            .await
            .assert_problem(400, "otp_invalid");
        browser.validate(&wrong).await.assert_problem(400, "otp_invalid");
        app.challenged(&ada).await.validate(&wrong).await.assert_problem(400, "otp_invalid");
        let call = Call::new("POST", &format!("/auth/credentials?otp={wrong}"));
        app.browser().send(call.header("authorization", &ada.basic())).await.assert_status(401);
    }
    browser.post("/api/auth/reauthenticate", reauthenticate).await.retry_after();
    browser.post("/api/auth/otp/verify", token).await.retry_after();
    browser.validate(&wrong).await.retry_after();
    app.challenged(&ada).await.validate(&wrong).await.retry_after();
    let call = Call::new("POST", &format!("/auth/credentials?otp={wrong}"));
    app.browser().send(call.header("authorization", &ada.basic())).await.retry_after();
}

#[tokio::test]
async fn what_is_refused_while_codes_are_locked_costs_a_session_no_try() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    guess_wrong(&app, &ada, 10).await;
    let right = |code: &str| json!({ "password": ada.password, "token": code });
    for _ in 0..6 {
        let refused = ada.browser.post("/api/auth/reauthenticate", right("000000")).await;
        assert_eq!(refused.retry_after(), 15 * 60);
    }
    app.advance(TimeDelta::minutes(15));
    let code = app.next_code(&ada);
    ada.browser.post("/api/auth/reauthenticate", right(&code)).await.assert_status(200);
}

#[tokio::test]
async fn codes_of_the_neighbouring_steps_are_accepted_unless_the_window_is_closed() {
    for (window, accepted) in [("1", 200), ("0", 400)] {
        let app = TestApp::with([("OTP_WINDOW", window)]).await;
        let ada = app.register("ada").await.with_totp().await;
        app.advance(TimeDelta::minutes(5));
        let early = ada.phone().code_at(app.clock.now() + TimeDelta::seconds(30));
        let browser = app.challenged(&ada).await;
        browser.validate(&early).await.assert_status(accepted);
    }
}
