//! The program; `twofold --help` says what it can do.

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;

/// A fifth of what a request computes is memory taken and given back, most of it by the driver. This
/// one is faster at it than the C library's, and gives back what a flood took once it is over.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    twofold::cli::run()
}
