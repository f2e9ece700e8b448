//! Waits, as people and headers are given them.

use chrono::TimeDelta;

/// A wait in whole seconds, rounded up, at least one.
#[must_use]
pub fn whole_seconds(wait: TimeDelta) -> u64 {
    let rounded_up = (wait.num_milliseconds().max(0) / 1_000) + i64::from(wait.subsec_nanos() > 0);
    u64::try_from(rounded_up).unwrap_or(1).max(1)
}

/// A wait in words, rounded up: "30 seconds", "15 minutes", "24 hours", "30 days".
#[must_use]
pub fn in_words(wait: TimeDelta) -> String {
    let seconds = whole_seconds(wait);
    let (count, unit) = match seconds {
        0..=90 => (seconds, "second"),
        91..=5_400 => (seconds.div_ceil(60), "minute"),
        5_401..=259_200 => (seconds.div_ceil(3_600), "hour"),
        _ => (seconds.div_ceil(86_400), "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_rounded_up_to_seconds_minutes_hours_or_days() {
        assert_eq!(in_words(TimeDelta::milliseconds(29_001)), "30 seconds");
        assert_eq!(in_words(TimeDelta::milliseconds(1)), "1 second");
        assert_eq!(in_words(TimeDelta::zero()), "1 second");
        assert_eq!(in_words(TimeDelta::seconds(899)), "15 minutes");
        assert_eq!(in_words(TimeDelta::hours(24)), "24 hours");
        assert_eq!(in_words(TimeDelta::days(30)), "30 days");
    }
}
