//! Metrics of the database.

use std::time::{Duration, Instant};

use prometheus::{Histogram, IntCounter, IntCounterVec, IntGauge, Result};

use super::define::Define;
use super::labels::{Label, PerLabel, label};

/// Upper bounds of the buckets, seconds: from a read of one account to the deadline.
const BUCKETS: [f64; 11] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 2.0];

label! {
    /// A command, by the name that MongoDB has for it.
    Command("command") {
        /// Reads documents.
        Find = "find",
        /// Counts documents.
        Aggregate = "aggregate",
        /// Inserts documents.
        Insert = "insert",
        /// Updates documents.
        Update = "update",
        /// Updates a document and returns it.
        FindAndModify = "findAndModify",
        /// Deletes documents.
        Delete = "delete",
        /// Creates indexes.
        CreateIndexes = "createIndexes",
    }
}

label! {
    /// Why a command failed.
    Failure("reason") {
        /// The server was not reached or did not answer in time, or the outcome of a write is unknown.
        Unavailable = "unavailable",
        /// The server refused the command.
        Refused = "refused",
        /// The reply could not be read.
        Unreadable = "unreadable",
    }
}

/// Metrics of the database.
#[derive(Clone)]
pub struct DatabaseMetrics {
    commands: PerLabel<Command, Histogram>,
    errors: IntCounterVec,
    /// Reads of an account by its id.
    pub account_reads: IntCounter,
    /// Commands sent for these reads.
    pub account_finds: IntCounter,
    /// Connections of the driver's pools.
    pub connections: IntGauge,
    /// Those of them that a command uses.
    pub connections_in_use: IntGauge,
    connection_wait: Histogram,
    /// Commands that got no connection.
    pub connection_failures: IntCounter,
}

/// A command that was begun. Dropping it records nothing.
pub struct RunningCommand<'a> {
    command: Command,
    metrics: &'a DatabaseMetrics,
    begun: Instant,
}

impl DatabaseMetrics {
    pub(super) fn new(define: Define<'_>) -> Result<Self> {
        Ok(Self {
            errors: define.counters_per_pair::<Command, Failure>(
                "twofold_database_errors_total",
                "Commands that failed.",
            )?,
            commands: define.histogram_per(
                "twofold_database_command_duration_seconds",
                "Time from sending a command to its reply, retries included.",
                &BUCKETS,
            )?,
            account_reads: define
                .counter("twofold_account_reads_total", "Reads of an account by its id.")?,
            account_finds: define
                .counter("twofold_account_finds_total", "Commands sent for these reads.")?,
            connections: define
                .gauge("twofold_database_connections", "Connections to the database.")?,
            connections_in_use: define.gauge(
                "twofold_database_connections_in_use",
                "Connections to the database that a command uses.",
            )?,
            connection_wait: define.histogram(
                "twofold_database_connection_wait_seconds",
                "Time that a command waited for a connection.",
                &BUCKETS,
            )?,
            connection_failures: define.counter(
                "twofold_database_connection_failures_total",
                "Commands that got no connection.",
            )?,
        })
    }

    /// Begins a command.
    #[must_use]
    pub fn begin(&self, command: Command) -> RunningCommand<'_> {
        RunningCommand { command, metrics: self, begun: Instant::now() }
    }

    /// Records how long a command waited for a connection.
    pub fn waited_for_connection(&self, wait: Duration) {
        self.connection_wait.observe(wait.as_secs_f64());
    }
}

impl RunningCommand<'_> {
    /// Records the end of the command.
    pub fn end(self, failure: Option<Failure>) {
        let Self { command, metrics, begun } = self;
        if let Some(duration) = metrics.commands.get(command) {
            duration.observe(begun.elapsed().as_secs_f64());
        }
        if let Some(reason) = failure {
            metrics.errors.with_label_values(&[command.as_str(), reason.as_str()]).inc();
        }
    }
}
