//! Jobs of the outbox: mails to send and delayed changes to apply.

use chrono::TimeDelta;

use crate::domain::authenticator::Sealed;
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::ids::UserId;
use crate::domain::mail::seed::Seed;
use crate::domain::notice::NoticeKind;

/// What a job does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// Sends the links that verify and disown.
    Verify,
    /// Sends the link that resets the password.
    Reset,
    /// The same, asked for from a network that the account knows.
    ResetFromKnown,
    /// Notifies the current address of a change, then sends the new one its link.
    Change,
    /// Applies a confirmed change.
    ApplyChange,
    /// Notifies the owner of what happened.
    Notice(NoticeKind),
}

impl JobKind {
    const NAMES: [(Self, &str); 5] = [
        (Self::Verify, "verify"),
        (Self::Reset, "reset"),
        (Self::ResetFromKnown, "reset_known"),
        (Self::Change, "change"),
        (Self::ApplyChange, "apply_change"),
    ];

    /// The kind's name, as it is stored.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Notice(kind) => format!("notice-{}", kind.as_str()),
            other => {
                let named = Self::NAMES.iter().find(|(kind, _)| kind == other);
                named.map_or("", |(_, name)| *name).to_owned()
            }
        }
    }

    /// The names of all kinds.
    pub fn names() -> impl Iterator<Item = String> {
        let plain = Self::NAMES.iter().map(|(_, name)| (*name).to_owned());
        plain.chain(NoticeKind::ALL.into_iter().map(|kind| Self::Notice(kind).name()))
    }

    /// The kind with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if let Some(notice) = name.strip_prefix("notice-") {
            return NoticeKind::parse(notice).map(Self::Notice);
        }
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| kind.clone())
    }
}

/// A job that waits in the outbox.
#[derive(Clone)]
pub struct Job {
    /// What makes it unique: the account and the kind; for a notice also its event.
    pub key: String,
    /// The account.
    pub user: UserId,
    /// What it does.
    pub kind: JobKind,
    /// Random: distinguishes it from the job that it replaced.
    pub seed: Seed,
    /// When the event of a notice happened; when a change takes effect.
    pub at: Moment,
    /// When it is tried next.
    pub due: Moment,
    /// How often it was tried.
    pub tries: u32,
    /// When it is given up at the latest.
    pub expires: Moment,
    /// The sealed address to send to, if it is not the account's.
    pub to: Option<Sealed>,
    /// Of a change: the notice to the current address was sent.
    pub is_notified: bool,
    /// Of a login without its second factor: the login challenge.
    pub challenge: Option<Digest>,
}

impl Job {
    /// How long one instance may work on a job before another one takes it.
    pub const LEASE: TimeDelta = TimeDelta::seconds(60);
    /// After this, a job is removed that nobody could settle.
    const LIFETIME: TimeDelta = TimeDelta::hours(48);
    /// The same for a change that is to be applied: it must not get lost while the service is away.
    const LIFETIME_OF_CHANGE: TimeDelta = TimeDelta::days(400);
    const TAKEN_AT_MOST: u32 = 10;
    /// The waits after failed attempts, in minutes.
    const WAITS: [i64; 4] = [1, 5, 15, 60];

    /// The only waiting job of its kind for an account.
    #[must_use]
    pub fn of_kind(user: UserId, kind: JobKind, seed: Seed, now: Moment) -> Self {
        let key = format!("{}:{user}", kind.name());
        Self::new(key, user, kind, seed, now)
    }

    /// A notice of an event, or of whatever else `about` identifies.
    #[must_use]
    pub fn notice(user: UserId, kind: NoticeKind, about: &str, at: Moment) -> Self {
        let kind = JobKind::Notice(kind);
        let key = format!("{}:{user}:{about}", kind.name());
        Self::new(key, user, kind, Seed([0; 16]), at)
    }

    fn new(key: String, user: UserId, kind: JobKind, seed: Seed, now: Moment) -> Self {
        Self {
            key,
            user,
            kind,
            seed,
            at: now,
            due: now,
            tries: 0,
            expires: now + Self::LIFETIME,
            to: None,
            is_notified: false,
            challenge: None,
        }
    }

    /// The same job, due later.
    #[must_use]
    pub fn due_at(self, due: Moment) -> Self {
        let lifetime = match self.kind {
            JobKind::ApplyChange => Self::LIFETIME_OF_CHANGE,
            _ => Self::LIFETIME,
        };
        Self { due, expires: due + lifetime, ..self }
    }

    /// Whether its attempts end in a way that nobody notices, so that it must be given up. A change must be applied.
    #[must_use]
    pub fn is_taken_too_often(&self) -> bool {
        self.tries > Self::TAKEN_AT_MOST && self.kind != JobKind::ApplyChange
    }

    /// How long to wait after an attempt failed; `None` if that was the last one.
    #[must_use]
    pub fn wait(&self) -> Option<TimeDelta> {
        if self.kind == JobKind::ApplyChange {
            return Some(TimeDelta::minutes(1));
        }
        let made = usize::try_from(self.tries).ok()?.checked_sub(1)?;
        Self::WAITS.get(made).map(|minutes| TimeDelta::minutes(*minutes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_back_from_its_name() {
        let plain = JobKind::NAMES.iter().map(|(kind, _)| kind.clone());
        for kind in plain.chain(NoticeKind::ALL.into_iter().map(JobKind::Notice)) {
            assert_eq!(JobKind::parse(&kind.name()), Some(kind));
        }
        assert_eq!(JobKind::parse("other"), None);
    }

    #[test]
    fn a_job_is_retried_four_times() {
        let now = Moment::UNIX_EPOCH;
        let mut job =
            Job::of_kind(UserId::from_bytes([1; 12]), JobKind::Verify, Seed([0; 16]), now);
        let mut waits = Vec::new();
        loop {
            job.tries += 1;
            match job.wait() {
                Some(wait) => waits.push(wait.num_minutes()),
                None => break,
            }
        }
        assert_eq!(waits, [1, 5, 15, 60]);
    }
}
