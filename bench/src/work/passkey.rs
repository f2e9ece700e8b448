//! `POST /api/auth/passkeys/sign-in`, from a signed challenge to a session, against a bare handler with the
//! service's own reads and writes, which verifies no signature.

use std::net::SocketAddr;

use serde_json::Value;

use super::validate::send_once;
use super::{About, contender};
use crate::capture;
use crate::child::Server;
use crate::fault::{Result, fault};
use crate::limit::spec::{Fixed, Task};
use crate::results::{Goal, Measured};
use crate::rounds::{Callers, Requests, Work, alternate};
use crate::seed::fill;
use crate::seed::passkey::{Authenticator, identity};
use crate::seed::person::{Person, Shape};
use crate::stage::Stage;
use crate::wire::{self, Connection};

const DATABASE: &str = "passkey";
const OPTIONS: &str = "/api/auth/passkeys/sign-in/options";
const PATH: &str = "/api/auth/passkeys/sign-in";
/// Each signs in once a round: an account uses a challenge once.
const PEOPLE: u64 = 12_000;

struct SignIns {
    people: Vec<Person>,
    authenticator: Authenticator,
    service: SocketAddr,
}

impl Work for SignIns {
    async fn prepare(&mut self, stage: &Stage, _: usize) -> Result<Requests> {
        fill::put_back(&stage.database(DATABASE)).await?;
        Ok(Requests {
            list: self.requests().await?,
            again: false,
            callers: Callers::FULL,
            expected: 200,
        })
    }
}

impl SignIns {
    /// A request of each, with one new challenge of the service.
    async fn requests(&self) -> Result<Vec<Vec<u8>>> {
        let options = wire::post(OPTIONS, "", "");
        let answer = Connection::open(self.service).await?.ask(&options).await?;
        let cookie = answer.headers.iter().find(|(name, _)| name == "set-cookie");
        let cookie = cookie.and_then(|(_, value)| value.split(';').next());
        let cookie = cookie.ok_or_else(|| fault("the options come without a cookie"))?;
        let options: Value = serde_json::from_slice(&answer.body)?;
        let challenge = options.get("challenge").and_then(Value::as_str);
        let challenge = challenge.ok_or_else(|| fault("the options have no challenge"))?;
        let signed = self.authenticator.sign(challenge, self.service.port())?;
        let cookie = format!("Cookie: {cookie}\r\n");
        let request = |person: &Person| wire::post(PATH, &cookie, &signed.body(person.id()));
        Ok(self.people.iter().map(request).collect())
    }

    /// Lets everybody sign in once, so that the service knows the network that they come from.
    async fn introduce(&self, stage: &mut Stage, service: &Server) -> Result<()> {
        send_once(stage, service, &self.requests().await?).await?;
        fill::keep_networks(&stage.database(DATABASE)).await
    }
}

pub async fn measure(stage: &mut Stage) -> Result<Measured> {
    let about = About {
        work: "passkey",
        call: "POST /api/auth/passkeys/sign-in",
        against: "a bare Actix handler and the service's own reads and writes by a bare driver; it \
                  verifies no signature",
        goal: Goal::AtLeast(0.85),
    };
    let database = stage.database(DATABASE);
    fill::empty(&database).await?;
    let authenticator = Authenticator::new()?;
    let shape = Shape { passkey: Some(authenticator.public_key()?), ..Shape::bare()? };
    let people: Vec<Person> = (0..PEOPLE).map(Person).collect();
    fill::put_back_later(&database, people.iter().map(|person| (*person, &shape))).await?;
    let service = stage.service(DATABASE).await?;
    let mut sign_ins = SignIns { people, authenticator, service: service.address };
    sign_ins.introduce(stage, &service).await?;

    let request = sign_ins.requests().await?.into_iter().next().unwrap_or_default();
    let (answer, script) =
        capture::commands(&database, &service, &request, identity(Person(0).id())).await?;
    let notes = vec![format!("The service's commands a request: {}.", script.in_words())];
    let task = (Task::Replay(script), Fixed::of(&answer));
    let limit = stage.limit(DATABASE, PATH, task).await?;
    let contenders = [contender("service", &service), contender("limit", &limit)];
    let rounds = alternate(stage, &mut sign_ins, &contenders).await?;
    stage.clear(&[DATABASE]).await?;
    Ok(about.compared(rounds, notes))
}
