//! Which pages may act, and which may read.

use serde_json::json;

use crate::harness::{Answer, Call, TestApp};

const CLIENT: &str = "http://localhost:3000";

fn readable(answer: &Answer) -> bool {
    answer.header("access-control-allow-origin") == Some(CLIENT)
        && answer.header("access-control-allow-credentials") == Some("true")
}

#[tokio::test]
async fn a_cookie_acts_for_pages_of_known_origins_only() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let revoke = |origin: &str| {
        let call = Call::new("DELETE", "/api/auth/sessions").header("origin", origin);
        let browser = ada.browser.clone();
        async move { browser.send(call).await }
    };
    let port = app.port;
    let own = ["localhost", "127.0.0.1"].map(|host| format!("http://{host}:{port}"));
    for known in [CLIENT, &own[0], &own[1], "http://localhost:5173", "http://localhost"] {
        revoke(known).await.assert_status(204);
    }
    for stranger in [
        "null",
        "http://127.0.0.1:3000",
        "http://localhost.:3000",
        "http://localhost:03000",
        "https://localhost:3000",
        "http://localhost:3000.evil.example",
        "http://LOCALHOST:3000",
        "HTTP://localhost:3000",
        "http://evil.example",
        "",
    ] {
        revoke(stranger).await.assert_problem(403, "origin_not_allowed");
    }
    ada.browser.delete("/api/auth/sessions").await.assert_status(204);
}

#[tokio::test]
async fn an_origin_is_never_learnt_from_the_request() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let call = Call::new("DELETE", "/api/auth/sessions")
        .header("origin", "http://evil.example")
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("forwarded", "host=evil.example");
    ada.browser.send(call).await.assert_problem(403, "origin_not_allowed");
}

#[tokio::test]
async fn a_login_is_checked_without_a_cookie_too_and_a_bearer_never() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let form = json!({ "email": ada.email, "password": ada.password });
    let call =
        Call::new("POST", "/api/auth/login").json(&form).header("origin", "http://evil.example");
    app.browser().send(call).await.assert_problem(403, "origin_not_allowed");
    for same in ["/api/auth/logi%6e", "/api/%61uth/login", "/%61pi/auth/%6C%6Fgin"] {
        let call = Call::new("POST", same).json(&form).header("origin", "http://evil.example");
        app.browser().send(call).await.assert_problem(403, "origin_not_allowed");
        app.browser().send(Call::new("POST", same).json(&form)).await.assert_status(200);
    }

    let call = Call::new("POST", "/auth/credentials").header("authorization", &ada.basic());
    let token = app.browser().send(call).await.json()["token"].as_str().unwrap().to_owned();
    let call = Call::new("POST", "/api/auth/logout").header("origin", "http://evil.example");
    app.browser().bearer(&token).send(call).await.assert_status(204);
}

#[tokio::test]
async fn a_client_s_page_may_ask_first_and_a_stranger_s_may_not() {
    let app = TestApp::spawn().await;
    let ask = |origin: &str| {
        let call = Call::new("OPTIONS", "/api/auth/login")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type");
        let browser = app.browser();
        async move { browser.send(call).await }
    };
    let allowed = ask(CLIENT).await;
    assert!(allowed.status < 300 && readable(&allowed));
    assert_eq!(allowed.header("access-control-allow-headers"), Some("content-type"));
    for stranger in ["http://evil.example", "null", ""] {
        let refused = ask(stranger).await;
        refused.assert_problem(403, "origin_not_allowed");
        assert!(refused.header("access-control-allow-origin").is_none(), "{stranger}");
    }
}

#[tokio::test]
async fn in_production_only_the_listed_origins_may_call() {
    let settings = [
        ("APP_ENV", "production"),
        ("PUBLIC_ORIGIN", "https://auth.example.com"),
        ("CLIENT_ORIGIN", "https://app.example.com"),
    ];
    let app = TestApp::with(settings).await;
    let ask = |method: &str, origin: &str| {
        let call = Call::new(method, "/api/auth/login")
            .header("origin", origin)
            .header("access-control-request-method", "POST");
        let browser = app.browser();
        async move { browser.send(call).await }
    };
    let allowed = ask("OPTIONS", "https://app.example.com").await;
    allowed.assert_status(200);
    for stranger in [
        "http://localhost:3000",
        "http://localhost",
        "https://localhost:3000",
        "https://example.com",
    ] {
        for method in ["OPTIONS", "POST"] {
            let refused = ask(method, stranger).await;
            refused.assert_problem(403, "origin_not_allowed");
            assert!(refused.header("access-control-allow-origin").is_none(), "{stranger}");
        }
    }
}

#[tokio::test]
async fn a_client_s_page_can_read_every_error() {
    let app = TestApp::with([("NETWORK_REGISTRATIONS", "1")]).await;
    let register = |name: &str| {
        let form = json!({ "name": name, "email": format!("{name}@example.com"), "password": "plum velvet" });
        Call::new("POST", "/api/auth/register").json(&form)
    };
    app.browser().send(register("first")).await.assert_status(201);
    let login = |body: &str| Call::new("POST", "/api/auth/login").raw_json(body.to_owned());
    let mut plain = Call::new("POST", "/api/auth/login").header("content-type", "text/plain");
    plain.body = Some(b"hello".to_vec());
    let expected = [
        (login("{"), 400),
        (Call::new("GET", "/api/auth/me"), 401),
        (Call::new("GET", "/nowhere"), 404),
        (Call::new("PATCH", "/api/auth/me"), 405),
        (login(&"x".repeat(20_000)), 413),
        (plain, 415),
        (login("{}"), 422),
        (register("second"), 429),
    ];
    for (call, status) in expected {
        let answer = app.browser().send(call.header("origin", CLIENT)).await;
        answer.assert_status(status);
        assert!(readable(&answer), "{status}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{status}");
    }
    let exposed = app.browser().send(Call::new("GET", "/whoami").header("origin", CLIENT)).await;
    assert!(exposed.header("access-control-expose-headers").unwrap().contains("retry-after"));
}
