//! Who may introspect tokens, and in which form they ask.

use super::{BILLING, REPORTS, SERVICES, basic, introspect, issuing, issuing_with, question};
use crate::harness::{Call, TestApp, at_once, count};

#[tokio::test]
async fn only_a_service_with_its_own_secret_is_answered() {
    let app = issuing().await;
    let ada = app.signed_in("ada").await;
    let session = ada.browser.cookie("twofold_session").unwrap();
    introspect(&app, BILLING, &session).await.assert_status(200);
    let longer = format!("{}s", BILLING.1);
    for wrong in [
        (BILLING.0, REPORTS.1),
        (BILLING.0, &longer),
        (BILLING.0, ""),
        (BILLING.0, &BILLING.1[1..]),
        ("Billing", BILLING.1),
        ("unknown", BILLING.1),
        ("", ""),
        (ada.email.as_str(), ada.password.as_str()),
    ] {
        let refused = introspect(&app, wrong, &session).await;
        refused.assert_problem(401, "invalid_client");
        let asked = r#"Basic realm="twofold", charset="UTF-8""#;
        assert_eq!(refused.header("www-authenticate"), Some(asked));
    }
    // Neither a session nor a header of another form is a service's.
    let form = format!("token={session}");
    ada.browser.send(question(&form)).await.assert_problem(401, "invalid_client");
    for header in [
        format!("Bearer {session}"),
        "Basic".to_owned(),
        "Basic !".to_owned(),
        format!("Basic {}", BILLING.1),
        basic(BILLING).replace("Basic", "Bearer"),
    ] {
        let call = question(&form).header("authorization", &header);
        app.browser().send(call).await.assert_problem(401, "invalid_client");
    }
    let scheme = basic(BILLING).replace("Basic", "bAsIc");
    app.browser().send(question(&form).header("authorization", &scheme)).await.assert_status(200);
}

#[tokio::test]
async fn wrong_secrets_are_charged_to_the_network_like_wrong_logins() {
    let app = issuing_with([("NETWORK_FAILURES", "5")]).await;
    let ada = app.signed_in("ada").await;
    let session = ada.browser.cookie("twofold_session").unwrap();
    // Right ones, and requests without any, cost nothing.
    for _ in 0..10 {
        introspect(&app, BILLING, &session).await.assert_status(200);
        app.browser().send(question("token=x")).await.assert_problem(401, "invalid_client");
    }
    let guesses = at_once((0..20).map(|_| {
        let call = question("token=x").header("authorization", &basic((BILLING.0, "wrong")));
        let browser = app.browser();
        async move { browser.send(call).await }
    }))
    .await;
    assert_eq!((count(&guesses, 401), count(&guesses, 429)), (5, 15));
    introspect(&app, ("unknown", BILLING.1), &session).await.retry_after();
    app.browser().log_in(&ada).await.retry_after();
    // The service itself goes on.
    introspect(&app, BILLING, &session).await.assert_status(200);
}

#[tokio::test]
async fn without_services_the_call_does_not_exist_and_with_them_it_needs_no_keys() {
    let app = TestApp::spawn().await;
    introspect(&app, BILLING, "x").await.assert_problem(404, "tokens_not_available");
    app.browser().send(question("")).await.assert_problem(404, "tokens_not_available");
    let app = TestApp::with([("SERVICES", SERVICES)]).await;
    let ada = app.signed_in("ada").await;
    super::assert_active(&app, &ada.browser.cookie("twofold_session").unwrap()).await;
    super::assert_inactive(&app, "a.b.c").await;
}

#[tokio::test]
async fn the_form_has_the_token_once_and_anything_else() {
    let app = issuing().await;
    let ada = app.signed_in("ada").await;
    let session = ada.browser.cookie("twofold_session").unwrap();
    let ask = async |form: &str| {
        app.browser().send(question(form).header("authorization", &basic(BILLING))).await
    };
    for form in [
        format!("token={session}"),
        format!("token_type_hint=refresh_token&token={session}&x=1&x=2&=&"),
        format!("token={}", session.replace('-', "%2D")),
    ] {
        assert_eq!(ask(&form).await.assert_status(200).json()["active"], true, "{form}");
    }
    for (form, code) in [
        (String::new(), "missing"),
        ("token=".to_owned(), "missing"),
        (format!("Token={session}"), "missing"),
        (format!("token={session}&token={session}"), "repeated"),
    ] {
        let refused = ask(&form).await;
        let fault = refused.assert_problem(422, "invalid_fields").json()["errors"][0].clone();
        assert_eq!((fault["field"].as_str(), fault["code"].as_str()), (Some("token"), Some(code)));
    }
    ask(&format!("token={}", "a".repeat(17_000))).await.assert_problem(413, "body_too_large");
}

#[tokio::test]
async fn the_service_is_asked_for_its_secret_before_its_form_is_read() {
    let app = issuing().await;
    let json = || Call::new("POST", "/oauth/introspect").raw_json(r#"{"token":"x"}"#);
    app.browser().send(json()).await.assert_problem(401, "invalid_client");
    let refused = app.browser().send(json().header("authorization", &basic(BILLING))).await;
    refused.assert_problem(415, "unsupported_media_type");
    assert!(refused.json()["detail"].as_str().unwrap().contains("x-www-form-urlencoded"));
    let mut query = Call::new("POST", "/oauth/introspect?token=x");
    query = query.header("authorization", &basic(BILLING));
    app.browser().send(query).await.assert_problem(422, "invalid_fields");
    let got = app.browser().get("/oauth/introspect?token=x").await;
    assert_eq!(got.assert_problem(405, "method_not_allowed").header("allow"), Some("POST"));
}

#[tokio::test]
async fn metrics_name_the_route_and_neither_service_nor_audience() {
    let app = issuing().await;
    let ada = app.signed_in("ada").await;
    super::token(&ada.browser).await;
    introspect(&app, BILLING, "x").await.assert_status(200);
    introspect(&app, ("unknown-service", "x"), "x").await.assert_status(401);
    app.browser().get("/api/auth/forward?aal=some-value").await.assert_status(401);
    let metrics = app.browser().get("/metrics").await;
    let text = String::from_utf8(metrics.body).unwrap();
    for line in [
        r#"twofold_http_requests_total{method="POST",route="/oauth/introspect",status="200"} 1"#,
        r#"twofold_http_requests_total{method="POST",route="/oauth/introspect",status="401"} 1"#,
        r#"twofold_http_requests_total{method="POST",route="/api/auth/token",status="200"} 1"#,
        r#"twofold_http_requests_total{method="GET",route="/api/auth/forward",status="401"} 1"#,
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    for name in ["billing", "unknown-service", "some-value"] {
        assert!(!text.contains(name), "{name}");
    }
}
