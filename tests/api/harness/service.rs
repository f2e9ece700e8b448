//! The service's own program in a process of its own.

use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use super::wait::{Lines, PATIENCE, until, until_ended};

/// A running service, killed with this value.
pub struct Service {
    /// Where it answers, as in `http://127.0.0.1:8000`.
    pub address: String,
    process: Child,
    log: Arc<Mutex<String>>,
}

impl Service {
    /// Starts the service and waits until it is ready.
    pub async fn start(command: &mut Command) -> Self {
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::<Mutex<String>>::default();
        let lines = Lines::of(process.stderr.take().unwrap(), PATIENCE);
        let mut service = Self { address: String::new(), process, log };
        while service.address.is_empty() {
            let line = lines.next("the service logs its address");
            let line = line.unwrap_or_else(|| panic!("the service ended: {}", service.log()));
            service.address = address(&line).unwrap_or_default();
            note(&service.log, &line);
        }
        let log = Arc::clone(&service.log);
        std::thread::spawn(move || lines.for_each(|line| note(&log, &line)));
        let probe = format!("{}/health/ready", service.address);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        until("the service is ready", async || {
            client.get(&probe).send().await.is_ok_and(|answer| answer.status() == 200)
        })
        .await;
        service
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Asks it to stop, as an operator does, and waits until it has; its exit code.
    pub async fn terminate(&mut self) -> Option<i32> {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        until_ended("the service stops", &mut self.process).await.code()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

fn note(log: &Mutex<String>, line: &str) {
    let mut log = log.lock().unwrap();
    log.push_str(line);
    log.push('\n');
}

/// The address in the line of the log that names it: the port is the same at `localhost`.
fn address(line: &str) -> Option<String> {
    let (_, url) = line.split_once("listening on http://")?;
    let (_, port) = url.split(';').next()?.rsplit_once(':')?;
    let port: String = port.chars().take_while(char::is_ascii_digit).collect();
    Some(format!("http://127.0.0.1:{port}"))
}
