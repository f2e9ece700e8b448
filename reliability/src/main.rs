//! `make chaos`, `make soak` and `make malformed`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use twofold_reliability::chaos::{Fault, Stage};
use twofold_reliability::report::{Chaos, Record, Recorded, say};
use twofold_reliability::traffic::{Traffic, enrol};

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
    };
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn chaos(service: &Path, arguments: &Arguments, people: usize) -> bool {
    let mut stage = Stage::set(service, &arguments.folder, &[]).await;
    let machine = stage.machine(service).await;
    say(&format!("{people} people register."));
    let enrolled = enrol(people, &stage.client(), &stage.mailbox).await;
    let traffic = Traffic::start(enrolled, Duration::from_millis(100));
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
    if is_kept {
        let mut record = Record::read(&arguments.record);
        record.chaos = Some(Recorded { machine, result });
        record.write(&arguments.record);
    } else {
        say(&stage.instances.logs());
    }
    is_kept
}
