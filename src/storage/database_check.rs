//! Checks that the service can use its database, step by step, to tell an operator what is wrong.

use std::collections::BTreeMap;
use std::future::IntoFuture;

use bson::{RawDocumentBuf, doc, rawdoc};
use mongodb::error::{Error, ErrorKind, WriteFailure};
use mongodb::options::WriteConcern;
use mongodb::{Collection, IndexModel};

use super::store::{DEADLINE, Store, update_nothing};

/// Why the service cannot use its database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseFault {
    /// No server answers in time.
    Unreachable,
    /// The server rejects the user name or the password.
    WrongCredentials,
    /// The server accepts no writes.
    NotPrimary,
    /// The database user lacks rights on a collection.
    Forbidden {
        /// The collection.
        collection: String,
        /// What the user may not do with it.
        actions: Vec<&'static str>,
    },
    /// Two accounts have the same email address, so the unique index cannot be created.
    SharedAddress,
    /// The server refused a command for another reason.
    Refused {
        /// The collection.
        collection: String,
        /// What was tried.
        action: &'static str,
        /// The server's error code.
        code: i32,
        /// Its name.
        name: String,
    },
}

/// Why one command failed.
enum Cause {
    Away,
    WrongCredentials,
    NotPrimary,
    Forbidden,
    Duplicate,
    Refused { code: i32, name: String },
}

impl Store {
    /// Connects, tries to read and write each collection without changing any document, and creates the
    /// indexes that are missing. Returns everything that is wrong.
    pub async fn check_database(&self) -> Vec<DatabaseFault> {
        let ping = attempt(self.database.run_command(doc! { "ping": 1 })).await;
        let mut faults = Faults::default();
        faults.note("", "ping", ping);
        for (collection, indexes) in self.indexes() {
            if faults.are_final() {
                break;
            }
            check_collection(collection, indexes, &mut faults).await;
        }
        faults.list()
    }
}

async fn check_collection(
    collection: &Collection<RawDocumentBuf>,
    indexes: Vec<IndexModel>,
    faults: &mut Faults,
) {
    let name = collection.name();
    let none = doc! { "_id": null };
    let read = attempt(collection.find_one(none.clone())).await;
    faults.note(name, "read", read);
    // An id must not be an array, so this is refused even with the right to insert.
    let impossible = rawdoc! { "_id": [] };
    let insert = attempt(collection.insert_one(&impossible)).await;
    let is_allowed = matches!(insert, Err(Cause::Refused { .. }));
    faults.note(name, "insert into", if is_allowed { Ok(()) } else { insert });
    faults.note(name, "update", attempt(update_nothing(collection)).await);
    let delete = collection.delete_one(none).write_concern(WriteConcern::nodes(1));
    faults.note(name, "delete from", attempt(delete).await);
    let create = attempt(collection.create_indexes(indexes)).await;
    faults.note(name, "create indexes on", create);
}

async fn attempt<T>(
    command: impl IntoFuture<Output = mongodb::error::Result<T>>,
) -> Result<(), Cause> {
    match tokio::time::timeout(DEADLINE, command.into_future()).await {
        Ok(outcome) => outcome.map(|_| ()).map_err(|error| Cause::of(&error)),
        Err(_) => Err(Cause::Away),
    }
}

impl Cause {
    fn of(error: &Error) -> Self {
        match error.kind.as_ref() {
            ErrorKind::Authentication { .. } => Self::WrongCredentials,
            ErrorKind::Command(refusal) => Self::of_code(refusal.code, &refusal.code_name),
            ErrorKind::Write(WriteFailure::WriteError(refusal)) => {
                Self::of_code(refusal.code, refusal.code_name.as_deref().unwrap_or_default())
            }
            _ => Self::Away,
        }
    }

    fn of_code(code: i32, name: &str) -> Self {
        match code {
            13 => Self::Forbidden,
            18 => Self::WrongCredentials,
            11_000 => Self::Duplicate,
            10_058 | 10_107 | 13_435 => Self::NotPrimary,
            _ => Self::Refused { code, name: name.to_owned() },
        }
    }
}

/// What was found so far: missing rights by collection, and everything else.
#[derive(Default)]
struct Faults {
    forbidden: BTreeMap<String, Vec<&'static str>>,
    others: Vec<DatabaseFault>,
}

impl Faults {
    fn note(&mut self, collection: &str, action: &'static str, outcome: Result<(), Cause>) {
        let fault = match outcome {
            Ok(()) => return,
            Err(Cause::Forbidden) => {
                return self.forbidden.entry(collection.to_owned()).or_default().push(action);
            }
            Err(Cause::Away) => DatabaseFault::Unreachable,
            Err(Cause::WrongCredentials) => DatabaseFault::WrongCredentials,
            Err(Cause::NotPrimary) => DatabaseFault::NotPrimary,
            Err(Cause::Duplicate) => DatabaseFault::SharedAddress,
            Err(Cause::Refused { code, name }) => {
                DatabaseFault::Refused { collection: collection.to_owned(), action, code, name }
            }
        };
        if !self.others.contains(&fault) {
            self.others.push(fault);
        }
    }

    /// Whether every further attempt would fail in the same way.
    fn are_final(&self) -> bool {
        use DatabaseFault::{NotPrimary, Unreachable, WrongCredentials};
        self.others.iter().any(|fault| matches!(fault, Unreachable | WrongCredentials | NotPrimary))
    }

    fn list(self) -> Vec<DatabaseFault> {
        let forbidden = self.forbidden.into_iter();
        let forbidden =
            forbidden.map(|(collection, actions)| DatabaseFault::Forbidden { collection, actions });
        self.others.into_iter().chain(forbidden).collect()
    }
}
