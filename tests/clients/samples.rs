//! The samples of the documentation: they compile, and do in a browser or as a program what the pages say.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::backend::{NAME, SECRET};
use super::packages::CLIENT;
use super::{backends, node, packages, python, run, run_with_service};
use crate::harness::{Call, output};

const INTEGRATION: &str = include_str!("../../docs/integration.md");

#[tokio::test(flavor = "multi_thread")]
async fn the_samples_for_vite_vue_and_svelte_sign_a_user_in() {
    let folder = packages::installed("tests/clients/samples");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut build = node(&folder.join("build.mjs"));
    run(build.arg(root.join("docs/frontend.md")).arg(CLIENT.as_path()).current_dir(&folder));
    run(&mut node::script("unpack.mjs"));
    let mut travel = node::script("travel.mjs");
    travel.arg(root.join("tests/clients/samples/journey.mjs")).arg(folder.join("dist"));
    run_with_service(&mut travel).await;
}

/// The block of a language that introspects a token.
fn introspection(language: &str) -> &'static str {
    let fence = format!("```{language}\n");
    let blocks = INTEGRATION.split(fence.as_str()).skip(1);
    let mut blocks = blocks.filter_map(|rest| Some(rest.split_once("\n```")?.0));
    blocks.find(|block| block.contains("/oauth/introspect")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_samples_of_introspection_know_who_is_signed_in() {
    let app = backends::issuing().await;
    let person = app.signed_in("ada").await;
    let me = person.browser.get("/api/auth/me").await;
    let me = me.assert_status(200).json()["user"]["id"].clone();
    let call = Call::new("POST", "/auth/credentials").header("authorization", &person.basic());
    let session = app.browser().send(call).await.assert_status(200).json();
    let session = session["token"].as_str().unwrap();
    let samples = [
        ("python3", "py", "python", "import sys\nprint(json.dumps(who_is(sys.argv[1])))"),
        ("node", "mjs", "js", "console.log(JSON.stringify(await whoIs(process.argv[2])));"),
    ];
    for (program, ending, language, call) in samples {
        let text = introspection(language).replace("https://example.com", &app.url(""));
        let file = python::folder("introspection").join(format!("sample.{ending}"));
        fs::write(&file, format!("{}\n{call}\n", text.replace("billing", NAME))).unwrap();
        let ask = |token: &str| -> Value {
            let asked = output(Command::new(program).arg(&file).arg(token).env("SECRET", SECRET));
            let said = String::from_utf8_lossy(&asked.stderr);
            assert!(asked.status.success(), "{program}: {said}");
            serde_json::from_slice(&asked.stdout).unwrap()
        };
        assert_eq!(ask(session)["sub"], me, "{program}");
        assert_eq!(ask("session-of-nobody"), Value::Null, "{program}");
    }
}
