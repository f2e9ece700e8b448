//! The limits: a bare Actix server that does no more than the machine's share of a request, in a
//! process of its own, with the service's number of workers and its answer byte for byte.

mod batches;
pub mod database;
pub mod hashing;
pub mod script;
pub mod spec;

use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use bson::DateTime;
use bson::oid::ObjectId;
use mongodb::options::ClientOptions;

use crate::fault::{Result, fault};
use crate::seed::passkey;
use crate::seed::person::{self, Person};
use crate::seed::token;
use database::Bare;
use hashing::Threads;
use script::{Command, Identity, Script};
use spec::{Fixed, Spec, Task};

/// Answers until standard input ends; prints its port first.
pub fn serve(path: &Path) -> Result<()> {
    let spec = Spec::read(path)?;
    actix_web::rt::System::new().block_on(run(spec))
}

/// What every worker has.
#[derive(Clone)]
struct Shared {
    task: Task,
    threads: Option<Threads>,
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: web::Bytes,
}

async fn run(spec: Spec) -> Result<()> {
    let options = ClientOptions::parse(&spec.uri).await?;
    let shared = Shared::of(&spec)?;
    let (workers, path, database) = (spec.workers, spec.path, spec.database);
    let finds = database::finds(workers);
    let factory = move || {
        let (options, database, finds) = (options.clone(), database.clone(), Arc::clone(&finds));
        let client = move || {
            std::future::ready(Bare::connect(options.clone(), &database, Arc::clone(&finds)))
        };
        App::new()
            .app_data(web::Data::new(shared.clone()))
            .data_factory(client)
            .route(&path, web::route().to(answer))
    };
    let server = HttpServer::new(factory)
        .workers(workers)
        .client_request_timeout(Duration::from_secs(5))
        .h1_allow_half_closed(false)
        .bind(("127.0.0.1", 0))?;
    let port = server.addrs().first().map_or(0, std::net::SocketAddr::port);
    let running = server.run();
    let handle = running.handle();
    thread::spawn(move || {
        let _ended = std::io::stdin().read_to_end(&mut Vec::new());
        // The future stops the server whether or not it is awaited.
        drop(handle.stop(false));
    });
    writeln!(std::io::stdout(), "{port}")?;
    Ok(running.await?)
}

impl Shared {
    fn of(spec: &Spec) -> Result<Self> {
        let Fixed { status, headers, body } = spec.answer.clone();
        let header = |(name, value): &(String, String)| -> Result<(HeaderName, HeaderValue)> {
            Ok((HeaderName::try_from(name.as_str())?, HeaderValue::from_str(value)?))
        };
        let hashes = matches!(spec.task, Task::HashAndReplay(_) | Task::HashAndInsert);
        Ok(Self {
            task: spec.task.clone(),
            threads: hashes.then(|| Threads::start(spec.workers)).transpose()?,
            status: StatusCode::from_u16(status)?,
            headers: headers.iter().map(header).collect::<Result<_>>()?,
            body: web::Bytes::from(body),
        })
    }

    fn threads(&self) -> Result<&Threads> {
        self.threads.as_ref().ok_or_else(|| fault("no hashing threads were started"))
    }
}

async fn answer(
    request: HttpRequest,
    shared: web::Data<Shared>,
    bare: web::Data<Bare>,
    body: web::Bytes,
) -> HttpResponse {
    match perform(&request, &shared, &bare, &body).await {
        Ok(()) => {
            let mut response = HttpResponse::with_body(shared.status, shared.body.clone());
            for (name, value) in &shared.headers {
                response.headers_mut().append(name.clone(), value.clone());
            }
            response.map_into_boxed_body()
        }
        Err(fault) => HttpResponse::with_body(
            StatusCode::INTERNAL_SERVER_ERROR,
            BoxBody::new(fault.to_string()),
        ),
    }
}

async fn perform(request: &HttpRequest, shared: &Shared, bare: &Bare, body: &[u8]) -> Result<()> {
    match &shared.task {
        Task::Nothing => Ok(()),
        Task::Find => bare.find(carried(request)?.0).await.map(drop),
        Task::FindAndUpdate(script) => {
            let (id, token) = carried(request)?;
            bare.find(id).await?;
            let key = Some(token::digest(token));
            bare.find_and_update(script, &Identity { id, email: String::new(), key }).await
        }
        Task::FindWithOthers => bare.find_with_others(carried(request)?.0).await.map(drop),
        Task::UpdateWithOthers(script) => {
            let (id, token) = carried(request)?;
            bare.find_with_others(id).await?;
            let key = Some(token::digest(token));
            bare.update_with_others(script, &Identity { id, email: String::new(), key }).await
        }
        Task::Replay(script) => {
            bare.replay_all(&script.steps, (script, &passkey::signer(body)?)).await
        }
        Task::HashAndReplay(script) => replay(shared.threads()?, bare, script, body).await,
        Task::HashAndInsert => register(shared.threads()?, bare, body).await,
    }
}

/// The token that the request carries, and the account it names.
fn carried(request: &HttpRequest) -> Result<(ObjectId, &str)> {
    let value = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let bearer = || value("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let cookie = || value("cookie").and_then(|value| value.split_once('=')).map(|(_, token)| token);
    let token = bearer().or_else(cookie).ok_or_else(|| fault("the request carries no token"))?;
    Ok((token::user(token)?, token))
}

/// A field of a JSON body.
fn field(body: &[u8], name: &str) -> Result<String> {
    let value: serde_json::Value = serde_json::from_slice(body)?;
    let text = value.get(name).and_then(serde_json::Value::as_str);
    text.map(str::to_owned).ok_or_else(|| fault(format!("the body has no {name}")))
}

/// Reads and writes what the service did, and hashes where it did: after the charges, before what a
/// right password changes.
async fn replay(threads: &Threads, bare: &Bare, script: &Script, body: &[u8]) -> Result<()> {
    let email = field(body, "email")?;
    let id = person::id_of(&email)?;
    let own = Identity { id, email, key: None };
    let begins = script.steps.iter().position(|step| matches!(step.command, Command::Delete(_)));
    let (before, after) = script.steps.split_at(begins.unwrap_or(1).min(script.steps.len()));
    bare.replay_all(before, (script, &own)).await?;
    threads.hash(field(body, "password")?.into_bytes()).await?;
    bare.replay_all(after, (script, &own)).await
}

async fn register(threads: &Threads, bare: &Bare, body: &[u8]) -> Result<()> {
    let hash = threads.hash(field(body, "password")?.into_bytes()).await?;
    let phc = hashing::phc(b"a salt of 16 byt", &hash);
    let email = field(body, "email")?;
    bare.insert(&Person::newly_registered(&email, &phc, DateTime::now())).await
}
