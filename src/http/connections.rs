//! Counts and limits open connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::server::workers;

/// The limit if `MAX_CONNECTIONS` is not set and there are enough descriptors. Each connection may
/// hold up to 150 KiB while its request arrives.
const DEFAULT: usize = 10_000;

/// Descriptors that the process needs for itself: files and the listener, then for each worker its event
/// queue and its driver's pool.
const OWN: usize = 128;
const OWN_PER_WORKER: usize = 40;

/// Counts the connections of all workers and keeps them below the limit of descriptors, so that
/// a connection too many gets a response instead of failing in `accept`.
pub struct Connections {
    limit: usize,
    refusal_limit: usize,
    open: Arc<AtomicUsize>,
    being_refused: Arc<AtomicUsize>,
}

/// A counted connection; dropping it frees its place.
pub struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Place {
    fn take(count: &Arc<AtomicUsize>, limit: usize) -> Option<Self> {
        let next = |taken| (taken < limit).then_some(taken + 1);
        count.try_update(Ordering::Relaxed, Ordering::Relaxed, next).ok()?;
        Some(Self(Arc::clone(count)))
    }
}

impl Connections {
    /// Limits connections to the operator's setting, as far as `descriptors` allow it.
    pub fn within(descriptors: usize, wanted: Option<usize>) -> Self {
        let refusal_limit = (descriptors / 16).clamp(8, 512);
        let own = OWN + OWN_PER_WORKER * workers() + refusal_limit;
        let most = descriptors.saturating_sub(own).max(descriptors / 4);
        if let Some(wanted) = wanted.filter(|wanted| *wanted > most) {
            tracing::warn!(
                wanted,
                most,
                descriptors,
                "MAX_CONNECTIONS is above what ulimit -n allows"
            );
        }
        let limit = wanted.unwrap_or(DEFAULT).min(most);
        let (open, being_refused) = (Arc::default(), Arc::default());
        Self { limit, refusal_limit, open, being_refused }
    }

    /// Counts a connection, unless the limit is reached.
    pub fn open(&self) -> Option<Place> {
        Place::take(&self.open, self.limit)
    }

    /// Counts a connection above the limit. `None` if so many are being refused that it can only be dropped.
    pub fn refuse(&self) -> Option<Place> {
        Place::take(&self.being_refused, self.refusal_limit)
    }

    /// Connections that may exist at once, including those being refused.
    pub fn at_most(&self) -> usize {
        self.limit + self.refusal_limit
    }

    /// Connections that are open.
    pub fn count(&self) -> i64 {
        self.open.load(Ordering::Relaxed).try_into().unwrap_or(i64::MAX)
    }
}

/// Raises the soft limit of descriptors to the hard one. Returns the limit that applies from now on.
pub fn raise_descriptor_limit() -> usize {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::warn!(%error, "the limit of descriptors (ulimit -n) cannot be raised");
    }
    let current = getrlimit(Resource::Nofile).current;
    current.map_or(usize::MAX, |current| usize::try_from(current).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_stays_below_the_descriptors_whatever_is_wanted() {
        for descriptors in [64, 256, 1_024, 20_000, usize::MAX] {
            for wanted in [None, Some(1), Some(1_000_000)] {
                let connections = Connections::within(descriptors, wanted);
                assert!(connections.at_most() < descriptors, "{wanted:?} of {descriptors}");
                assert!(connections.limit <= wanted.unwrap_or(DEFAULT));
                assert!(connections.limit > 0);
            }
        }
    }

    #[test]
    fn a_place_is_free_again_once_its_connection_is_closed() {
        let connections = Connections::within(1_024, Some(2));
        let first = connections.open();
        let second = connections.open();
        assert!(first.is_some() && second.is_some() && connections.open().is_none());
        drop(first);
        assert_eq!(connections.count(), 1);
        assert!(connections.open().is_some());
    }
}
