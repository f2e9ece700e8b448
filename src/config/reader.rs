//! Parsing settings one by one, and collecting their faults.

use std::fmt::Display;
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use chrono::TimeDelta;
use secrecy::SecretString;

use super::environment::Environment;
use super::faults::Faults;
use super::{Check, settings};

/// Reads settings by their names. If one has a fault, it returns a placeholder, and [`Reader::finish`] returns
/// the faults.
pub(super) struct Reader<'a> {
    environment: &'a Environment,
    faults: Faults,
}

impl<'a> Reader<'a> {
    pub fn new(environment: &'a Environment) -> Self {
        Self { environment, faults: Faults::default() }
    }

    /// Returns `value` if there was no fault.
    pub fn finish<T>(self, value: T) -> Result<T, Faults> {
        if self.faults.is_empty() { Ok(value) } else { Err(self.faults) }
    }

    pub fn fault(&mut self, name: &'static str, wants: impl Into<String>) {
        self.faults.add(name, wants);
    }

    /// Whether the setting already has a fault.
    pub fn is_faulty(&self, name: &str) -> bool {
        self.faults.names().any(|faulty| faulty == name)
    }

    /// A setting or its default, if it has one.
    pub fn optional(&self, name: &'static str) -> Option<String> {
        let default = settings::find(name).map(|setting| setting.default);
        let given = self.environment.get(name);
        given.or(default).filter(|value| !value.is_empty()).map(str::to_owned)
    }

    pub fn text(&self, name: &'static str) -> String {
        self.optional(name).unwrap_or_default()
    }

    pub fn required(&mut self, name: &'static str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.fault(name, "must be set");
            String::new()
        })
    }

    /// A secret, given directly or in a file.
    pub fn optional_secret(&mut self, name: &'static str) -> Option<String> {
        let file = self.environment.get(&format!("{name}_FILE"));
        match (self.environment.get(name), file) {
            // The file wins, because .env may contain a development value.
            (_, Some(path)) => {
                let secret = fs::read_to_string(path).map(|secret| secret.trim().to_owned());
                if let Err(cause) = &secret {
                    self.fault(
                        name,
                        format!("cannot be read from the file that {name}_FILE names ({cause})"),
                    );
                }
                secret.ok()
            }
            (Some(secret), None) => Some(secret.to_owned()),
            (None, None) => None,
        }
    }

    pub fn secret(&mut self, name: &'static str) -> Option<String> {
        let secret = self.optional_secret(name);
        if secret.is_none() && !self.is_faulty(name) {
            self.fault(name, format!("must be set (or {name}_FILE)"));
        }
        secret
    }

    /// A connection string that may be absent.
    pub fn optional_url(
        &mut self,
        name: &'static str,
        check: Check<'_, str>,
    ) -> Option<SecretString> {
        let url = self.optional_secret(name);
        self.checked_url(name, url, check)
    }

    /// A connection string.
    pub fn required_url(&mut self, name: &'static str, check: Check<'_, str>) -> SecretString {
        let url = self.secret(name);
        self.checked_url(name, url, check).unwrap_or_else(|| SecretString::from(String::new()))
    }

    /// The path of a file that may be absent.
    pub fn file(&mut self, name: &'static str, check: Check<'_, Path>) -> Option<PathBuf> {
        let path = PathBuf::from(self.optional(name)?);
        if let Err(wants) = check(&path) {
            self.fault(name, wants);
        }
        Some(path)
    }

    fn checked_url(
        &mut self,
        name: &'static str,
        url: Option<String>,
        check: Check<'_, str>,
    ) -> Option<SecretString> {
        if let Some(Err(wants)) = url.as_deref().map(check) {
            self.fault(name, wants);
        }
        url.map(SecretString::from)
    }

    /// One of several words.
    pub fn choice<T>(&mut self, name: &'static str, choices: &[(&str, T)]) -> T
    where
        T: Copy + Default,
    {
        let text = self.text(name);
        let chosen = choices.iter().find(|(word, _)| word.eq_ignore_ascii_case(&text));
        if let Some((_, value)) = chosen {
            return *value;
        }
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        self.fault(name, format!("must be one of: {}", words.join(", ")));
        T::default()
    }

    /// An integer within bounds.
    pub fn number<T>(&mut self, name: &'static str, bounds: RangeInclusive<T>) -> Option<T>
    where
        T: FromStr + PartialOrd + Display + Copy,
    {
        let text = self.optional(name)?;
        let number = text.parse().ok().filter(|number| bounds.contains(number));
        if number.is_none() {
            let (from, to) = (bounds.start(), bounds.end());
            self.fault(name, format!("must be a whole number from {from} to {to}"));
        }
        number
    }

    /// A duration such as `90s`, `15m`, `24h` or `7d`; a number without a unit is in seconds.
    pub fn duration(&mut self, name: &'static str) -> TimeDelta {
        let text = self.text(name);
        parse_duration(&text).unwrap_or_else(|| {
            self.fault(name, "must be a duration from 1s to 365d, such as 90s, 15m, 24h or 7d");
            TimeDelta::seconds(1)
        })
    }

    /// A duration, or 0 for none.
    pub fn duration_or_zero(&mut self, name: &'static str) -> TimeDelta {
        let text = self.text(name);
        let is_zero = ["0", "0s", "0m", "0h", "0d"].contains(&text.as_str());
        if is_zero { TimeDelta::zero() } else { self.duration(name) }
    }
}

fn parse_duration(text: &str) -> Option<TimeDelta> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = text.strip_prefix(digits)?;
    let count: i64 = digits.parse().ok()?;
    let seconds = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    let total = count.checked_mul(seconds)?;
    (1..=365 * 86_400).contains(&total).then(|| TimeDelta::seconds(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_take_a_unit_or_are_seconds() {
        let seconds = |text| parse_duration(text).map(|duration| duration.num_seconds());
        assert_eq!(seconds("90"), Some(90));
        assert_eq!(seconds("90s"), Some(90));
        assert_eq!(seconds("15m"), Some(900));
        assert_eq!(seconds("24h"), Some(86_400));
        assert_eq!(seconds("7d"), Some(604_800));
        for wrong in ["", "0", "-1s", "1w", "m", "1.5h", "366d", "99999999999999999999s"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }
}
