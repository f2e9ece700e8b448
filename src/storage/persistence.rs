//! Work that has nobody waiting for it, and goes on until the database lets it.

use std::time::Duration;

use super::error::StoreError;

/// Tries until it succeeds; says once what is in the way.
pub async fn persist<T, F: Future<Output = Result<T, StoreError>>>(
    complaint: &'static str,
    operation: impl Fn() -> F,
) -> T {
    const PAUSE: Duration = Duration::from_millis(500);
    match operation().await {
        Ok(done) => return done,
        Err(error) => tracing::warn!(cause = %error, "{complaint}"),
    }
    loop {
        tokio::time::sleep(PAUSE).await;
        if let Ok(done) = operation().await {
            return done;
        }
    }
}
