//! A session check and a login against better-auth with its MongoDB adapter, on the same `mongod`. It is left out where
//! npm is missing.

use std::path::Path;

use serde::Deserialize;
use tokio::process::Command;

use super::login::{self, Logins};
use super::me::{self, Call};
use super::{About, contender};
use crate::child::Server;
use crate::fault::{Result, fault};
use crate::report::terminal::say;
use crate::results::{Goal, Measured};
use crate::rounds::{Callers, Contender, Requests, Work, alternate};
use crate::seed::person::Person;
use crate::seed::{PASSWORD, fill};
use crate::stage::Stage;
use crate::wire::{self, Connection};

/// What is installed, relative to the project.
const SOURCE: &str = "bench/peers/better-auth";
const FILES: [&str; 3] = ["package.json", "package-lock.json", "server.mjs"];
const ITS_DATABASE: &str = "better-auth";
const DATABASE: &str = "peers";
const PEOPLE: u64 = 400;

/// The calls of the service and of the other.
struct Calls {
    service: Logins,
    lists: [Vec<Vec<u8>>; 2],
    callers: Callers,
}

impl Work for Calls {
    async fn prepare(&mut self, stage: &Stage, side: usize) -> Result<Requests> {
        let list = self.lists.get(side).cloned().unwrap_or_default();
        let requests = self.service.prepare(stage, side).await?;
        Ok(Requests { list, callers: self.callers, ..requests })
    }
}

#[derive(Deserialize)]
struct Package {
    dependencies: Dependencies,
}

#[derive(Deserialize)]
struct Dependencies {
    #[serde(rename = "better-auth")]
    better_auth: String,
}

pub async fn measure(stage: &mut Stage) -> Result<Vec<Measured>> {
    let folder = stage.settings.folder.join("better-auth");
    if !install(&folder).await? {
        say("\nbetter-auth is not measured: npm is missing.");
        return Ok(Vec::new());
    }
    let other = start(stage, &folder).await?;
    let people: Vec<Person> = (0..PEOPLE).map(Person).collect();
    let cookies = sign_up(&other, &people).await?;

    let database = stage.database(DATABASE);
    fill::empty(&database).await?;
    let (signed_in, signing_in) = (me::shape()?, login::shape()?);
    fill::users(&database, people.iter().map(|one| (*one, &signed_in))).await?;
    let others: Vec<Person> = (PEOPLE..2 * PEOPLE).map(Person).collect();
    fill::put_back_later(&database, others.iter().map(|one| (*one, &signing_in))).await?;
    let service = stage.service(DATABASE).await?;
    let logins = Logins { database: DATABASE, people: others };
    logins.introduce(stage, &service).await?;

    let package: Package = serde_json::from_slice(&std::fs::read(folder.join(FILES[0]))?)?;
    let name = format!("better-auth {}", package.dependencies.better_auth);
    let contenders = [contender("service", &service), contender(&name, &other)];
    let mut calls = Calls {
        lists: [
            people.iter().map(|one| Call::Me.request(*one)).collect(),
            cookies.iter().map(|cookie| wire::get("/api/auth/get-session", cookie)).collect(),
        ],
        callers: Callers::FULL,
        service: logins,
    };
    let checks = About {
        work: "peers-session",
        call: "GET /api/auth/me",
        against: "GET /api/auth/get-session of better-auth with its MongoDB adapter, one process of Node.js",
        goal: Goal::Told,
    };
    let sessions = compared(stage, &mut calls, (&checks, &contenders)).await?;
    calls.lists = [calls.service.requests(), people.iter().map(|one| sign_in(*one)).collect()];
    calls.callers = login::USUAL;
    let sign_ins = About {
        work: "peers-login",
        call: "POST /api/auth/login",
        against: "POST /api/auth/sign-in/email of the same, which hashes by scrypt (N = 16384, r = 16, p = 1)",
        goal: Goal::Told,
    };
    let logins = compared(stage, &mut calls, (&sign_ins, &contenders)).await?;
    stage.clear(&[DATABASE, ITS_DATABASE]).await?;
    Ok(vec![sessions, logins])
}

async fn compared(
    stage: &mut Stage,
    calls: &mut Calls,
    (about, contenders): (&About, &[Contender]),
) -> Result<Measured> {
    let rounds = alternate(stage, calls, contenders).await?;
    Ok(about.compared(rounds, Vec::new()))
}

/// Installs the packages of the lock file. Returns `false` where npm is missing.
async fn install(folder: &Path) -> Result<bool> {
    std::fs::create_dir_all(folder)?;
    for file in FILES {
        std::fs::copy(Path::new(SOURCE).join(file), folder.join(file))?;
    }
    let npm =
        Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder).output();
    match npm.await {
        Ok(done) if done.status.success() => Ok(true),
        Ok(done) => Err(fault(format!("npm ci: {}", String::from_utf8_lossy(&done.stderr)))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn start(stage: &Stage, folder: &Path) -> Result<Server> {
    stage.database(ITS_DATABASE).drop().await?;
    let mut command = Command::new("node");
    command
        .arg(FILES[2])
        .current_dir(folder)
        .env("NODE_ENV", "production")
        .env("DATABASE_URL", stage.uri())
        .env("DATABASE", ITS_DATABASE)
        .env("BETTER_AUTH_SECRET", "a secret of thirty-two characters");
    Server::that_says_its_port(&mut command).await
}

/// Registers everybody, and returns the header lines with their cookies.
async fn sign_up(other: &Server, people: &[Person]) -> Result<Vec<String>> {
    let mut connection = Connection::open(other.address).await?;
    let mut cookies = Vec::with_capacity(people.len());
    for person in people {
        let email = person.email();
        let body = format!(r#"{{"name":"Joan","email":"{email}","password":"{PASSWORD}"}}"#);
        let answer = connection.ask(&wire::post("/api/auth/sign-up/email", "", &body)).await?;
        let cookie =
            answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        let cookie = cookie.and_then(|(_, value)| value.split(';').next());
        let cookie = cookie.ok_or_else(|| fault("a registration at better-auth gave no cookie"))?;
        cookies.push(format!("Cookie: {cookie}\r\n"));
    }
    Ok(cookies)
}

fn sign_in(person: Person) -> Vec<u8> {
    let email = person.email();
    let body = format!(r#"{{"email":"{email}","password":"{PASSWORD}"}}"#);
    wire::post("/api/auth/sign-in/email", "", &body)
}
