//! Checks `docs/architecture.md` against the code: which layer may use which, and how long a file may be.

#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};

/// The most lines that a file may have.
const LONGEST: usize = 300;

/// Each layer, and the layers that it may use.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("crypto", &["domain"]),
    ("storage", &["domain"]),
    ("flows", &["domain", "crypto", "storage"]),
    ("config", &["domain"]),
    ("views", &["domain", "flows"]),
    ("http", &["domain", "flows", "config", "views"]),
    ("app", &["domain", "crypto", "storage", "flows", "config", "http"]),
    ("cli", &["domain", "flows", "config", "views", "app", "telemetry"]),
    ("telemetry", &["config"]),
    ("fuzzing", &["crypto", "storage", "config", "http", "app"]),
];

/// Crates and modules that only some layers may use.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("actix_web", &["http", "app", "cli"]),
    ("actix_cors", &["http"]),
    ("mongodb", &["storage"]),
    ("bson", &["storage"]),
    ("std::env", &["config"]),
    ("dotenvy", &["config"]),
    ("argon2", &["crypto"]),
    ("totp_rs", &["crypto"]),
    ("qrcode", &["crypto"]),
];

fn sources() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    for folder in ["src", "tests", "crates", "bench"] {
        walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    }
    assert!(found.len() > 50);
    found
}

/// The layer of a file of the service, or `None` for tests and other crates.
fn layer(path: &Path) -> Option<String> {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).ok()?;
    let first = inside.components().next()?.as_os_str().to_str()?;
    Some(first.trim_end_matches(".rs").to_owned())
}

/// The code of a file without its comments, which may mention any layer.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn layers_use_only_those_below_them() {
    let layers: Vec<&str> = ARROWS.iter().map(|(layer, _)| *layer).collect();
    for path in sources() {
        let Some(here) = layer(&path) else { continue };
        let Some((_, below)) = ARROWS.iter().find(|(layer, _)| *layer == here) else { continue };
        let code = code(&path);
        for other in layers.iter().filter(|other| **other != here && !below.contains(other)) {
            let named = code.contains(&format!("crate::{other}"));
            assert!(!named, "{} uses crate::{other}", path.display());
        }
    }
}

#[test]
fn outside_crates_are_used_only_in_their_layers() {
    for path in sources() {
        let Some(here) = layer(&path) else { continue };
        let code = code(&path);
        for (outside, layers) in OUTSIDE {
            let named = code.contains(&format!("{outside}::"));
            assert!(!named || layers.contains(&here.as_str()), "{} uses {outside}", path.display());
        }
    }
}

#[test]
fn no_file_is_longer_than_the_limit() {
    for path in sources() {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines", path.display());
    }
}
