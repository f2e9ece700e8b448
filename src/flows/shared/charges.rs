//! Charges: what is counted for an attempt before it is made, and how that is taken back.

use std::iter::zip;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::TimeDelta;

use crate::crypto::hashing::Begun;
use crate::domain::account::Account;
use crate::domain::clock::Moment;
use crate::domain::session::Session;
use crate::flows::error::AuthError;
use crate::storage::{Charged, Counting, Store, StoreError};

/// One counter that was raised for an attempt.
pub enum Charge {
    /// Failures in a row, which a success resets.
    Row(Charged),
    /// A budget; a success takes back what it was charged.
    Budget(Charged),
    /// A try within a session, which the write that follows a success resets.
    SessionTry(Box<(Account, Session)>),
}

/// What becomes of a counter after a success.
pub type ChargeKind = fn(Charged) -> Charge;

/// A counter that does not admit an attempt.
pub struct Refused {
    /// Which one.
    pub by: usize,
    /// How long to wait.
    pub wait: TimeDelta,
}

/// What was counted for a password check.
///
/// If they are dropped before the check begins (the queue is full, the database is lost, the client
/// disconnects), the charges are taken back. If they are dropped later, they stay.
pub struct Charges {
    store: Store,
    made: Vec<Charge>,
    begun: Begun,
}

impl Charges {
    /// No charges yet.
    pub fn new(store: &Store) -> Self {
        Self { store: store.clone(), made: Vec::with_capacity(3), begun: Begun::default() }
    }

    /// Counts an attempt that is about to be made by several counters, in their order. If one refuses it, nothing
    /// stays counted.
    pub async fn make(
        store: &Store,
        counters: &[(ChargeKind, Counting)],
        now: Moment,
    ) -> Result<Result<Self, Refused>, AuthError> {
        let counting: Vec<Counting> = counters.iter().map(|(_, counting)| *counting).collect();
        let (mut this, mut charged) = (Self::new(store), Vec::new());
        let outcome = store.charge_all(&counting, now, &mut charged).await;
        let by = charged.len();
        this.made.extend(zip(counters, charged).map(|((kind, _), charged)| kind(charged)));
        let Some(wait) = outcome? else { return Ok(Ok(this)) };
        this.take_back().await?;
        Ok(Err(Refused { by, wait }))
    }

    /// Adds a charge that was made.
    pub fn add(&mut self, charge: Charge) {
        self.made.push(charge);
    }

    /// The flag that the hashing pool sets when the check begins.
    pub fn begun(&self) -> Begun {
        Arc::clone(&self.begun)
    }

    /// The password was correct: resets failures in a row, and takes back what budgets were charged.
    pub async fn succeed(mut self) -> Result<(), AuthError> {
        let (mut rows, mut budgets) = (Vec::new(), Vec::new());
        for charge in self.made.drain(..) {
            match charge {
                Charge::Row(row) => rows.push(row),
                Charge::Budget(budget) => budgets.push(budget),
                Charge::SessionTry(_) => {}
            }
        }
        let budgets = budgets.iter().map(|budget| self.store.refund(budget));
        let (rows, budgets) = futures_util::future::join(
            self.store.forget(&rows),
            futures_util::future::try_join_all(budgets),
        )
        .await;
        rows?;
        budgets?;
        Ok(())
    }

    /// Another rule refused the attempt: takes every charge back.
    pub async fn take_back(mut self) -> Result<(), AuthError> {
        for charge in self.made.drain(..) {
            refund(&self.store, &charge).await?;
        }
        Ok(())
    }

    /// Leaves the charges to be settled elsewhere, by the outcome of the attempt.
    pub fn hand_over(mut self) {
        self.made.clear();
    }
}

async fn refund(store: &Store, charge: &Charge) -> Result<(), StoreError> {
    match charge {
        Charge::Row(charged) | Charge::Budget(charged) => store.refund(charged).await,
        Charge::SessionTry(tried) => store.refund_session(&tried.0, &tried.1).await,
    }
}

impl Drop for Charges {
    fn drop(&mut self) {
        if self.made.is_empty() || self.begun.load(Ordering::SeqCst) {
            return;
        }
        let (store, made) = (self.store.clone(), std::mem::take(&mut self.made));
        tokio::spawn(async move {
            for charge in made {
                if refund(&store, &charge).await.is_err() {
                    tracing::warn!("an attempt that was never made stays counted");
                }
            }
        });
    }
}
