//! `POST /api/auth/token`: what tokens say, and for how long.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{LIFETIME, issuing, issuing_with, part, signing_key, token};
use crate::harness::{Browser, Call, TestApp};

async fn session(browser: &Browser) -> Value {
    browser.get("/api/auth/me").await.assert_status(200).json()["session"].clone()
}

#[tokio::test]
async fn a_token_says_who_is_signed_in_how_and_until_when_and_nothing_else() {
    let app = issuing_with([("PUBLIC_ORIGIN", "https://auth.example.com")]).await;
    let ada = app.signed_in("ada").await;
    let signed_in_at = app.clock.now().timestamp();
    app.advance(TimeDelta::seconds(100));
    let issued = ada.browser.post("/api/auth/token", json!({ "audience": "reports" })).await;
    let issued = issued.assert_status(200).json();
    assert_eq!((&issued["token_type"], &issued["expires_in"]), (&json!("Bearer"), &json!(300)));

    let token = issued["token"].as_str().unwrap();
    let jwks = app.browser().get("/.well-known/jwks.json").await.json();
    let header = json!({ "alg": "ES256", "typ": "at+jwt", "kid": jwks["keys"][0]["kid"] });
    assert_eq!(part(token, 0), header);
    let mut claims = part(token, 1);
    let id = claims["jti"].take();
    assert_eq!(id.as_str().unwrap().len(), 22);
    let now = app.clock.now().timestamp();
    let user = ada.browser.get("/api/auth/me").await.json()["user"]["id"].clone();
    assert_eq!(
        claims,
        json!({
            "iss": "https://auth.example.com", "sub": user, "aud": "reports",
            "iat": now, "nbf": now, "exp": now + 300, "jti": null,
            "sid": session(&ada.browser).await["id"], "auth_time": signed_in_at,
            "acr": "aal1", "amr": ["pwd"],
        })
    );
    let again = super::token(&ada.browser).await;
    assert_ne!(part(&again, 1)["jti"], id);
}

#[tokio::test]
async fn the_issuer_is_the_address_of_development_where_no_origin_is_set() {
    let app = issuing().await;
    let ada = app.signed_in("ada").await;
    let issuer = format!("http://localhost:{}", app.port);
    assert_eq!(part(&token(&ada.browser).await, 1)["iss"], issuer);
}

#[tokio::test]
async fn the_level_and_the_factors_are_those_of_the_session() {
    let app = issuing().await;
    let ada = app.register("ada").await.with_totp().await;
    let by_code = app.challenged(&ada).await;
    by_code.validate(&app.next_code(&ada)).await.assert_status(200);
    let by_recovery_code = app.challenged(&ada).await;
    by_recovery_code.validate(&ada.recovery_codes[0]).await.assert_status(200);
    let bearer = app.bearer_with(&ada, &app.next_code(&ada)).await;
    for browser in [ada.browser.clone(), by_code, by_recovery_code, bearer] {
        let claims = part(&token(&browser).await, 1);
        assert_eq!(
            (&claims["acr"], &claims["amr"]),
            (&json!("aal2"), &json!(["pwd", "otp", "mfa"]))
        );
    }
}

#[tokio::test]
async fn a_token_expires_no_later_than_its_session() {
    for (settings, lasts) in [
        ([("SESSION_IDLE", "200s"), ("SESSION_LIFETIME", "1h")], 200),
        ([("SESSION_IDLE", "10m"), ("SESSION_LIFETIME", "10m")], 120),
    ] {
        let app = issuing_with(settings).await;
        let ada = app.signed_in("ada").await;
        if lasts == 120 {
            // Used in between, so that it idles out later than it ends.
            app.advance(TimeDelta::minutes(4));
            ada.browser.get("/api/auth/me").await.assert_status(200);
            app.until_seen(&ada).await;
            app.advance(TimeDelta::minutes(4));
        }
        let issued = ada.browser.post("/api/auth/token", json!({ "audience": "billing" })).await;
        let issued = issued.assert_status(200).json();
        assert_eq!(issued["expires_in"], lasts);
        let claims = part(issued["token"].as_str().unwrap(), 1);
        assert_eq!(claims["exp"], app.clock.now().timestamp() + lasts);
    }
}

