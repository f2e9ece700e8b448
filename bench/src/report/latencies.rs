//! Latencies under full load: p50, p99 and p99.9 of every side, on a logarithmic scale.

use super::canvas::{Anchor, Canvas};
use crate::number::{count, float};
use crate::results::{Measured, Run, Side};

const WIDTH: f64 = 760.0;
const LEFT: f64 = 230.0;
const SCALE: f64 = 490.0;
const ROW: f64 = 22.0;
const GAP: f64 = 12.0;
const TOP: f64 = 48.0;
/// The scale goes from a tenth of a millisecond to ten seconds.
const DECADES: f64 = 5.0;

/// Draws every work that has latencies.
pub fn draw(run: &Run) -> String {
    let works: Vec<&Measured> = run.works.iter().filter(|work| !work.sides.is_empty()).collect();
    let rows: u64 = works.iter().map(|work| count(&work.sides)).sum();
    let height = TOP + ROW * float(rows) + GAP * float(count(&works)) + 30.0;
    let title = "Latency: p50, p99 and p99.9 from left to right, ms (medians, logarithmic)";
    let mut canvas = Canvas::new(WIDTH, height, title);
    for (decade, name) in (0_u32..).zip(["0.1", "1", "10", "100", "1,000", "10,000"]) {
        let x = LEFT + SCALE * f64::from(decade) / DECADES;
        canvas.line((x, TOP - 6.0), (x, height - 28.0), "grid");
        canvas.text((x, height - 12.0), Anchor::Middle, "pale small", name);
    }
    let mut y = TOP;
    for work in works {
        for side in &work.sides {
            row(&mut canvas, y, (work, side));
            y += ROW;
        }
        y += GAP;
    }
    canvas.finish()
}

fn row(canvas: &mut Canvas, y: f64, (work, side): (&Measured, &Side)) {
    let label = format!("{}, {}", work.work, side.name);
    canvas.text((LEFT - 10.0, y + 13.0), Anchor::End, "ink small", &label);
    let x = |millis: f64| LEFT + SCALE * ((millis.max(0.1) * 10.0).log10() / DECADES).min(1.0);
    let (p50, p99) = (side.median(|round| round.p50), side.median(|round| round.p99));
    let p999 = side.median(|round| round.p999);
    canvas.line((x(p50), y + 9.0), (x(p999), y + 9.0), "line");
    for (millis, class) in [(p50, "one"), (p99, "two"), (p999, "three")] {
        canvas.dot((x(millis), y + 9.0), class);
    }
}
