//! The faults of the settings, reported together.

use std::fmt;

/// Faults of the settings, each with the setting's name and the reason.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Faults(Vec<(&'static str, String)>);

impl Faults {
    /// Adds a fault, once: several entries of one list may have the same one.
    pub(super) fn add(&mut self, name: &'static str, wants: impl Into<String>) {
        let fault = (name, wants.into());
        if !self.0.contains(&fault) {
            self.0.push(fault);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names of the settings that have a fault.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(name, _)| *name)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("The settings cannot be used:")?;
        for (name, wants) in &self.0 {
            write!(f, "\n  {name} {wants}")?;
        }
        f.write_str("\nSee `twofold --help` for every setting.")
    }
}

impl std::error::Error for Faults {}