#[tokio::test]
async fn the_lifetime_is_a_setting() {
    let app = issuing_with([("JWT_LIFETIME", "90s")]).await;
    let ada = app.signed_in("ada").await;
    let issued = ada.browser.post("/api/auth/token", json!({ "audience": "billing" })).await.json();
    assert_eq!(issued["expires_in"], 90);
    assert_eq!(LIFETIME, TimeDelta::minutes(5));
}

#[tokio::test]
async fn the_audience_is_one_of_the_settings_and_may_be_left_out_where_there_is_one() {
    let app = issuing().await;
    let ada = app.signed_in("ada").await;
    let unknown = "This service makes no tokens for this audience.";
    let missing = "Please name the audience: this service makes tokens for more than one.";
    for (body, message) in [
        (json!({ "audience": "other" }), unknown),
        (json!({ "audience": "" }), unknown),
        (json!({}), missing),
        (json!({ "audience": null }), missing),
    ] {
        let refused = ada.browser.post("/api/auth/token", body.clone()).await;
        refused.assert_problem(422, "invalid_fields");
        let fault = &refused.json()["errors"][0];
        assert_eq!(
            (&fault["field"], &fault["code"]),
            (&json!("audience"), &json!("audience_unknown")),
            "{body}"
        );
        assert_eq!(fault["message"], message, "{body}");
    }
    let wrong = ada.browser.post("/api/auth/token", json!({ "audience": ["billing"] })).await;
    assert_eq!(
        wrong.assert_problem(422, "invalid_fields").json()["errors"][0]["code"],
        "wrong_type"
    );

    let key = signing_key();
    let audience = ("TOKEN_AUDIENCES", "https://api.example.com");
    let only = app.second_instance([("SIGNING_KEYS", &key), audience]).await;
    let browser = only.browser();
    browser.log_in(&ada).await.assert_status(200);
    let without_body = browser.send(Call::new("POST", "/api/auth/token")).await;
    for issued in [without_body, browser.post("/api/auth/token", json!({})).await] {
        let token = issued.assert_status(200).json()["token"].clone();
        assert_eq!(part(token.as_str().unwrap(), 1)["aud"], "https://api.example.com");
    }
    let none = app.second_instance([("SIGNING_KEYS", key.as_str())]).await;
    let browser = none.browser();
    browser.log_in(&ada).await.assert_status(200);
    browser.post("/api/auth/token", json!({})).await.assert_problem(422, "invalid_fields");
}

#[tokio::test]
async fn a_token_opens_nothing_here() {
    let app = issuing().await;
    let ada = app.register("ada").await.with_totp().await;
    let token = token(&ada.browser).await;
    let bearer = app.browser().bearer(&token);
    for path in ["/api/auth/me", "/whoami", "/api/auth/sessions", "/api/auth/forward"] {
        bearer.get(path).await.assert_problem(401, "not_authenticated");
        for cookie in ["twofold_session", "twofold_login"] {
            let browser = app.browser();
            browser.set_cookie(cookie, &token);
            browser.get(path).await.assert_problem(401, "not_authenticated");
        }
    }
    let another = json!({ "audience": "billing" });
    bearer.post("/api/auth/token", another).await.assert_problem(401, "not_authenticated");
}

#[tokio::test]
async fn without_keys_there_are_no_tokens_whoever_asks() {
    let app = TestApp::with([("SERVICES", super::SERVICES)]).await;
    let ada = app.signed_in("ada").await;
    for browser in [app.browser(), ada.browser.clone()] {
        let asked = browser.post("/api/auth/token", json!({ "audience": "billing" })).await;
        asked.assert_problem(404, "tokens_not_available");
        browser.get("/.well-known/jwks.json").await.assert_problem(404, "tokens_not_available");
    }
}
