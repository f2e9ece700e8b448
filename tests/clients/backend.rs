//! A backend of the examples, started as a program of its own.

use std::io::Write;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::harness::wait::{Lines, PATIENCE};

/// What the backends are called.
pub const NAME: &str = "billing";
/// Their secret.
pub const SECRET: &str = "billing-secret-of-thirty-two-chars";

/// A running backend, which is ended with this value.
pub struct Backend {
    process: Child,
    address: String,
}

impl Drop for Backend {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

impl Backend {
    /// Starts a program for the service at this address, and waits until it says where it listens.
    pub fn start(service: &str, program: &Command) -> Self {
        // One program writes to the standard error, the others to the standard output.
        let mut command = Command::new("sh");
        command.args(["-c", r#"exec "$0" "$@" 2>&1"#]).arg(program.get_program());
        command.args(program.get_args());
        command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let settings = [("TWOFOLD", service), ("NAME", NAME), ("SECRET", SECRET), ("PORT", "0")];
        command.envs(settings);
        if let Some(folder) = program.get_current_dir() {
            command.current_dir(folder);
        }
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = Lines::of(process.stdout.take().unwrap(), super::TIME_TO_RUN);
        let address = loop {
            let line = lines.next("the backend listens").unwrap();
            if let Some((_, rest)) = line.split_once("http://127.0.0.1:") {
                let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
                break format!("http://127.0.0.1:{port}");
            }
            eprintln!("{line}");
        };
        Self { process, address }
    }

    /// Makes the keys of the Actix example a minute older.
    pub fn age(&self) {
        self.process.stdin.as_ref().unwrap().write_all(b"\n").unwrap();
    }

    pub async fn get(&self, path: &str, token: Option<&str>) -> reqwest::Response {
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        let mut request = client.get(format!("{}{path}", self.address));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.unwrap()
    }

    pub async fn assert_user(&self, user: &str, calls: &[(&str, &str)]) {
        for (path, token) in calls {
            let answer = self.get(path, Some(token)).await;
            assert_eq!(answer.status(), 200, "{path}");
            let answer: Value = answer.json().await.unwrap();
            assert_eq!(answer, json!({ "owner": user, "level": "aal1" }));
        }
    }

    /// Requires that each is refused; one that is empty is not sent.
    pub async fn assert_refused(&self, calls: &[(&str, &str)]) {
        for (path, token) in calls {
            let token = (!token.is_empty()).then_some(*token);
            let answer = self.get(path, token).await;
            assert_eq!(answer.status(), 401, "{path} {token:?}");
            assert_eq!(answer.headers()["www-authenticate"], "Bearer", "{path} {token:?}");
        }
    }

    /// Requires that nobody is accepted or refused, and that the answer is a sentence and nothing else.
    pub async fn assert_unavailable(&self, token: &str) {
        for path in ["/reports", "/payments"] {
            let answer = self.get(path, Some(token)).await;
            assert_eq!(answer.status(), 503, "{path}");
            let answer: Value = answer.json().await.unwrap();
            let members = answer.as_object().unwrap().values();
            assert_eq!(members.collect::<Vec<_>>(), ["Please try again later."], "{path}");
        }
    }
}
