//! How much of its limit the service reaches, a bar a work.

use super::canvas::{Anchor, Canvas};
use super::short;
use crate::number::{count, float};
use crate::results::{Finding, Goal, Run};

const WIDTH: f64 = 760.0;
const LEFT: f64 = 150.0;
const SCALE: f64 = 360.0;
/// What goes beyond this is cut off.
const MOST: f64 = 1.4;
const ROW: f64 = 34.0;
const TOP: f64 = 48.0;

/// Draws the ratios that have a goal.
pub fn ratios(run: &Run) -> String {
    let rows: Vec<(&str, &Finding)> = run
        .works
        .iter()
        .filter_map(|work| Some((work.work.as_str(), work.findings.first()?)))
        .filter(|(_, found)| found.is_ratio() && matches!(found.goal, Goal::AtLeast(_)))
        .collect();
    let height = TOP + ROW * float(count(&rows)) + 34.0;
    let title = "Answers a second, the service's to its limit's: median, range, goal";
    let mut canvas = Canvas::new(WIDTH, height, title);
    for ratio in [0.0, 0.25, 0.5, 0.75, 1.0, 1.25] {
        let x = LEFT + SCALE * ratio;
        canvas.line((x, TOP - 6.0), (x, height - 28.0), "grid");
        canvas.text((x, height - 12.0), Anchor::Middle, "pale small", &ratio.to_string());
    }
    for (place, (work, found)) in (0_u32..).zip(rows) {
        row(&mut canvas, TOP + ROW * f64::from(place), (work, found));
    }
    canvas.finish()
}

fn row(canvas: &mut Canvas, y: f64, (work, found): (&str, &Finding)) {
    let x = |ratio: f64| LEFT + SCALE * ratio.clamp(0.0, MOST);
    canvas.text((LEFT - 10.0, y + 16.0), Anchor::End, "ink", work);
    canvas.rectangle((LEFT, y + 4.0), (x(found.value) - LEFT, 16.0), "one");
    canvas.line((x(found.least), y + 12.0), (x(found.greatest), y + 12.0), "mark");
    if let Goal::AtLeast(goal) = found.goal {
        canvas.line((x(goal), y), (x(goal), y + 24.0), "goal");
    }
    let value = format!("{} ({})", short(found.value), found.goal.in_words(""));
    canvas.text((x(MOST) + 8.0, y + 16.0), Anchor::Start, "ink", &value);
}
