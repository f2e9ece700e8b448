//! The folder that the service writes mail to.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::ledger::Promised;
use crate::received::Received;

const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The messages of a folder, by recipient.
#[derive(Debug)]
pub struct Mailbox {
    folder: PathBuf,
    read: Mutex<Messages>,
}

#[derive(Debug, Default)]
struct Messages {
    seen: HashSet<OsString>,
    by_recipient: HashMap<String, Vec<Message>>,
    looked: Option<Instant>,
}

#[derive(Clone, Debug)]
struct Message {
    kind: String,
    received: Received,
    found: Instant,
}

impl Mailbox {
    /// The messages of `folder`, which may not exist yet.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), read: Mutex::default() }
    }

    /// Waits for a message of a kind that arrives after `since`, and returns the token of its link to `page`.
    pub async fn token(
        &self,
        to: &str,
        kind: &str,
        page: &str,
        since: Instant,
        patience: Duration,
    ) -> Option<String> {
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            if let Some(message) = self.find(to, kind, since) {
                return Some(message.received.token_for(page).to_owned());
            }
            sleep(LOOK_EVERY).await;
        }
        None
    }

    /// Whether a promised message has arrived.
    #[must_use]
    pub fn has(&self, mail: &Promised) -> bool {
        self.find(&mail.to, mail.kind, mail.at).is_some()
    }

    /// How many messages have arrived.
    #[must_use]
    pub fn count(&self) -> usize {
        let mut messages = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        self.look(&mut messages);
        messages.seen.len()
    }

    fn find(&self, to: &str, kind: &str, since: Instant) -> Option<Message> {
        let mut messages = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if messages.looked.is_none_or(|looked| looked.elapsed() >= LOOK_EVERY) {
            self.look(&mut messages);
        }
        let of_recipient = messages.by_recipient.get(to)?.iter().rev();
        let mut fitting = of_recipient.filter(|one| one.kind == kind && one.found >= since);
        fitting.next().cloned()
    }

    /// Reads what is new. The service writes a file in one go, but not at once: an incomplete one is read later.
    fn look(&self, messages: &mut Messages) {
        messages.looked = Some(Instant::now());
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for entry in entries.filter_map(Result::ok) {
            if messages.seen.contains(&entry.file_name()) {
                continue;
            }
            let raw = fs::read_to_string(entry.path()).unwrap_or_default();
            let Some(to) = recipient(&raw) else { continue };
            messages.seen.insert(entry.file_name());
            let received = Received::new("", &to, raw);
            let written = entry.metadata().and_then(|data| data.modified());
            let age = written.ok().and_then(|written| written.elapsed().ok()).unwrap_or_default();
            let found = Instant::now().checked_sub(age).unwrap();
            let message = Message { kind: received.kind(), received, found };
            messages.by_recipient.entry(to).or_default().push(message);
        }
    }
}

/// The address in the header `To` of a complete message.
fn recipient(raw: &str) -> Option<String> {
    let (head, body) = raw.split_once("\r\n\r\n")?;
    body.trim_end().ends_with("--").then_some(())?;
    let line = head.lines().find_map(|line| line.strip_prefix("To: "))?;
    let address = line.rsplit_once('<').map_or(line, |(_, address)| address);
    Some(address.trim().trim_end_matches('>').to_owned())
}
