//! The examples of backends: each answers who is signed in by a JWT and by introspection, and refuses everyone else.

use std::process::{Child, Command, Stdio};

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use twofold::Clock;

use super::python::python;
use super::{node, packages, run};
use crate::harness::wait::{Lines, PATIENCE};
use crate::harness::{Browser, Call, Person, TestApp, output, program};

#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "it is a program of its own")]
#[path = "../../examples/backends/actix/src/main.rs"]
mod actix;

const NAME: &str = "billing";
const SECRET: &str = "billing-secret-of-thirty-two-chars";

/// A running backend, which is ended with this value.
struct Backend {
    process: Child,
    address: String,
}

impl Drop for Backend {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

impl Backend {
    /// Starts a program, and waits until it says where it listens.
    fn start(app: &TestApp, program: &Command) -> Self {
        // One program writes to the standard error, the others to the standard output.
        let mut command = Command::new("sh");
        command.args(["-c", r#"exec "$0" "$@" 2>&1"#]).arg(program.get_program());
        command.args(program.get_args());
        command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let url = app.url("").replace("127.0.0.1", "localhost");
        command.envs([
            ("TWOFOLD", url.as_str()),
            ("NAME", NAME),
            ("SECRET", SECRET),
            ("PORT", "0"),
        ]);
        if let Some(folder) = program.get_current_dir() {
            command.current_dir(folder);
        }
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = Lines::of(process.stdout.take().unwrap(), super::TIME_TO_RUN);
        let address = loop {
            let line = lines.next("the backend listens").unwrap();
            if let Some((_, rest)) = line.split_once("http://127.0.0.1:") {
                let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
                break format!("http://127.0.0.1:{port}");
            }
            eprintln!("{line}");
        };
        Self { process, address }
    }

    async fn get(&self, path: &str, token: Option<&str>) -> reqwest::Response {
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        let mut request = client.get(format!("{}{path}", self.address));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.unwrap()
    }

    async fn assert_user(&self, user: &str, calls: &[(&str, &str)]) {
        for (path, token) in calls {
            let answer = self.get(path, Some(token)).await;
            assert_eq!(answer.status(), 200, "{path}");
            let answer: Value = answer.json().await.unwrap();
            assert_eq!(answer, json!({ "owner": user, "level": "aal1" }));
        }
    }

    /// Requires that each is refused; one that is empty is not sent.
    async fn assert_refused(&self, calls: &[(&str, &str)]) {
        for (path, token) in calls {
            let token = (!token.is_empty()).then_some(*token);
            assert_eq!(self.get(path, token).await.status(), 401, "{path} {token:?}");
        }
    }
}

/// A service that issues tokens for two others. It has the machine's time, because the backends have.
pub async fn issuing() -> TestApp {
    let made = output(program().args(["keys", "new", "--signing"]));
    let key = String::from_utf8(made.stdout).unwrap();
    let services = format!("{NAME}:{SECRET}");
    let settings = [
        ("SIGNING_KEYS", key.trim()),
        ("TOKEN_AUDIENCES", "billing,reports"),
        ("SERVICES", services.as_str()),
    ];
    TestApp::with_clock(Clock::settable(Clock::system().now()), settings).await
}

async fn token_for(browser: &Browser, audience: &str) -> String {
    let answer = browser.post("/api/auth/token", json!({ "audience": audience })).await;
    answer.assert_status(200).json()["token"].as_str().unwrap().to_owned()
}

/// The token with another header, and then with another claim: their signatures no longer fit.
fn forged(token: &str) -> [String; 3] {
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let none = BASE64URL_NOPAD.encode(br#"{"alg":"none","typ":"at+jwt"}"#);
    let mut other: Value =
        serde_json::from_slice(&BASE64URL_NOPAD.decode(claims.as_bytes()).unwrap()).unwrap();
    other["sub"] = json!("000000000000000000000000");
    let other = BASE64URL_NOPAD.encode(other.to_string().as_bytes());
    [
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        format!("{header}.{other}.{signature}"),
    ]
}

async fn assert_protected(program: &Command) {
    let app = issuing().await;
    let backend = Backend::start(&app, program);
    let person = app.signed_in("ada").await;
    let token = token_for(&person.browser, NAME).await;
    let session = bearer_of(&app, &person).await;
    let user = &id_of(&person).await;

    let calls = [("/reports", &*token), ("/payments", &token), ("/payments", &session)];
    backend.assert_user(user, &calls).await;
    let wrong = wrong(&token, &person.browser).await;
    let on = |path| wrong.iter().map(move |token| (path, token.as_str()));
    let session_is_no_jwt = [("/reports", &*session)];
    let calls: Vec<_> = on("/reports").chain(on("/payments")).chain(session_is_no_jwt).collect();
    backend.assert_refused(&calls).await;

    // A JWT stays valid until it expires. Introspection notices at once that its session has ended.
    person.browser.post("/api/auth/logout", json!({})).await.assert_status(204);
    backend.assert_user(user, &[("/reports", &token), ("/payments", &session)]).await;
    backend.assert_refused(&[("/payments", &token)]).await;
}

/// Tokens that this backend does not accept.
async fn wrong(token: &str, browser: &Browser) -> Vec<String> {
    let for_another = token_for(browser, "reports").await;
    forged(token).into_iter().chain([for_another, "garbage".to_owned(), String::new()]).collect()
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
    assert_protected(&node(&packages::EXPRESS.join("server.js"))).await;
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
    assert_protected(&node(&folder.join("serve.mjs"))).await;
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
    assert_protected(&uvicorn).await;
}

const ACTIX: &str = "backends::the_actix_example";

/// The program is part of this one, so that its dependencies are not built twice.
#[tokio::test(flavor = "multi_thread")]
async fn the_actix_example_knows_who_is_signed_in() {
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args(["--ignored", "--exact", "--nocapture", ACTIX]).env("IS_PROGRAM", "1");
    assert_protected(&program).await;
}

#[test]
#[ignore = "another test starts it as a program of its own"]
fn the_actix_example() {
    if std::env::var_os("IS_PROGRAM").is_some() {
        actix::main().unwrap();
    }
}
