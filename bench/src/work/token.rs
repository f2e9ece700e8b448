//! `POST /api/auth/token` against `GET /api/auth/me` of the same service: the same read, and a signature.

use tokio::process::Command;

use super::me::{self, Call};
use super::{About, contender};
use crate::fault::Result;
use crate::results::{Finding, Goal, Measured};
use crate::rounds::{Callers, Requests, Work, alternate};
use crate::seed::fill;
use crate::seed::person::{COOKIE, Person};
use crate::seed::token::token;
use crate::stage::Stage;
use crate::wire;

const PEOPLE: u64 = 2_000;
const DATABASE: &str = "token";
const AUDIENCE: &str = "bench";

/// The calls of each side.
struct Calls([Vec<Vec<u8>>; 2]);

impl Work for Calls {
    async fn prepare(&mut self, _: &Stage, side: usize) -> Result<Requests> {
        let list = self.0.get(side).cloned().unwrap_or_default();
        Ok(Requests { list, again: true, callers: Callers::FULL, expected: 200 })
    }
}

/// Asks for a token as a person.
fn request(person: Person) -> Vec<u8> {
    let cookie = format!("Cookie: twofold_session={}\r\n", token(person.id(), COOKIE));
    wire::post("/api/auth/token", &cookie, &format!(r#"{{"audience":"{AUDIENCE}"}}"#))
}

/// A new signing key, as the setting has it.
async fn signing_key(stage: &Stage) -> Result<String> {
    let mut command = Command::new(&stage.settings.service);
    let made = command.args(["keys", "new", "--signing"]).output().await?;
    Ok(String::from_utf8(made.stdout)?.trim().to_owned())
}

pub async fn measure(stage: &mut Stage) -> Result<Measured> {
    let about = About {
        work: "token",
        call: "POST /api/auth/token",
        against: "GET /api/auth/me of the same service: the same read, and no signature",
        goal: Goal::Told,
    };
    let database = stage.database(DATABASE);
    fill::empty(&database).await?;
    let shape = me::shape()?;
    fill::users(&database, (0..PEOPLE).map(|number| (Person(number), &shape))).await?;
    let key = signing_key(stage).await?;
    let issuing = vec![("SIGNING_KEYS", key), ("TOKEN_AUDIENCES", AUDIENCE.to_owned())];
    let service = stage.service_with(DATABASE, issuing).await?;
    let contenders = [contender("token", &service), contender("me", &service)];
    let people = || (0..PEOPLE).map(Person);
    let requests =
        [people().map(request).collect(), people().map(|one| Call::Me.request(one)).collect()];
    let rounds = alternate(stage, &mut Calls(requests), &contenders).await?;
    stage.clear(&[DATABASE]).await?;
    let mut measured = about.compared(rounds, Vec::new());
    if let [issued, read] = measured.sides.as_slice() {
        // Pairs of neighbours in time, as for the ratios.
        let pairs =
            issued.each(|round| round.server).into_iter().zip(read.each(|round| round.server));
        let more: Vec<f64> = pairs.map(|(issued, read)| issued - read).collect();
        measured.findings.push(Finding::of(
            "the service's CPU, more than of me",
            &more,
            " µs",
            Goal::Told,
        ));
    }
    Ok(measured)
}
