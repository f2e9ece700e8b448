//! What a command writes: for people, or as JSON for programs.

use std::io::{self, Write};

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::exit::Failure;
use crate::domain::clock::Moment;

/// Where a command's outcome goes.
pub(super) struct Output {
    is_json: bool,
}

impl Output {
    pub fn new(is_json: bool) -> Self {
        Self { is_json }
    }

    /// Whether programs read it.
    pub fn is_json(&self) -> bool {
        self.is_json
    }

    /// Writes an outcome: as lines, or as one line of JSON.
    pub fn tell(&self, lines: &[String], json: &Value) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        let written = if self.is_json {
            writeln!(out, "{json}")
        } else {
            lines.iter().try_for_each(|line| writeln!(out, "{}", printable(line)))
        };
        written.map_err(Failure::other)
    }

    /// Says to standard error why a command failed.
    pub fn failure(&self, failure: &Failure) {
        let text = if self.is_json {
            json!({ "error": failure.name(), "message": failure.to_string() }).to_string()
        } else {
            failure.to_string()
        };
        // There is nobody left to tell if standard error is closed.
        let _closed = writeln!(io::stderr(), "{text}");
    }
}

/// What strangers put into a name or a user agent must not move a terminal's cursor.
fn printable(line: &str) -> String {
    line.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

/// A moment for people.
pub(super) fn spoken_moment(moment: Moment) -> String {
    moment.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A wait for people.
pub(super) fn spoken_wait(wait: TimeDelta) -> String {
    if wait == TimeDelta::MAX {
        return "until a recovery code is used".to_owned();
    }
    let seconds = wait.num_seconds().max(1);
    match seconds {
        ..=90 => format!("for {seconds} s"),
        91..=5_400 => format!("for {} min", seconds / 60),
        _ => format!("for {} h", seconds / 3_600),
    }
}
