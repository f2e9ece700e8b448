//! The terminal.

use std::io::{self, Write};

use super::short;
use crate::results::{Finding, Measured, Side};
use crate::stats::range;

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
    let (least, most) = range(&side.each(|round| round.per_second));
    let of = |value: fn(&crate::results::Round) -> f64| short(side.median(value));
    format!(
        "  {:<13} {:>7}/s ({} – {})  p50 {} p99 {} p99.9 {} ms  CPU a request: server {} mongod {} \
         generator {} µs  others {:.1} hypervisor {:.1} %",
        side.name,
        of(|round| round.per_second),
        short(least),
        short(most),
        of(|round| round.p50),
        of(|round| round.p99),
        of(|round| round.p999),
        of(|round| round.server),
        of(|round| round.mongod),
        of(|round| round.generator),
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
    let (value, least, most) = (short(found.value), short(found.least), short(found.greatest));
    format!("  {}: {value}{unit} ({least} – {most}){verdict}", found.what)
}
