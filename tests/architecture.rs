//! The house as `docs/architecture.md` draws it: which room may name which, and how large a file is.

#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};

/// Lines that a file may have: one job, read at one sitting.
const LONGEST: usize = 300;

/// A room, and the rooms that it may name.
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
];

/// What only some rooms may name.
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

/// The room of a file of the service, or `None` for tests and other crates.
fn room(path: &Path) -> Option<String> {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).ok()?;
    let first = inside.components().next()?.as_os_str().to_str()?;
    Some(first.trim_end_matches(".rs").to_owned())
}

/// The code of a file without its comments: prose may speak of any room.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn rooms_name_only_those_below_them() {
    let rooms: Vec<&str> = ARROWS.iter().map(|(room, _)| *room).collect();
    for path in sources() {
        let Some(here) = room(&path) else { continue };
        let Some((_, below)) = ARROWS.iter().find(|(room, _)| *room == here) else { continue };
        let code = code(&path);
        for other in rooms.iter().filter(|other| **other != here && !below.contains(other)) {
            let named = code.contains(&format!("crate::{other}"));
            assert!(!named, "{} names crate::{other}", path.display());
        }
    }
}

#[test]
fn what_is_outside_is_named_in_its_own_rooms_only() {
    for path in sources() {
        let Some(here) = room(&path) else { continue };
        let code = code(&path);
        for (outside, rooms) in OUTSIDE {
            let named = code.contains(&format!("{outside}::"));
            assert!(!named || rooms.contains(&here.as_str()), "{} names {outside}", path.display());
        }
    }
}

#[test]
fn no_file_is_longer_than_one_sitting() {
    for path in sources() {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines", path.display());
    }
}
