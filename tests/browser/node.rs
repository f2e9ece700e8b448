//! Node, and the packages that the journeys need: installed once for a target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// What was installed in a folder: a copy of its lock file.
pub const INSTALLED: &str = "installed.json";

/// Where packages are installed and Chromium is unpacked.
static CACHE: LazyLock<PathBuf> = LazyLock::new(|| {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    fs::create_dir_all(&cache).unwrap();
    for name in ["package.json", "package-lock.json"] {
        fs::copy(source(name), cache.join(name)).unwrap();
    }
    // What is for development alone is the package with Chromium in it, 67 MB.
    let options: &[&str] = if has_chromium() { &["--omit=dev"] } else { &[] };
    install(&cache, &[&["--ignore-scripts"], options].concat());
    cache
});

/// Installs the packages of a folder's lock file, unless they are installed already.
pub fn install(folder: &Path, options: &[&str]) {
    let lock = fs::read(folder.join("package-lock.json")).unwrap();
    if fs::read(folder.join(INSTALLED)).ok().as_ref() != Some(&lock) {
        npm(folder, &[&["ci"], options].concat());
        fs::write(folder.join(INSTALLED), lock).unwrap();
    }
}

/// Runs npm in a folder.
pub fn npm(folder: &Path, arguments: &[&str]) {
    require_node();
    let mut command = Command::new("npm");
    command.args(arguments).args(["--no-audit", "--no-fund"]).current_dir(folder);
    let status = command.status();
    assert!(status.is_ok_and(|status| status.success()), "{command:?} failed");
}

/// The folder that pictures of failures are kept in.
static FAILURES: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser-failures");
    fs::create_dir_all(&folder).unwrap();
    folder
});

/// A file of the browser tests.
pub fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser").join(name)
}

/// Whether the machine has one that the journeys will take.
fn has_chromium() -> bool {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let answers = |name: &str| Command::new(name).arg("--version").output().is_ok();
    std::env::var_os("CHROMIUM").is_some_and(|path| !path.is_empty())
        || names.into_iter().any(answers)
}

/// Whether a version of Node, such as `v22.12.0`, is one that the packages support: `^20.19.0 || >=22.12.0`.
fn is_supported(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.').map(str::parse);
    let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else { return false };
    match (major, minor) {
        (20, minor) => minor >= 19,
        (major, minor) => (major, minor) >= (22, 12),
    }
}

#[test]
fn versions_of_node_are_compared() {
    let supported = ["v20.19.0", "v20.20.2", "v22.12.0", "v23.0.0", "v24.1.0"];
    assert_eq!(supported.into_iter().find(|version| !is_supported(version)), None);
    let old = ["", "v18.20.0", "v20.18.3", "v21.7.0", "v22.11.0"];
    assert_eq!(old.into_iter().find(|version| is_supported(version)), None);
}

fn require_node() {
    let asked = Command::new("node").arg("--version").output();
    let version = asked.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let is_supported = version.is_ok_and(|text| is_supported(text.trim()));
    assert!(is_supported, "These tests need Node 20.19 or 22.12, or later, on PATH.");
}

/// A script, about to be run.
pub fn script(name: &str) -> Command {
    let mut command = Command::new("node");
    command
        .arg(source(name))
        .env("BROWSER_CACHE", CACHE.as_path())
        .env("FAILURES", FAILURES.as_path());
    command
}
