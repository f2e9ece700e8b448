//! The examples of backends: each answers who is signed in by a JWT and by introspection, and refuses everyone else.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};
use twofold::Clock;

use super::backend::{Backend, NAME, SECRET};
use super::keys::{Key, Twofold, forged, parts};
use super::python::python;
use super::{node, packages, run};
use crate::harness::wait::PATIENCE;
use crate::harness::{Browser, Call, Person, TestApp, within};

#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "it is a program of its own")]
#[rustfmt::skip]
#[path = "../../examples/backends/actix/src/main.rs"]
mod actix_example;

/// A service that issues tokens for two others. It has the machine's time, because the backends have.
pub async fn issuing() -> TestApp {
    issuing_by(&Key::generate()).await
}

async fn issuing_by(key: &Key) -> TestApp {
    let services = format!("{NAME}:{SECRET}");
    let settings = [
        ("SIGNING_KEYS", key.setting.as_str()),
        ("TOKEN_AUDIENCES", "billing,reports"),
        ("SERVICES", services.as_str()),
    ];
    TestApp::with_clock(Clock::settable(Clock::system().now()), settings).await
}

/// The service's address, which its tokens name as the issuer.
fn address(app: &TestApp) -> String {
    app.url("").replace("127.0.0.1", "localhost")
}

async fn token_for(browser: &Browser, audience: &str) -> String {
    let answer = browser.post("/api/auth/token", json!({ "audience": audience })).await;
    answer.assert_status(200).json()["token"].as_str().unwrap().to_owned()
}

async fn assert_safe(program: &Command) {
    assert_protected(program).await;
    assert_tolerant(program).await;
    assert_unavailable(program).await;
}

async fn assert_protected(program: &Command) {
    let key = Key::generate();
    let app = issuing_by(&key).await;
    let backend = Backend::start(&address(&app), program);
    let person = app.signed_in("ada").await;
    let token = token_for(&person.browser, NAME).await;
    let session = bearer_of(&app, &person).await;
    let user = &id_of(&person).await;

    let [header, claims] = parts(&token);
    let signed = key.sign(&header, &claims);
    let jwts = [("/reports", &*token), ("/reports", &signed), ("/payments", &token)];
    backend.assert_user(user, &[&jwts[..], &[("/payments", &session)]].concat()).await;
    let wrong = wrong(&token, &key, &person.browser).await;
    let on = |path| wrong.iter().map(move |token| (path, token.as_str()));
    let session_is_no_jwt = [("/reports", &*session)];
    let calls: Vec<_> = on("/reports").chain(on("/payments")).chain(session_is_no_jwt).collect();
    backend.assert_refused(&calls).await;

    // A JWT stays valid until it expires. Introspection notices at once that its session has ended.
    person.browser.post("/api/auth/logout", json!({})).await.assert_status(204);
    backend.assert_user(user, &[("/reports", &token), ("/payments", &session)]).await;
    backend.assert_refused(&[("/payments", &token)]).await;
}

/// The clocks of two machines differ by some seconds. A token from a minute ahead, or of long ago, is refused.
async fn assert_tolerant(program: &Command) {
    let app = issuing().await;
    let backend = Backend::start(&address(&app), program);
    let person = app.signed_in("ada").await;
    for (ahead, status) in [(5, 200), (60, 401), (-330, 401)] {
        let there = Clock::system().now() + TimeDelta::seconds(ahead);
        app.advance(there - app.clock.now());
        let token = token_for(&person.browser, NAME).await;
        let answer = backend.get("/reports", Some(&token)).await;
        assert_eq!(answer.status(), status, "the service's clock is {ahead} s ahead");
    }
}

/// Without Twofold, nobody is accepted or refused: not if it can't be reached, nor if a proxy answers for it.
async fn assert_unavailable(program: &Command) {
    let token = &Key::generate()
        .sign(&json!({ "alg": "ES256", "typ": "at+jwt", "kid": "1" }), &json!({ "sub": "ada" }));
    Backend::start("http://localhost:1", program).assert_unavailable(token).await;
    let proxy = Twofold::open().await;
    let backend = Backend::start(&proxy.url, program);
    let answers = async {
        loop {
            proxy.asked().await.answer("<h1>Hello</h1>").await;
        }
    };
    tokio::select! {
        () = backend.assert_unavailable(token) => {}
        () = answers => {}
    }
}

/// Tokens that this backend does not accept.
async fn wrong(token: &str, key: &Key, browser: &Browser) -> Vec<String> {
    let for_another = token_for(browser, "reports").await;
    let [header, claims] = parts(token);
    let of_another_type = [json!("JWT"), json!("logout+jwt"), Value::Null].map(|kind| {
        let mut header = header.clone();
        header["typ"] = kind;
        key.sign(&header, &claims)
    });
    let others = [for_another, "garbage".to_owned(), String::new()];
    forged(token).into_iter().chain(of_another_type).chain(others).collect()
}

