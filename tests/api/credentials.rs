//! Which credential decides.

use bson::doc;

use crate::harness::{Browser, Call, Person, TestApp};

async fn bearer_token(app: &TestApp, person: &Person) -> String {
    let call = Call::new("POST", "/auth/credentials").header("authorization", &person.basic());
    app.browser().send(call).await.json()["token"].as_str().unwrap().to_owned()
}

async fn me_with(browser: &Browser, authorization: &str) -> u16 {
    let call = Call::new("GET", "/api/auth/me").header("authorization", authorization);
    browser.send(call).await.status
}

#[tokio::test]
async fn a_bearer_header_decides_alone() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    for bad in ["Bearer nonsense", "Bearer ", "Bearer", "bearer x y"] {
        assert_eq!(me_with(&ada.browser, bad).await, 401, "{bad}");
    }
    let token = bearer_token(&app, &ada).await;
    assert_eq!(me_with(&app.browser(), &format!("bEARER {token}")).await, 200);
}

#[tokio::test]
async fn other_schemes_do_not_matter_to_a_session() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    assert_eq!(me_with(&app.browser(), &ada.basic()).await, 401);
    ada.browser.log_in(&ada).await.assert_status(200);
    assert_eq!(me_with(&ada.browser, &ada.basic()).await, 200);
}

#[tokio::test]
async fn a_challenge_is_no_session_in_whichever_header_it_comes() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browser = app.browser();
    browser.log_in(&ada).await.assert_status(200);
    let challenge = browser.cookie("twofold_login").unwrap();
    assert_eq!(me_with(&app.browser(), &format!("Bearer {challenge}")).await, 401);

    let disguised = app.browser();
    disguised.set_cookie("twofold_session", &challenge);
    disguised.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    disguised.validate(&app.next_code(&ada)).await.assert_problem(401, "login_expired");

    let session = app.browser();
    session.set_cookie("twofold_login", &ada.browser.cookie("twofold_session").unwrap());
    session.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
}

#[tokio::test]
async fn a_dead_session_leaves_the_decision_to_a_live_challenge() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browser = app.browser();
    browser.log_in(&ada).await.assert_status(200);
    browser.set_cookie("twofold_session", "long gone");
    browser.get("/api/auth/me").await.assert_problem(403, "otp_required");
    browser.set_cookie("twofold_session", &ada.browser.cookie("twofold_session").unwrap());
    browser.get("/api/auth/me").await.assert_status(200);
}

#[tokio::test]
async fn a_token_means_the_same_in_a_cookie_and_in_a_header() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let cookie = ada.browser.cookie("twofold_session").unwrap();
    let by_header = app.browser().bearer(&cookie).get("/api/auth/me").await;
    assert_eq!(by_header.json()["session"]["kind"], "cookie");

    let browser = app.browser();
    browser.set_cookie("twofold_session", &bearer_token(&app, &ada).await);
    assert_eq!(browser.get("/api/auth/me").await.json()["session"]["kind"], "bearer");
}

#[tokio::test]
async fn a_disabled_account_has_no_sessions_and_opens_none() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let disable = doc! { "$currentDate": { "disabled_at": true }, "$inc": { "epoch": 1_i64 } };
    app.collection("users").await.update_one(doc! {}, disable).await.unwrap();

    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    app.browser().log_in(&ada).await.assert_problem(403, "account_disabled");
    let call = Call::new("POST", "/auth/credentials").header("authorization", &ada.basic());
    let refused = app.browser().send(call).await;
    assert_eq!((refused.status, refused.json()["status"].as_i64()), (401, Some(3)));
}

#[tokio::test]
async fn cookies_of_others_do_not_matter_whatever_they_are_made_of() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let session = ada.browser.cookie("twofold_session").unwrap();
    for other in [b"theme=\xc3\xa9".as_slice(), b"theme=\xe9", b"=", b"", b"a=b=c", b"\x80"] {
        let own = format!("twofold_session={session}");
        let lines =
            [[other, own.as_bytes()].join(&b"; "[..]), [own.as_bytes(), other].join(&b";"[..])];
        for line in lines {
            let call = Call::new("GET", "/api/auth/me").raw_header("cookie", &line);
            app.browser().send(call).await.assert_status(200);
        }
    }
}
