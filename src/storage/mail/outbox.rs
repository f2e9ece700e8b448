//! The outbox: jobs that any instance of the service may take.

use super::document::read_seed;
use crate::domain::lists::Malformed;
use bson::{Binary, Bson, Document, RawDocumentBuf, doc};
use mongodb::options::{FindOneAndUpdateOptions, ReturnDocument};

use crate::domain::clock::Moment;
use crate::domain::mail::job::{Job, JobKind};
use crate::domain::mail::seed::Seed;
use crate::metrics::Command;
use crate::storage::document::{at, binary, digest, id, sealed};
use crate::storage::error::StoreError;
use crate::storage::fields::{self, BadField, Fields};
use crate::storage::store::{Store, within_deadline};

/// What came of taking a job.
pub enum Taken {
    /// A job.
    Job(Box<Job>),
    /// A job that cannot be read. It was put off.
    Malformed(Malformed),
    /// None is due.
    Nothing,
}

/// What waits in the outbox.
#[derive(Clone, Copy, Debug)]
pub struct OutboxCount {
    /// How many jobs are due.
    pub waiting: u64,
    /// When the oldest of these became due.
    pub oldest: Option<Moment>,
}

impl Store {
    /// Puts a job into the outbox. It replaces a waiting one with the same key.
    pub async fn put_job(&self, job: &Job) -> Result<(), StoreError> {
        let (filter, mut document) = (doc! { "_id": job.key.as_str() }, document(job));
        document.remove("_id");
        let update = doc! { "$set": document, "$unset": { "lease": "" } };
        let outbox = self.outbox.clone();
        within_deadline(self.metrics.begin(Command::Update), async move {
            outbox.update_one(filter, update).upsert(true).await
        })
        .await?;
        Ok(())
    }

    /// Puts jobs into the outbox, except those whose key is there already.
    pub async fn add_jobs(&self, jobs: &[Job]) -> Result<(), StoreError> {
        let documents: Vec<Document> = jobs.iter().map(document).collect();
        let outbox = self.outbox.clone_with_type::<Document>();
        let added = within_deadline(self.metrics.begin(Command::Insert), async move {
            outbox.insert_many(documents).ordered(false).await.map(|_| ())
        });
        match added.await {
            Err(StoreError::Duplicate) => Ok(()),
            outcome => outcome,
        }
    }

    /// Takes the job that is due for the longest time, if any. No other instance takes it for
    /// [`Job::LEASE`]. Jobs of a kind that a later version made are left to that version.
    pub async fn take_job(&self, now: Moment) -> Result<Taken, StoreError> {
        let free = [doc! { "lease": { "$exists": false } }, doc! { "lease": { "$lte": at(now) } }];
        let kinds: Vec<String> = JobKind::names().collect();
        let filter = doc! { "due": { "$lte": at(now) }, "kind": { "$in": kinds }, "$or": free };
        let update = doc! { "$set": { "lease": at(now + Job::LEASE) }, "$inc": { "tries": 1_i64 } };
        let options = FindOneAndUpdateOptions::builder()
            .sort(doc! { "due": 1 })
            .return_document(ReturnDocument::After)
            .build();
        let outbox = self.outbox.clone();
        let taken = within_deadline(self.metrics.begin(Command::FindAndModify), async move {
            outbox.find_one_and_update(filter, update).with_options(options).await
        });
        let Some(raw) = taken.await? else {
            return Ok(Taken::Nothing);
        };
        match read(&raw) {
            Ok(job) => Ok(Taken::Job(Box::new(job))),
            Err(bad) => {
                self.set_aside(&raw, now).await?;
                Ok(Taken::Malformed(bad.of("outbox", &raw)))
            }
        }
    }

    /// Puts a malformed job off, so that it stays for an operator to look at and stops no other.
    async fn set_aside(&self, raw: &RawDocumentBuf, now: Moment) -> Result<(), StoreError> {
        let Ok(Some(Ok(id))) = raw.get("_id").map(|id| id.map(Bson::try_from)) else {
            return Ok(());
        };
        let filter = doc! { "_id": id };
        let later =
            doc! { "$set": { "due": at(now + Job::LEASE * 60) }, "$unset": { "lease": "" } };
        let outbox = self.outbox.clone();
        within_deadline(self.metrics.begin(Command::Update), async move {
            outbox.update_one(filter, later).await
        })
        .await?;
        Ok(())
    }

    /// Removes a job that was taken, unless another one took its place.
    pub async fn finish_job(&self, job: &Job) -> Result<(), StoreError> {
        let (filter, outbox) = (taken(job), self.outbox.clone());
        within_deadline(self.metrics.begin(Command::Delete), async move {
            outbox.delete_one(filter).await
        })
        .await?;
        Ok(())
    }

