//! `make chaos`, `make soak` and `make malformed`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use twofold_reliability::Machine;
use twofold_reliability::chaos::{Fault, Stage};
use twofold_reliability::report::{Chaos, Record, Recorded, say};
use twofold_reliability::traffic::{Pace, Traffic, enrol};
use twofold_reliability::{malformed as requests, soak as soaking};

/// Proves that the service keeps its promises while its parts fail
#[derive(Parser)]
#[command(name = "twofold-reliability")]
struct Arguments {
    /// The service's program; without it, the one beside this program
    #[arg(long, global = true)]
    service: Option<PathBuf>,
    /// The folder of the record
    #[arg(long, global = true, default_value = "docs")]
    record: PathBuf,
    /// A folder for data that are needed meanwhile
    #[arg(long, global = true, default_value = "target/reliability")]
    folder: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Causes one fault after the other while people use the service
    Chaos {
        /// How many people
        #[arg(long, default_value_t = 48)]
        people: usize,
    },
    /// Uses the service at 70 % of its capacity for a long time
    Soak {
        /// How many people
        #[arg(long, default_value_t = 60)]
        people: usize,
        /// How long
        #[arg(long, default_value_t = 60)]
        minutes: u64,
    },
    /// Writes the page again from the recorded results
    Draw,
    /// Sends malformed requests on raw connections
    Malformed {
        /// How many
        #[arg(long, default_value_t = 1_000_000)]
        count: u64,
        /// The same seed makes the same requests
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let here = std::env::current_exe().unwrap_or_default();
    let service = arguments.service.clone().unwrap_or_else(|| here.with_file_name("twofold"));
    if let Err(cause) = fs::create_dir_all(&arguments.folder) {
        say(&format!("{}: {cause}", arguments.folder.display()));
        return ExitCode::FAILURE;
    }
    let kept = match arguments.command {
        Command::Chaos { people } => chaos(&service, &arguments, people).await,
        Command::Soak { people, minutes } => soak(&service, &arguments, people, minutes).await,
        Command::Draw => {
            Record::read(&arguments.record).write(&arguments.record);
            true
        }
        Command::Malformed { count, seed } => malformed(&service, &arguments, seed, count).await,
    };
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn chaos(service: &Path, arguments: &Arguments, people: usize) -> bool {
    let mut stage = Stage::set(service, &arguments.folder, &[]).await;
    let machine = stage.machine(service).await;
    say(&format!("{people} people register."));
    let enrolled = enrol(people, &stage.client(), &stage.mailbox).await;
    let traffic = Traffic::start(enrolled, &Pace::Pause(Duration::from_millis(100)));
    let memory = stage.calm(Duration::from_secs(10)).await;
    let mut phases = Vec::new();
    for fault in Fault::ALL {
        let phase = stage.cause(fault, Duration::from_secs(12)).await;
        say(&format!("{}: {}", phase.fault, phase.statuses));
        phases.push(phase);
    }
    let settled = stage.settle(traffic.stop().await, &memory, Duration::from_secs(150)).await;
    let is_kept = settled.broken.is_empty();
    let result = Chaos { people, phases, settled };
    say(&result.table());
    if !is_kept {
        say(&stage.instances.logs());
    }
    record(arguments, is_kept, machine, |record| &mut record.chaos, result)
}

async fn soak(service: &Path, arguments: &Arguments, people: usize, minutes: u64) -> bool {
    let (stage, result) = soaking::run(service, &arguments.folder, people, minutes).await;
    let machine = stage.machine(service).await;
    let is_kept = result.broken.is_empty();
    say(&result.table());
    record(arguments, is_kept, machine, |record| &mut record.soak, result)
}

async fn malformed(service: &Path, arguments: &Arguments, seed: u64, count: u64) -> bool {
    let (machine, result) = requests::run(service, &arguments.folder, seed, count).await;
    let is_kept = result.broken.is_empty();
    say(&result.table());
    record(arguments, is_kept, machine, |record| &mut record.malformed, result)
}

/// Records a result in which every promise was kept.
fn record<T>(
    arguments: &Arguments,
    is_kept: bool,
    machine: Machine,
    place: impl FnOnce(&mut Record) -> &mut Option<Recorded<T>>,
    result: T,
) -> bool {
    if is_kept {
        let mut record = Record::read(&arguments.record);
        *place(&mut record) = Some(Recorded { machine, result });
        record.write(&arguments.record);
    }
    is_kept
}
