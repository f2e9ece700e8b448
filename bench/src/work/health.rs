//! `GET /api/healthchecker` against a bare Actix handler that answers the same bytes.

use super::{About, contender};
use crate::capture;
use crate::fault::Result;
use crate::limit::spec::{Fixed, Task};
use crate::results::{Goal, Measured};
use crate::rounds::{Callers, Requests, Work, alternate};
use crate::seed::fill;
use crate::stage::Stage;
use crate::wire;

const PATH: &str = "/api/healthchecker";
const DATABASE: &str = "health";

/// The same request over and over.
pub struct Health;

impl Work for Health {
    async fn prepare(&mut self, _: &Stage, _: usize) -> Result<Requests> {
        Ok(Requests {
            list: vec![wire::get(PATH, "")],
            again: true,
            callers: Callers::FULL,
            expected: 200,
        })
    }
}

pub async fn measure(stage: &mut Stage) -> Result<Measured> {
    let about = About {
        work: "health",
        call: "GET /api/healthchecker",
        against: "a bare Actix handler with the same bytes",
        goal: Goal::AtLeast(0.7),
    };
    fill::empty(&stage.database(DATABASE)).await?;
    let service = stage.service(DATABASE).await?;
    let answer = Fixed::of(&capture::answer(&service, &wire::get(PATH, "")).await?);
    let limit = stage.limit(DATABASE, PATH, (Task::Nothing, answer)).await?;
    let contenders = [contender("service", &service), contender("limit", &limit)];
    let rounds = alternate(stage, &mut Health, &contenders).await?;
    stage.clear(&[DATABASE]).await?;
    Ok(about.compared(rounds, Vec::new()))
}
