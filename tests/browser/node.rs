//! Node, and the packages that the journeys need: installed once for a target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

const OLDEST: u32 = 20;

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
