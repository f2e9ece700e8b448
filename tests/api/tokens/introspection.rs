//! `POST /oauth/introspect`: which tokens are active, for whom, and what is said about them.

use bson::doc;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    BILLING, LIFETIME, REPORTS, assert_active, assert_inactive, issuing, issuing_with, learn,
    token, verify_address,
};
use crate::harness::{Browser, TestApp};

/// The token of a browser's session.
fn session_token(browser: &Browser) -> String {
    browser.cookie("twofold_session").unwrap()
}

/// A bearer token of the Basic contract.
async fn bearer_token(app: &TestApp, person: &crate::harness::Person) -> String {
    let call = crate::harness::Call::new("POST", "/auth/credentials");
    let answer = app.browser().send(call.header("authorization", &person.basic())).await;
    answer.assert_status(200).json()["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_session_s_token_is_described_to_any_service() {
    let app = issuing().await;
    let ada = app.signed_in("ada").await;
    let me = ada.browser.get("/api/auth/me").await.json();
    let begun = app.clock.now().timestamp();
    let mut expected = json!({
        "active": true, "sub": me["user"]["id"], "iss": format!("http://localhost:{}", app.port),
        "iat": begun, "exp": begun + 3_600, "auth_time": begun, "acr": "aal1", "amr": ["pwd"],
        "sid": me["session"]["id"], "token_type": "Bearer",
    });
    for service in [BILLING, REPORTS] {
        assert_eq!(learn(&app, service, &session_token(&ada.browser)).await, expected);
    }
    verify_address(&app, &ada).await;
    expected["username"] = json!("ada@example.com");
    assert_eq!(learn(&app, BILLING, &session_token(&ada.browser)).await, expected);

    let bearer = bearer_token(&app, &ada).await;
    let described = learn(&app, BILLING, &bearer).await;
    assert_eq!((&described["active"], &described["sub"]), (&json!(true), &me["user"]["id"]));
    assert_ne!(described["sid"], me["session"]["id"]);
}

#[tokio::test]
async fn an_issued_token_is_described_to_the_service_that_it_is_for() {
    let app = issuing().await;
    let ada = app.signed_in("ada").await;
    app.advance(TimeDelta::seconds(100));
    let issued = token(&ada.browser).await;
    let mut expected = super::part(&issued, 1);
    for gone in ["nbf", "jti"] {
        expected.as_object_mut().unwrap().remove(gone);
    }
    expected["active"] = json!(true);
    expected["token_type"] = json!("Bearer");
    assert_eq!(learn(&app, BILLING, &issued).await, expected);
    assert_eq!(learn(&app, REPORTS, &issued).await, json!({ "active": false }));
    verify_address(&app, &ada).await;
    assert_eq!(learn(&app, BILLING, &issued).await["username"], "ada@example.com");
    assert_eq!(learn(&app, REPORTS, &issued).await, json!({ "active": false }));
}

#[tokio::test]
async fn an_issued_token_expires() {
    let app = issuing().await;
    let ada = app.signed_in("ada").await;
    let issued = token(&ada.browser).await;
    app.advance(LIFETIME - TimeDelta::seconds(1));
    assert_active(&app, &issued).await;
    app.advance(TimeDelta::seconds(1));
    assert_inactive(&app, &issued).await;
    assert_active(&app, &session_token(&ada.browser)).await;
}

#[tokio::test]
async fn an_issued_token_is_active_on_an_instance_whose_clock_is_up_to_ten_seconds_behind() {
    let app = issuing().await;
    let ada = app.signed_in("ada").await;
    let issued = token(&ada.browser).await;
    for (behind, is_active) in [(1, true), (10, true), (11, false)] {
        app.advance(TimeDelta::seconds(-behind));
        assert_eq!(learn(&app, BILLING, &issued).await["active"], is_active, "{behind} s");
        app.advance(TimeDelta::seconds(behind));
    }
}

#[tokio::test]
async fn every_token_is_inactive_at_once_when_its_session_ends() {
    let app = issuing().await;
    for end in ["log out", "another ends it", "password", "disabled", "idle", "deleted"] {
        let name = end.replace(' ', "-");
        let ada = app.signed_in(&name).await;
        let (session, issued) = (session_token(&ada.browser), token(&ada.browser).await);
        let other = app.browser();
        other.log_in(&ada).await.assert_status(200);
        assert_active(&app, &session).await;
        assert_active(&app, &issued).await;
        match end {
            "log out" => {
                ada.browser.post("/api/auth/logout", json!({})).await.assert_status(204);
            }
            "another ends it" => {
                other.delete("/api/auth/sessions").await.assert_status(204);
            }
            "password" => {
                let change = json!({ "current_password": ada.password, "new_password": "a saucer of marbles" });
                other.put("/api/auth/password", change).await.assert_status(204);
            }
            "disabled" => {
                app.operator(&["users", "disable", &ada.email, "--yes"]).assert_code(0);
            }
            "idle" => app.advance(TimeDelta::hours(1)),
            _ => {
                let account = crate::harness::Call::new("DELETE", "/api/auth/account");
                let call = account.json(&json!({ "password": ada.password }));
                other.send(call).await.assert_status(204);
            }
        }
        for token in [&session, &issued] {
            assert_inactive(&app, token).await;
        }
    }
}

#[tokio::test]
async fn a_token_is_inactive_where_its_session_is_too_old_or_its_account_is_disabled() {
    let key = super::signing_key();
    let origin = ("PUBLIC_ORIGIN", "https://auth.example.com");
    let app = issuing_with([("SIGNING_KEYS", &key), origin]).await;
    let ada = app.signed_in("ada").await;
    let tokens = [session_token(&ada.browser), token(&ada.browser).await];
    app.advance(TimeDelta::seconds(50));
    let settings = [("SIGNING_KEYS", key.as_str()), ("SERVICES", super::SERVICES), origin];
    for (idle, is_active) in [("60s", true), ("40s", false)] {
        let [key, services, origin] = settings;
        let other = app.second_instance([key, services, origin, ("SESSION_IDLE", idle)]).await;
        for token in &tokens {
            assert_eq!(learn(&other, BILLING, token).await["active"], is_active, "{idle}");
        }
    }
    // The account still has the session.
    let disable = doc! { "$currentDate": { "disabled_at": true } };
    let users = app.collection("users").await;
    users.update_one(doc! { "email": &ada.email }, disable).await.unwrap();
    for token in &tokens {
        assert_inactive(&app, token).await;
    }
}

#[tokio::test]
async fn a_token_that_was_rotated_is_inactive_and_the_issued_one_goes_on_with_the_session() {
    let app = issuing().await;
    let ada = app.signed_in("ada").await;
    let (session, issued) = (session_token(&ada.browser), token(&ada.browser).await);
    let again = json!({ "password": ada.password });
    ada.browser.post("/api/auth/reauthenticate", again).await.assert_status(200);
    assert_inactive(&app, &session).await;
    assert_active(&app, &session_token(&ada.browser)).await;
    assert_active(&app, &issued).await;
}

#[tokio::test]
async fn neither_a_login_challenge_nor_a_half_enabled_token_is_active() {
    let app = issuing().await;
    let ada = app.register("ada").await.with_totp().await;
    let challenge = app.challenged(&ada).await.cookie("twofold_login").unwrap();
    assert_inactive(&app, &challenge).await;

    let bea = app.register("bea").await;
    let half = bearer_token(&app, &bea).await;
    let bearer = app.browser().bearer(&half);
    let issued = token(&bearer).await;
    assert_active(&app, &issued).await;
    bearer.put("/auth/otp/enable", json!({ "enabled": true })).await.assert_status(200);
    assert_inactive(&app, &half).await;
    assert_inactive(&app, &issued).await;
}

#[tokio::test]
async fn what_is_no_token_of_this_service_is_inactive() {
    let app = issuing().await;
    let ada = app.signed_in("ada").await;
    let (session, issued) = (session_token(&ada.browser), token(&ada.browser).await);
    let other = issuing().await;
    let bea = other.signed_in("bea").await;
    let foreign = token(&bea.browser).await;
    let parts: Vec<&str> = issued.split('.').collect();
    let foreign_parts: Vec<&str> = foreign.split('.').collect();
    for text in [
        "x",
        "a.b.c",
        "..",
        "%00",
        "session-",
        &session[..session.len() - 1],
        &format!("{session}A"),
        session.trim_start_matches("session-"),
        &format!("login-{}", &session["session-".len()..]),
        &foreign,
        &session_token(&bea.browser),
        &format!("{}.{}.", parts[0], parts[1]),
        &format!("{}.{}", parts[0], parts[1]),
        &format!("{issued}.{}", parts[2]),
        &format!("{}.{}.{}", parts[0], foreign_parts[1], parts[2]),
        &format!("{}.{}.{}", parts[0], parts[1], foreign_parts[2]),
        &"a".repeat(16_000),
    ] {
        assert_inactive(&app, text).await;
    }
}

#[tokio::test]
async fn a_key_that_is_no_longer_published_verifies_nothing() {
    let app = issuing().await;
    let ada = app.signed_in("ada").await;
    let issued = token(&ada.browser).await;
    let origin = format!("http://localhost:{}", app.port);
    let settings =
        [("SERVICES", super::SERVICES), ("PUBLIC_ORIGIN", &origin), ("TOKEN_AUDIENCES", "billing")];
    let [services, origin, audience] = settings;
    let key = super::signing_key();
    let with_another_key =
        app.second_instance([services, origin, audience, ("SIGNING_KEYS", &key)]).await;
    let without_keys = app.second_instance([services, origin]).await;
    for instance in [&with_another_key, &without_keys] {
        assert_inactive(instance, &issued).await;
        assert_active(instance, &session_token(&ada.browser)).await;
    }
}

#[tokio::test]
async fn a_token_of_another_issuer_with_the_same_key_is_inactive() {
    let key = super::signing_key();
    let app =
        issuing_with([("SIGNING_KEYS", &key), ("PUBLIC_ORIGIN", "https://one.example.com")]).await;
    let ada = app.signed_in("ada").await;
    let issued = token(&ada.browser).await;
    assert_active(&app, &issued).await;
    let settings = [
        ("SERVICES", super::SERVICES),
        ("SIGNING_KEYS", &key),
        ("PUBLIC_ORIGIN", "https://two.example.com"),
    ];
    assert_inactive(&app.second_instance(settings).await, &issued).await;
}

#[tokio::test]
async fn introspection_counts_as_use_of_a_session_at_most_once_a_minute_and_never_by_an_issued_token()
 {
    let app = issuing().await;
    let ada = app.signed_in("ada").await;
    let session = session_token(&ada.browser);
    let issued = token(&ada.browser).await;
    let begun = app.clock.now();

    app.advance(TimeDelta::seconds(59));
    assert_active(&app, &session).await;
    app.advance(TimeDelta::seconds(1));
    assert_active(&app, &issued).await;
    // Had one of these counted, this would be too early for another record.
    app.advance(TimeDelta::seconds(1));
    assert_active(&app, &session).await;
    app.until_seen(&ada).await;
    assert_eq!(app.last_seen(&ada).await, begun + TimeDelta::seconds(61));
}

#[tokio::test]
async fn the_words_about_a_session_follow_its_factors() {
    let app = issuing().await;
    let ada = app.register("ada").await.with_totp().await;
    let before: Value = learn(&app, BILLING, &session_token(&ada.browser)).await;
    assert_eq!((&before["acr"], &before["amr"]), (&json!("aal2"), &json!(["pwd", "otp", "mfa"])));
    ada.browser.post("/api/auth/otp/disable", json!({})).await.assert_status(200);
    let after = learn(&app, BILLING, &session_token(&ada.browser)).await;
    assert_eq!((&after["acr"], &after["amr"]), (&json!("aal1"), &json!(["pwd"])));
}
