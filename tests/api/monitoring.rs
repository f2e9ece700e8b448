//! The files in `deploy`: they name only what a service exports, and every alert is documented.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::harness::{TestApp, output, scrape};

fn deployed(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(file)
}

fn read(file: &str) -> String {
    fs::read_to_string(deployed(file)).unwrap()
}

/// The queries of every panel of the dashboard, and of its variables.
fn queries_of_the_dashboard() -> Vec<String> {
    let dashboard: Value = serde_json::from_str(&read("grafana/dashboards/twofold.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    let of_variables = variables.iter().filter_map(|variable| variable["definition"].as_str());
    let of_panels = targets.map(|target| target["expr"].as_str().unwrap());
    of_panels.chain(of_variables).map(str::to_owned).collect()
}

/// The expressions of every alert, by its name.
fn alerts() -> Vec<(String, String)> {
    let text = read("prometheus/alerts.yml");
    let mut alerts = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.trim().strip_prefix("- alert: ") {
            alerts.push((name.to_owned(), String::new()));
        } else if let Some(query) = line.trim().strip_prefix("expr: ") {
            query.trim_matches('\'').clone_into(&mut alerts.last_mut().unwrap().1);
        }
    }
    alerts
}

fn is_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// A metric that a query reads, and the values of labels that it must have.
type Selector<'a> = (&'a str, Vec<(&'a str, &'a str)>);

/// What a query reads.
fn selectors(query: &str) -> Vec<Selector<'_>> {
    let starts = query.match_indices("twofold_").chain(query.match_indices("process_"));
    let starts = starts.filter(|(at, _)| !query[..*at].ends_with(is_name));
    starts
        .map(|(at, _)| {
            let rest = &query[at..];
            let end = rest.find(|letter| !is_name(letter)).unwrap_or(rest.len());
            let labels = rest[end..].strip_prefix('{').and_then(|rest| rest.split_once('}'));
            let matchers = labels.map_or("", |(labels, _)| labels).split(',');
            let equal = matchers.filter_map(|matcher| matcher.split_once("=\""));
            (&rest[..end], equal.map(|(label, value)| (label, value.trim_matches('"'))).collect())
        })
        .collect()
}

/// Whether a server exports such a series. Prometheus adds `job` and `instance`, and counts of requests begin with
/// the first one.
fn is_exported(text: &str, (name, labels): &Selector<'_>) -> bool {
    let of_requests = name.starts_with("twofold_http_request");
    let is_added = |label: &str| ["job", "instance"].contains(&label);
    text.lines().any(|line| {
        let series = line.strip_prefix(*name).filter(|rest| rest.starts_with(['{', ' ']));
        series.is_some_and(|series| {
            labels.iter().all(|(label, value)| {
                is_added(label) || of_requests || series.contains(&format!("{label}=\"{value}\""))
            })
        })
    })
}

#[tokio::test]
async fn dashboard_and_alerts_read_only_what_a_server_exports() {
    let app = TestApp::spawn().await;
    let text = scrape(&app).await;
    let alerts = alerts();
    let queries = alerts.iter().map(|(_, query)| query.clone());
    let queries: Vec<String> = queries.chain(queries_of_the_dashboard()).collect();
    assert!(queries.len() > 60, "only {} queries were found", queries.len());
    let missing = queries.iter().flat_map(|query| selectors(query));
    let missing: Vec<_> = missing.filter(|selector| !is_exported(&text, selector)).collect();
    assert!(missing.is_empty(), "a server does not export {missing:?}");
    let read: BTreeSet<&str> =
        queries.iter().flat_map(|query| selectors(query)).map(|one| one.0).collect();
    assert!(read.len() > 25, "only {read:?} are read");
}

#[test]
fn every_alert_is_documented_with_its_severity_and_what_to_do() {
    let text = read("prometheus/alerts.yml");
    let documented = include_str!("../../docs/operations.md");
    for (name, query) in alerts() {
        let (_, rule) = text.split_once(&format!("- alert: {name}\n")).unwrap();
        let field = |field: &str| {
            let (_, rest) = rule.split_once(&format!("{field}: ")).unwrap();
            rest.lines().next().unwrap().trim_matches('\'').replace("''", "'")
        };
        let row = format!("| `{name}` | {} | {} [More]", field("severity"), field("action"));
        assert!(documented.contains(&row), "{row} is not in docs/operations.md");
        let runbook = field("runbook");
        let link = runbook
            .strip_prefix("docs/operations.md")
            .map_or_else(|| runbook.strip_prefix("docs/").unwrap().to_owned(), str::to_owned);
        assert!(documented.contains(&format!("{row}({link})")), "{name} links to {link}");
        assert!(!query.is_empty(), "{name}");
    }
}

#[test]
fn prometheus_accepts_the_files_where_promtool_is_installed() {
    let Some(paths) = std::env::var_os("PATH") else { return };
    if !std::env::split_paths(&paths).any(|folder| folder.join("promtool").is_file()) {
        return;
    }
    for (what, file) in [
        (["check", "config"], "prometheus/prometheus.yml"),
        (["test", "rules"], "prometheus/alerts.test.yml"),
    ] {
        let ran = output(Command::new("promtool").args(what).arg(deployed(file)));
        let (said, errors) =
            (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "{said}{errors}");
    }
}
