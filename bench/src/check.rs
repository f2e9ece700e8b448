//! Whether it is still as fast as when it was recorded.

use crate::results::{Finding, Goal, Run};

/// A ratio may fall by this much.
const FALL: f64 = 0.10;

/// What is slower than recorded, in words.
pub fn slower(recorded: &Run, now: &Run) -> Vec<String> {
    let mut slower = Vec::new();
    for work in &now.works {
        if let Some(by_whom) = &work.refused {
            slower.push(format!("{}: not measured, {by_whom} took the machine", work.work));
        }
        let before = recorded.works.iter().find(|one| one.work == work.work);
        for found in work.findings.iter().filter(|found| found.goal != Goal::Told) {
            let (name, what, unit) = (&work.work, &found.what, &found.unit);
            let known = before
                .and_then(|before| before.findings.iter().find(|earlier| earlier.what == *what));
            let said = match known {
                None => "not recorded, nothing to compare with".to_owned(),
                Some(known) if has_fallen(known, found) => {
                    format!("{:.2}{unit}, was {:.2}", found.value, known.value)
                }
                Some(_) => continue,
            };
            slower.push(format!("{name}, {what}: {said}"));
        }
    }
    slower
}

/// A ratio of speeds has fallen when it is less than nine tenths of the recorded one. Whatever has a
/// ceiling (memory, start, tails of latency) varies more, and has fallen when it broke through.
fn has_fallen(known: &Finding, found: &Finding) -> bool {
    match found.goal {
        Goal::AtLeast(_) => found.value < known.value * (1.0 - FALL),
        Goal::AtMost(_) => !found.is_met() && found.value > known.value * (1.0 + FALL),
        Goal::Told => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(value: f64, goal: Goal) -> Finding {
        Finding::of("it", &[value], "", goal)
    }

    #[test]
    fn a_ratio_may_fall_by_a_tenth() {
        let goal = Goal::AtLeast(0.9);
        assert!(!has_fallen(&found(0.95, goal), &found(0.86, goal)));
        assert!(has_fallen(&found(0.95, goal), &found(0.85, goal)));
    }

    #[test]
    fn a_ceiling_counts_when_it_is_broken() {
        let goal = Goal::AtMost(5.0);
        assert!(!has_fallen(&found(2.0, goal), &found(4.0, goal)));
        assert!(has_fallen(&found(2.0, goal), &found(6.0, goal)));
        assert!(!has_fallen(&found(6.0, goal), &found(6.1, goal)));
    }
}
