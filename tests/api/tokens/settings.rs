//! The settings of tokens, and what is refused of them.

use super::{SERVICES, signing_key};
use crate::harness::{Ran, TestApp, output, program};

fn check(mode: &str, settings: &[(&str, &str)]) -> Ran {
    let mut command = program();
    command
        .arg("check-config")
        .envs([("APP_ENV", mode), ("DATABASE_URL", "mongodb://127.0.0.1:1/")])
        .envs([("MONGO_INITDB_DATABASE", "x"), ("SEALING_KEYS", TestApp::SEALING_KEYS)])
        .env("PUBLIC_ORIGIN", "https://auth.example.com")
        .envs(settings.iter().copied());
    Ran::of(output(&mut command))
}

#[test]
fn usable_settings_are_accepted_in_production_too() {
    let key = signing_key();
    let both = format!(" {key} , {},", signing_key());
    for settings in [
        &[("SIGNING_KEYS", key.as_str()), ("TOKEN_AUDIENCES", "a")][..],
        &[
            ("SIGNING_KEYS", &both),
            ("TOKEN_AUDIENCES", "a, https://b.example.com/c"),
            ("JWT_LIFETIME", "15m"),
        ],
        &[("SERVICES", SERVICES), ("JWT_LIFETIME", "1s")],
    ] {
        for mode in ["development", "production"] {
            check(mode, settings).assert_code(0);
        }
    }
}

#[test]
fn what_cannot_be_used_is_refused_without_a_piece_of_it() {
    let key = signing_key();
    let (id, der) = key.split_once(':').unwrap();
    let short = "a".repeat(31);
    let long = "a".repeat(201);
    for (name, value, secret) in [
        ("SIGNING_KEYS", "key".to_owned(), ""),
        ("SIGNING_KEYS", der.to_owned(), der),
        ("SIGNING_KEYS", format!("{id}:{}", &der[..der.len() - 4]), &der[..32]),
        (
            "SIGNING_KEYS",
            format!("{id}:{}", &TestApp::SEALING_KEYS[5..]),
            &TestApp::SEALING_KEYS[5..],
        ),
        ("SIGNING_KEYS", format!("a b:{der}"), der),
        ("SIGNING_KEYS", format!(":{der}"), der),
        ("SIGNING_KEYS", format!("{key},{id}:{}", signing_key().split_once(':').unwrap().1), der),
        ("SIGNING_KEYS", format!("{key},other:{der}"), der),
        ("TOKEN_AUDIENCES", "a,a".to_owned(), ""),
        ("TOKEN_AUDIENCES", "a b".to_owned(), ""),
        ("TOKEN_AUDIENCES", long, ""),
        ("JWT_LIFETIME", "16m".to_owned(), ""),
        ("JWT_LIFETIME", "0".to_owned(), ""),
        ("JWT_LIFETIME", "soon".to_owned(), ""),
        ("SERVICES", format!("a:{short}"), &short),
        ("SERVICES", format!("a:{short}!"), &short),
        ("SERVICES", format!("a{short}b"), &short),
        ("SERVICES", format!("a/b:{short}bb"), &short),
        ("SERVICES", format!("a:{short}bb,a:{short}cc"), &short),
        ("SERVICES", format!("a:b:{short}bb"), &short),
        ("SERVICES", format!("a:{short}b,b:{short}b"), &short),
    ] {
        let ran = check("development", &[(name, &value)]);
        ran.assert_code(1);
        assert_eq!(
            ran.stderr.matches(&format!("\n  {name} ")).count(),
            1,
            "{name}={value}: {}",
            ran.stderr
        );
        assert!(secret.is_empty() || !ran.stderr.contains(secret), "{name}: {}", ran.stderr);
    }
}

#[test]
fn services_cannot_share_a_secret() {
    let shared = "a".repeat(32);
    let ran = check("development", &[("SERVICES", &format!("a:{shared},b:{shared}"))]);
    ran.assert_code(1);
    let fault = "SERVICES must not have a secret twice: each service needs one of its own";
    assert!(ran.stderr.contains(fault), "{}", ran.stderr);
}
