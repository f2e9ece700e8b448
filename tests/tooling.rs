//! The tools around the service. For `.ci/deny`, scripts stand in for cargo-deny and for a Python that cannot
//! install it.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a failed helper is a failed test")]

#[expect(dead_code, reason = "other tests use the rest")]
#[path = "api/harness/wait.rs"]
mod wait;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::{fs, str};

/// Cannot fetch the database; then says what advisories are in the one that it is given instead.
const OFFLINE: &str = "case \"$*\" in
    'fetch db') echo 'fatal: no such host' >&2; exit 1 ;;
    'fetch index') ;;
    check*) git clone --quiet https://github.com/RustSec/advisory-db \"$ADVISORY_DBS/clone\"
        ls \"$ADVISORY_DBS/clone/crates\" ;;
esac";

/// Runs the check where `program` is a script and cargo-deny, unless it is that, is missing.
fn deny(program: &str, script: &str, ci: &str) -> Output {
    let test = std::thread::current().name().unwrap().to_owned();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("deny").join(test);
    let _absent = fs::remove_dir_all(&folder);
    let bin = folder.join("bin");
    fs::create_dir_all(&bin).unwrap();
    fs::write(bin.join(program), format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(bin.join(program), fs::Permissions::from_mode(0o755)).unwrap();
    let mut check = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/deny"));
    check
        .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .env("CI", ci);
    wait::output(&mut check)
}

fn said(output: &Output) -> &str {
    str::from_utf8(&output.stderr).unwrap()
}

#[test]
fn without_cargo_deny_it_fails_in_ci() {
    let ran = deny("python3", "exit 1", "true");
    assert!(!ran.status.success());
    assert!(said(&ran).contains("the dependencies were NOT checked"), "{}", said(&ran));
}

#[test]
fn without_cargo_deny_it_warns_a_developer() {
    let ran = deny("python3", "exit 1", "");
    assert!(ran.status.success());
    assert!(said(&ran).contains("the dependencies were NOT checked"), "{}", said(&ran));
}

#[test]
fn without_the_advisory_database_it_checks_the_rest_and_says_so() {
    let ran = deny("cargo-deny", OFFLINE, "true");
    assert!(ran.status.success(), "{}", said(&ran));
    assert_eq!(ran.stdout, b"twofold-placeholder\n");
    assert!(said(&ran).contains("security advisories were NOT checked"), "{}", said(&ran));
}

#[test]
fn what_cargo_deny_finds_fails_it() {
    let ran = deny("cargo-deny", "[ \"$1\" != check ]", "");
    assert!(!ran.status.success());
}

#[test]
fn development_ci_and_the_image_use_the_same_rust() {
    let read =
        |file: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let toolchain = read("rust-toolchain.toml");
    let (_, after) = toolchain.split_once("channel = \"").unwrap();
    let version = after.split('"').next().unwrap();
    assert!(read("Dockerfile").contains(&format!("=rust:{version}-")));
    let minor = version.rsplit_once('.').unwrap().0;
    assert!(read("Cargo.toml").contains(&format!("rust-version = \"{minor}\"")));
}
