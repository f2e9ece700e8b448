//! The document of a counter.

use bson::raw::{RawBsonRef, RawDocument};
use bson::spec::BinarySubtype;
use bson::{Binary, Document, RawDocumentBuf, doc};

use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::throttle::Counter;
use crate::metrics::Command;
use crate::storage::error::StoreError;
use crate::storage::fields::{BadField, Fields, documents};
use crate::storage::store::{Store, within_deadline};

/// What a counter is for, as keyed digests.
///
/// Both digests form the `_id`, `about` first, so that all counters about an address are a range of the
/// index on `_id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottleKey {
    /// An address, a network or an account.
    pub about: Digest,
    /// The network whose attempts are counted; `None` for those of all networks.
    pub part: Option<Digest>,
}

impl ThrottleKey {
    pub(super) fn id(&self) -> Binary {
        let part = self.part.map_or([0; 32], |part| *part.bytes());
        let bytes = [self.about.bytes().as_slice(), &part].concat();
        Binary { subtype: BinarySubtype::Generic, bytes }
    }

    /// A filter for every counter about the same address, network or account.
    pub(super) fn all_about(about: &Digest) -> Document {
        let parts = [None, Some(Digest::from_bytes([u8::MAX; 32]))];
        let [first, last] = parts.map(|part| Self { about: *about, part }.id());
        doc! { "_id": { "$gte": first, "$lte": last } }
    }
}

/// How an attempt is admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// If the throttle admits it.
    Limited,
    /// If the throttle admits it, as one of the strangers that share its checks, from the site with this
    /// digest.
    Shared(Digest),
    /// Always: the attempt is counted and does not wait.
    Always,
}

/// An attempt that was admitted and counted.
#[derive(Clone, Copy, Debug)]
pub struct Charged {
    pub(super) key: ThrottleKey,
    pub(super) at: Moment,
    pub(super) admission: Admission,
}

/// A document of `throttles`. `shared_at` is the time of the last check that strangers shared. `turns` are
/// the sites that recently had one; they are written only while strangers wait. `before` has both times as they were
/// before the last attempt, in case that it is taken back.
pub(super) struct ThrottleDocument {
    failed: u32,
    at: Moment,
    shared_at: Option<Moment>,
    turns: Vec<Turn>,
}

/// A shared check that a site had.
struct Turn {
    site: Digest,
    at: Moment,
}

impl Store {
    /// The counters about an address: the one for all networks, and those for one network each.
    pub async fn counters_about(
        &self,
        about: &Digest,
    ) -> Result<(Option<Counter>, Vec<Counter>), StoreError> {
        use futures_util::TryStreamExt;
        let filter = ThrottleKey::all_about(about);
        let whole = ThrottleKey { about: *about, part: None }.id();
        let throttles = self.throttles.clone();
        let found: Vec<RawDocumentBuf> =
            within_deadline(self.metrics.begin(Command::Find), async move {
                throttles.find(filter).await?.try_collect().await
            })
            .await?;
        let (mut of_all, mut of_each) = (None, Vec::new());
        for raw in &found {
            let counter = read(raw)?.counter(Admission::Limited);
            let is_whole = raw.get_binary("_id").is_ok_and(|id| id.bytes == whole.bytes);
            if is_whole { of_all = Some(counter) } else { of_each.push(counter) }
        }
        Ok((of_all, of_each))
    }
}

pub(super) fn read(raw: &RawDocumentBuf) -> Result<ThrottleDocument, StoreError> {
    Ok(read_fields(raw).map_err(|bad| bad.of("throttles", raw))?)
}

fn read_fields(raw: &RawDocumentBuf) -> Result<ThrottleDocument, BadField> {
    let fields = Fields::of("", raw)?;
    let turns = match fields.optional("turns", RawBsonRef::as_array)? {
        None => Vec::new(),
        Some(_) => {
            documents(raw, "turns")?.map(|turn| read_turn(turn?)).collect::<Result<_, _>>()?
        }
    };
    Ok(ThrottleDocument {
        failed: fields.count("failed")?,
        at: fields.moment("at")?,
        shared_at: fields.optional_moment("shared_at")?,
        turns,
    })
}

fn read_turn(raw: &RawDocument) -> Result<Turn, BadField> {
    let fields = Fields::of("turns", raw)?;
    Ok(Turn { site: fields.digest("site")?, at: fields.moment("at")? })
}

impl ThrottleDocument {
    /// The counter, with the time that counts for this kind of admission.
    pub(super) fn counter(&self, admission: Admission) -> Counter {
        let at = match admission {
            // Without a shared check so far, there is nothing to wait for.
            Admission::Shared(_) => self.shared_at.unwrap_or(Moment::UNIX_EPOCH),
            Admission::Limited | Admission::Always => self.at,
        };
        Counter { failed: self.failed, at }
    }

    /// When the site last had a shared check.
    pub(super) fn last_turn(&self, admission: Admission) -> Option<Moment> {
        let Admission::Shared(site) = admission else {
            return None;
        };
        self.turns.iter().filter(|turn| turn.site == site).map(|turn| turn.at).max()
    }
}
