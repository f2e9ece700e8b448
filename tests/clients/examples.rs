//! What the examples say of themselves.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{harness::output, node, packages};

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The lines of the files below a folder that have one of these endings, without what npm makes.
fn lines(folder: &Path, endings: &[&str]) -> usize {
    let count = |path: PathBuf| {
        let is_made = ["node_modules", "dist", "target"].iter().any(|name| path.ends_with(name));
        if path.is_dir() {
            return if is_made { 0 } else { lines(&path, endings) };
        }
        let ending = path.extension().unwrap_or_default();
        let is_source = endings.iter().any(|one| ending == *one);
        if is_source { fs::read_to_string(path).unwrap().lines().count() } else { 0 }
    };
    fs::read_dir(folder).unwrap().map(|entry| count(entry.unwrap().path())).sum()
}

#[test]
fn each_backend_has_fewer_than_60_lines() {
    for backend in ["actix", "express", "fastapi", "next"] {
        let folder = root("examples/backends").join(backend);
        let count = lines(&folder, &["js", "py", "rs", "ts"]);
        assert!((20..60).contains(&count), "{backend} has {count} lines");
    }
}

#[test]
fn the_react_example_has_as_many_lines_as_it_says() {
    let source = root("examples/react/src");
    let [script, all] = [lines(&source, &["ts", "tsx"]), lines(&source, &["ts", "tsx", "css"])];
    let said = format!("{script} lines of TypeScript, and {all} with the style sheet");
    let page = fs::read_to_string(root("examples/react/README.md")).unwrap();
    assert!(page.contains(&said), "examples/react/README.md should say: {said}");
}

/// The port may be used by another program of the machine already.
#[test]
fn the_demo_says_that_its_port_is_in_use_and_runs_nothing() {
    let _taken = ["127.0.0.1:3000", "[::1]:3000"].map(TcpListener::bind);
    let mut demo = node(&packages::EXAMPLE.join("demo.js"));
    let ended = output(demo.args(["echo", "the command runs"]));
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(!ended.status.success() && said.contains("Port 3000 is already in use"), "{said}");
    assert!(!String::from_utf8(ended.stdout).unwrap().contains("the command runs"));
}

/// The dependencies of a package, by their names, as Cargo reads its manifest.
fn dependencies(manifest: &str) -> BTreeMap<String, Vec<Value>> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"]);
    let read = output(cargo.arg(root(manifest)));
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let metadata: Value = serde_json::from_slice(&read.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let is_it = |package: &&Value| {
        package["manifest_path"]
            .as_str()
            .is_some_and(|path| path == root(manifest).to_str().unwrap())
    };
    let package = packages.iter().find(is_it).unwrap();
    let mut named = BTreeMap::<_, Vec<Value>>::new();
    for dependency in package["dependencies"].as_array().unwrap() {
        let name = dependency["name"].as_str().unwrap().to_owned();
        named.entry(name).or_default().push(dependency.clone());
    }
    named
}

/// The example is built as a part of these tests. So are its dependencies, if they are those of its manifest.
#[test]
fn the_manifest_of_the_actix_example_has_what_the_tests_build_it_with() {
    let built = dependencies("Cargo.toml");
    let named = dependencies("examples/backends/actix/Cargo.toml");
    for (name, dependencies) in &named {
        let tested = built.get(name).unwrap_or_else(|| panic!("the tests don't build {name}"));
        for dependency in dependencies {
            assert!(tested.iter().all(|one| one["req"] == dependency["req"]), "{name}'s version");
            let features = dependency["features"].as_array().unwrap();
            let is_built = |feature: &&Value| {
                tested.iter().any(|one| one["features"].as_array().unwrap().contains(feature))
            };
            assert_eq!(features.iter().find(|feature| !is_built(feature)), None, "{name}");
        }
    }
    let source = fs::read_to_string(root("examples/backends/actix/src/main.rs")).unwrap();
    for name in built.keys() {
        let is_used = source.contains(&format!("{}::", name.replace('-', "_")));
        assert_eq!(named.contains_key(name), is_used, "{name} is used or named, not both");
    }
}
