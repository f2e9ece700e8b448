//! The operator at the command line, on the database of a running service.

use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::app::TestApp;
use super::wait::output;

/// How a command of the program ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    pub fn assert_code(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "{}{}", self.stdout, self.stderr);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// Standard output's lines, each as JSON.
    pub fn json_lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// The program without any setting of this process, in a folder without `.env`.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twofold"));
    command.env_clear().current_dir(env!("CARGO_TARGET_TMPDIR")).stdin(Stdio::null());
    command
}

impl TestApp {
    /// Runs the program with the settings of this service.
    pub fn operator(&self, arguments: &[&str]) -> Ran {
        self.operator_with(arguments, &[])
    }

    /// The same, with some settings changed.
    pub fn operator_with(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Ran {
        let mut command = program();
        command
            .envs([
                ("APP_ENV", "development"),
                ("SEALING_KEYS", Self::SEALING_KEYS),
                ("HASH_MEMORY_KIB", "64"),
                ("HASH_ITERATIONS", "1"),
                ("DATABASE_URL", &self.database_url),
                ("MONGO_INITDB_DATABASE", &self.database_name),
            ])
            .envs(settings.iter().copied())
            .args(arguments);
        Ran::of(output(&mut command))
    }
}
