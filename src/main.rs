//! The program; `twofold --help` lists what it can do.

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;

/// A fifth of a request's CPU time is spent on allocating and freeing memory, mostly in the driver.
/// jemalloc is faster than the C library's allocator, and returns memory to the system after a flood.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    twofold::cli::run()
}
