//! The greeting and a code against the tutorial's Python service, on the same `mongod`. Its code is no part of this
//! project, so it is left out unless the run names a folder that has it, with its packages in `venv`.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use bson::{Document, doc};
use tokio::process::Command;

use super::health::Health;
use super::validate::{self, Codes};
use super::{About, contender};
use crate::child::Server;
use crate::fault::Result;
use crate::report::terminal::say;
use crate::results::{Goal, Measured};
use crate::rounds::{Requests, Work, alternate};
use crate::seed::person::Person;
use crate::seed::{fill, secret};
use crate::stage::Stage;
use crate::wire;

const ITS_DATABASE: &str = "fastapi";
const DATABASE: &str = "tutorial";

/// Codes for the service, and for the tutorial's.
struct Validations(Codes);

impl Work for Validations {
    async fn prepare(&mut self, stage: &Stage, side: usize) -> Result<Requests> {
        let requests = self.0.prepare(stage, side).await?;
        if side == 0 {
            return Ok(requests);
        }
        let seconds = validate::now()?;
        let list = self.0.people.iter().map(|person| request(*person, seconds));
        Ok(Requests { list: list.collect::<Result<_>>()?, ..requests })
    }
}

pub async fn measure(stage: &mut Stage) -> Result<Vec<Measured>> {
    let Some(folder) = stage.settings.tutorial.clone() else {
        say("\nThe tutorial's service is not measured: no folder of it is named.");
        return Ok(Vec::new());
    };
    let people: Vec<Person> = (0..validate::PEOPLE).map(Person).collect();
    let theirs = stage.database(ITS_DATABASE);
    theirs.drop().await?;
    let accounts = people.iter().map(|person| account(*person));
    theirs.collection("users").insert_many(accounts).await?;
    let other = start(stage, &folder).await?;

    let (database, shape) = (stage.database(DATABASE), validate::shape()?);
    fill::empty(&database).await?;
    fill::put_back_later(&database, people.iter().map(|person| (*person, &shape))).await?;
    let service = stage.service(DATABASE).await?;
    let codes = Codes { database: DATABASE, people };
    codes.introduce(stage, &service).await?;

    let contenders = [contender("service", &service), contender("tutorial's FastAPI", &other)];
    let about = About {
        work: "tutorial-health",
        call: "GET /api/healthchecker",
        against: "the same call of the tutorial's FastAPI service, one process of uvicorn",
        goal: Goal::Told,
    };
    let greetings = alternate(stage, &mut Health, &contenders).await?;
    let greetings = about.compared(greetings, Vec::new());
    let about = About {
        work: "tutorial-validate",
        call: "POST /api/auth/otp/validate",
        against: "the same call of the tutorial's FastAPI service, which finds the user, computes the code and writes nothing",
        goal: Goal::Told,
    };
    let validations = alternate(stage, &mut Validations(codes), &contenders).await?;
    let validations = about.compared(validations, Vec::new());
    stage.clear(&[DATABASE, ITS_DATABASE]).await?;
    Ok(vec![greetings, validations])
}

async fn start(stage: &Stage, folder: &Path) -> Result<Server> {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = free.local_addr()?;
    drop(free);
    let mut command = Command::new(folder.join("venv/bin/uvicorn"));
    command
        .args(["app.main:app", "--no-access-log", "--log-level", "warning", "--port"])
        .arg(address.port().to_string())
        .current_dir(folder)
        .env("DATABASE_URL", stage.uri())
        .env("MONGO_INITDB_DATABASE", ITS_DATABASE)
        .env("CLIENT_ORIGIN", "http://localhost:3000");
    Server::that_listens_on(address, &mut command).await
}

/// An account as the tutorial's service stores it, with a confirmed authenticator app.
fn account(person: Person) -> Document {
    doc! {
        "_id": person.id(),
        "name": "Ada Lovelace",
        "email": person.email(),
        "password": "unread",
        "otp_enabled": true,
        "otp_verified": true,
        "otp_base32": secret::base32(person.id()),
        "otp_auth_url": "",
        "created_at": bson::DateTime::now(),
        "updated_at": bson::DateTime::now(),
    }
}

fn request(person: Person, seconds: u64) -> Result<Vec<u8>> {
    let (user, code) = (person.id(), secret::code(person.id(), seconds)?);
    Ok(wire::post(validate::PATH, "", &format!(r#"{{"user_id":"{user}","token":"{code}"}}"#)))
}
