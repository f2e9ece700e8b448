//! Commands to a `mongod`, through the driver.

use std::time::Duration;

use bson::{Document, doc};
use mongodb::{
    Client,
    error::{Error as DriverError, ErrorKind},
    options::{ClientOptions, Credential, ServerAddress},
};

use crate::error::Error;

const TIMEOUT: Duration = Duration::from_secs(2);
const ADMIN: &str = "admin";

/// `mongod`'s code for wrong credentials.
const AUTHENTICATION_FAILED: i32 = 18;
/// `mongod`'s code for missing authentication.
const UNAUTHORIZED: i32 = 13;
/// `mongod`'s code for a member that is already in a replica set.
const ALREADY_INITIALIZED: i32 = 23;

/// The root user of a `mongod` with authentication.
#[derive(Clone)]
pub(crate) struct RootUser {
    pub(crate) name: String,
    pub(crate) password: String,
}

/// The result of [`Connection::create_root`].
pub(crate) enum Creation {
    Done,
    OtherUserExists,
}

/// A direct connection to one `mongod` on this machine.
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
            .connect_timeout(TIMEOUT)
            .server_selection_timeout(TIMEOUT)
            .build();
        let client =
            Client::with_options(options).map_err(|cause| refused("take a connection", &cause))?;
        Ok(Self { client })
    }

    pub(crate) async fn ping(&self) -> Result<(), Error> {
        self.admin(doc! { "ping": 1 }).await.map(drop).map_err(|cause| refused("answer", &cause))
    }

    /// Creates `user`, unless it already exists. (Without any user, `mongod` allows this from localhost.)
    pub(crate) async fn create_root(&self, port: u16, user: &RootUser) -> Result<Creation, Error> {
        let creation = doc! { "createUser": &user.name, "pwd": &user.password, "roles": ["root"] };
        match self.admin(creation).await {
            Ok(_) => Ok(Creation::Done),
            Err(cause) if code(&cause) == Some(UNAUTHORIZED) => is_root(port, user).await,
            Err(cause) => Err(refused("create the root user", &cause)),
        }
    }

    /// Initiates a replica set of the `mongod`s on these ports, unless it already exists.
    pub(crate) async fn initiate(&self, name: &str, ports: &[u16]) -> Result<(), Error> {
        let members: Vec<Document> = (0_i32..)
            .zip(ports)
            .map(|(id, port)| doc! { "_id": id, "host": format!("127.0.0.1:{port}") })
            .collect();
        let settings = doc! {
            "electionTimeoutMillis": 2000, "heartbeatIntervalMillis": 500, "heartbeatTimeoutSecs": 2,
        };
        let set = doc! { "_id": name, "members": members, "settings": settings };
        match self.admin(doc! { "replSetInitiate": set }).await {
            // An existing set with a root user refuses this without authentication.
            Err(cause) if matches!(code(&cause), Some(ALREADY_INITIALIZED | UNAUTHORIZED)) => {
                Ok(())
            }
            other => other.map(drop).map_err(|cause| refused("form a replica set", &cause)),
        }
    }

    /// The id of the election that made this `mongod` primary, if it is. Later elections have greater ids.
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

/// Whether an operation failed because credentials are wrong or missing.
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

/// An error without the driver's message, which may quote the request.
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
