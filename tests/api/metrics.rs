//! What the operator may count, and who may read it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::harness::{Browser, Call, HeldCall, Person, TestApp, scrape, until};

fn assert_lines(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|found| found == *line), "{line} is not in\n{text}");
    }
}

#[tokio::test]
async fn requests_commands_and_hashes_are_counted_without_saying_who() {
    let app = TestApp::spawn().await;
    let zoe = app.register("zoe").await;
    zoe.browser.log_in(&zoe).await.assert_status(200);
    zoe.browser.get("/of/nobody/in-particular").await.assert_status(404);
    zoe.browser.send(Call::new("BREW", "/api/auth/me")).await.assert_status(405);
    zoe.browser.delete("/api/auth/sessions/some-id").await.assert_status(404);
    let text = scrape(&app).await;
    assert_lines(
        &text,
        &[
            r#"twofold_http_requests_total{method="POST",route="/api/auth/login",status="200"} 1"#,
            r#"twofold_http_requests_total{method="GET",route="none",status="404"} 1"#,
            r#"twofold_http_requests_total{method="other",route="/api/auth/me",status="405"} 1"#,
            r#"twofold_http_requests_total{method="DELETE",route="/api/auth/sessions/{id}",status="404"} 1"#,
            r#"twofold_http_request_duration_seconds_count{class="2xx",route="/api/auth/login"} 1"#,
            r#"twofold_http_request_duration_seconds_count{class="4xx",route="none"} 1"#,
            // The request for the metrics.
            "twofold_http_requests_in_flight 1",
            r#"twofold_security_events_total{kind="signed_in_with_password"} 1"#,
            "twofold_security_events_lost_total 0",
            "twofold_hashing_waiting 0",
            // A registration and a login.
            "twofold_hashing_duration_seconds_count 2",
        ],
    );
    let value = |metric| {
        let mut values = text.lines().filter_map(|line| line.strip_prefix(metric));
        values.next().unwrap().trim().parse::<f64>().unwrap()
    };
    let finds = value("twofold_account_finds_total ");
    assert!((1.0..=value("twofold_account_reads_total ")).contains(&finds), "{text}");
    assert!(value("process_resident_memory_bytes ") > 1e6);
    assert!(value("process_cpu_seconds_total ") > 0.0);
    assert!(value("twofold_database_connections ") >= 1.0);
    assert!(value("twofold_database_connection_wait_seconds_count ") >= 1.0);
    let found = r#"twofold_database_command_duration_seconds_count{command="find"} "#;
    assert!(value(found) >= finds, "{text}");
    for secret in [zoe.email.as_str(), &zoe.name, "127.0.0.1", "some-id", "nobody"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

async fn guess(browser: &Browser, person: &Person, status: u16) {
    let form = json!({ "email": person.email, "password": "not the password" });
    browser.post("/api/auth/login", form).await.assert_status(status);
}

#[tokio::test]
async fn sign_ins_and_what_limits_them_are_counted() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browser = app.challenged(&ada).await;
    browser.validate(&ada.phone().wrong_code_at(app.clock.now())).await.assert_status(400);
    browser.validate(&app.next_code(&ada)).await.assert_status(200);
    app.challenged(&ada).await.validate(&ada.recovery_codes[0]).await.assert_status(200);
    app.bearer_with(&ada, &app.next_code(&ada)).await;
    app.lock_codes(&ada).await;
    app.challenged(&ada).await.validate(&app.next_code(&ada)).await.assert_status(429);
    for status in [400, 400, 400, 400, 400, 429] {
        guess(&app.browser(), &ada, status).await;
    }
    assert_lines(
        &scrape(&app).await,
        &[
            r#"twofold_sign_ins_total{method="password",outcome="second_factor_required"} 5"#,
            r#"twofold_sign_ins_total{method="password",outcome="rejected"} 5"#,
            r#"twofold_sign_ins_total{method="password",outcome="throttled"} 1"#,
            r#"twofold_sign_ins_total{method="code",outcome="rejected"} 11"#,
            r#"twofold_sign_ins_total{method="code",outcome="signed_in"} 1"#,
            r#"twofold_sign_ins_total{method="code",outcome="throttled"} 1"#,
            r#"twofold_sign_ins_total{method="recovery_code",outcome="signed_in"} 1"#,
            r#"twofold_sign_ins_total{method="basic",outcome="signed_in"} 1"#,
            r#"twofold_throttled_total{limit="address"} 1"#,
            r#"twofold_throttled_total{limit="codes"} 1"#,
            r#"twofold_locks_total{kind="codes"} 1"#,
            r#"twofold_locks_total{kind="challenge"} 2"#,
            r#"twofold_enrolments_total{kind="app"} 1"#,
            "twofold_recovery_codes_used_total 1",
        ],
    );
}

async fn until_in_flight(app: &TestApp, count: u32) {
    let line = format!("twofold_http_requests_in_flight {count}\n");
    until(&line, async || scrape(app).await.contains(&line)).await;
}

#[tokio::test]
async fn a_request_whose_client_disconnects_is_not_in_flight_any_more() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    let body = json!({ "password": "any" });
    let held = ("POST", "/api/auth/reauthenticate", &body);
    let held = HeldCall::begin(&app, &ada.browser, held).await;
    // The other one is the request for the metrics.
    until_in_flight(&app, 2).await;
    drop(held);
    until_in_flight(&app, 1).await;
}

/// The type and the labels of each metric.
type Described = BTreeMap<String, (String, BTreeSet<String>)>;

/// What the server exports, in the text format.
fn exported(text: &str) -> Described {
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    let types = types.map(|(name, kind)| (name.to_owned(), (kind.to_owned(), BTreeSet::new())));
    let mut found: Described = types.collect();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((name, rest)) = line.split_once('{') else { continue };
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        let family = family.filter(|family| found.contains_key(*family)).unwrap_or(name);
        let labels = rest.split("=\"").filter_map(|part| part.rsplit([',', '{', '"']).next());
        let labels = labels.filter(|label| *label != "le" && !label.starts_with('}'));
        found.get_mut(family).unwrap().1.extend(labels.map(str::to_owned));
    }
    found
}

/// What `docs/metrics.md` lists.
fn documented() -> Described {
    let rows = include_str!("../../docs/metrics.md").lines().filter(|line| line.starts_with("| `"));
    let row = |row: &str| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let labels = cells[3].split(", ").map(|label| label.trim_matches('`').to_owned());
        let labels = labels.filter(|label| !label.is_empty()).collect();
        (cells[1].trim_matches('`').to_owned(), (cells[2].to_owned(), labels))
    };
    rows.map(row).collect()
}

#[tokio::test]
async fn the_documentation_lists_every_metric_with_its_type_and_labels() {
    let app = TestApp::spawn().await;
    let (exported, documented) = (exported(&scrape(&app).await), documented());
    assert!(documented.len() > 30);
    assert_eq!(exported, documented);
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
