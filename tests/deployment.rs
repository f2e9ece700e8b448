//! The files under `deploy`: their settings exist and are valid, their paths are served, their waits are long enough, and the
//! programs that will read them accept them.

#![expect(
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a failed helper is a failed test"
)]

#[expect(dead_code, reason = "other tests use the rest")]
#[path = "api/harness/wait.rs"]
mod harness;
#[path = "deployment/programs.rs"]
mod programs;
#[expect(dead_code, reason = "the tests of clients use the rest")]
#[path = "clients/python.rs"]
mod python;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use twofold::config::settings::SETTINGS;
use twofold::config::{Config, Environment, Faults};

/// The folders with a deployment of the service.
const DEPLOYMENTS: [&str; 3] = ["compose", "systemd", "kubernetes"];

/// Variables that the service does not read: those of Compose itself and of other containers.
const OF_OTHERS: [&str; 4] = ["DOMAIN", "HOME", "MEMBER", "TWOFOLD_IMAGE"];

/// What the longest stop takes beyond `SHUTDOWN_DRAIN` and `SHUTDOWN_TIMEOUT`: a mail that is being sent, and the events
/// that wait.
const BESIDE_THE_SETTINGS: u64 = 20 + 5;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(folder(name)).unwrap()
}

/// The files of the deployments, with their paths, without documents and what `prepare.sh` creates.
fn files() -> Vec<(PathBuf, String)> {
    let entries = DEPLOYMENTS.into_iter().flat_map(|name| fs::read_dir(folder(name)).unwrap());
    let paths = entries.map(|entry| entry.unwrap().path());
    let is_ours = |path: &PathBuf| {
        path.is_file()
            && path.extension().is_none_or(|end| end != "md")
            && path.file_name().is_some_and(|name| name != ".env")
    };
    paths.filter(is_ours).map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// The variables that lines such as `NAME: value`, `NAME=value` and `Environment=NAME=value` set.
fn variables(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| {
        let line = line.trim();
        let line = line.strip_prefix("Environment=").unwrap_or(line);
        let line = line.strip_prefix("--setenv=").unwrap_or(line);
        let (name, value) = line.split_once(['=', ':'])?;
        let is_name = name.len() > 1 && name.bytes().all(|c| c.is_ascii_uppercase() || c == b'_');
        is_name.then_some((name, value.trim().trim_matches('"')))
    })
}

fn is_setting(name: &str) -> bool {
    let is_secret = |name: &str| SETTINGS.iter().any(|one| one.name == name && one.is_secret);
    SETTINGS.iter().any(|one| one.name == name) || name.strip_suffix("_FILE").is_some_and(is_secret)
}

#[test]
fn every_variable_is_a_setting() {
    let mut count = 0;
    for (path, text) in files() {
        for (name, _) in variables(&text).filter(|(name, _)| !OF_OTHERS.contains(name)) {
            count += 1;
            assert!(is_setting(name), "{}: {name} is no setting", path.display());
        }
    }
    assert!(count > 25, "only {count} variables were found");
}

/// What the service reads from the settings of a deployment, once it has its secrets.
fn configured(settings: &str) -> Result<Config, Faults> {
    let mut environment = Environment::from_pairs([
        ("DATABASE_URL", "mongodb://mongo-1,mongo-2,mongo-3/?replicaSet=rs0"),
        ("SEALING_KEYS", "test:dGhlIHNlYWxpbmcga2V5IG9mIHRoZSB0ZXN0IHN1aXQ="),
        ("METRICS_TOKEN", "a token of the test suite"),
    ]);
    let plain = variables(settings).filter(|(name, _)| !name.ends_with("_FILE"));
    for (name, value) in plain {
        let value = value.replace("${DOMAIN:?set DOMAIN in .env}", "auth.example.com");
        environment = environment.with(name, value);
    }
    twofold::app::configure(&environment)
}

#[test]
fn the_settings_of_each_deployment_can_be_used_once_they_have_their_secrets() {
    let compose = read("compose/compose.yml");
    let (_, block) = compose.split_once("environment: &settings").unwrap();
    let block = block.split_once("secrets:").unwrap().0.to_owned();
    for text in [block, read("systemd/twofold.env"), read("kubernetes/settings.env")] {
        let faults = configured(&text).err().map(|faults| faults.to_string());
        assert!(faults.is_none(), "{}", faults.unwrap());
    }
}

#[test]
fn every_path_is_served() {
    let surface = twofold::app::surface();
    let served: BTreeSet<&str> = surface.iter().map(|(_, path, _)| path.as_str()).collect();
    let mut named = BTreeSet::new();
    for (path, text) in files() {
        let words = text.split_whitespace().map(|word| word.trim_matches(['"', ',', ';', ':']));
        for word in words.filter(|word| word.starts_with("/health/") || *word == "/metrics") {
            let is_served = served.contains(word) || word == "/health/*";
            assert!(is_served, "{}: {word} is not served", path.display());
            named.insert(word.to_owned());
        }
    }
    for expected in ["/health/live", "/health/ready"] {
        assert!(named.contains(expected), "{expected} is not used");
    }
}

/// The first number after `name`.
fn number(text: &str, name: &str) -> u64 {
    let (_, after) = text.split_once(name).unwrap();
    let digits = after.trim_start().chars().take_while(char::is_ascii_digit);
    digits.collect::<String>().parse().unwrap()
}

#[test]
fn a_stop_is_given_the_time_that_it_may_take() {
    let config = configured(&read("systemd/twofold.env")).unwrap().http;
    let longest = (config.shutdown_drain + config.shutdown_timeout).as_secs() + BESIDE_THE_SETTINGS;
    let compose = read("compose/compose.yml");
    let (_, service) = compose.split_once("x-twofold:").unwrap();
    assert!(number(service, "stop_grace_period:") >= longest);
    assert!(number(&read("systemd/twofold.service"), "TimeoutStopSec=") >= longest);
    let pod = read("kubernetes/deployment.yaml");
    assert!(pod.lines().all(|line| line.trim() != "preStop:"), "its time is to be added");
    assert!(number(&pod, "terminationGracePeriodSeconds:") >= longest);
}

#[test]
fn connections_outlive_those_of_the_proxy() {
    for file in ["compose/compose.yml", "systemd/twofold.env", "kubernetes/settings.env"] {
        let text = read(file);
        let (_, value) = variables(&text).find(|(name, _)| *name == "KEEP_ALIVE").unwrap();
        let seconds: u64 = value.strip_suffix('s').unwrap().parse().unwrap();
        assert!(seconds > number(&read("compose/Caddyfile"), "keepalive"), "{file}");
    }
}

#[test]
fn kubernetes_runs_this_version() {
    let tag = format!("newTag: {}\n", env!("CARGO_PKG_VERSION"));
    assert!(read("kubernetes/kustomization.yaml").contains(&tag), "{tag}");
}

#[test]
fn what_is_no_setting_is_found() {
    let text = "x:\n  PUBLIC_ORIGIN: https://a\n  NO_SETTING: \"1\"\nEnvironment=PORT_FILE=%d/a\n# PORT: x";
    let found: Vec<_> = variables(text).collect();
    let expected = [("PUBLIC_ORIGIN", "https://a"), ("NO_SETTING", "1"), ("PORT_FILE", "%d/a")];
    assert_eq!(found, expected);
    assert_eq!(expected.map(|(name, _)| is_setting(name)), [true, false, false]);
}
