//! What the operator may count, and who may read it.

use crate::harness::{Call, TestApp};

async fn scrape(app: &TestApp) -> String {
    let answer = app.browser().get("/metrics").await;
    assert!(answer.assert_status(200).header("content-type").unwrap().starts_with("text/plain"));
    String::from_utf8(answer.body).unwrap()
}

#[tokio::test]
async fn requests_events_and_the_hashing_queue_are_counted_without_saying_who() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    ada.browser.get("/of/nobody/in-particular").await.assert_status(404);
    ada.browser.send(Call::new("BREW", "/api/auth/me")).await.assert_status(405);
    ada.browser.delete("/api/auth/sessions/some-id").await.assert_status(404);
    let text = scrape(&app).await;
    for line in [
        r#"twofold_http_requests_total{method="POST",route="/api/auth/login",status="200"} 1"#,
        r#"twofold_http_requests_total{method="GET",route="none",status="404"} 1"#,
        r#"twofold_http_requests_total{method="other",route="/api/auth/me",status="405"} 1"#,
        r#"twofold_http_requests_total{method="DELETE",route="/api/auth/sessions/{id}",status="404"} 1"#,
        r#"twofold_http_request_seconds_count{route="/api/auth/login"} 1"#,
        r#"twofold_security_events_total{kind="signed_in_with_password"} 1"#,
        "twofold_security_events_lost 0",
        "twofold_hashing_waiting 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    let value = |metric| {
        let mut values = text.lines().filter_map(|line| line.strip_prefix(metric));
        values.next().unwrap().trim().parse::<u64>().unwrap()
    };
    let (reads, finds) = (value("twofold_account_reads"), value("twofold_account_finds"));
    assert!((1..=reads).contains(&finds), "{finds} finds for {reads} reads");
    for secret in ["ada", "127.0.0.1", "some-id", "nobody"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn with_a_token_only_its_holder_may_read() {
    let app = TestApp::with([("METRICS_TOKEN", "a token for the metrics")]).await;
    let read = async |token: &str| app.browser().bearer(token).get("/metrics").await;
    read("a token for the metrics").await.assert_status(200);
    read("another token").await.assert_problem(401, "not_authenticated");
    app.browser().get("/metrics").await.assert_problem(401, "not_authenticated");
}

#[tokio::test]
async fn in_production_nobody_reads_without_a_token() {
    let origin = ("PUBLIC_ORIGIN", "https://auth.example.com");
    let app = TestApp::with([("APP_ENV", "production"), origin]).await;
    app.browser().get("/metrics").await.assert_problem(401, "not_authenticated");
}
