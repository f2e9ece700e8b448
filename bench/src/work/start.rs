//! From exec to ready, on a database that has its indexes.

use super::About;
use crate::fault::Result;
use crate::number::{float, micros};
use crate::results::{Finding, Goal, Measured};
use crate::seed::fill;
use crate::stage::Stage;

const DATABASE: &str = "start";
const MOST: f64 = 300.0;

pub async fn measure(stage: &mut Stage) -> Result<Measured> {
    let about = About {
        work: "start",
        call: "exec → GET /health/ready answers 200",
        against: "300 ms, on a database with its indexes",
        goal: Goal::AtMost(MOST),
    };
    fill::empty(&stage.database(DATABASE)).await?;
    // The first start makes the indexes.
    drop(stage.service(DATABASE).await?);
    let mut millis = Vec::new();
    for _ in 0..stage.settings.rounds {
        millis.push(float(micros(stage.service(DATABASE).await?.started_in)) / 1000.0);
    }
    stage.clear(&[DATABASE]).await?;
    let found = Finding::of("exec to ready", &millis, " ms", about.goal);
    Ok(about.measured(Vec::new(), vec![found], Vec::new()))
}
