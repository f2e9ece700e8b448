//! Sessions in their owner's hands.

use serde_json::json;

use crate::harness::{Call, TestApp};

#[tokio::test]
async fn the_list_shows_every_live_session_of_both_kinds() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let browser = ada.browser.always("user-agent", "Firefox");
    browser.log_in(&ada).await.assert_status(200);
    let call = Call::new("POST", "/auth/credentials").header("authorization", &ada.basic());
    app.browser().send(call).await.assert_status(200);
    let list = browser.get("/api/auth/sessions").await.json()["sessions"].clone();
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), 2);
    let current = list.iter().find(|session| session["current"] == true).unwrap();
    let mut fields: Vec<&String> = current.as_object().unwrap().keys().collect();
    fields.sort();
    let expected = [
        "aal",
        "created_at",
        "current",
        "expires_at",
        "id",
        "ip",
        "kind",
        "last_seen_at",
        "user_agent",
    ];
    assert_eq!(fields, expected);
    assert_eq!((&current["kind"], &current["user_agent"]), (&json!("cookie"), &json!("Firefox")));
    assert_eq!(*current, browser.get("/api/auth/me").await.json()["session"]);
    let other = list.iter().find(|session| session["current"] == false).unwrap();
    assert_eq!((&other["kind"], &other["aal"]), (&json!("bearer"), &json!("aal1")));
    app.advance(chrono::TimeDelta::minutes(60));
    browser.log_in(&ada).await.assert_status(200);
    let list = browser.get("/api/auth/sessions").await.json()["sessions"].clone();
    assert_eq!(list.as_array().unwrap().len(), 1, "what idled out is not shown");
}

#[tokio::test]
async fn one_session_or_all_others_can_be_ended_and_another_s_cannot() {
    let app = TestApp::spawn().await;
    let (ada, bea) = (app.register("ada").await, app.register("bea").await);
    bea.browser.log_in(&bea).await.assert_status(200);
    let browsers: Vec<_> = (0..3).map(|_| app.browser()).collect();
    let mut ids = Vec::new();
    for browser in &browsers {
        browser.log_in(&ada).await.assert_status(200);
        let session = browser.get("/api/auth/me").await.json()["session"].clone();
        ids.push(session["id"].as_str().unwrap().to_owned());
    }
    let path = |id: &str| format!("/api/auth/sessions/{id}");
    bea.browser.delete(&path(&ids[0])).await.assert_problem(404, "session_not_found");
    browsers[1].delete(&path(&ids[0])).await.assert_status(204);
    browsers[0].get("/whoami").await.assert_problem(401, "not_authenticated");
    browsers[1].delete(&path(&ids[0])).await.assert_problem(404, "session_not_found");
    browsers[1].delete("/api/auth/sessions").await.assert_status(204);
    browsers[2].get("/whoami").await.assert_problem(401, "not_authenticated");
    browsers[1].delete(&path(&ids[1])).await.assert_status(204);
    browsers[1].get("/whoami").await.assert_problem(401, "not_authenticated");
    bea.browser.get("/whoami").await.assert_status(200);
}

#[tokio::test]
async fn logging_out_ends_whatever_was_carried() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let logout = || Call::new("POST", "/api/auth/logout");
    app.browser().send(logout()).await.assert_status(204);

    let before = ada.browser.copy();
    before.log_in(&ada).await.assert_status(200);
    let stolen = before.copy();
    let answer = before.send(logout()).await;
    assert_eq!(answer.assert_status(204).set_cookies().len(), 2);
    stolen.get("/whoami").await.assert_problem(401, "not_authenticated");

    let call = Call::new("POST", "/auth/credentials").header("authorization", &ada.basic());
    let token = app.browser().send(call).await.json()["token"].as_str().unwrap().to_owned();
    let bearer = app.browser().bearer(&token);
    bearer.send(logout()).await.assert_status(204);
    bearer.get("/whoami").await.assert_problem(401, "not_authenticated");
    bearer.send(logout()).await.assert_status(204);

    let bea = app.register("bea").await.with_totp().await;
    let challenged = app.browser();
    challenged.log_in(&bea).await.assert_status(200);
    let stolen = challenged.copy();
    challenged.send(logout()).await.assert_status(204);
    stolen.validate(&app.next_code(&bea)).await.assert_problem(401, "login_expired");
}
