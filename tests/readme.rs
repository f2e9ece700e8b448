//! The commands of the README and of `docs/integration.md`, run as they stand against a live server.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a failed helper is a failed test")]

#[expect(dead_code, reason = "other tests use the rest")]
#[path = "api/harness/wait.rs"]
mod wait;

use std::path::{Path, PathBuf};
use std::process::Command;

use local_mongod::Mongod;
use service_process::Service;

const README: &str = include_str!("../README.md");
const INTEGRATION: &str = include_str!("../docs/integration.md");

/// The shell blocks of a document, in order.
fn shell_blocks(document: &'static str) -> Vec<&'static str> {
    let mut blocks = Vec::new();
    let mut rest = document;
    while let Some((_, opened)) = rest.split_once("```sh\n") {
        let (block, after) = opened.split_once("\n```").unwrap();
        blocks.push(block);
        rest = after;
    }
    blocks
}

/// Starts the program with the checked-in `.env`, except for the database, the port, and where mail is written to.
async fn start(mail: &Path) -> (Mongod, Service) {
    let mongod = Mongod::temporary(env!("CARGO_TARGET_TMPDIR")).start().await.unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_twofold"));
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("DATABASE_URL", mongod.uri())
        .env("PORT", "0")
        .env("MAIL_FOLDER", mail);
    let service = Service::start(&mut command).await.unwrap();
    (mongod, service)
}

/// Runs a script against a service of its own, in a folder of this name, and asserts that it prints these texts in
/// this order.
async fn assert_prints(script: &str, name: &str, expected: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let (_mongod, service) = start(&folder.join("mail")).await;
    let script = script.replace("http://localhost:8000", &service.url());
    let mut shell = Command::new("bash");
    let ran = wait::output(shell.args(["-euo", "pipefail", "-c", &script]).current_dir(&folder));
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stderr));
    let mut rest = said.as_str();
    for expected in expected {
        let found = rest.split_once(expected);
        assert!(found.is_some(), "{expected} is missing in {rest}");
        rest = found.unwrap().1;
    }
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn the_walk_through_works_as_it_stands() {
    let blocks = shell_blocks(README);
    assert_eq!(blocks.len(), 3);
    let expected = [
        "\"message\":\"Registered successfully, please login\"",
        "\"otp_enabled\":false",
        "\"otp_verified\":true",
        "\"otp_enabled\":true",
        "{\"otp_valid\":true}",
        "\"otp_disabled\":true",
        "\"grace@example.com\"",
        "\"recovery_codes\":[",
        "{\"token\":null,\"status\":1}",
        "{\"token\":\"",
    ];
    let folder = assert_prints(&blocks.join("\n"), "readme", &expected).await;
    let qr_code = std::fs::read(folder.join("qr.png")).unwrap();
    assert!(qr_code.starts_with(b"\x89PNG"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_calls_that_integration_md_tries_work_as_they_stand() {
    let script = shell_blocks(INTEGRATION)[0];
    let expected = [
        "\"joan@example.com\"",
        "\"aal\":\"aal1\"",
        "{\"active\":true",
        "204 No Content",
        "remote-aal: aal1",
        "{\"active\":true",
        "\"aud\":\"development\"",
    ];
    assert_prints(script, "integration", &expected).await;
}

#[test]
fn the_table_of_settings_is_that_of_the_program() {
    for setting in twofold::config::settings::SETTINGS {
        let secret = if setting.is_secret { " (secret)" } else { "" };
        let default = if setting.default.is_empty() {
            String::new()
        } else {
            format!("`{}`", setting.default)
        };
        let row = format!("| `{}` | {default} | {}{secret} |", setting.name, setting.meaning);
        assert!(README.contains(&row), "README.md lacks {row}");
    }
}
