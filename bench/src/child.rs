//! The processes that the benchmark runs: the service, the limits, other systems and the generator.

use std::any::Any;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use service_process::Service;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::{sleep, timeout};

use crate::fault::{Result, fault};
use crate::limit::spec::Spec;
use crate::load::{Order, Outcome};

const TIME_TO_START: Duration = Duration::from_secs(20);
/// Many times what the longest order takes.
const TIME_TO_OBEY: Duration = Duration::from_mins(10);

/// A server in a process of its own, which ends with this value.
pub struct Server {
    /// Where it answers.
    pub address: SocketAddr,
    /// The process.
    pub pid: u32,
    /// From its start until it was ready.
    pub started_in: Duration,
    /// Ends the process when it is dropped.
    _process: Box<dyn Any>,
}

impl Server {
    /// Starts the service's own program with `settings` and nothing else of this environment, and
    /// waits until it is ready.
    pub async fn service(program: &Path, settings: &[(&str, String)]) -> Result<Self> {
        let mut command = std::process::Command::new(program);
        command
            .current_dir(program.parent().unwrap_or_else(|| Path::new(".")))
            .env_clear()
            .envs(settings.iter().map(|(name, value)| (*name, value.as_str())))
            .stdin(Stdio::null());
        let service = Service::start_silently(&mut command).await?;
        let (address, pid, started_in) = (service.address, service.pid(), service.started_in);
        Ok(Self { address, pid, started_in, _process: Box::new(service) })
    }

    /// Starts a limit.
    pub async fn limit(spec: &Spec, folder: &Path) -> Result<Self> {
        let path = folder.join("limit.bson");
        spec.write(&path)?;
        Self::that_says_its_port(own(&["limit"])?.arg(path)).await
    }

    /// Starts a program whose first line of output is the port of its server.
    pub async fn that_says_its_port(command: &mut Command) -> Result<Self> {
        let begun = Instant::now();
        let mut child = piped(command).spawn()?;
        let pid = child.id().ok_or_else(|| fault("the server ended at once"))?;
        let output = child.stdout.take().ok_or_else(|| fault("the server says nothing"))?;
        let mut line = String::new();
        let late = |_| fault("the server does not say where it listens");
        let mut output = BufReader::new(output);
        timeout(TIME_TO_START, output.read_line(&mut line)).await.map_err(late)??;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, line.trim().parse()?));
        Ok(Self { address, pid, started_in: begun.elapsed(), _process: Box::new(child) })
    }

    /// Starts a program whose server listens on this address, and waits until it does.
    pub async fn that_listens_on(address: SocketAddr, command: &mut Command) -> Result<Self> {
        let begun = Instant::now();
        let child = command.stdin(Stdio::null()).kill_on_drop(true).spawn()?;
        let pid = child.id().ok_or_else(|| fault("the server ended at once"))?;
        while TcpStream::connect(address).await.is_err() {
            if begun.elapsed() > TIME_TO_START {
                return Err(fault("the server does not listen"));
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(Self { address, pid, started_in: begun.elapsed(), _process: Box::new(child) })
    }
}

/// This very program with another command.
fn own(arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(arguments);
    Ok(command)
}

/// Connects a command's input and output to this program, with which it ends.
fn piped(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true)
}

/// The generator.
pub struct Generator {
    /// The process.
    pub pid: u32,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    _child: Child,
}

impl Generator {
    /// Starts it.
    pub fn start() -> Result<Self> {
        let mut child = piped(&mut own(&["load"])?).spawn()?;
        let pid = child.id().ok_or_else(|| fault("the generator ended at once"))?;
        let input = child.stdin.take().ok_or_else(|| fault("the generator cannot be told"))?;
        let output = child.stdout.take().ok_or_else(|| fault("the generator says nothing"))?;
        Ok(Self { pid, input, output: BufReader::new(output), _child: child })
    }

    /// Gives an order and waits until it is carried out.
    pub async fn obey(&mut self, order: &Order) -> Result<Outcome> {
        let line = format!("{}\n", serde_json::to_string(order)?);
        self.input.write_all(line.as_bytes()).await?;
        let mut answer = String::new();
        let late = |_| fault("the generator does not finish its order");
        timeout(TIME_TO_OBEY, self.output.read_line(&mut answer)).await.map_err(late)??;
        let outcome: Outcome = serde_json::from_str(&answer)?;
        match outcome.unexpected {
            Some(what) => Err(fault(format!("the load met something unexpected: {what}"))),
            None => Ok(outcome),
        }
    }
}
