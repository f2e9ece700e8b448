//! Tokens as clients verify them that others wrote: `PyJWT`, and `jose` for JavaScript.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use twofold::Clock;

use super::{SERVICES, assert_active, assert_inactive, part, signing_key, token};
use crate::harness::wait::output_of;
use crate::harness::{TestApp, output};

const PYJWT: [&str; 2] = ["PyJWT==2.15.1", "cryptography==50.0.2"];
const JOSE: &str = "jose@6.2.17";

/// A folder with packages, which `install` fills once.
fn packages(name: &str, install: impl FnOnce(&Path) -> Command) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if !folder.join("installed").exists() {
        std::fs::create_dir_all(&folder).unwrap();
        let installed = output(&mut install(&folder));
        assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
        std::fs::write(folder.join("installed"), name).unwrap();
    }
    folder
}

fn python() -> Command {
    let packages = packages("pyjwt-2.15.1", |folder| {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--target"]);
        pip.arg(folder).args(PYJWT);
        pip
    });
    let mut python = Command::new("python3");
    python.args(["-c", include_str!("verify.py")]).env("PYTHONPATH", packages);
    python
}

fn node() -> Command {
    let packages = packages("jose-6.2.17", |folder| {
        let mut npm = Command::new("npm");
        npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]);
        npm.arg(folder).arg(JOSE);
        npm
    });
    let script = packages.join("verify.mjs");
    std::fs::write(&script, include_str!("verify.mjs")).unwrap();
    let mut node = Command::new("node");
    node.arg(script);
    node
}

/// What a client makes of a question.
fn asked(mut client: Command, question: &Value) -> Value {
    use std::io::Write;
    client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = client.spawn().unwrap();
    child.stdin.take().unwrap().write_all(question.to_string().as_bytes()).unwrap();
    let ran = output_of(child);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    serde_json::from_slice(&ran.stdout).unwrap()
}

/// A service whose clock shows the machine's time, as that of its clients does.
async fn app() -> TestApp {
    let (key, newer) = (signing_key(), signing_key());
    let keys = format!("{key},{newer}");
    let clock = Clock::settable(Clock::system().now());
    let tokens = [
        ("SIGNING_KEYS", keys.as_str()),
        ("TOKEN_AUDIENCES", "billing,reports"),
        ("SERVICES", SERVICES),
    ];
    TestApp::with_clock(clock, tokens).await
}

/// Each client verifies what is right, refuses what is not, and forges tokens that the service refuses.
async fn verified_by(client: impl Fn() -> Command) {
    let app = app().await;
    let ada = app.signed_in("ada").await;
    let issued = token(&ada.browser).await;
    let question = json!({
        "jwks": app.url("/.well-known/jwks.json"), "token": issued,
        "issuer": format!("http://localhost:{}", app.port), "audience": "billing",
    });
    let answer = asked(client(), &question);
    assert_eq!(answer["claims"], part(&issued, 1));
    assert_eq!(answer["header"], part(&issued, 0));
    assert_eq!(answer["thumbprint"], part(&issued, 0)["kid"]);
    for attack in ["audience", "issuer", "none", "hmac", "signature", "type"] {
        assert_eq!(answer["refused"][attack], true, "{attack}: {answer}");
    }
    assert_active(&app, &issued).await;
    assert_forgeries_refused(&app, &answer["forged"]).await;
}

async fn assert_forgeries_refused(app: &TestApp, forged: &Value) {
    let forged = forged.as_object().unwrap();
    assert_eq!(forged.len(), 3);
    for (attack, token) in forged {
        let token = token.as_str().unwrap();
        assert!(part(token, 0).is_object() && part(token, 1).is_object(), "{attack}");
        assert_inactive(app, token).await;
        app.browser().bearer(token).get("/whoami").await.assert_problem(401, "not_authenticated");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pyjwt_verifies_tokens_and_forges_none() {
    verified_by(python).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jose_verifies_tokens_and_forges_none() {
    verified_by(node).await;
}
