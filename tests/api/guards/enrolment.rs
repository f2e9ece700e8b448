//! Enrolments under way: counted, and gone with the authenticator.

use serde_json::json;

use crate::harness::{Call, HeldWrite, Phone, TestApp, at_once, count, until_in_time};

#[tokio::test(flavor = "multi_thread")]
async fn of_forty_wrong_codes_at_once_on_one_pending_secret_five_count_and_end_it() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let phone = Phone::enrolling(&ada.browser).await;
    let wrong = phone.wrong_code_at(app.clock.now());
    let answers = at_once((0..40).map(|_| {
        let (browser, form) = (ada.browser.copy(), json!({ "token": wrong }));
        async move { browser.post("/api/auth/otp/verify", form).await }
    }))
    .await;
    assert_eq!(count(&answers, 400), 40);
    let counted = app.stored(&ada).await.get_document("codes").unwrap().get_i64("failed").unwrap();
    assert_eq!(counted, 5);
    let right = json!({ "token": phone.code_at(app.clock.now()) });
    ada.browser.post("/api/auth/otp/verify", right).await.assert_problem(400, "otp_invalid");
}

#[tokio::test]
async fn disabling_ends_an_enrolment_under_way() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    for off in ["/api/auth/otp/disable", "/auth/otp/enable"] {
        let phone = Phone::enrolling(&ada.browser).await;
        if off.ends_with("disable") {
            ada.browser.post(off, json!({})).await.assert_status(200);
        } else {
            ada.browser.put(off, json!({ "enabled": true })).await.assert_status(200);
            ada.browser.put(off, json!({ "enabled": false })).await.assert_status(200);
        }
        ada.browser.get("/api/auth/otp/qr").await.assert_problem(404, "no_pending_enrolment");
        let token = json!({ "token": phone.code_at(app.clock.now()) });
        ada.browser.post("/api/auth/otp/verify", token).await.assert_problem(400, "otp_invalid");
        assert!(!app.stored(&ada).await.contains_key("pending"));
    }
}

#[tokio::test]
async fn enabling_by_the_basic_contract_ends_an_enrolment_under_way() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    Phone::enrolling(&ada.browser).await;
    ada.browser.put("/auth/otp/enable", json!({ "enabled": true })).await.assert_status(200);
    assert!(!app.stored(&ada).await.contains_key("pending"));
}

#[tokio::test]
async fn ten_wrong_first_codes_lock_and_the_lock_lasts() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let verify = async |token: &str| {
        ada.browser.post("/api/auth/otp/verify", json!({ "token": token })).await
    };
    for _ in 0..2 {
        let wrong = Phone::enrolling(&ada.browser).await.wrong_code_at(app.clock.now());
        for _ in 0..5 {
            verify(&wrong).await.assert_problem(400, "otp_invalid");
        }
    }
    let phone = Phone::enrolling(&ada.browser).await;
    let locked = verify(&phone.code_at(app.clock.now())).await;
    locked.assert_problem(429, "too_many_attempts");
    assert_eq!(locked.header("retry-after"), Some("900"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_for_a_secret_that_was_just_replaced_confirms_nothing() {
    let mongod = HeldWrite::mongod().await;
    let app = TestApp::on(&mongod.uri(), []).await;
    until_in_time(async |n| {
        let ada = app.register(&format!("ada-{n}")).await;
        ada.browser.log_in(&ada).await.assert_status(200);
        let phone = Phone::enrolling(&ada.browser).await;
        let code = json!({ "token": phone.code_at(app.clock.now()) });
        let held = HeldWrite::on_users(&app, "update", 1).await;
        let (browser, verify) = (ada.browser.copy(), Call::new("POST", "/api/auth/otp/verify"));
        let calling = tokio::spawn(async move { browser.send(verify.json(&code)).await });
        held.until_held().await;
        let phone = Phone::enrolling(&ada.browser).await;
        held.answer(calling).await?.assert_problem(400, "otp_invalid");
        assert!(!app.stored(&ada).await.contains_key("totp"));
        let code = json!({ "token": phone.code_at(app.clock.now()) });
        ada.browser.post("/api/auth/otp/verify", code).await.assert_status(200);
        Some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_code_overtaken_by_the_tenth_wrong_one_confirms_nothing() {
    let mongod = HeldWrite::mongod().await;
    let app = TestApp::on(&mongod.uri(), []).await;
    until_in_time(async |n| {
        let ada = app.register(&format!("ada-{n}")).await.with_totp().await;
        let phone = Phone::enrolling(&ada.browser).await;
        let wrong = ada.phone().wrong_code_at(app.clock.now());
        for _ in 0..9 {
            ada.browser.validate(&wrong).await.assert_problem(400, "otp_invalid");
        }
        let code = json!({ "token": phone.code_at(app.clock.now()) });
        let held = HeldWrite::on_users(&app, "update", 1).await;
        let (browser, verify) = (ada.browser.copy(), Call::new("POST", "/api/auth/otp/verify"));
        let calling = tokio::spawn(async move { browser.send(verify.json(&code)).await });
        held.until_held().await;
        ada.browser.validate(&wrong).await.assert_problem(400, "otp_invalid");
        held.answer(calling).await?.assert_problem(429, "too_many_attempts");
        assert!(app.stored(&ada).await.contains_key("pending"));
        Some(())
    })
    .await;
}
