//! What the service logs.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ChildStderr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// The lines so far, read by a thread as they are written.
#[derive(Debug)]
pub struct Log {
    text: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Log {
    /// The log that is written to `pipe`; an empty one without a pipe.
    pub fn of(pipe: Option<ChildStderr>) -> Self {
        let text = Arc::<Mutex<String>>::default();
        let lines = pipe.map(|pipe| BufReader::new(pipe).lines().map_while(Result::ok));
        let reader = lines.map(|lines| {
            let text = Arc::clone(&text);
            std::thread::spawn(move || lines.for_each(|line| note(&text, &line)))
        });
        Self { text, reader }
    }

    /// All of it.
    pub fn text(&self) -> String {
        self.text.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The address in the line that names it: the port is the same at `localhost`.
    pub fn address(&self) -> Option<SocketAddr> {
        let log = self.text();
        let (_, url) = log.split_once("listening on http://")?;
        let (_, port) = url.split([';', '\n']).next()?.rsplit_once(':')?;
        Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse().ok()?)))
    }

    /// Waits for the last line. The process must have ended.
    pub fn read_to_its_end(&mut self) {
        if let Some(reader) = self.reader.take() {
            let _read = reader.join();
        }
    }
}

fn note(text: &Mutex<String>, line: &str) {
    let mut text = text.lock().unwrap_or_else(PoisonError::into_inner);
    text.push_str(line);
    text.push('\n');
}
