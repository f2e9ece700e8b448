//! `GET /api/auth/me` and `GET /whoami` against a bare handler that finds the same document by `_id`.

use bson::{Document, doc};

use super::{About, contender};
use crate::capture;
use crate::fault::Result;
use crate::limit::script::Identity;
use crate::limit::spec::{Fixed, Task};
use crate::results::{Goal, Measured};
use crate::rounds::{Requests, Work, alternate};
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
        let against =
            "a bare Actix handler, a client a worker, one find by _id of the same document";
        About { work, call, against, goal: Goal::AtLeast(0.9) }
    }
}

/// The same calls over and over, by many people.
struct Calls(Vec<Vec<u8>>);

impl Work for Calls {
    async fn prepare(&mut self, _: &Stage, _: usize) -> Result<Requests> {
        Ok(Requests { list: self.0.clone(), again: true, connections: 16, expected: 200 })
    }
}

/// Somebody with a second factor and three sessions, two of them forgotten in other browsers.
pub fn shape() -> Result<Shape> {
    Ok(Shape { second_factor: true, sessions: 3, bearer: true, ..Shape::bare()? })
}

pub async fn measure(stage: &mut Stage, call: Call) -> Result<Measured> {
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
    let limit = stage.limit(DATABASE, call.path(), (Task::Find, Fixed::of(&answer))).await?;

    let contenders = [contender("service", &service), contender("limit", &limit)];
    let mut calls = Calls(list);
    let rounds = alternate(stage, &mut calls, &contenders).await?;
    stage.clear(&[DATABASE]).await?;
    let notes = vec![
        format!("The service's commands a request: {}.", script.in_words()),
        format!("{PEOPLE} accounts of {} bytes each take turns.", bytes(&size)?),
    ];
    Ok(call.about().compared(rounds, notes))
}

/// The size of a document.
fn bytes(document: &Document) -> Result<usize> {
    Ok(bson::serialize_to_vec(&doc! { "": document })?.len() - 11)
}
