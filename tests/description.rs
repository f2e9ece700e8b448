//! The OpenAPI description, checked by validators that others use.

#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

#[path = "browser/node.rs"]
mod node;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// The validator and its version.
const VALIDATOR: &str = "openapi-spec-validator==0.9.0";

/// Runs a program with the description as its input; returns whether it succeeded, and what it printed.
fn checked(mut command: Command) -> (bool, String) {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let description = twofold::app::openapi().unwrap();
    child.stdin.take().unwrap().write_all(description.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&printed).into_owned())
}

#[test]
fn redocly_finds_no_error() {
    let (passed, printed) = checked(node::script("lint-description.mjs"));
    assert!(passed, "{printed}");
}

#[test]
fn the_python_validator_finds_no_error() {
    let packages = Path::new(env!("CARGO_TARGET_TMPDIR")).join(VALIDATOR);
    if !packages.join("installed").exists() {
        let mut install = Command::new("python3");
        install.args(["-m", "pip", "install", "--quiet", "--no-input", "--target"]);
        install.arg(&packages).arg(VALIDATOR);
        assert!(install.status().unwrap().success(), "pip could not install {VALIDATOR}");
        std::fs::write(packages.join("installed"), VALIDATOR).unwrap();
    }
    let mut validate = Command::new("python3");
    validate.args(["-m", "openapi_spec_validator", "-"]).env("PYTHONPATH", &packages);
    let (passed, printed) = checked(validate);
    assert!(passed, "{printed}");
}
