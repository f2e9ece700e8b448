//! Argon2id alone, on every core: what any login and registration is measured against.

use std::thread;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use super::plan::{HashPlan, Outcome};
use crate::fault::{Result, fault};
use crate::limit::hashing::Hasher;
use crate::number::micros;

/// Hashes on so many threads until the time is over.
pub fn count(plan: &HashPlan) -> Result<Outcome> {
    let time = Duration::from_millis(plan.millis);
    let threads: Vec<_> =
        (0..plan.threads).map(|_| thread::spawn(move || hash_for(time))).collect();
    let mut latencies = Histogram::<u64>::new_with_bounds(1, 600_000_000, 3)?;
    for thread in threads {
        let one = thread.join().map_err(|_panic| fault("a hashing thread failed"))??;
        latencies.add(one)?;
    }
    Ok(Outcome {
        counted: latencies.len(),
        answered: latencies.len(),
        micros: micros(time),
        p50: latencies.value_at_quantile(0.5),
        p99: latencies.value_at_quantile(0.99),
        p999: latencies.value_at_quantile(0.999),
        ..Outcome::default()
    })
}

fn hash_for(time: Duration) -> Result<Histogram<u64>> {
    let mut hasher = Hasher::new()?;
    // The first hash maps the memory that all others use again.
    hasher.hash(b"a password", b"a salt of 16 byt")?;
    let mut latencies = Histogram::new_with_bounds(1, 600_000_000, 3)?;
    let begun = Instant::now();
    loop {
        let before = Instant::now();
        hasher.hash(b"a password", b"a salt of 16 byt")?;
        if begun.elapsed() > time {
            return Ok(latencies);
        }
        latencies.saturating_record(micros(before.elapsed()));
    }
}
