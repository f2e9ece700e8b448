//! The programs that read the files of `deploy`. Where one is missing, its test says so and passes.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use crate::folder;
use crate::harness::output;
use crate::python::python;

/// The validator of Kubernetes objects, with the schemas of every version.
const VALIDATOR: &str = "kubernetes-validate==1.37.0";

/// The versions that it is asked about: the oldest that is supported, and a recent one.
const KUBERNETES: [&str; 2] = ["1.27", "1.37"];

/// The highest exposure, in tenths, that `systemd-analyze security` may report.
const EXPOSURE: u32 = 15;

/// A program, if the machine has it; says so otherwise.
fn installed(name: &str) -> Option<Command> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).any(|folder| folder.join(name).is_file());
    if !found {
        // Not by `eprintln!`, which a test that passes does not show.
        let line = format!("SKIPPED: this machine has no {name}\n");
        let _written = io::stderr().write_all(line.as_bytes());
    }
    found.then(|| Command::new(name))
}

/// Runs a program, which must succeed; returns what it printed.
#[track_caller]
fn run(command: &mut Command) -> String {
    let ran = output(command);
    let printed = String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned();
    assert!(ran.status.success(), "{command:?}: {printed}");
    printed
}

/// An empty folder.
fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("deployment").join(name);
    let _absent = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn systemd_accepts_the_unit_and_finds_it_confined() {
    let Some(mut verify) = installed("systemd-analyze") else { return };
    let unit = fs::read_to_string(folder("systemd/twofold.service")).unwrap();
    // It must name a program that exists.
    let unit = unit.replace("/usr/local/bin/twofold", env!("CARGO_BIN_EXE_twofold"));
    let path = scratch("unit").join("twofold.service");
    fs::write(&path, unit).unwrap();
    let printed = run(verify.args(["verify", "--man=no"]).arg(&path));
    assert!(!printed.contains("twofold.service"), "{printed}");
    let mut security = Command::new("systemd-analyze");
    let threshold = format!("--threshold={EXPOSURE}");
    run(security.args(["security", "--offline=true", &threshold]).arg(&path));
}

#[test]
fn compose_accepts_its_files() {
    let plugin = output(Command::new("sh").args(["-c", "docker compose version"]));
    let mut compose = if plugin.status.success() {
        let mut docker = Command::new("docker");
        docker.arg("compose");
        docker
    } else {
        let Some(compose) = installed("docker-compose") else { return };
        compose
    };
    compose.current_dir(folder("compose"));
    let required =
        [("DOMAIN", "localhost"), ("TWOFOLD_IMAGE", "twofold"), ("MAIL_FROM", "a@example.com")];
    let files = ["-f", "compose.yml", "-f", "mail.yml"];
    let printed = run(compose.envs(required).args(files).arg("config"));
    for expected in
        ["twofold-2", "SMTP_URL_FILE", "SEALING_KEYS_FILE", "PUBLIC_ORIGIN: https://localhost"]
    {
        assert!(printed.contains(expected), "{expected} is missing in {printed}");
    }
}

#[test]
fn caddy_accepts_its_file() {
    let Some(mut caddy) = installed("caddy") else { return };
    let file = folder("compose/Caddyfile");
    run(caddy.args(["validate", "--config"]).arg(&file).env("DOMAIN", "auth.example.com"));
    run(Command::new("caddy").args(["fmt", "--diff"]).arg(&file));
}

/// The manifests as one text: as `kubectl` puts them together, or one after the other.
fn manifests() -> String {
    if let Some(mut kubectl) = installed("kubectl") {
        return run(kubectl.arg("kustomize").arg(folder("kubernetes")));
    }
    let entries = fs::read_dir(folder("kubernetes")).unwrap().map(|entry| entry.unwrap().path());
    let is_manifest = |path: &PathBuf| {
        path.extension().is_some_and(|end| end == "yaml") && !path.ends_with("kustomization.yaml")
    };
    let texts = entries.filter(is_manifest).map(|path| fs::read_to_string(path).unwrap());
    texts.collect::<Vec<_>>().join("\n---\n")
}

#[test]
fn kubernetes_accepts_the_manifests() {
    let manifests = manifests();
    let Some(python) = python("kubernetes", &[VALIDATOR]) else { return };
    let path = scratch("kubernetes").join("manifests.yaml");
    fs::write(&path, &manifests).unwrap();
    for version in KUBERNETES {
        let mut validate = python();
        validate.args(["-m", "kubernetes_validate", "--strict", "-k", version]);
        let printed = run(validate.arg(&path));
        let passed = printed.matches(" passed for resource ").count();
        assert_eq!(passed, manifests.matches("\nkind: ").count(), "{printed}");
    }
}

#[test]
fn the_secrets_that_are_prepared_can_be_used_and_are_not_replaced() {
    if installed("openssl").is_none() {
        return;
    }
    let here = scratch("secrets");
    fs::copy(folder("compose/prepare.sh"), here.join("prepare.sh")).unwrap();
    let prepare = || {
        let mut bash = Command::new("bash");
        run(bash.arg(here.join("prepare.sh")).args(["auth.example.com", "twofold:1"]))
    };
    assert_eq!(prepare().matches("created ").count(), 12);
    assert_eq!(prepare(), "");
    let secret = |name: &str| here.join("secrets").join(name);
    for member in ["mongo-1", "mongo-2", "mongo-3"] {
        let mut verify = Command::new("openssl");
        verify.args(["verify", "-purpose", "sslserver", "-verify_hostname", member, "-CAfile"]);
        run(verify.arg(secret("database-ca.pem")).arg(secret(&format!("{member}.pem"))));
    }
    let url = fs::read_to_string(secret("database-url")).unwrap();
    let url = url.replace("/run/secrets/database-ca", secret("database-ca.pem").to_str().unwrap());
    fs::write(here.join("url"), url).unwrap();
    let mut check = Command::new(env!("CARGO_BIN_EXE_twofold"));
    check
        .env_clear()
        .current_dir(&here)
        .arg("check-config")
        .env("PUBLIC_ORIGIN", "https://auth.example.com")
        .env("MONGO_INITDB_DATABASE", "twofold")
        .env("DATABASE_URL_FILE", here.join("url"))
        .env("SEALING_KEYS_FILE", secret("sealing-keys"))
        .env("METRICS_TOKEN_FILE", secret("metrics-token"));
    // Not the `.env` of Compose, which has no settings of the service.
    fs::remove_file(here.join(".env")).unwrap();
    run(&mut check);
}