async fn id_of(person: &Person) -> String {
    let me = person.browser.get("/api/auth/me").await.json();
    me["user"]["id"].as_str().unwrap().to_owned()
}

/// A token of the Basic contract.
async fn bearer_of(app: &TestApp, person: &Person) -> String {
    let call = Call::new("POST", "/auth/credentials").header("authorization", &person.basic());
    let answer = app.browser().send(call).await.assert_status(200).json();
    answer["token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_express_example_knows_who_is_signed_in() {
    assert_safe(&node(&packages::EXPRESS.join("server.js"))).await;
}

/// Next.js is left out: handlers take and return what the platform defines. They are served here, and their types checked.
#[tokio::test(flavor = "multi_thread")]
async fn the_handlers_for_next_js_know_who_is_signed_in() {
    let client = packages::CLIENT.join("node_modules");
    let folder = packages::next_example();
    let mut check = node(&client.join("typescript/bin/tsc"));
    check.args(["--noEmit", "--strict", "--target", "es2022", "--module", "esnext"]);
    check.args(["--moduleResolution", "bundler", "--types", "node", "--typeRoots"]);
    run(check.arg(client.join("@types")).arg("serve.ts").current_dir(&folder));
    let mut bundle = node(&client.join("esbuild/bin/esbuild"));
    bundle.args(["serve.ts", "--bundle", "--platform=node", "--format=esm", "--outfile=serve.mjs"]);
    run(bundle.current_dir(&folder));
    assert_safe(&node(&folder.join("serve.mjs"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fastapi_example_knows_who_is_signed_in() {
    let requirements = include_str!("../../examples/backends/fastapi/requirements.txt");
    let requirements: Vec<&str> = requirements.lines().collect();
    let Some(python) = python("fastapi", &requirements) else { return };
    let mut uvicorn = python();
    uvicorn.args(["-m", "uvicorn", "main:app", "--port", "0"]);
    uvicorn.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/backends/fastapi"));
    uvicorn.env("PYTHONDONTWRITEBYTECODE", "1");
    assert_safe(&uvicorn).await;
}

const ACTIX: &str = "backends::the_actix_example";

/// The program is part of this one, so that its dependencies are not built twice. A line of its input makes its keys older.
fn actix() -> Command {
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args(["--ignored", "--exact", "--nocapture", ACTIX]).env("IS_PROGRAM", "1");
    program
}

#[tokio::test(flavor = "multi_thread")]
async fn the_actix_example_knows_who_is_signed_in() {
    assert_safe(&actix()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_actix_example_fetches_the_keys_once_a_minute() {
    let service = Twofold::open().await;
    let backend = Arc::new(Backend::start(&service.url, &actix()));
    let keys = ["old", "new"].map(|name| (name, Key::generate()));
    let [old, new] = keys.each_ref().map(|(kid, key)| {
        let now = Clock::system().now().timestamp();
        let header = json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid });
        key.sign(&header, &json!({
            "iss": service.url, "aud": NAME, "sub": "ada", "jti": "1", "acr": "aal1", "iat": now, "nbf": now, "exp": now + 300,
        }))
    });
    let published = |count: usize| {
        let keys: Vec<_> = keys.iter().take(count).map(|(kid, key)| key.published(kid)).collect();
        json!({ "keys": keys }).to_string()
    };
    let call = |token: &str| {
        let (backend, token) = (Arc::clone(&backend), token.to_owned());
        let call = async move { backend.get("/reports", Some(&token)).await.status().as_u16() };
        tokio::spawn(call)
    };

    let first = call(&old);
    service.asked().await.answer(&published(1)).await;
    assert_eq!(first.await.unwrap(), 200);
    for _ in 0..5 {
        assert_eq!(call(&new).await.unwrap(), 401);
    }
    assert!(!service.is_asked().await);
    backend.age();
    let aged = async {
        loop {
            let mut call = call(&new);
            tokio::select! {
                asked = service.asked() => break (call, asked),
                status = &mut call => assert_eq!(status.unwrap(), 401),
            }
        }
    };
    let (second, asked) = within(PATIENCE, "the keys are fetched again", aged).await;
    asked.answer(&published(2)).await;
    assert_eq!(second.await.unwrap(), 200);
    assert_eq!(call(&old).await.unwrap(), 200);
    assert!(!service.is_asked().await);
}

#[test]
#[ignore = "another test starts it as a program of its own"]
fn the_actix_example() {
    if std::env::var_os("IS_PROGRAM").is_some() {
        std::thread::spawn(|| {
            for _ in std::io::stdin().lines() {
                let mut keys = actix_example::KEYS.lock().unwrap();
                keys.0 = keys.0.and_then(|at| at.checked_sub(Duration::from_mins(1)));
            }
        });
        actix_example::main().unwrap();
    }
}
