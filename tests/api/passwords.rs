//! Guessing passwords: waits for each address and network, and nobody locked out by a stranger.

use chrono::TimeDelta;
use serde_json::json;

use crate::harness::{Answer, Browser, TestApp, until};

/// A login with a wrong password.
pub async fn try_password(browser: &Browser, email: &str) -> Answer {
    let form = json!({ "email": email, "password": "not the password" });
    browser.copy().post("/api/auth/login", form).await
}

/// A service that believes its tests about where they come from.
pub async fn behind_proxy() -> TestApp {
    TestApp::with([("TRUSTED_PROXIES", "127.0.0.1")]).await
}

/// A client at an address.
pub fn from(app: &TestApp, address: &str) -> Browser {
    app.browser().always("x-forwarded-for", address)
}

#[tokio::test]
async fn unknown_and_wrong_are_refused_alike_and_wait_alike() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    for email in [ada.email.as_str(), "nobody@example.com"] {
        for _ in 0..5 {
            let refused = try_password(&app.browser(), email).await;
            refused.assert_problem(400, "incorrect_credentials");
            refused.assert_detail("Incorrect Email or Password");
            assert!(refused.set_cookies().is_empty());
        }
        let mut waits = Vec::new();
        for _ in 0..6 {
            for _ in 0..2 {
                // A call that is answered 429 neither counts nor extends the wait.
                waits.push(try_password(&app.browser(), email).await.retry_after());
            }
            app.advance(TimeDelta::seconds(*waits.last().unwrap()));
            try_password(&app.browser(), email).await.assert_problem(400, "incorrect_credentials");
        }
        assert_eq!(waits, [30, 30, 60, 60, 120, 120, 240, 240, 480, 480, 900, 900]);
    }
}

#[tokio::test]
async fn an_hour_s_quiet_or_a_right_password_forgets_the_wrong_ones() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    for forget in [true, false, true] {
        for _ in 0..4 {
            try_password(&app.browser(), &ada.email).await.assert_status(400);
        }
        if forget {
            app.browser().log_in(&ada).await.assert_status(200);
        } else {
            app.advance(TimeDelta::minutes(61));
        }
    }
    try_password(&app.browser(), &ada.email).await.assert_status(400);
}

#[tokio::test]
async fn what_breaks_the_rules_of_the_fields_is_not_charged() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    for _ in 0..20 {
        let form = json!({ "email": ada.email, "password": "short" });
        app.browser().post("/api/auth/login", form).await.assert_problem(422, "invalid_fields");
    }
    app.browser().log_in(&ada).await.assert_status(200);
}

#[tokio::test]
async fn networks_wait_for_themselves() {
    let app = behind_proxy().await;
    let ada = app.register("ada").await;
    let (here, there) = ("2001:db8:1:2::1", "2001:db8:1:3::1");
    for _ in 0..5 {
        try_password(&from(&app, here), &ada.email).await.assert_status(400);
    }
    from(&app, "2001:db8:1:2:ffff::9").log_in(&ada).await.retry_after();
    from(&app, there).log_in(&ada).await.assert_status(200);
}

#[tokio::test]
async fn a_network_as_a_whole_has_budgets_where_they_are_set() {
    let app = TestApp::with([("NETWORK_FAILURES", "3"), ("NETWORK_REGISTRATIONS", "2")]).await;
    let ada = app.register("ada").await;
    let again = json!({ "name": "x", "email": ada.email, "password": "plum velvet" });
    app.browser()
        .post("/api/auth/register", again.clone())
        .await
        .assert_problem(409, "account_exists");
    assert_eq!(app.browser().post("/api/auth/register", again).await.retry_after(), 3_600);

    for number in 0..3 {
        app.browser().log_in(&ada).await.assert_status(200);
        try_password(&app.browser(), &format!("nobody-{number}@example.com"))
            .await
            .assert_status(400);
    }
    assert_eq!(app.browser().log_in(&ada).await.retry_after(), 600);
    app.advance(TimeDelta::minutes(10));
    app.browser().log_in(&ada).await.assert_status(200);
}

#[tokio::test]
async fn a_network_that_spent_its_budget_leaves_nothing_and_counts_for_nobody() {
    let app = TestApp::with([("NETWORK_FAILURES", "3")]).await;
    let throttles = app.collection("throttles").await;
    let ada = app.register("ada").await;
    app.browser().log_in(&ada).await.assert_status(200);
    let left = throttles.count_documents(bson::doc! {}).await.unwrap();
    assert_eq!(left, 0, "a counter that returned to 0 is gone");
    for _ in 0..3 {
        try_password(&app.browser(), &ada.email).await.assert_status(400);
    }
    let counted = throttles.count_documents(bson::doc! {}).await.unwrap();
    for number in 0..5 {
        let email = format!("nobody-{number}@example.com");
        try_password(&app.browser(), &email).await.retry_after();
        app.browser().log_in(&ada).await.retry_after();
    }
    assert_eq!(throttles.count_documents(bson::doc! {}).await.unwrap(), counted);
}

/// What a production start needs beside what tests give.
const PRODUCTION: [(&str, &str); 2] =
    [("APP_ENV", "production"), ("PUBLIC_ORIGIN", "https://auth.example.com")];

#[tokio::test]
async fn production_refuses_common_passwords_and_sets_host_cookies() {
    let app = TestApp::with(PRODUCTION).await;
    let common = json!({ "name": "Ada", "email": "ada@example.com", "password": "Password123" });
    let refused = app.browser().post("/api/auth/register", common).await;
    assert_eq!(refused.assert_status(422).json()["errors"][0]["code"], "password_too_common");
    let ada = app.register("ada").await;
    let answer = ada.browser.log_in(&ada).await;
    let cookies = answer.assert_status(200).set_cookies().join("\n");
    for part in [
        "__Host-twofold_session=",
        "__Host-twofold_login=;",
        "Secure",
        "HttpOnly",
        "SameSite=Lax",
        "Path=/",
    ] {
        assert!(cookies.contains(part), "{part} is missing in {cookies}");
    }
    ada.browser.get("/api/auth/me").await.assert_status(200);
}

#[tokio::test]
async fn two_ways_of_typing_a_password_log_in_alike() {
    let app = TestApp::spawn().await;
    let form =
        json!({ "name": "Zoë", "email": "zoe@example.com", "password": "cafe\u{301} au lait" });
    app.browser().post("/api/auth/register", form).await.assert_status(201);
    let login = json!({ "email": "zoe@example.com", "password": "caf\u{e9} au lait" });
    app.browser().post("/api/auth/login", login).await.assert_status(200);
}

#[tokio::test]
async fn a_hash_is_renewed_at_login_when_its_cost_changed() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let dearer = app.second_instance([("HASH_ITERATIONS", "2")]).await;
    dearer.browser().log_in(&ada).await.assert_status(200);
    until("the hash is renewed", async || {
        app.stored(&ada).await.get_str("password").unwrap().contains("m=64,t=2,p=1")
    })
    .await;
    app.browser().log_in(&ada).await.assert_status(200);
    dearer.browser().log_in(&ada).await.assert_status(200);
}
