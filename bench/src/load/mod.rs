//! The load generator, a process of its own so that its CPU is told apart from the server's.
//!
//! `oha` and `wrk` send one request over and over; here each carries another session, another account
//! or a code computed a moment ago, so the generator is our own: requests are rendered beforehand into
//! a file, one thread sends them over kept connections, and an answer is parsed no further than its
//! length.

mod client;
mod hashes;
mod plan;

use std::io::{BufRead, Write};

pub use plan::{HashPlan, Order, Outcome, Plan, write_requests};

use crate::fault::Result;

/// Carries out one order a line from standard input, until it ends; answers each with one line.
pub fn obey() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut input = std::io::stdin().lock();
    let mut output = std::io::stdout().lock();
    let mut line = String::new();
    while input.read_line(&mut line)? > 0 {
        let outcome = match serde_json::from_str(&line)? {
            Order::Load(plan) => runtime.block_on(client::load(&plan)),
            Order::Hash(plan) => hashes::count(&plan),
        };
        let outcome = outcome.unwrap_or_else(|fault| Outcome::failed(&fault.to_string()));
        writeln!(output, "{}", serde_json::to_string(&outcome)?)?;
        output.flush()?;
        line.clear();
    }
    Ok(())
}
