//! What every answer carries, and what a request says of its client.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Call, TestApp};

#[tokio::test]
async fn every_answer_is_kept_from_caches_and_sniffers_and_has_a_name() {
    let app = TestApp::spawn().await;
    for (method, path) in [
        ("GET", "/api/healthchecker"),
        ("GET", "/nowhere"),
        ("PUT", "/whoami"),
        ("GET", "/whoami"),
        ("POST", "/api/auth/login"),
        ("POST", "/auth/credentials"),
        ("POST", "/api/auth/logout"),
    ] {
        let answer = app.browser().send(Call::new(method, path)).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(answer.header("x-request-id").unwrap().len() >= 16, "{path}");
    }
}

#[tokio::test]
async fn a_plain_request_id_is_taken_over_and_a_strange_one_is_not() {
    let app = TestApp::spawn().await;
    let named = |id: &str| {
        let call = Call::new("GET", "/whoami").header("x-request-id", id);
        let browser = app.browser();
        async move { browser.send(call).await }
    };
    let plain = named("req-2026.11_24").await;
    plain.assert_problem(401, "not_authenticated");
    assert_eq!(plain.header("x-request-id"), Some("req-2026.11_24"));
    for strange in ["short", "a b c d e f g", "<script>alert(1)</script>", &"x".repeat(65)] {
        assert_ne!(named(strange).await.header("x-request-id"), Some(strange));
    }
}

#[tokio::test]
async fn refusals_say_what_would_be_taken() {
    let app = TestApp::spawn().await;
    let browser = app.browser();
    let unauthenticated = browser.get("/whoami").await;
    assert_eq!(unauthenticated.header("www-authenticate"), Some("Bearer"));
    let wrong_method = browser.delete("/api/auth/login").await;
    wrong_method.assert_problem(405, "method_not_allowed");
    assert_eq!(wrong_method.header("allow"), Some("POST"));
    let two = browser.put("/api/auth/sessions", serde_json::json!({})).await;
    assert_eq!(two.header("allow"), Some("GET, DELETE, HEAD"));
    let head = browser.send(Call::new("HEAD", "/api/healthchecker")).await;
    assert!(head.status == 200 && head.body.is_empty());
}

#[tokio::test]
async fn the_client_s_address_is_the_socket_s_unless_a_trusted_proxy_says_otherwise() {
    for (proxies, seen) in [("", "127.0.0.1"), ("127.0.0.1", "198.51.100.7")] {
        let app = TestApp::with([("TRUSTED_PROXIES", proxies)]).await;
        let ada = app.register("ada").await;
        let browser = ada.browser.always("x-forwarded-for", "203.0.113.1, 198.51.100.7");
        browser.always("user-agent", &"u".repeat(500)).log_in(&ada).await.assert_status(200);
        let sessions = browser.get("/api/auth/sessions").await.json();
        assert_eq!(sessions["sessions"][0]["ip"], seen);
        assert_eq!(sessions["sessions"][0]["user_agent"].as_str().unwrap().len(), 200);
    }
}

#[tokio::test]
async fn a_client_s_odd_bytes_do_not_hide_what_the_proxy_says() {
    for (proxy_header, name, value) in [
        ("x-forwarded-for", "x-forwarded-for", "\u{e9}, 198.51.100.7"),
        ("forwarded", "forwarded", "for=\u{e9}, for=198.51.100.7"),
    ] {
        let proxy = [("TRUSTED_PROXIES", "127.0.0.1"), ("PROXY_HEADER", proxy_header)];
        let app = TestApp::with(proxy).await;
        let ada = app.register("ada").await;
        let form = serde_json::json!({ "email": ada.email, "password": ada.password });
        let call = Call::new("POST", "/api/auth/login").json(&form);
        ada.browser.send(call.raw_header(name, value.as_bytes())).await.assert_status(200);
        let sessions = ada.browser.get("/api/auth/sessions").await.json();
        assert_eq!(sessions["sessions"][0]["ip"], "198.51.100.7");
    }
}

#[tokio::test]
async fn in_production_every_answer_asks_for_tls() {
    const BROKEN: &str = "GET / HTTP/1.1\r\nBad Header\r\n\r\n";
    let header = "strict-transport-security";
    let production = [("APP_ENV", "production"), ("PUBLIC_ORIGIN", "https://auth.example.com")];
    let app = TestApp::with(production).await;
    for path in ["/", "/static/index.html", "/docs", "/nowhere", "/health/live", "/whoami"] {
        let answer = app.browser().get(path).await;
        assert_eq!(answer.header(header), Some("max-age=31536000"), "{path}");
    }
    let preflight = Call::new("OPTIONS", "/api/auth/login")
        .header("origin", "https://localhost:3000")
        .header("access-control-request-method", "POST");
    assert!(app.browser().send(preflight).await.header(header).is_some());
    assert!(raw(&app, BROKEN).await.contains("strict-transport-security: max-age=31536000\r\n"));

    let development = TestApp::spawn().await;
    assert_eq!(development.browser().get("/whoami").await.header(header), None);
    assert!(!raw(&development, BROKEN).await.contains(header));
}

#[tokio::test]
async fn pages_are_kept_apart_from_other_origins_and_the_api_from_other_sites() {
    let app = TestApp::spawn().await;
    let (resource, opener) = ("cross-origin-resource-policy", "cross-origin-opener-policy");
    for path in ["/", "/static/index.html", "/static/app.css", "/docs", "/redoc"] {
        let page = app.browser().get(path).await;
        assert_eq!(page.header(resource), Some("same-origin"), "{path}");
        assert_eq!(page.header(opener), Some("same-origin"), "{path}");
    }
    for path in ["/whoami", "/api/healthchecker", "/nowhere"] {
        assert_eq!(app.browser().get(path).await.header(resource), Some("same-site"), "{path}");
    }
}

/// Sends bytes that no client library would, and reads all that comes back.
async fn raw(app: &TestApp, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", app.port)).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // What was not read when the server closed resets the connection; the answer came before.
    let _reset = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn what_is_no_http_is_told_so_as_everything_else_is() {
    let app = TestApp::spawn().await;
    let head = "GET /whoami HTTP/1.1\r\nHost: a\r\nOrigin: http://localhost:3000\r\n";
    for (request, status) in [
        (format!("{head}Bad Header\r\n\r\n"), "400"),
        (format!("{head}X-Large: {}\r\n\r\n", "a".repeat(150_000)), "431"),
        (format!("{head}{}: a\r\n\r\n", "N".repeat(66_000)), "431"),
    ] {
        let answer = raw(&app, &request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let problem: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(problem["status"].to_string(), status);
        for part in [
            "application/problem+json",
            "access-control-allow-origin: http://localhost:3000\r\n",
            "cache-control: no-store",
            "x-request-id: ",
        ] {
            assert!(answer.contains(part), "{part} is missing in {answer}");
        }
    }
    let stranger =
        raw(&app, "GET / HTTP/1.1\r\nOrigin: http://evil.example\r\nBad Header\r\n\r\n").await;
    assert!(!stranger.contains("access-control-allow-origin"));
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_given_up_on() {
    let app = TestApp::with([("BODY_TIMEOUT", "1s")]).await;
    let request = "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
                   Content-Length: 100\r\n\r\n{\"email\":";
    let answer = raw(&app, request).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("\"code\":\"request_timeout\""), "{answer}");
}
