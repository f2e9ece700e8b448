//! Measures the service against its limits: what Actix, `mongod`, its driver and Argon2id do alone, in
//! the same run and on the same machine. `docs/benchmarks.md` says how to read the numbers.

mod capture;
mod check;
mod child;
mod cpu;
mod fault;
mod limit;
mod load;
mod machine;
mod number;
mod report;
mod results;
mod rounds;
mod seed;
mod stage;
mod stats;
mod wire;
mod work;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};

use fault::{Result, fault};
use report::terminal::{say, tell};
use results::Run;
use stage::{Settings, Stage};
use work::Name;

/// Rounds that make a run worth recording.
const WORTH_RECORDING: u32 = 7;

/// Measures the service against its limits
#[derive(Parser)]
#[command(name = "twofold-bench")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures, and records a whole run
    Run(RunArguments),
    /// Measures, and fails where a ratio fell by more than a tenth of the recorded one
    Check(RunArguments),
    /// Writes the page and the pictures again from the recorded numbers
    Draw {
        /// The folder of the record
        #[arg(long, default_value = "docs")]
        record: PathBuf,
    },
    /// A limit's server
    #[command(hide = true)]
    Limit {
        /// What it does
        spec: PathBuf,
    },
    /// The load generator
    #[command(hide = true)]
    Load,
}

#[derive(Args)]
struct RunArguments {
    /// What to measure; everything where nothing is named
    works: Vec<Name>,
    /// Rounds of each side: many short ones, because a machine's speed drifts within minutes
    #[arg(long, default_value_t = 15)]
    rounds: u32,
    /// Seconds of a round
    #[arg(long, default_value_t = 1.2)]
    seconds: f64,
    /// Accounts of the large database
    #[arg(long, default_value_t = 1_000_000)]
    million: u64,
    /// The service's program; without it, the one beside this program
    #[arg(long)]
    service: Option<PathBuf>,
    /// A checkout of the tutorial's Python service, with its packages in `venv`; without it, it is not measured
    #[arg(long)]
    tutorial: Option<PathBuf>,
    /// The folder of the record
    #[arg(long, default_value = "docs")]
    record: PathBuf,
    /// A folder for data that are needed meanwhile
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
}

fn main() -> ExitCode {
    match obey(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            // There is nobody left to tell if standard error is closed.
            let _closed = writeln!(std::io::stderr(), "{fault}");
            ExitCode::FAILURE
        }
    }
}

fn obey(command: Command) -> Result<()> {
    match command {
        Command::Limit { spec } => limit::serve(&spec),
        Command::Load => load::obey(),
        Command::Draw { record } => report::draw(&report::recorded(&record)?, &record),
        Command::Run(arguments) => {
            runtime()?.block_on(unless_stopped(measure_and_record(&arguments)))
        }
        Command::Check(arguments) => {
            runtime()?.block_on(unless_stopped(measure_and_compare(&arguments)))
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

/// Ends when it is told to, too: what was started goes with what is dropped here.
async fn unless_stopped(work: impl Future<Output = Result<()>>) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        done = work => done,
        _ = terminate.recv() => Err(fault("told to stop")),
        _ = interrupt.recv() => Err(fault("told to stop")),
    }
}

async fn measure_and_record(arguments: &RunArguments) -> Result<()> {
    let run = measure(arguments).await?;
    let refused = run.works.iter().filter(|work| work.refused.is_some()).count();
    if refused > 0 {
        return Err(fault(format!("{refused} works were not measured; nothing is recorded")));
    }
    if arguments.works.is_empty() && arguments.rounds >= WORTH_RECORDING {
        report::record(&run, &arguments.record)?;
        say(&format!("\nRecorded in {}.", arguments.record.display()));
    } else {
        say("\nNot recorded: only a whole run of seven rounds or more is.");
    }
    Ok(())
}

async fn measure_and_compare(arguments: &RunArguments) -> Result<()> {
    let recorded = report::recorded(&arguments.record)?;
    let slower = check::slower(&recorded, &measure(arguments).await?);
    if slower.is_empty() {
        say("\nNo ratio fell by more than a tenth of the recorded one.");
        return Ok(());
    }
    Err(fault(format!("not as fast as recorded:\n  {}", slower.join("\n  "))))
}

async fn measure(arguments: &RunArguments) -> Result<Run> {
    let here = std::env::current_exe()?;
    let beside = || here.with_file_name("twofold");
    std::fs::create_dir_all(&arguments.folder)?;
    let settings = Settings {
        service: arguments.service.clone().unwrap_or_else(beside).canonicalize()?,
        rounds: arguments.rounds.max(1),
        round: Duration::try_from_secs_f64(arguments.seconds)?,
        folder: arguments.folder.canonicalize()?,
        million: arguments.million.max(2_000),
        tutorial: arguments.tutorial.as_ref().map(std::fs::canonicalize).transpose()?,
    };
    let mut stage = Stage::set(settings).await?;
    let mut run = Run {
        machine: stage.machine()?,
        rounds: arguments.rounds.max(1),
        seconds: arguments.seconds,
        works: Vec::new(),
    };
    let named = &arguments.works;
    for name in Name::value_variants().iter().filter(|one| named.is_empty() || named.contains(one))
    {
        let measured = work::measure(*name, &mut stage).await?;
        measured.iter().for_each(tell);
        run.works.extend(measured);
    }
    Ok(run)
}
