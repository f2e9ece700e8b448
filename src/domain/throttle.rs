//! Limits on guessing: pure state machines over a counter and the current time.
//!
//! Each rule is defined once, as the set of counters that admit another attempt. The database's filters are
//! generated from [`Throttle::admissible`], and [`Throttle::retry_after`] follows from the same rule.

use chrono::TimeDelta;

use super::clock::Moment;

/// Failures in a row, and the time that waits are measured from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter {
    /// The number of failures.
    pub failed: u32,
    /// The time of the last failure, or the start of a budget's window.
    pub at: Moment,
}

/// How long the next attempt must wait after a number of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Not at all.
    None,
    /// Until this long after the counter's time.
    For(TimeDelta),
    /// Until a recovery code is used or the operator unlocks the account.
    Forever,
}

/// One alternative of the condition that admits an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clause {
    /// The smallest count that it applies to.
    pub from: u32,
    /// The largest count that it applies to.
    pub to: u32,
    /// If set, the counter's time must not be later than this.
    pub at_or_before: Option<Moment>,
}

impl Clause {
    /// Whether the alternative holds for a counter.
    #[must_use]
    pub fn holds(&self, counter: Counter) -> bool {
        let in_range = (self.from..=self.to).contains(&counter.failed);
        in_range && self.at_or_before.is_none_or(|latest| counter.at <= latest)
    }
}

/// A limit on attempts.
#[derive(Clone, Copy, Debug)]
pub struct Throttle {
    wait: Rule,
    /// From this count on, the wait does not grow.
    ceiling: u32,
    /// The time without failures after which the counter resets, or the length of a budget's window.
    window: TimeDelta,
    /// What the counter's time means.
    pub measures: Measures,
}

/// What the time of a counter means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measures {
    /// The last failure.
    LastFailure,
    /// The start of the budget's window.
    WindowStart,
}

#[derive(Clone, Copy, Debug)]
enum Rule {
    Password,
    Strangers,
    Codes,
    Budget,
}

/// Wrong passwords for one email address from one network: after five in a row a wait of 30 seconds, doubling
/// to 15 minutes. The counter resets after an hour without failures.
pub const PASSWORD: Throttle = Throttle {
    wait: Rule::Password,
    ceiling: 10,
    window: TimeDelta::hours(1),
    measures: Measures::LastFailure,
};

/// Wrong passwords for one email address from all networks: after a hundred in a row, the sites that its owner
/// does not sign in from share one check a minute, and each site gets at most one check every [`TURN_EVERY`].
pub const STRANGERS: Throttle = Throttle {
    wait: Rule::Strangers,
    ceiling: 100,
    window: TimeDelta::hours(1),
    measures: Measures::LastFailure,
};

/// The minimum time between two shared checks of one site: at most every fifth check.
pub const TURN_EVERY: TimeDelta = TimeDelta::minutes(5);

/// Changes to the second factor of one account, limited because each is an event that is kept for months.
pub const FACTOR_CHANGES: Throttle = Throttle::budget(100, TimeDelta::hours(1));

/// Wrong codes of one account: every tenth in a row locks six-digit codes for 15 minutes, doubling to a day.
/// A hundred lock them until a recovery code is used (NIST SP 800-63B-4, 3.2.2).
pub const CODES: Throttle = Throttle {
    wait: Rule::Codes,
    ceiling: 100,
    window: TimeDelta::MAX,
    measures: Measures::LastFailure,
};

impl Throttle {
    /// A budget of `limit` attempts in a `window` that starts with the first attempt.
    #[must_use]
    pub const fn budget(limit: u32, window: TimeDelta) -> Self {
        Self { wait: Rule::Budget, ceiling: limit, window, measures: Measures::WindowStart }
    }

    /// The time without failures after which the counter resets, or the length of a budget's window.
    #[must_use]
    pub fn window(&self) -> TimeDelta {
        self.window
    }

    fn wait_after(&self, failed: u32) -> Wait {
        match self.wait {
            Rule::Password if failed < 5 => Wait::None,
            Rule::Password => {
                Wait::For(doubled(TimeDelta::seconds(30), failed - 5, TimeDelta::minutes(15)))
            }
            Rule::Strangers if failed < 100 => Wait::None,
            Rule::Strangers => Wait::For(TimeDelta::minutes(1)),
            Rule::Codes if failed >= 100 => Wait::Forever,
            Rule::Codes if failed == 0 || !failed.is_multiple_of(10) => Wait::None,
            Rule::Codes => {
                Wait::For(doubled(TimeDelta::minutes(15), failed / 10 - 1, TimeDelta::hours(24)))
            }
            Rule::Budget if failed < self.ceiling => Wait::None,
            Rule::Budget => Wait::For(self.window),
        }
    }

