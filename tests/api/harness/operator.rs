//! The operator at the command line, on the database of a running service.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use service_process::Service;

use super::app::TestApp;
use super::wait::{output, output_of};

/// How a command of the program ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn of(output: Output) -> Self {
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

/// Runs a command at a terminal of its own, and types a line at each prompt; a password once it is not shown.
const TERMINAL: &str = "\
import os, pty, sys, termios
answers, seen = sys.stdin.read().splitlines(), b''
def read(terminal):
    global seen
    data = os.read(terminal, 1024)
    seen += data
    if seen.endswith(b': ') and answers:
        while b'assword' in seen and termios.tcgetattr(terminal)[3] & termios.ECHO:
            pass
        os.write(terminal, answers.pop(0).encode() + b'\\n')
    return data
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:], read)))
";

impl TestApp {
    /// Runs the program with the settings of this service.
    pub fn operator(&self, arguments: &[&str]) -> Ran {
        self.operator_with(arguments, &[])
    }

    /// The same, with some settings changed.
    pub fn operator_with(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Ran {
        let mut command = program();
        self.set(&mut command).envs(settings.iter().copied()).args(arguments);
        Ran::of(output(&mut command))
    }

    /// The same, with this text as standard input.
    pub fn operator_reading(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = program();
        self.set(&mut command).args(arguments);
        Ran::of(output_with_input(&mut command, input))
    }

    /// The same at a terminal, where each line of `typed` answers a prompt.
    pub fn operator_at_terminal(&self, arguments: &[&str], typed: &str) -> Ran {
        let (program, mut python) = (program(), Command::new("python3"));
        python.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        python.current_dir(program.get_current_dir().unwrap());
        self.set(&mut python).args(["-c", TERMINAL]).arg(program.get_program()).args(arguments);
        Ran::of(output_with_input(&mut python, typed))
    }

    /// Starts the service once more, as a process of its own, on the same database.
    pub async fn start_process<const N: usize>(&self, settings: [(&str, &str); N]) -> Service {
        let mut command = program();
        self.set(&mut command).env("PORT", "0").envs(settings);
        Service::start(&mut command).await.unwrap()
    }

    fn set<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.envs([
            ("APP_ENV", "development"),
            ("SEALING_KEYS", Self::SEALING_KEYS),
            ("HASH_MEMORY_KIB", "64"),
            ("HASH_ITERATIONS", "1"),
            ("DATABASE_URL", &self.database_url),
            ("MONGO_INITDB_DATABASE", &self.database_name),
        ])
    }
}

fn output_with_input(command: &mut Command, input: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that fails early reads nothing.
    let _closed = child.stdin.take().unwrap().write_all(input.as_bytes());
    output_of(child)
}
