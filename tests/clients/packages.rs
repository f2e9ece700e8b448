//! The npm packages of this repository, built in copies below the target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::node;

/// The TypeScript client, with its tools.
pub static SOURCE: LazyLock<PathBuf> = LazyLock::new(|| installed("clients/typescript"));

/// The same, built.
pub static CLIENT: LazyLock<PathBuf> = LazyLock::new(|| {
    node::npm(&SOURCE, &["run", "build"]);
    SOURCE.clone()
});

/// The React example: installed, with the client.
pub static EXAMPLE: LazyLock<PathBuf> = LazyLock::new(|| {
    LazyLock::force(&CLIENT);
    installed("examples/react")
});

/// Builds the React example for the service at this address.
pub fn build(example: &Path, service: Option<&str>) -> Command {
    let mut build = Command::new("node");
    build.args(["node_modules/vite/bin/vite.js", "build"]).current_dir(example);
    match service {
        Some(service) => build.env("VITE_API_URL", service),
        None => build.env_remove("VITE_API_URL"),
    };
    build
}

/// Copies a package, and installs what it depends on.
pub fn installed(package: &str) -> PathBuf {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages").join(package);
    copy_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join(package), &copy);
    node::install(&copy, &["--ignore-scripts"]);
    copy
}

/// Copies everything but what npm makes. What was copied earlier and no longer exists is removed.
fn copy_folder(from: &Path, to: &Path) {
    let is_made = |path: &Path| ["node_modules", "dist"].iter().any(|name| path.ends_with(name));
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(to).unwrap() {
        let path = entry.unwrap().path();
        let is_gone = !from.join(path.file_name().unwrap()).exists();
        let is_ours = !is_made(&path) && !path.ends_with(node::INSTALLED);
        if is_gone && is_ours {
            if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
        }
    }
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() && !is_made(&path) {
            copy_folder(&path, &target);
        } else if path.is_file() {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// The example for Express.
pub static EXPRESS: LazyLock<PathBuf> = LazyLock::new(|| installed("examples/backends/express"));

/// The handlers for Next.js, with what serves them here. The package that they need is one of the example for Express.
pub fn next_example() -> PathBuf {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages/examples/backends/next");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    copy_folder(&root.join("examples/backends/next"), &copy);
    fs::copy(root.join("tests/clients/next.ts"), copy.join("serve.ts")).unwrap();
    let modules = copy.join("node_modules");
    if !modules.exists() {
        std::os::unix::fs::symlink(EXPRESS.join("node_modules"), modules).unwrap();
    }
    copy
}
