//! The terminal.

use std::io::{self, Write};

use super::{figures, spread};
use crate::results::{Finding, Measured, Side};

/// Says a line; a closed terminal has nobody to tell.
pub fn say(line: &str) {
    let _closed = writeln!(io::stdout(), "{line}");
}

/// Says what came of one work.
pub fn tell(measured: &Measured) {
    say(&format!("\n{}: {}", measured.work, measured.call));
    say(&format!("  against {}", measured.against));
    for line in measured.sides.iter().map(side) {
        say(&line);
    }
    if let Some(by_whom) = &measured.refused {
        say(&format!("  no ratio: other processes took the machine ({by_whom})"));
    }
    for line in measured.findings.iter().map(finding) {
        say(&line);
    }
    for note in &measured.notes {
        say(&format!("  {note}"));
    }
}

fn side(side: &Side) -> String {
    let [speed, p50, p99, p999, server, mongod, generator] = figures(side);
    format!(
        "  {:<13} a second {speed}  p50 {p50} p99 {p99} p99.9 {p999} ms  CPU a request: server {server} \
         mongod {mongod} generator {generator} µs  others {:.1} hypervisor {:.1} %",
        side.name,
        100.0 * side.median(|round| round.foreign),
        100.0 * side.median(|round| round.stolen),
    )
}

fn finding(found: &Finding) -> String {
    let unit = &found.unit;
    let verdict = match (found.goal, found.is_met()) {
        (crate::results::Goal::Told, _) => String::new(),
        (goal, true) => format!("  goal {}: reached", goal.in_words(unit)),
        (goal, false) => format!("  goal {}: MISSED", goal.in_words(unit)),
    };
    format!("  {}: {}{verdict}", found.what, spread(found))
}
