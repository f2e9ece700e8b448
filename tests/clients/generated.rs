//! Clients that other programs generate from the OpenAPI description: each one compiles, and carries out both contracts.

use std::fs;
use std::path::{Path, PathBuf};

use super::python::{folder, python};
use super::{node, packages, run, run_with_service};

const GENERATED: &str = "tests/clients/generated";

/// Writes the description into a folder.
fn description(folder: &Path) -> PathBuf {
    let path = folder.join("openapi.json");
    fs::write(&path, twofold::app::openapi().unwrap()).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_npm_generators_carry_out_both_contracts() {
    let folder = packages::installed(GENERATED);
    let description = description(&folder);
    let tool = |name: &str| {
        let mut tool = node(&folder.join("node_modules").join(name));
        tool.current_dir(&folder);
        tool
    };
    run(tool("openapi-typescript/bin/cli.js").arg(&description).args(["-o", "schema.ts"]));
    let mut hey_api = tool("@hey-api/openapi-ts/bin/run.js");
    run(hey_api.arg("-i").arg(&description).args(["-o", "hey-api"]));
    run(&mut tool("typescript/bin/tsc"));
    for client in ["openapi-typescript", "hey-api"] {
        run_with_service(&mut node(&folder.join(format!("built/{client}.js")))).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_of_a_python_generator_carries_out_both_contracts() {
    let Some(python) = python("generator", &["openapi-python-client==0.29.1"]) else { return };
    let folder = folder("python-client");
    let description = description(&folder);
    let mut generate = python();
    generate.current_dir(&folder).args([
        "-m",
        "openapi_python_client",
        "generate",
        "--overwrite",
        "--meta",
        "none",
    ]);
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join(GENERATED);
    generate.arg("--config").arg(sources.join("openapi_python_client.yml"));
    run(generate.arg("--path").arg(description).args(["--output-path", "twofold_client"]));
    run(python().args(["-m", "compileall", "-q"]).arg(folder.join("twofold_client")));
    // A program finds what lies beside it.
    fs::copy(sources.join("openapi_python_client.py"), folder.join("walk_through.py")).unwrap();
    run_with_service(python().arg(folder.join("walk_through.py"))).await;
}
