//! Signing keys: published, rotated without a gap, and checked before each step.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use super::{SERVICES, assert_active, assert_inactive, issuing, part, signing_key, token};
use crate::harness::{Call, Ran, TestApp, output, program};

async fn published(app: &TestApp) -> Vec<String> {
    let jwks = app.browser().get("/.well-known/jwks.json").await.assert_status(200).json();
    let kid = |key: &Value| key["kid"].as_str().unwrap().to_owned();
    jwks["keys"].as_array().unwrap().iter().map(kid).collect()
}

#[tokio::test]
async fn the_public_keys_are_published_and_nothing_else_of_them() {
    let app = issuing().await;
    let answer = app.browser().get("/.well-known/jwks.json").await;
    assert_eq!(answer.assert_status(200).header("cache-control"), Some("public, max-age=300"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let jwks = answer.json();
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 1);
    let key = jwks["keys"][0].as_object().unwrap();
    let members: BTreeSet<&str> = key.keys().map(String::as_str).collect();
    assert_eq!(members, BTreeSet::from(["alg", "crv", "kid", "kty", "use", "x", "y"]));
    for (member, value) in [("alg", "ES256"), ("crv", "P-256"), ("kty", "EC"), ("use", "sig")] {
        assert_eq!(key[member], value);
    }
}

#[tokio::test]
async fn pages_of_any_origin_may_read_the_keys_without_credentials_and_nothing_else() {
    let app = issuing().await;
    let read = async |path: &str, origin: &str| {
        app.browser().send(Call::new("GET", path).header("origin", origin)).await
    };
    for origin in ["https://anyone.example", "http://localhost:3000", "null"] {
        let answer = read("/.well-known/jwks.json", origin).await;
        assert_eq!(answer.assert_status(200).header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-allow-credentials"), None, "{origin}");
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("cross-origin"));
        assert_eq!(answer.header("vary"), None, "{origin}");
    }
    for path in [
        "/.well-known/jwks.json2",
        "/.well-known/change-password",
        "/api/auth/forward",
        "/openapi.json",
    ] {
        let answer = read(path, "https://anyone.example").await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
    }
    let client = read("/api/auth/forward", "http://localhost:3000").await;
    assert_eq!(client.header("access-control-allow-origin"), Some("http://localhost:3000"));
    assert_eq!(client.header("access-control-allow-credentials"), Some("true"));
}

#[tokio::test]
async fn pages_of_any_origin_may_ask_first_about_the_keys_and_about_nothing_else() {
    let app = issuing().await;
    let ask = async |path: &str, origin: &str| {
        let call = Call::new("OPTIONS", path)
            .header("origin", origin)
            .header("access-control-request-method", "GET")
            .header("access-control-request-headers", "x-trace");
        app.browser().send(call).await
    };
    for origin in ["https://anyone.example", "http://localhost:3000", "null"] {
        let answer = ask("/.well-known/jwks.json", origin).await;
        answer.assert_status(204);
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{origin}");
        assert_eq!(answer.header("access-control-allow-credentials"), None, "{origin}");
        assert_eq!(answer.header("access-control-allow-methods"), Some("GET, HEAD"));
        assert_eq!(answer.header("access-control-allow-headers"), Some("*"));
    }
    for path in ["/.well-known/jwks.json2", "/api/auth/forward", "/oauth/introspect"] {
        let answer = ask(path, "https://anyone.example").await;
        answer.assert_problem(403, "origin_not_allowed");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
    }
    // Without the headers of a preflight it is a method that the address does not take.
    let options = Call::new("OPTIONS", "/.well-known/jwks.json");
    app.browser().send(options).await.assert_problem(405, "method_not_allowed");
}

#[tokio::test]
async fn keys_are_rotated_without_a_gap() {
    let (old, new) = (signing_key(), signing_key());
    let instance = async |first: &TestApp, keys: &str| {
        let origin = ("PUBLIC_ORIGIN", "https://auth.example.com");
        let audience = ("TOKEN_AUDIENCES", "billing");
        first
            .second_instance([("SIGNING_KEYS", keys), ("SERVICES", SERVICES), origin, audience])
            .await
    };
    let database = TestApp::spawn().await;
    let only_old = instance(&database, &old).await;
    let ada = database.signed_in("ada").await;
    let browser_of =
        |app: &TestApp| app.browser().bearer(&ada.browser.cookie("twofold_session").unwrap());

    let new_second = instance(&database, &format!("{old},{new}")).await;
    let new_first = instance(&database, &format!("{new}, {old}")).await;
    let only_new = instance(&database, &new).await;
    let mut steps = Vec::new();
    for step in [only_old, new_second, new_first, only_new] {
        let (issued, kids) = (token(&browser_of(&step)).await, published(&step).await);
        assert_eq!(part(&issued, 0)["kid"], kids[0]);
        steps.push((step, kids, issued));
    }
    for pair in steps.windows(2) {
        let [(earlier, earlier_kids, earlier_token), (later, later_kids, later_token)] = pair
        else {
            panic!()
        };
        // A client that has the keys of the step before knows the key of this step's tokens.
        assert!(earlier_kids.contains(&later_kids[0]));
        // While instances of both steps run, each takes the other's tokens.
        assert_active(earlier, later_token).await;
        assert_active(later, earlier_token).await;
    }
    assert_inactive(&steps[3].0, &steps[0].2).await;
}

/// Runs the check of a step, from published keys to those of the settings.
fn check(published: &Value, keys: &str, more: &[&str]) -> Ran {
    let mut command = program();
    command
        .args(["keys", "check"])
        .args(more)
        .envs([("APP_ENV", "development"), ("DATABASE_URL", "mongodb://127.0.0.1:1/")])
        .envs([("MONGO_INITDB_DATABASE", "x"), ("SEALING_KEYS", TestApp::SEALING_KEYS)])
        .env("SIGNING_KEYS", keys)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(published.to_string().as_bytes()).unwrap();
    Ran::of(crate::harness::wait::output_of(child))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_is_checked_against_what_the_service_publishes() {
    let (old, new) = (signing_key(), signing_key());
    let both = format!("{old},{new}");
    let app = TestApp::with([("SIGNING_KEYS", &both)]).await;
    let jwks = app.browser().get("/.well-known/jwks.json").await.json();
    let kids = published(&app).await;
    let name = |key: &str| key.split(':').next().unwrap().to_owned();

    let turned = check(&jwks, &format!("{new},{old}"), &[]);
    turned.assert_code(0);
    assert!(
        turned.stdout.contains(&format!("The key \"{}\" signs: {}", name(&new), kids[1])),
        "{}",
        turned.stdout
    );
    assert!(
        turned.stdout.contains("5 minutes after every instance publishes it"),
        "{}",
        turned.stdout
    );
    let json = check(&jwks, &format!("{new},{old}"), &["--json"]).assert_code(0).json();
    let keys = json!([{ "id": name(&new), "kid": kids[1] }, { "id": name(&old), "kid": kids[0] }]);
    assert_eq!(json, json!({ "keys": keys, "removed": [], "changes_signer": true }));
    assert!(check(&jwks, &both, &[]).assert_code(0).stdout.contains("Take it at any time."));
    let done = check(&json!({ "keys": [{ "kid": kids[1] }, { "kid": kids[0] }] }), &new, &[]);
    assert!(
        done.assert_code(0)
            .stdout
            .contains("Take this step 5 minutes after the last instance stopped")
    );

    let early = check(&jwks, &new, &[]);
    assert!(
        early.assert_code(1).stderr.contains(&format!("signs with the key {}, which", kids[0])),
        "{}",
        early.stderr
    );
    let unknown =
        check(&json!({ "keys": [{ "kid": kids[0] }] }), &format!("{new},{old}"), &["--json"]);
    let reported: Value = serde_json::from_str(&unknown.assert_code(1).stderr).unwrap();
    assert_eq!(reported["error"], "failed");
    assert!(
        reported["message"].as_str().unwrap().contains("does not publish it yet"),
        "{reported}"
    );
    let malformed = check(&json!({ "keys": 1 }), &new, &[]);
    assert!(
        malformed.assert_code(1).stderr.contains("cannot read published keys"),
        "{}",
        malformed.stderr
    );
    for secret in [&old, &new] {
        let secret = secret.split_once(':').unwrap().1;
        for ran in [&turned, &done, &early, &unknown, &malformed] {
            assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret));
        }
    }
}

#[test]
fn a_new_signing_key_is_another_each_time_and_openssl_reads_it() {
    let (one, other) = (signing_key(), signing_key());
    let json = output(program().args(["keys", "new", "--signing", "--json"]));
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    let (id, key) = one.split_once(':').unwrap();
    assert!(other.split_once(':').is_some_and(|(other_id, other)| other_id != id && other != key));
    assert!(json["key"].as_str().unwrap().starts_with("MIGH") && json["id"].is_string());
    let mut read = std::process::Command::new("openssl");
    read.args(["pkey", "-inform", "DER", "-noout", "-text"]);
    let mut read = read.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let der = data_encoding::BASE64.decode(key.as_bytes()).unwrap();
    read.stdin.take().unwrap().write_all(&der).unwrap();
    let read = crate::harness::wait::output_of(read);
    assert!(String::from_utf8(read.stdout).unwrap().contains("NIST CURVE: P-256"));
}
