//! `GET /api/auth/forward`: what a reverse proxy learns.

use serde_json::json;

use super::verify_address;
use crate::harness::{Answer, Call, TestApp};

const HEADERS: [&str; 4] = ["remote-user", "remote-email", "remote-name", "remote-aal"];

fn user_headers(answer: &Answer) -> [Option<&str>; 4] {
    HEADERS.map(|name| answer.header(name))
}

#[tokio::test]
async fn a_session_is_described_in_four_headers() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    let user = ada.browser.get("/api/auth/me").await.json()["user"]["id"].clone();
    let user = user.as_str();
    let forward = async || {
        let answer = ada.browser.get("/api/auth/forward").await;
        assert!(answer.assert_status(204).body.is_empty() && answer.set_cookies().is_empty());
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        answer
    };
    assert_eq!(user_headers(&forward().await), [user, Some(""), Some("ada"), Some("aal1")]);
    verify_address(&app, &ada).await;
    assert_eq!(
        user_headers(&forward().await),
        [user, Some("ada@example.com"), Some("ada"), Some("aal1")]
    );
    let with_totp = app.register("bea").await.with_totp().await;
    let answer = with_totp.browser.get("/api/auth/forward").await;
    assert_eq!(user_headers(answer.assert_status(204))[3], Some("aal2"));
    let bearer = app.bearer(&ada).await.get("/api/auth/forward").await;
    assert_eq!(user_headers(bearer.assert_status(204))[0], user);
}

#[tokio::test]
async fn a_name_is_percent_encoded() {
    let app = TestApp::spawn().await;
    let mut ada = crate::harness::Person::new(&app, "ada");
    ada.name = "Zoë D'Ädä; Remote-User: 1, 💠 a-b_c.d~e%".to_owned();
    ada.register().await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let answer = ada.browser.get("/api/auth/forward").await;
    let name = answer.assert_status(204).header("remote-name").unwrap();
    assert!(
        name.starts_with("Zo%C3%AB%20D%27%C3%84d%C3%A4%3B%20Remote-User%3A%201%2C%20"),
        "{name}"
    );
    assert!(name.ends_with("%20a-b_c.d~e%25"), "{name}");
    let decoded = percent_encoding::percent_decode_str(name).decode_utf8().unwrap();
    assert_eq!(decoded, ada.name);
}

#[tokio::test]
async fn whoever_is_not_signed_in_with_every_factor_gets_401_and_no_header() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let challenged = app.challenged(&ada).await;
    let bea = app.register("bea").await;
    let half = app.bearer(&bea).await;
    half.put("/auth/otp/enable", json!({ "enabled": true })).await.assert_status(200);
    let apps_own_bearer = ada.browser.always("authorization", "Bearer of-the-app");
    for browser in [app.browser(), challenged, half, apps_own_bearer] {
        for path in ["/api/auth/forward", "/api/auth/forward?aal=2", "/api/auth/forward?aal=3"] {
            let refused = browser.get(path).await;
            refused.assert_problem(401, "not_authenticated");
            assert_eq!(user_headers(&refused), [None; 4]);
        }
    }
}

#[tokio::test]
async fn a_proxy_may_ask_for_a_second_factor_and_pass_on_the_query_of_its_client() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    let bea = app.register("bea").await.with_totp().await;
    let low = ada.browser.get("/api/auth/forward?aal=2").await;
    assert_eq!(user_headers(low.assert_problem(403, "aal2_required")), [None; 4]);
    for query in ["", "&", "aal=2", "&aal=2&", "%61al=%32", "x=1&aal=2&y", "="] {
        bea.browser.get(&format!("/api/auth/forward?{query}")).await.assert_status(204);
    }
}

/// A proxy that was configured with a typing error must not let sessions with one factor pass.
#[tokio::test]
async fn whatever_only_resembles_the_demand_for_a_second_factor_is_refused() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    let bea = app.register("bea").await.with_totp().await;
    for query in [
        "aal=1",
        "aal=3",
        "aal=",
        "aal",
        "aal=aal2",
        "aal=2%20",
        "AAL=2",
        "Aal=2",
        "aal[]=2",
        "aal%5B%5D=2",
        "aal%20=2",
        "aal=2&aal=1",
        "aal=1&aal=2",
        "x=1&AAL=2",
    ] {
        for browser in [&ada.browser, &bea.browser] {
            let refused = browser.get(&format!("/api/auth/forward?{query}")).await;
            assert_eq!(user_headers(refused.assert_problem(422, "invalid_fields")), [None; 4]);
            let fault = &refused.json()["errors"][0];
            assert_eq!(
                (&fault["field"], &fault["code"]),
                (&json!("aal"), &json!("aal_invalid")),
                "{query}"
            );
        }
    }
}

#[tokio::test]
async fn the_address_that_changes_a_password_leads_to_the_page() {
    let app = TestApp::spawn().await;
    let answer = app.browser().get("/.well-known/change-password").await;
    answer.assert_status(302);
    assert_eq!(answer.header("location"), Some("/static/index.html#/password"));
    // Password managers ask for this to find out whether any path is answered with success.
    let probe = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
    for accept in ["*/*", "text/html"] {
        let call = Call::new("GET", probe).header("accept", accept);
        app.browser().send(call).await.assert_status(404);
    }
}
