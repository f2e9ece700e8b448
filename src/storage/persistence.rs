//! Background work that is retried until the database is available.

use std::time::Duration;

use super::error::StoreError;

/// Retries an operation until it succeeds, and logs the first error.
pub async fn persist<T, F: Future<Output = Result<T, StoreError>>>(
    report: impl FnOnce(&StoreError),
    operation: impl Fn() -> F,
) -> T {
    const PAUSE: Duration = Duration::from_millis(500);
    match operation().await {
        Ok(done) => return done,
        Err(error) => report(&error),
    }
    loop {
        tokio::time::sleep(PAUSE).await;
        if let Ok(done) = operation().await {
            return done;
        }
    }
}
