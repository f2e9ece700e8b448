//! What is asked of a `mongod` through the driver.

use std::time::Duration;

use bson::{Document, doc};
use mongodb::{
    Client,
    error::{Error as DriverError, ErrorKind},
    options::{ClientOptions, Credential, ServerAddress},
};

use crate::error::Error;

const PATIENCE: Duration = Duration::from_secs(2);
const ADMIN: &str = "admin";

/// `mongod`'s code for "the credentials are wrong".
const AUTHENTICATION_FAILED: i32 = 18;
/// `mongod`'s code for "not without authentication".
const UNAUTHORIZED: i32 = 13;
/// `mongod`'s code for "already a member of a replica set".
const ALREADY_INITIALIZED: i32 = 23;

/// The root user of a `mongod` with authentication on.
#[derive(Clone)]
pub(crate) struct RootUser {
    pub(crate) name: String,
    pub(crate) password: String,
}

/// What came of [`Connection::create_root`].
pub(crate) enum Creation {
    Done,
    OtherUserExists,
}

/// A connection to one `mongod` of this machine, whatever its role.
pub(crate) struct Connection {
    client: Client,
}

impl Connection {
    pub(crate) fn to(port: u16, user: Option<&RootUser>) -> Result<Self, Error> {
        let credential = user.map(|user| {
            Credential::builder()
                .username(user.name.clone())
                .password(user.password.clone())
                .source(ADMIN.to_owned())
                .build()
        });
        let host = ServerAddress::Tcp { host: "127.0.0.1".to_owned(), port: Some(port) };
        let options = ClientOptions::builder()
            .hosts(vec![host])
            .credential(credential)
            .direct_connection(true)
            .connect_timeout(PATIENCE)
            .server_selection_timeout(PATIENCE)
            .build();
        let client =
            Client::with_options(options).map_err(|cause| refused("take a connection", &cause))?;
        Ok(Self { client })
    }

    pub(crate) async fn ping(&self) -> Result<(), Error> {
        self.admin(doc! { "ping": 1 }).await.map(drop).map_err(|cause| refused("answer", &cause))
    }

    /// Creates `user`, as anybody on this machine may while there is no user at all.
    ///
    /// It may have been created earlier.
    pub(crate) async fn create_root(&self, port: u16, user: &RootUser) -> Result<Creation, Error> {
        let creation = doc! { "createUser": &user.name, "pwd": &user.password, "roles": ["root"] };
        match self.admin(creation).await {
            Ok(_) => Ok(Creation::Done),
            Err(cause) if code(&cause) == Some(UNAUTHORIZED) => is_root(port, user).await,
            Err(cause) => Err(refused("create the root user", &cause)),
        }
    }

    /// Makes this `mongod` and the ones on the other `ports` a replica set, unless it is in one.
    pub(crate) async fn initiate(&self, name: &str, ports: &[u16]) -> Result<(), Error> {
        let members: Vec<Document> = (0_i32..)
            .zip(ports)
            .map(|(id, port)| doc! { "_id": id, "host": format!("127.0.0.1:{port}") })
            .collect();
        let settings = doc! { "electionTimeoutMillis": 2000, "heartbeatIntervalMillis": 500 };
        let set = doc! { "_id": name, "members": members, "settings": settings };
        match self.admin(doc! { "replSetInitiate": set }).await {
            // With a root user, a set that there is already does not take this from anybody.
            Err(cause) if matches!(code(&cause), Some(ALREADY_INITIALIZED | UNAUTHORIZED)) => {
                Ok(())
            }
            other => other.map(drop).map_err(|cause| refused("form a replica set", &cause)),
        }
    }

    /// The election that made this `mongod` primary, if it answers and is; the later, the greater.
    pub(crate) async fn won_election(&self) -> Option<bson::oid::ObjectId> {
        let hello = self.admin(doc! { "hello": 1 }).await.ok()?;
        let primary = hello.get_bool("isWritablePrimary").unwrap_or(false);
        primary.then(|| hello.get_object_id("electionId").ok()).flatten()
    }

    async fn admin(&self, command: Document) -> Result<Document, DriverError> {
        self.client.database(ADMIN).run_command(command).await
    }
}

async fn is_root(port: u16, user: &RootUser) -> Result<Creation, Error> {
    let as_user = Connection::to(port, Some(user))?;
    match as_user.admin(doc! { "listDatabases": 1, "nameOnly": true }).await {
        Ok(_) => Ok(Creation::Done),
        Err(cause) if credentials_are_wrong(&cause) => Ok(Creation::OtherUserExists),
        Err(cause) => Err(refused("sign its root user in", &cause)),
    }
}

/// Whether an operation failed because the server does not accept the credentials given, or wants some.
pub(crate) fn credentials_are_wrong(error: &DriverError) -> bool {
    matches!(*error.kind, ErrorKind::Authentication { .. })
        || matches!(code(error), Some(AUTHENTICATION_FAILED | UNAUTHORIZED))
}

fn code(error: &DriverError) -> Option<i32> {
    match &*error.kind {
        ErrorKind::Command(refusal) => Some(refusal.code),
        _ => None,
    }
}

/// The driver's error without its text, which may quote the request.
fn refused(request: &'static str, cause: &DriverError) -> Error {
    let reason = match &*cause.kind {
        ErrorKind::Command(refusal) => refusal.code_name.clone(),
        ErrorKind::Authentication { .. } => "the credentials are wrong".to_owned(),
        ErrorKind::ServerSelection { .. } => "it does not answer".to_owned(),
        ErrorKind::Io(fault) => fault.to_string(),
        _ => "the driver failed".to_owned(),
    };
    Error::Refused { request, reason }
}
