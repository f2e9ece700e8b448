//! The service stays up: short forms of what `reliability` runs.

#[path = "reliability/killed_primary.rs"]
mod killed_primary;
#[path = "reliability/malformed.rs"]
mod malformed;
#[path = "reliability/rolling_restart.rs"]
mod rolling_restart;

use std::path::Path;

/// The service's program.
fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_twofold"))
}

/// A folder for data that end with the test.
fn folder() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}
