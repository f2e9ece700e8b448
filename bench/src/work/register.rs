//! `POST /api/auth/register` against raw Argon2id on every core and one majority insert under the unique
//! index.

use super::{About, contender};
use crate::capture;
use crate::fault::Result;
use crate::limit::script::Identity;
use crate::limit::spec::{Fixed, Task};
use crate::results::{Goal, Measured};
use crate::rounds::{Callers, Requests, Work, alternate};
use crate::seed::{PASSWORD, fill};
use crate::stage::Stage;
use crate::wire;

const DATABASE: &str = "register";
const PATH: &str = "/api/auth/register";
/// More than two cores hash in a round.
const A_ROUND: u64 = 20_000;

/// Strangers, each of whom registers once.
struct Strangers {
    next: u64,
}

impl Strangers {
    fn email(&mut self) -> String {
        self.next += 1;
        format!("stranger{}@example.com", self.next)
    }

    fn request(email: &str) -> Vec<u8> {
        let body =
            format!(r#"{{"name":"Ada Lovelace","email":"{email}","password":"{PASSWORD}"}}"#);
        wire::post(PATH, "", &body)
    }
}

impl Work for Strangers {
    async fn prepare(&mut self, _: &Stage, _: usize) -> Result<Requests> {
        let list = (0..A_ROUND).map(|_| Self::request(&self.email())).collect();
        Ok(Requests { list, again: false, callers: Callers::ACore(8), expected: 201 })
    }
}

pub async fn measure(stage: &mut Stage) -> Result<Measured> {
    let about = About {
        work: "register",
        call: "POST /api/auth/register",
        against: "Argon2id on every core in reused memory, and one majority insert under the \
                  unique index",
        goal: Goal::AtLeast(0.9),
    };
    let database = stage.database(DATABASE);
    fill::empty(&database).await?;
    let service = stage.service(DATABASE).await?;
    let mut strangers = Strangers { next: 0 };
    let email = strangers.email();
    let request = Strangers::request(&email);
    let id = bson::oid::ObjectId::from_bytes([0; 12]);
    let identity = Identity { id, email, key: None };
    let (answer, script) = capture::commands(&database, &service, &request, identity).await?;
    let limit = stage.limit(DATABASE, PATH, (Task::HashAndInsert, Fixed::of(&answer))).await?;
    let contenders = [contender("service", &service), contender("limit", &limit)];
    let rounds = alternate(stage, &mut strangers, &contenders).await?;
    stage.clear(&[DATABASE]).await?;
    let notes = vec![format!(
        "The service's commands a request: {}, 1 insert on users.",
        script.in_words()
    )];
    Ok(about.compared(rounds, notes))
}
