//! `POST /api/auth/login` with a right password and no second factor, against raw Argon2id on every core
//! with the service's own reads and writes by a bare driver; and against Argon2id alone.

use super::callers::With;
use super::validate::send_once;
use super::{About, contender};
use crate::capture;
use crate::child::Server;
use crate::fault::Result;
use crate::limit::script::Identity;
use crate::limit::spec::{Fixed, Task};
use crate::machine;
use crate::results::{Goal, Measured};
use crate::rounds::{Callers, Contender, Does, Requests, Work, alternate};
use crate::seed::person::{Person, Shape};
use crate::seed::{PASSWORD, fill};
use crate::stage::Stage;
use crate::wire;

const DATABASE: &str = "login";
const PATH: &str = "/api/auth/login";
/// What the hashing queue is made for.
pub const USUAL: Callers = Callers::ACore(8);
/// More would not find a place in the hashing queue.
const CALLERS: [Callers; 6] = [
    Callers::One,
    Callers::ACore(1),
    Callers::ACore(4),
    USUAL,
    Callers::ACore(16),
    Callers::ACore(32),
];
/// So many that nobody's logins overlap: five at once count as guessing.
const PEOPLE_A_CORE: u64 = 200;

/// Logins of many people.
pub struct Logins {
    /// Of which database.
    pub database: &'static str,
    /// Whose.
    pub people: Vec<Person>,
}

impl Work for Logins {
    async fn prepare(&mut self, stage: &Stage, _: usize) -> Result<Requests> {
        fill::put_back(&stage.database(self.database)).await?;
        Ok(Requests { list: self.requests(), again: true, callers: USUAL, expected: 200 })
    }
}

impl Logins {
    /// A request of each.
    pub fn requests(&self) -> Vec<Vec<u8>> {
        self.people.iter().map(|person| request(*person)).collect()
    }

    /// Lets everybody sign in once, so that the service knows the network that they come from.
    pub async fn introduce(&self, stage: &mut Stage, service: &Server) -> Result<()> {
        send_once(stage, service, &self.requests()).await?;
        fill::keep_networks(&stage.database(self.database)).await
    }
}

/// A person's login.
pub fn request(person: Person) -> Vec<u8> {
    let email = person.email();
    wire::post(PATH, "", &format!(r#"{{"email":"{email}","password":"{PASSWORD}"}}"#))
}

/// Somebody with a password and nothing else.
pub fn shape() -> Result<Shape> {
    Shape::bare()
}

pub async fn measure(stage: &mut Stage) -> Result<Vec<Measured>> {
    let about = About {
        work: "login",
        call: "POST /api/auth/login",
        against: "Argon2id on every core in reused memory, and the service's own reads and writes \
                  by a bare driver",
        goal: Goal::AtLeast(0.95),
    };
    let database = stage.database(DATABASE);
    fill::empty(&database).await?;
    let shape = shape()?;
    let people: Vec<Person> = (0..PEOPLE_A_CORE * machine::count()).map(Person).collect();
    fill::put_back_later(&database, people.iter().map(|person| (*person, &shape))).await?;
    let service = stage.service(DATABASE).await?;
    let mut logins = Logins { database: DATABASE, people };
    logins.introduce(stage, &service).await?;

    let person = Person(1);
    let identity = Identity { id: person.id(), email: person.email(), key: None };
    let (answer, script) =
        capture::commands(&database, &service, &request(person), identity).await?;
    let notes = vec![format!("The service's commands a request: {}.", script.in_words())];
    let task = (Task::HashAndReplay(script), Fixed::of(&answer));
    let limit = stage.limit(DATABASE, PATH, task).await?;
    let alone = Contender { name: "argon2 alone".to_owned(), does: Does::Hash };
    let contenders = [contender("service", &service), contender("limit", &limit), alone];
    let mut measured = Vec::new();
    for callers in CALLERS {
        // Hashes alone know no callers.
        let count = if callers == USUAL { 3 } else { 2 };
        let contenders: Vec<Contender> = contenders.iter().take(count).cloned().collect();
        let rounds = alternate(stage, &mut With(&mut logins, callers), &contenders).await?;
        let goal = if callers == USUAL { about.goal } else { Goal::Told };
        let one = About { goal, ..about }.compared(rounds, notes.clone());
        measured.push(Measured { work: callers.name(about.work, USUAL), ..one });
    }
    stage.clear(&[DATABASE]).await?;
    Ok(measured)
}
