//! Checks `docs/architecture.md` against the code: which layer may use which layers and crates, and how
//! long a file may be.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed helper fails a test")]

#[path = "architecture/paths.rs"]
mod paths;
#[path = "architecture/violations.rs"]
mod the_check;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The maximum number of lines of a file.
const LONGEST: usize = 300;

/// A top-level module, the layers that it may use, and the crates that it may use besides `std` and
/// [`EVERYWHERE`].
type Layer = (&'static str, &'static [&'static str], &'static [&'static str]);

const LAYERS: &[Layer] = &[
    ("domain", &[], &["email_address", "unicode_normalization"]),
    // It reads what the system says about the process.
    ("metrics", &["domain"], &["prometheus", "rustix"]),
    (
        "crypto",
        &["domain", "metrics"],
        &[
            "argon2",
            "argon2_rust",
            "chacha20poly1305",
            "hkdf",
            "hmac",
            "image",
            "minicbor",
            "prometheus",
            "qrcode",
            "rand",
            "ring",
            "rustix",
            "serde",
            "serde_json",
            "sha2",
            "tokio",
            "totp_rs",
            // Only its tests.
            "webauthn_rs_core",
        ],
    ),
    (
        "storage",
        &["domain", "metrics"],
        &["bson", "futures_util", "local_mongod", "mongodb", "tokio"],
    ),
    ("mail", &["domain"], &["lettre", "minijinja", "rand", "rust_embed", "tokio", "url"]),
    // It opens the file that it is about, so that `crypto` needs no files.
    ("breaches", &["domain"], &["sha1", "sha2"]),
    (
        "flows",
        &["domain", "crypto", "storage", "breaches", "mail", "metrics"],
        &["futures_util", "rand", "tokio"],
    ),
    ("config", &["domain"], &["dotenvy", "ipnet", "percent_encoding", "url"]),
    ("views", &["domain", "flows"], &["serde", "utoipa"]),
    (
        "http",
        &["domain", "flows", "config", "views", "metrics"],
        &[
            "actix_cors",
            "actix_http",
            "actix_service",
            "actix_web",
            "flate2",
            "futures_util",
            "ipnet",
            "mime_guess",
            "opentelemetry",
            "percent_encoding",
            "rand",
            "rust_embed",
            "rustix",
            "serde",
            "serde_json",
            "sha2",
            "tokio",
            "url",
            "utoipa",
        ],
    ),
    (
        "app",
        &["domain", "crypto", "storage", "breaches", "flows", "mail", "metrics", "config", "http"],
        &["actix_web", "serde_json", "tokio", "url"],
    ),
    (
        "cli",
        &["domain", "flows", "mail", "breaches", "config", "views", "app", "telemetry"],
        &[
            "actix_web",
            "clap",
            "clap_complete",
            "clap_mangen",
            "indicatif",
            "rand",
            "rpassword",
            "serde",
            "serde_json",
            "tokio",
        ],
    ),
    (
        "telemetry",
        &["config"],
        &[
            "actix_http",
            "opentelemetry",
            "opentelemetry_otlp",
            "opentelemetry_sdk",
            "tracing_subscriber",
        ],
    ),
    ("fuzzing", &["crypto", "storage", "config", "http", "app"], &[]),
    ("lib", &["domain"], &[]),
    ("main", &[], &["tikv_jemallocator", "twofold"]),
];

/// Crates of plain values, errors and logging. `domain` does not log.
const EVERYWHERE: &[&str] =
    &["chrono", "data_encoding", "proptest", "secrecy", "thiserror", "tracing", "zeroize"];

/// Parts of `std` that only some layers may use.
const RESTRICTED: &[(&str, &[&str])] = &[
    ("std::env", &["config"]),
    ("std::fs", &["config", "mail", "cli", "breaches", "metrics"]),
    ("std::process", &["cli", "main"]),
    ("std::net::Tcp", &["http", "app"]),
    ("std::net::Udp", &[]),
    ("std::time::SystemTime", &[]),
    ("std::io", &["crypto", "breaches", "config", "http", "app", "cli", "telemetry"]),
    ("std::thread", &["crypto", "config", "http"]),
    (
        "tracing",
        &["crypto", "storage", "mail", "flows", "config", "http", "app", "cli", "telemetry"],
    ),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The crates that a path can start with: the dependencies in Cargo.toml, and `std`.
fn externals() -> BTreeSet<String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (_, after) = manifest.split_once("\n[dependencies]\n").unwrap();
    let (dependencies, after) = after.split_once("\n[").unwrap();
    let (_, after) = after.split_once("dev-dependencies]\n").unwrap();
    let (of_tests, _) = after.split_once("\n[").unwrap();
    let lines = dependencies.lines().chain(of_tests.lines());
    let names = lines.filter_map(|line| line.split(['.', ' ', '=']).next());
    let names = names.filter(|name| !name.is_empty() && !name.starts_with('#'));
    let own = ["std", "core", "alloc", "twofold"].map(str::to_owned);
    names.map(|name| name.replace('-', "_")).chain(own).collect()
}

/// The path of a file's module.
fn module(file: &str) -> Vec<&str> {
    file.trim_end_matches(".rs").trim_end_matches("/mod").split('/').collect()
}

/// What a source file uses and must not. `file` is its path below `src`.
fn violations(file: &str, source: &str) -> Vec<String> {
    let module = module(file);
    let Some((here, below, crates)) = LAYERS.iter().find(|(layer, ..)| *layer == module[0]) else {
        return vec![format!("{file} belongs to no layer")];
    };
    let module: &[&str] = if ["lib", "main"].contains(here) { &[] } else { &module };
    let used = paths::used(source, module, &externals());
    let is_forbidden = |path: &String| {
        let mut parts = path.split("::");
        match (parts.next(), parts.next()) {
            (Some("crate"), Some(layer)) => {
                // The root's own modules are declared there, and its macros and re-exports are not used.
                layer != *here && !below.contains(&layer)
            }
            (Some("crate"), None) => true,
            (Some("std" | "core" | "alloc"), _) => is_restricted(here, path),
            (Some(name), _) if EVERYWHERE.contains(&name) => is_restricted(here, path),
            (Some(name), _) => !crates.contains(&name),
            (None, _) => false,
        }
    };
    used.iter()
        .filter(|path| is_forbidden(path))
        .map(|path| format!("{file} uses {path}"))
        .collect()
}

fn is_restricted(layer: &str, path: &str) -> bool {
    let allowed = RESTRICTED.iter().find(|(part, _)| path.starts_with(part));
    allowed.is_some_and(|(_, layers)| !layers.contains(&layer))
}

#[test]
fn layers_use_only_their_layers_and_crates() {
    let folder = root().join("src");
    let mut found = Vec::new();
    for path in sources(&folder) {
        let file = path.strip_prefix(&folder).unwrap().to_str().unwrap();
        found.extend(violations(file, &fs::read_to_string(&path).unwrap()));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_documents_show_the_arrows_that_exist() {
    let folder = root().join("src");
    let mut exist: BTreeSet<String> = BTreeSet::new();
    for path in sources(&folder) {
        let file = path.strip_prefix(&folder).unwrap().to_str().unwrap();
        let module = module(file);
        let used = paths::used(&fs::read_to_string(&path).unwrap(), &module, &externals());
        let layers =
            used.iter().filter_map(|path| path.strip_prefix("crate::")?.split("::").next());
        let others = layers.filter(|layer| *layer != module[0]);
        exist.extend(others.map(|layer| format!("{} -> {layer}", module[0])));
    }
    // `lib` declares the layers, and `fuzzing` is not part of an ordinary build.
    exist.retain(|arrow| !arrow.starts_with("lib ") && !arrow.starts_with("fuzzing "));
    exist.insert("main -> cli".to_owned());
    for document in ["docs/architecture.md", "src/lib.rs"] {
        let text = fs::read_to_string(root().join(document)).unwrap();
        let lines = text.lines().map(|line| line.trim_start_matches("//! "));
        let lists = lines.filter_map(|line| line.split_once(" -> "));
        let lists = lists.filter(|(_, below)| !below.contains("->") && *below != "nothing");
        let shown = lists.flat_map(|(layer, below)| {
            let arrow = move |other| format!("{} -> {other}", layer.trim_end());
            below.split(", ").map(arrow)
        });
        let shown: BTreeSet<String> = shown.filter(|arrow| !arrow.starts_with(' ')).collect();
        assert_eq!(shown, exist, "{document}");
    }
}

#[test]
fn no_file_is_longer_than_the_limit() {
    let files = ["src", "tests", "crates", "bench", "reliability"]
        .map(|folder| sources(&root().join(folder)));
    let files = files.concat();
    assert!(files.len() > 50);
    for path in files {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines", path.display());
    }
}
