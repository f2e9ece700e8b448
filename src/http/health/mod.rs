//! Whether the service runs, and whether it can do its work.

pub mod greet;
pub mod live;
pub mod ready;

use serde::Serialize;
use utoipa::ToSchema;

/// The result of a probe.
#[derive(Serialize, ToSchema)]
pub struct HealthStatus {
    /// `live` or `ready`.
    #[schema(example = "ready")]
    status: &'static str,
}
