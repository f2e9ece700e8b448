//! `twofold passwords`.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use super::exit::Failure;
use super::output::Output;
use crate::breaches::{self, Progress, Step};

#[derive(Subcommand)]
pub(super) enum Command {
    #[command(
        about = "Builds the file for BREACHED_PASSWORDS from a published list",
        long_about = "Builds the file for BREACHED_PASSWORDS from a list of Have I Been Pwned: lines of SHA1:COUNT, in any \
        order. An older file is replaced only once the new one is complete; restart the service to use it."
    )]
    Build {
        /// The list: a file, or a folder of such files and of the official downloader's files of ranges
        #[arg(long, value_name = "FILE|DIR")]
        from: PathBuf,
        /// Leaves out passwords that were found fewer times
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
        min_count: u64,
        /// The file to write
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
}

/// A progress bar, and whether the command was interrupted.
struct Shown {
    bar: ProgressBar,
    reading: ProgressStyle,
    writing: ProgressStyle,
    interrupted: Arc<AtomicBool>,
}

impl Progress for Shown {
    fn begin(&mut self, step: Step, units: u64) {
        self.bar.set_style(match step {
            Step::Reading => self.reading.clone(),
            Step::Writing => self.writing.clone(),
        });
        self.bar.reset();
        self.bar.set_length(units);
    }

    fn advance(&mut self, units: u64) {
        self.bar.inc(units);
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

/// Runs a command.
pub(super) fn run(command: &Command, output: &Output) -> Result<(), Failure> {
    let Command::Build { from, min_count, to } = command;
    // It waits for signals while the build blocks this thread.
    let runtime = Runtime::new().map_err(Failure::other)?;
    let style = |template| ProgressStyle::with_template(template).map_err(Failure::other);
    let mut progress = Shown {
        // It is drawn only if standard error is a terminal.
        bar: ProgressBar::new(0),
        reading: style("reading {bar:40} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left")?,
        writing: style("writing {bar:40} {percent} %, {eta} left")?,
        interrupted: interruption(&runtime)?,
    };
    let built = breaches::build(from, to, *min_count, &mut progress);
    progress.bar.finish_and_clear();
    let built = built.map_err(Failure::other)?;
    let line = format!("{}: {} passwords, {} bytes.", to.display(), built.passwords, built.bytes);
    let json = json!({ "file": to, "passwords": built.passwords, "bytes": built.bytes });
    output.tell(&[line], &json)
}

/// A flag that SIGINT and SIGTERM set.
fn interruption(runtime: &Runtime) -> Result<Arc<AtomicBool>, Failure> {
    let flag = Arc::new(AtomicBool::new(false));
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        let _context = runtime.enter();
        let (mut signals, flag) = (signal(kind).map_err(Failure::other)?, Arc::clone(&flag));
        runtime.spawn(async move {
            if signals.recv().await.is_some() {
                flag.store(true, Ordering::Relaxed);
            }
        });
    }
    Ok(flag)
}
