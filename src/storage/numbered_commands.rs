//! Commands that are sent again if their reply is lost, and executed once.
//!
//! The driver does this for its own operations. These commands have a number of their own instead: the server knows
//! by session and number which statements it has executed, and answers for them from its record.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bson::raw::cstr;
use bson::{Document, RawDocumentBuf};
use mongodb::error::{Error, ErrorKind, RETRYABLE_WRITE_ERROR, Result};
use mongodb::options::WriteConcern;
use mongodb::{ClientSession, Database};
use tokio::time::Instant;

/// Greater than any number that the driver may have used in a session before.
const FIRST_NUMBER: i64 = 1 << 48;
/// How long a session is not used after a command whose outcome is unknown: the server may still execute it, and
/// another command of the session would have to wait.
const REST: Duration = Duration::from_mins(1);
/// `IllegalOperation`: a standalone server has no record of what it executed, and refuses numbers.
const NO_NUMBERS: i32 = 20;

/// The retryable commands of one worker.
pub(super) struct NumberedCommands {
    database: Database,
    /// Whether the settings and the server allow numbers.
    numbers: AtomicBool,
    next: AtomicI64,
    /// The free sessions, with the time from which each may be used. They are not given back to the driver, which
    /// would send smaller numbers than the server has seen.
    free: Mutex<VecDeque<(Instant, ClientSession)>>,
}

impl NumberedCommands {
    /// Commands on this database. `numbers` says whether the settings allow to send one again.
    pub fn of(database: Database, numbers: bool) -> Self {
        Self {
            database,
            numbers: AtomicBool::new(numbers),
            next: AtomicI64::new(FIRST_NUMBER),
            free: Mutex::default(),
        }
    }

    /// Runs a write command with this write concern. If its reply is lost, or the server asks for it, it is sent once
    /// more.
    pub async fn run(
        &self,
        mut command: Document,
        concern: Option<WriteConcern>,
    ) -> Result<Document> {
        if let Some(concern) = concern {
            command.insert("writeConcern", bson::serialize_to_bson(&concern)?);
        }
        let command = RawDocumentBuf::try_from(&command)?;
        if !self.numbers.load(Ordering::Relaxed) {
            return self.database.run_raw_command(command).await;
        }
        let mut session = self.take().await?;
        let reply = self.run_numbered(command, &mut session).await;
        let is_known = reply.is_ok();
        self.put_back(session, is_known);
        reply
    }

    async fn run_numbered(
        &self,
        command: RawDocumentBuf,
        session: &mut ClientSession,
    ) -> Result<Document> {
        let mut numbered = command.clone();
        numbered.append(cstr!("txnNumber"), self.next.fetch_add(1, Ordering::Relaxed));
        let reply = self.send(numbered.clone(), session).await;
        match &reply {
            Err(error) if has_code(error, NO_NUMBERS) => {
                self.numbers.store(false, Ordering::Relaxed);
                self.send(command, session).await
            }
            Err(error) if is_lost(error) => self.send(numbered, session).await,
            Ok(answered) if asks_for_a_retry(answered) => self.send(numbered, session).await,
            _ => reply,
        }
    }

    async fn send(&self, command: RawDocumentBuf, session: &mut ClientSession) -> Result<Document> {
        self.database.run_raw_command(command).session(session).await
    }

    async fn take(&self) -> Result<ClientSession> {
        let now = Instant::now();
        let free = self.lock().pop_front_if(|(from, _)| *from <= now);
        match free {
            Some((_, session)) => Ok(session),
            None => self.database.client().start_session().await,
        }
    }

    fn put_back(&self, session: ClientSession, is_known: bool) {
        let now = Instant::now();
        if is_known {
            self.lock().push_front((now, session));
        } else {
            self.lock().push_back((now + REST, session));
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(Instant, ClientSession)>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn has_code(error: &Error, code: i32) -> bool {
    matches!(error.kind.as_ref(), ErrorKind::Command(command) if command.code == code)
}

/// Whether the command may have been executed or not, and may be sent again.
fn is_lost(error: &Error) -> bool {
    let is_connection_lost =
        matches!(error.kind.as_ref(), ErrorKind::Io(_) | ErrorKind::ConnectionPoolCleared { .. });
    is_connection_lost || error.contains_label(RETRYABLE_WRITE_ERROR)
}

/// Whether the server executed the command but stopped waiting for other members, and asks to send it again.
fn asks_for_a_retry(reply: &Document) -> bool {
    let labels = reply.get_array("errorLabels").into_iter().flatten();
    labels.filter_map(bson::Bson::as_str).any(|label| label == RETRYABLE_WRITE_ERROR)
}
