//! `POST /api/auth/otp/validate`, from a login challenge to a session, against bare handlers that do the same find and
//! one majority write with the service's own filter and update.

use bson::DateTime;

use super::callers::{self, Goals, OF_LIMIT, SINGLE};
use super::{About, contender};
use crate::capture;
use crate::child::Server;
use crate::fault::{Result, fault};
use crate::limit::script::{Identity, Script};
use crate::limit::spec::{Fixed, Task};
use crate::load::{Order, Plan, write_requests};
use crate::results::{Goal, Measured};
use crate::rounds::{Callers, Requests, Work};
use crate::seed::person::{CHALLENGE, Person, Shape};
use crate::seed::token::{digest, token};
use crate::seed::{fill, secret};
use crate::stage::Stage;
use crate::wire;
use crate::wire::Answer;

const DATABASE: &str = "validate";
/// The call.
pub const PATH: &str = "/api/auth/otp/validate";
/// Each gives one code a round: a step is used once in an account's life.
pub const PEOPLE: u64 = 12_000;

/// Codes of many people, each given once a round.
pub struct Codes {
    /// Of which database.
    pub database: &'static str,
    /// Whose.
    pub people: Vec<Person>,
}

impl Work for Codes {
    async fn prepare(&mut self, stage: &Stage, _: usize) -> Result<Requests> {
        fill::put_back(&stage.database(self.database)).await?;
        Ok(Requests { list: self.requests()?, again: false, callers: Callers::FULL, expected: 200 })
    }
}

impl Codes {
    /// A request of each.
    pub fn requests(&self) -> Result<Vec<Vec<u8>>> {
        let seconds = now()?;
        self.people.iter().map(|person| request(*person, seconds)).collect()
    }

    /// Lets everybody sign in once, so that the service knows the network that they come from.
    pub async fn introduce(&self, stage: &mut Stage, service: &Server) -> Result<()> {
        send_once(stage, service, &self.requests()?).await?;
        fill::keep_networks(&stage.database(self.database)).await
    }
}

/// Sends each request once, however long it takes.
pub async fn send_once(stage: &mut Stage, service: &Server, requests: &[Vec<u8>]) -> Result<()> {
    let path = stage.settings.folder.join("introductions.bin");
    write_requests(&path, requests)?;
    let plan = Plan {
        address: service.address,
        requests: path,
        again: false,
        connections: 32,
        millis: 120_000,
        expected: vec![200],
        pace: None,
    };
    stage.generator.obey(&Order::Load(plan)).await.map(drop)
}

/// Seconds since 1970.
pub fn now() -> Result<u64> {
    Ok(u64::try_from(DateTime::now().timestamp_millis() / 1000)?)
}

fn request(person: Person, seconds: u64) -> Result<Vec<u8>> {
    let code = secret::code(person.id(), seconds)?;
    let cookie = format!("Cookie: twofold_login={}\r\n", token(person.id(), CHALLENGE));
    Ok(wire::post(PATH, &cookie, &format!(r#"{{"token":"{code}"}}"#)))
}

/// Somebody who gave a right password and owes the code.
pub fn shape() -> Result<Shape> {
    Ok(Shape { second_factor: true, challenge: true, ..Shape::bare()? })
}

/// What the service answers to the first of them, and by which commands.
async fn captured(stage: &Stage, service: &Server, codes: &Codes) -> Result<(Answer, Script)> {
    let person = *codes.people.first().ok_or_else(|| fault("nobody gives a code"))?;
    let key = digest(&token(person.id(), CHALLENGE));
    let identity = Identity { id: person.id(), email: person.email(), key: Some(key) };
    let request = codes.requests()?.into_iter().next().unwrap_or_default();
    capture::commands(&stage.database(DATABASE), service, &request, identity).await
}

pub async fn measure(stage: &mut Stage) -> Result<Vec<Measured>> {
    let about = About {
        work: "validate",
        call: "POST /api/auth/otp/validate",
        against: "a bare Actix handler, the same find, one majority write with the same filter and update: by \
                  one command for all requests that wait; and by one for each (the single-read limit)",
        goal: OF_LIMIT,
    };
    let database = stage.database(DATABASE);
    fill::empty(&database).await?;
    let shape = shape()?;
    let people: Vec<Person> = (0..PEOPLE).map(Person).collect();
    fill::put_back_later(&database, people.iter().map(|person| (*person, &shape))).await?;
    let service = stage.service(DATABASE).await?;
    let mut codes = Codes { database: DATABASE, people };
    codes.introduce(stage, &service).await?;

    let (answer, script) = captured(stage, &service, &codes).await?;
    let notes = [format!("The service's commands a request, alone: {}.", script.in_words())];
    let answer = Fixed::of(&answer);
    let task = Task::UpdateWithOthers(script.clone());
    let limit = stage.limit(DATABASE, PATH, (task, answer.clone())).await?;
    let single = stage.limit(DATABASE, PATH, (Task::FindAndUpdate(script), answer)).await?;
    let contenders =
        [contender("service", &service), contender("limit", &limit), contender(SINGLE, &single)];
    let goals = Goals { speed: Goal::AtLeast(2.5), mongod: Goal::Told };
    let measured =
        callers::measure(stage, &mut codes, &contenders, (&about, goals), &notes).await?;
    stage.clear(&[DATABASE]).await?;
    Ok(measured)
}
