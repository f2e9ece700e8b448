//! The TypeScript client: its types are those of the OpenAPI description, and the package works once it is installed.
//! The clients that others generate from the description work, too.

#![expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a failed helper is a failed test"
)]

mod backend;
mod backends;
mod examples;
mod generated;
#[expect(dead_code, unused_imports, reason = "the tests of the interface use the rest")]
#[path = "../api/harness/mod.rs"]
mod harness;
mod keys;
#[path = "../browser/node.rs"]
mod node;
mod packages;
mod python;
mod samples;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use chrono::TimeDelta;

use harness::wait::Lines;
use packages::{CLIENT, SOURCE};

const TIME_TO_RUN: Duration = Duration::from_mins(2);

/// Runs a program to its end.
fn run(command: &mut Command) {
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?} failed");
}

fn node(script: &Path) -> Command {
    let mut command = Command::new("node");
    command.arg(script);
    command
}

/// With `UPDATE_CLIENT=1` the types are generated again instead.
#[test]
fn the_types_are_those_of_the_openapi_description() {
    let script = SOURCE.join("scripts/generate.mjs");
    let is_update = std::env::var_os("UPDATE_CLIENT").is_some_and(|value| value == "1");
    let mut generate = node(&script);
    if !is_update {
        generate.arg("--check");
    }
    let mut process = generate.stdin(Stdio::piped()).spawn().unwrap();
    let description = twofold::app::openapi().unwrap();
    process.stdin.take().unwrap().write_all(description.as_bytes()).unwrap();
    let status = process.wait().unwrap();
    assert!(status.success(), "update the types with UPDATE_CLIENT=1 cargo test --test clients");
    if is_update {
        let types = "clients/typescript/src/api.ts";
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(types);
        fs::copy(SOURCE.join("src/api.ts"), source).unwrap();
    }
}

#[test]
fn its_own_tests_pass() {
    run(node(Path::new("--test")).current_dir(CLIENT.as_path()));
}

/// Packs the client and installs it into a project that has nothing else.
fn project() -> PathBuf {
    let project = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages/installed");
    let _absent = fs::remove_dir_all(&project);
    fs::create_dir_all(&project).unwrap();
    let destination = project.to_str().unwrap();
    node::npm(&CLIENT, &["pack", "--ignore-scripts", "--pack-destination", destination]);
    let entries = fs::read_dir(&project).unwrap().map(|entry| entry.unwrap().file_name());
    let tarball = format!("./{}", entries.last().unwrap().into_string().unwrap());
    fs::write(project.join("package.json"), r#"{"private": true, "type": "module"}"#).unwrap();
    node::npm(&project, &["install", "--offline", &tarball]);
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/installed.ts");
    fs::copy(program, project.join("main.ts")).unwrap();
    let (_, block) = include_str!("../../docs/frontend.md").split_once("```ts\n").unwrap();
    let (documented, _) = block.split_once("\n```").unwrap();
    fs::write(project.join("documented.ts"), documented).unwrap();
    project
}

/// Compiles a program of a project, with the types of Node or of a browser.
fn compile(project: &Path, program: &str, libraries: &str, types: &str) {
    let mut compile = node(&CLIENT.join("node_modules/typescript/bin/tsc"));
    compile.args([program, "--strict", "--exactOptionalPropertyTypes", "--target", "es2022"]);
    compile.args(["--module", "nodenext", "--lib", libraries, "--types", types]);
    compile.arg("--typeRoots").arg(CLIENT.join("node_modules/@types"));
    run(compile.current_dir(project));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_installed_package_type_checks_and_signs_in() {
    let project = project();
    compile(&project, "documented.ts", "es2022,dom,dom.iterable", "node");
    compile(&project, "main.ts", "es2022,dom", "node");
    compile(&project, "main.ts", "es2022", "node");
    run_with_service(&mut node(&project.join("main.js"))).await;
}

/// Runs a program to its end, which writes `ok`, with a service whose clock it may move.
async fn run_with_service(program: &mut Command) {
    let app = backends::issuing().await;
    let mut process = program
        .env("SERVICE", app.url(""))
        .env("SERVICE_TIME", app.clock.now().timestamp_millis().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut answers = process.stdin.take().unwrap();
    let lines = Lines::of(process.stdout.take().unwrap(), TIME_TO_RUN);
    let mut has_ended = false;
    while let Some(line) = lines.next("the program ends") {
        if let Some(seconds) = line.strip_prefix("advance ") {
            app.advance(TimeDelta::seconds(seconds.parse().unwrap()));
            answers.write_all(b"done\n").unwrap();
        } else {
            has_ended = line == "ok";
        }
    }
    assert!(process.wait().unwrap().success() && has_ended, "{program:?} failed");
}

#[test]
fn the_react_example_type_checks_and_is_free_of_lints() {
    let example = packages::EXAMPLE.as_path();
    let tool = |name: &str| node(&example.join("node_modules").join(name));
    run(tool("typescript/bin/tsc").current_dir(example));
    // Git ignores the copy, and so does the linter.
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/react");
    run(tool("oxlint/bin/oxlint").arg("--deny-warnings").current_dir(source));
}

/// By the linter of the React example, with its rules.
#[test]
fn the_client_and_the_backends_in_javascript_are_free_of_lints() {
    let mut lint = node(&packages::EXAMPLE.join("node_modules/oxlint/bin/oxlint"));
    lint.args(["--deny-warnings", "--config", "examples/react/.oxlintrc.json"]);
    lint.args(["clients/typescript/src", "examples/backends/express", "examples/backends/next"]);
    run(lint.current_dir(env!("CARGO_MANIFEST_DIR")));
}

#[test]
fn the_react_example_is_not_built_without_the_address_of_the_service() {
    let built = harness::output(&mut packages::build(&packages::EXAMPLE, None));
    let said = String::from_utf8(built.stderr).unwrap();
    assert!(!built.status.success() && said.contains("Set VITE_API_URL"), "{said}");
}

/// The folders that npm makes are in no package and no image of the service.
#[test]
fn the_image_and_the_crate_leave_the_clients_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let image = fs::read_to_string(root.join(".dockerignore")).unwrap();
    assert!(image.lines().any(|line| line == "*"));
    assert!(
        !image.lines().any(|line| line.starts_with("!clients") || line.starts_with("!examples"))
    );
    let list = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--package", "twofold"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(list.status.success(), "{}", String::from_utf8_lossy(&list.stderr));
    let files = String::from_utf8(list.stdout).unwrap();
    assert!(files.lines().any(|file| file == "src/main.rs"));
    let is_client = |file: &&str| file.starts_with("clients/") || file.starts_with("examples/");
    assert_eq!(files.lines().find(is_client), None);
}
