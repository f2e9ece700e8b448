//! What a command prints: for people, or as JSON for programs.

use std::fmt::Write as _;
use std::io::{self, Write};

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::exit::Failure;
use super::foreign_text::printable;
use crate::domain::clock::Moment;
use crate::domain::wait::in_words;

/// Prints a command's outcome.
pub(super) struct Output {
    is_json: bool,
}

impl Output {
    pub fn new(is_json: bool) -> Self {
        Self { is_json }
    }

    /// Whether the output is JSON.
    pub fn is_json(&self) -> bool {
        self.is_json
    }

    /// Prints an outcome: as lines, or as one line of JSON.
    pub fn tell(&self, lines: &[String], json: &Value) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        let written = if self.is_json {
            writeln!(out, "{}", json_line(json))
        } else {
            lines.iter().try_for_each(|line| writeln!(out, "{}", printable(line)))
        };
        written.map_err(Failure::other)
    }

    /// Prints to standard error why a command failed.
    pub fn failure(&self, failure: &Failure) {
        let text = if self.is_json {
            json_line(&json!({ "error": failure.name(), "message": failure.to_string() }))
        } else {
            failure.to_string()
        };
        // Nothing else can be done if standard error is closed.
        let _closed = writeln!(io::stderr(), "{text}");
    }
}

/// JSON in one line of printable characters.
pub(super) fn json_line(json: &Value) -> String {
    printable_json(&json.to_string())
}

/// JSON of printable characters and line breaks: JSON itself escapes only the control characters below U+0020.
pub(super) fn printable_json(json: &str) -> String {
    let mut text = String::new();
    for letter in json.chars() {
        let is_plain = letter.is_ascii_graphic() || matches!(letter, ' ' | '\n');
        if !is_plain && letter.escape_debug().len() > 1 {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                // Writing to a text cannot fail.
                let _written = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(letter);
        }
    }
    text
}

/// Aligns rows in columns under a header; nothing if there are no rows. Every row is one line.
pub(super) fn table<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> Vec<String> {
    if rows.is_empty() {
        return Vec::new();
    }
    let header = header.map(str::to_owned);
    let all = || std::iter::once(&header).chain(rows);
    let width = |column: usize| {
        let cells = all().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    all().map(line).collect()
}

/// A time for people.
pub(super) fn spoken_moment(moment: Moment) -> String {
    moment.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// How long a wait lasts, for people.
pub(super) fn spoken_wait(wait: TimeDelta) -> String {
    if wait == TimeDelta::MAX {
        return "until a recovery code is used".to_owned();
    }
    format!("for {}", in_words(wait))
}
