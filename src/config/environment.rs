//! The source of settings: the process's environment, then `.env`.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::Path;

use super::settings;

/// Settings by name, unparsed.
#[derive(Clone, Default)]
pub struct Environment(HashMap<String, String>);

impl Environment {
    /// Reads the process's environment, and the file `.env` in the current folder if it exists. The
    /// environment wins.
    ///
    /// # Errors
    ///
    /// If `.env` cannot be read or parsed, or a setting is not UTF-8. No value is quoted.
    pub fn load() -> io::Result<Self> {
        let file = Path::new(".env");
        let Self(mut values) =
            if file.exists() { Self::from_dotenv(File::open(file)?)? } else { Self::default() };
        for (name, value) in std::env::vars_os() {
            let Ok(name) = name.into_string() else { continue };
            match value.into_string() {
                Ok(value) => drop(values.insert(name, value)),
                Err(_) if is_setting(&name) => {
                    return Err(io::Error::other(format!("{name} is not valid UTF-8")));
                }
                Err(_) => {}
            }
        }
        Ok(Self(values))
    }

    /// Parses settings in the syntax of a `.env` file.
    ///
    /// # Errors
    ///
    /// If a line is not `NAME=VALUE`. The line is not quoted.
    pub fn from_dotenv(text: impl io::Read) -> io::Result<Self> {
        let malformed =
            |_cause| io::Error::other("the file .env has a line that is not NAME=VALUE");
        let entries = dotenvy::from_read_iter(text).map(|entry| entry.map_err(malformed));
        entries.collect::<io::Result<_>>().map(Self)
    }

    /// The names that are set.
    #[cfg(fuzzing)]
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// These settings, for tests.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let owned = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self(owned.collect())
    }

    /// The same settings with one of them set.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name).map(|value| value.trim());
        value.filter(|value| !value.is_empty())
    }
}

fn is_setting(name: &str) -> bool {
    let of_file = name.strip_suffix("_FILE").and_then(settings::find);
    settings::find(name).or(of_file).is_some()
}