    /// Returns a job whose attempt failed, to be tried again when it is due.
    pub async fn postpone_job(&self, job: &Job, due: Moment) -> Result<(), StoreError> {
        self.update_job(job, doc! { "$set": { "due": at(due) }, "$unset": { "lease": "" } }).await
    }

    /// Returns a job that was not tried, to be tried when it is due.
    pub async fn return_job(&self, job: &Job, due: Moment) -> Result<(), StoreError> {
        let tries = i64::from(job.tries) - 1;
        let returned = doc! { "due": at(due), "tries": tries };
        self.update_job(job, doc! { "$set": returned, "$unset": { "lease": "" } }).await
    }

    /// Returns the job of a change after the notice to the current address: its second mail has its own attempts.
    pub async fn mark_notified(&self, job: &Job, now: Moment) -> Result<(), StoreError> {
        let notified = doc! { "notified": true, "tries": 0_i64, "due": at(now) };
        self.update_job(job, doc! { "$set": notified, "$unset": { "lease": "" } }).await
    }

    /// Has the job with this key done now, if there is one.
    pub async fn hasten_job(&self, key: &str, now: Moment) -> Result<(), StoreError> {
        let (filter, outbox) = (doc! { "_id": key }, self.outbox.clone());
        let update = doc! { "$set": { "due": at(now) } };
        within_deadline(self.metrics.begin(Command::Update), async move {
            outbox.update_one(filter, update).await
        })
        .await?;
        Ok(())
    }

    /// Removes the job with this key, if it waits.
    pub async fn drop_job(&self, key: &str) -> Result<(), StoreError> {
        let (filter, outbox) = (doc! { "_id": key }, self.outbox.clone());
        within_deadline(self.metrics.begin(Command::Delete), async move {
            outbox.delete_one(filter).await
        })
        .await?;
        Ok(())
    }

    /// What is due.
    pub async fn count_outbox(&self, now: Moment) -> Result<OutboxCount, StoreError> {
        let due = doc! { "due": { "$lte": at(now) } };
        let (outbox, filter) = (self.outbox.clone(), due.clone());
        let waiting = within_deadline(self.metrics.begin(Command::Aggregate), async move {
            outbox.count_documents(filter).await
        })
        .await?;
        let outbox = self.outbox.clone();
        let oldest = within_deadline(self.metrics.begin(Command::Find), async move {
            outbox.find_one(due).sort(doc! { "due": 1 }).await
        });
        let oldest = oldest.await?.map(|raw| {
            let due = Fields::of("", &raw).and_then(|fields| fields.moment("due"));
            due.map_err(|bad| StoreError::from(bad.of("outbox", &raw)))
        });
        Ok(OutboxCount { waiting, oldest: oldest.transpose()? })
    }

    async fn update_job(&self, job: &Job, update: Document) -> Result<(), StoreError> {
        let (filter, outbox) = (taken(job), self.outbox.clone());
        within_deadline(self.metrics.begin(Command::Update), async move {
            outbox.update_one(filter, update).await
        })
        .await?;
        Ok(())
    }
}

/// The job as it was taken: nobody replaced it or took it again.
fn taken(job: &Job) -> Document {
    doc! { "_id": job.key.as_str(), "seed": seed(job.seed), "tries": i64::from(job.tries) }
}

fn seed(seed: Seed) -> Binary {
    binary(&seed.0)
}

fn document(job: &Job) -> Document {
    let mut document = doc! {
        "_id": job.key.as_str(),
        "user": id(job.user),
        "kind": job.kind.name(),
        "seed": seed(job.seed),
        "at": at(job.at),
        "due": at(job.due),
        "tries": i64::from(job.tries),
        "expires": at(job.expires),
        "notified": job.is_notified,
    };
    if let Some(to) = &job.to {
        document.insert("to", sealed(to));
    }
    if let Some(challenge) = &job.challenge {
        document.insert("challenge", digest(challenge));
    }
    document
}

fn read(raw: &RawDocumentBuf) -> Result<Job, BadField> {
    let fields = Fields::of("", raw)?;
    Ok(Job {
        key: fields.text("_id")?.to_owned(),
        user: fields.user_id("user")?,
        kind: JobKind::parse(fields.text("kind")?).ok_or_else(|| fields.bad("kind"))?,
        seed: read_seed(&fields)?,
        at: fields.moment("at")?,
        due: fields.moment("due")?,
        tries: fields.count("tries")?,
        expires: fields.moment("expires")?,
        to: fields.optional("to", fields::sealed)?,
        is_notified: fields.required("notified", bson::raw::RawBsonRef::as_bool)?,
        challenge: fields.optional("challenge", fields::digest)?,
    })
}