    /// The condition for admitting an attempt now, as alternatives.
    #[must_use]
    pub fn admissible(&self, now: Moment) -> Vec<Clause> {
        let mut clauses: Vec<Clause> = Vec::new();
        for failed in 0..=self.ceiling {
            let at_or_before = match self.wait_after(failed) {
                Wait::None => None,
                Wait::For(wait) => Some(now - wait),
                Wait::Forever => continue,
            };
            let to = if failed == self.ceiling { u32::MAX } else { failed };
            match clauses.last_mut() {
                Some(last) if last.at_or_before == at_or_before && last.to + 1 == failed => {
                    last.to = to;
                }
                _ => clauses.push(Clause { from: failed, to, at_or_before }),
            }
        }
        clauses
    }

    /// Whether a counter admits an attempt now.
    #[must_use]
    pub fn admits(&self, counter: Counter, now: Moment) -> bool {
        self.admissible(now).iter().any(|clause| clause.holds(counter))
    }

    /// How long the next attempt is still refused; `None` if it is admitted, [`TimeDelta::MAX`] if time does
    /// not end the wait.
    #[must_use]
    pub fn wait(&self, counter: Counter, now: Moment) -> Option<TimeDelta> {
        if self.admits(counter, now) {
            return None;
        }
        match self.wait_after(counter.failed) {
            Wait::Forever => Some(TimeDelta::MAX),
            Wait::None | Wait::For(_) => Some(self.retry_after(counter, now)),
        }
    }

    /// The count from which on the wait does not grow.
    #[must_use]
    pub fn ceiling(&self) -> u32 {
        self.ceiling
    }

    /// Whether the counter has reached the ceiling and its window is not over.
    #[must_use]
    pub fn is_reached(&self, counter: Counter, now: Moment) -> bool {
        counter.failed >= self.ceiling && now - counter.at < self.window
    }

    /// How long to wait before the next attempt.
    #[must_use]
    pub fn retry_after(&self, counter: Counter, now: Moment) -> TimeDelta {
        match self.wait_after(counter.failed) {
            Wait::None => TimeDelta::zero(),
            Wait::For(wait) => (counter.at + wait - now).max(TimeDelta::zero()),
            Wait::Forever => TimeDelta::hours(24),
        }
    }
}

fn doubled(first: TimeDelta, times: u32, longest: TimeDelta) -> TimeDelta {
    let factor = 2_i32.checked_pow(times).unwrap_or(i32::MAX);
    first.checked_mul(factor).map_or(longest, |wait| wait.min(longest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seconds(throttle: &Throttle, failed: u32) -> Option<i64> {
        match throttle.wait_after(failed) {
            Wait::None => Some(0),
            Wait::For(wait) => Some(wait.num_seconds()),
            Wait::Forever => None,
        }
    }

    #[test]
    fn passwords_wait_half_a_minute_after_five_and_at_most_a_quarter_of_an_hour() {
        let waits: Vec<_> = (0..13).map(|failed| seconds(&PASSWORD, failed).unwrap()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(seconds(&PASSWORD, u32::MAX), Some(900));
    }

    #[test]
    fn every_tenth_wrong_code_locks_and_the_hundredth_for_good() {
        let minutes: Vec<_> =
            (1..10).map(|tens| seconds(&CODES, tens * 10).unwrap() / 60).collect();
        assert_eq!(minutes, [15, 30, 60, 120, 240, 480, 960, 1440, 1440]);
        assert!((0..100).filter(|n| n % 10 != 0).all(|n| seconds(&CODES, n) == Some(0)));
        assert_eq!(seconds(&CODES, 100), None);
    }

    #[test]
    fn strangers_share_one_check_a_minute_after_a_hundred() {
        assert_eq!(seconds(&STRANGERS, 99), Some(0));
        assert_eq!(seconds(&STRANGERS, 100), Some(60));
        let at = Moment::UNIX_EPOCH;
        let is_reached = |failed, after| STRANGERS.is_reached(Counter { failed, at }, at + after);
        let within = TimeDelta::hours(1) - TimeDelta::seconds(1);
        assert!(is_reached(100, within) && !is_reached(99, within));
        assert!(!is_reached(100, TimeDelta::hours(1)));
    }

    proptest! {
        #[test]
        fn the_clauses_admit_exactly_those_whose_wait_is_over(
            failed in 0_u32..130, age in -10_i64..100_000, limit in 1_u32..80,
        ) {
            let now = Moment::from_timestamp_millis(1_700_000_000_000).unwrap();
            let counter = Counter { failed, at: now - TimeDelta::seconds(age) };
            let budget = Throttle::budget(limit, TimeDelta::minutes(10));
            for throttle in [PASSWORD, STRANGERS, CODES, budget] {
                let waited = throttle.retry_after(counter, now) == TimeDelta::zero();
                prop_assert_eq!(throttle.admits(counter, now), waited);
            }
        }
    }
}
