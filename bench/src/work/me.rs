//! `GET /api/auth/me` and `GET /whoami` against bare handlers that find the same document by `_id`.

use bson::{Document, doc};

use super::callers::{self, Goals, OF_LIMIT, SINGLE};
use super::{About, contender};
use crate::capture;
use crate::fault::Result;
use crate::limit::script::Identity;
use crate::limit::spec::{Fixed, Task};
use crate::results::{Goal, Measured};
use crate::rounds::{Callers, Requests, Work};
use crate::seed::fill;
use crate::seed::person::{BEARER, COOKIE, Person, Shape};
use crate::seed::token::token;
use crate::stage::Stage;
use crate::wire;

const PEOPLE: u64 = 2_000;
const DATABASE: &str = "me";

/// By which contract.
#[derive(Clone, Copy)]
pub enum Call {
    /// The JSON contract's, with a cookie.
    Me,
    /// The Basic contract's, with a bearer token.
    Whoami,
}

impl Call {
    fn path(self) -> &'static str {
        match self {
            Self::Me => "/api/auth/me",
            Self::Whoami => "/whoami",
        }
    }

    /// A person's request.
    pub fn request(self, person: Person) -> Vec<u8> {
        let headers = match self {
            Self::Me => format!("Cookie: twofold_session={}\r\n", token(person.id(), COOKIE)),
            Self::Whoami => format!("Authorization: Bearer {}\r\n", token(person.id(), BEARER)),
        };
        wire::get(self.path(), &headers)
    }

    fn about(self) -> About {
        let (work, call) = match self {
            Self::Me => ("me", "GET /api/auth/me"),
            Self::Whoami => ("whoami", "GET /whoami"),
        };
        let against = "a bare Actix handler, a client a worker, the same document by _id: by one find for all \
                       requests that wait; and by a find for each (the single-read limit)";
        About { work, call, against, goal: OF_LIMIT }
    }
}

/// The same calls over and over, by many people.
struct Calls(Vec<Vec<u8>>);

impl Work for Calls {
    async fn prepare(&mut self, _: &Stage, _: usize) -> Result<Requests> {
        Ok(Requests { list: self.0.clone(), again: true, callers: Callers::FULL, expected: 200 })
    }
}

/// Somebody with a second factor and three sessions, two of them forgotten in other browsers.
pub fn shape() -> Result<Shape> {
    Ok(Shape { second_factor: true, sessions: 3, bearer: true, ..Shape::bare()? })
}

pub async fn measure(stage: &mut Stage, call: Call) -> Result<Vec<Measured>> {
    let database = stage.database(DATABASE);
    fill::empty(&database).await?;
    let shape = shape()?;
    fill::users(&database, (0..PEOPLE).map(|number| (Person(number), &shape))).await?;
    let size = stage.one(DATABASE, "users").await?;
    let service = stage.service(DATABASE).await?;

    let list: Vec<Vec<u8>> = (0..PEOPLE).map(|number| call.request(Person(number))).collect();
    let person = Person(1);
    let identity = Identity { id: person.id(), email: person.email(), key: None };
    let request = call.request(person);
    let (answer, script) = capture::commands(&database, &service, &request, identity).await?;
    let answer = Fixed::of(&answer);
    let limit = stage.limit(DATABASE, call.path(), (Task::FindWithOthers, answer.clone())).await?;
    let single = stage.limit(DATABASE, call.path(), (Task::Find, answer)).await?;

    let notes = [
        format!("The service's commands a request, alone: {}.", script.in_words()),
        format!("{PEOPLE} accounts of {} bytes each take turns.", bytes(&size)?),
    ];
    let contenders =
        [contender("service", &service), contender("limit", &limit), contender(SINGLE, &single)];
    let goals = Goals { speed: Goal::AtLeast(4.0), mongod: Goal::AtMost(0.2) };
    let about = (&call.about(), goals);
    let measured = callers::measure(stage, &mut Calls(list), &contenders, about, &notes).await?;
    stage.clear(&[DATABASE]).await?;
    Ok(measured)
}

/// The size of a document.
fn bytes(document: &Document) -> Result<usize> {
    Ok(bson::serialize_to_vec(&doc! { "": document })?.len() - 11)
}
