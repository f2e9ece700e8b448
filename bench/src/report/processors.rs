//! Where a request's CPU goes, stacked by process, each work on a scale of its own.

use super::canvas::{Anchor, Canvas};
use super::short;
use crate::number::{count, float};
use crate::results::{Measured, Round, Run, Side};

const WIDTH: f64 = 760.0;
const LEFT: f64 = 230.0;
const SCALE: f64 = 380.0;
const ROW: f64 = 22.0;
const GAP: f64 = 12.0;
const TOP: f64 = 70.0;

/// A number of a round.
type Number = fn(&Round) -> f64;

/// A process by its colour and name.
const PROCESSES: [(&str, &str, Number); 3] = [
    ("one", "server", |round| round.server),
    ("two", "mongod", |round| round.mongod),
    ("three", "generator", |round| round.generator),
];

/// Draws every work that has sides.
pub fn draw(run: &Run) -> String {
    let works: Vec<&Measured> = run.works.iter().filter(|work| !work.sides.is_empty()).collect();
    let rows: u64 = works.iter().map(|work| count(&work.sides)).sum();
    let height = TOP + ROW * float(rows) + GAP * float(count(&works)) + 8.0;
    let mut canvas = Canvas::new(WIDTH, height, "CPU a request by process, µs (medians)");
    for (place, (class, name, _)) in (0_u32..).zip(PROCESSES) {
        let x = 16.0 + 110.0 * f64::from(place);
        canvas.rectangle((x, 40.0), (12.0, 12.0), class);
        canvas.text((x + 18.0, 51.0), Anchor::Start, "pale small", name);
    }
    let mut y = TOP;
    for work in works {
        let most = work.sides.iter().map(whole).fold(0.0, f64::max);
        for side in &work.sides {
            row(&mut canvas, y, (work, side, most));
            y += ROW;
        }
        y += GAP;
    }
    canvas.finish()
}

fn whole(side: &Side) -> f64 {
    PROCESSES.iter().map(|(_, _, of)| side.median(of)).sum()
}

fn row(canvas: &mut Canvas, y: f64, (work, side, most): (&Measured, &Side, f64)) {
    let label = format!("{}, {}", work.work, side.name);
    canvas.text((LEFT - 10.0, y + 13.0), Anchor::End, "ink small", &label);
    let mut x = LEFT;
    for (class, _, of) in PROCESSES {
        let width = SCALE * side.median(of) / most.max(f64::MIN_POSITIVE);
        canvas.rectangle((x, y + 2.0), (width, ROW - 8.0), class);
        x += width;
    }
    let each: Vec<String> = PROCESSES.iter().map(|(_, _, of)| short(side.median(of))).collect();
    canvas.text((x + 8.0, y + 13.0), Anchor::Start, "pale small", &each.join(" + "));
}
