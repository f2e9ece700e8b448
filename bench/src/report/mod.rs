//! What a run says: on the terminal while it goes on, and in `docs/` when it is recorded.

mod bars;
mod canvas;
mod latencies;
mod markdown;
mod processors;
pub mod terminal;

use std::fs;
use std::path::Path;

use crate::fault::{Result, fault};
use crate::results::{Finding, Goal, Round, Run, Side};

/// The recorded run's file in a folder.
const RECORD: &str = "benchmarks.json";
const PAGE: &str = "benchmarks.md";
const PICTURES: &str = "benchmarks";

/// Records a run: its numbers, the page, the pictures.
pub fn record(run: &Run, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder.join(PICTURES))?;
    let mut json = serde_json::to_string_pretty(run)?;
    json.push('\n');
    fs::write(folder.join(RECORD), json)?;
    draw(run, folder)
}

/// Writes the page and the pictures again from the numbers.
pub fn draw(run: &Run, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder.join(PICTURES))?;
    fs::write(folder.join(PAGE), markdown::page(run))?;
    let picture = |name: &str| folder.join(PICTURES).join(name);
    fs::write(picture("ratios.svg"), bars::ratios(run))?;
    fs::write(picture("processors.svg"), processors::draw(run))?;
    fs::write(picture("latencies.svg"), latencies::draw(run))?;
    Ok(())
}

/// Reads the recorded run.
pub fn recorded(folder: &Path) -> Result<Run> {
    let path = folder.join(RECORD);
    let text = fs::read_to_string(&path)
        .map_err(|cause| fault(format!("no run is recorded in {}: {cause}", path.display())))?;
    Ok(serde_json::from_str(&text)?)
}

/// A side's figures in the order of every listing: answers a second, the three latencies in ms, and the
/// CPU a request of the server, of `mongod` and of the generator in µs.
fn figures(side: &Side) -> [String; 7] {
    let speed = Finding::of("", &side.each(|round| round.per_second), "", Goal::Told);
    let of = |value: fn(&Round) -> f64| short(side.median(value));
    [
        spread(&speed),
        of(|round| round.p50),
        of(|round| round.p99),
        of(|round| round.p999),
        of(|round| round.server),
        of(|round| round.mongod),
        of(|round| round.generator),
    ]
}

/// A number and the range it is the middle of.
fn spread(found: &Finding) -> String {
    let (value, least, most) = (short(found.value), short(found.least), short(found.greatest));
    format!("{value}{} ({least} – {most})", found.unit)
}

/// A number with as many digits as it has meaning.
fn short(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
