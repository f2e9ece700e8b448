//! The service as a process: its limits and its log.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::harness::wait::{Lines, PATIENCE};
use crate::harness::{TestApp, program};

mod refused_pages;

/// A program that serves; the database it would use does not answer.
struct Process {
    child: Child,
    log: BufReader<std::process::ChildStderr>,
    port: u16,
}

impl Process {
    /// Starts it by a shell, which may set limits first.
    fn start(limits: &str) -> Self {
        let program = program();
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &format!("{limits}; exec \"$0\" serve")])
            .arg(program.get_program())
            .current_dir(program.get_current_dir().unwrap())
            .envs([
                ("APP_ENV", "development"),
                ("PORT", "0"),
                ("LOG", "debug"),
                ("DATABASE_URL", "mongodb://127.0.0.1:1"),
                ("MONGO_INITDB_DATABASE", "twofold"),
                ("SEALING_KEYS", TestApp::SEALING_KEYS),
            ])
            .stderr(Stdio::piped());
        let mut child = shell.spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let (address, mut line) = ("listening on http://localhost:", String::new());
        while !line.contains(address) {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "it ended before it served");
        }
        let port = line.split(address).nth(1).unwrap();
        let port = port.split(|letter: char| !letter.is_ascii_digit()).next().unwrap();
        Self { child, log, port: port.parse().unwrap() }
    }

    /// The answer to a request.
    fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Hundredths of a second that its threads have computed, whatever else the machine does.
    #[cfg(target_os = "linux")]
    fn computed(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }

    /// Ends it; the rest of its log.
    fn end(mut self) -> String {
        self.child.kill().unwrap();
        let mut log = String::new();
        self.log.read_to_string(&mut log).unwrap();
        log
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_start_raises_the_limit_of_descriptors() {
    let process = Process::start("ulimit -S -n 300");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", process.child.id())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let numbers: Vec<&str> = line.split_whitespace().skip(3).take(2).collect();
    assert_eq!(numbers[0], numbers[1], "{line}");
}

/// As many clients as come back at once after a proxy was restarted. The system holds their connections until the
/// service has time for them.
#[test]
#[cfg(target_os = "linux")]
fn connections_that_come_all_at_once_wait_until_they_are_accepted() {
    let process = Process::start(":");
    let pid = Pid::from_raw(process.child.id().cast_signed()).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, process.port));
    let clients = (0..300).map(|_| TcpStream::connect_timeout(&address, Duration::from_secs(5)));
    let clients: Vec<_> = clients.collect::<Result<_, _>>().expect("the system takes each of them");
    kill_process(pid, Signal::CONT).unwrap();
    drop(clients);
    let answer = process.ask("GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

/// Runs the service until it logs a line with this text, and returns the line. The database is away.
fn logged(settings: &[(&str, &str)], text: &str) -> String {
    let mut command = program();
    command
        .arg("serve")
        .envs([("PORT", "0"), ("MONGO_INITDB_DATABASE", "twofold")])
        .envs([("DATABASE_URL", "mongodb://ada:Zq7vK3xW@127.0.0.1:1/")])
        .envs([("SEALING_KEYS", TestApp::SEALING_KEYS)])
        .envs(settings.iter().copied())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let lines = Lines::of(child.stderr.take().unwrap(), PATIENCE);
    let mut line = String::new();
    while !line.contains(text) {
        line = lines.next(text).unwrap();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    line
}

#[test]
fn the_log_names_the_address_to_open_and_the_database_that_is_away() {
    let development = ("APP_ENV", "development");
    for host in ["127.0.0.1", "0.0.0.0"] {
        let line = logged(&[development, ("HOST", host)], "listening on http");
        let (_, url) = line.split_once("listening on ").unwrap();
        let (url, example) = url.split_once("; try ").unwrap();
        assert!(url.starts_with("http://localhost:"), "{line}");
        assert_eq!(example, format!("{url}/api/healthchecker"));
    }
    let elsewhere = logged(&[development, ("HOST", "127.0.0.2")], "listening on http");
    assert!(elsewhere.contains("listening on http://127.0.0.2:"), "{elsewhere}");
    let production = logged(&[("PUBLIC_ORIGIN", "https://a.example")], "listening on http");
    assert!(production.contains("\"listening on http://127.0.0.1:"), "{production}");

    let away = logged(&[development], "retrying");
    assert!(away.contains("cannot reach MongoDB at 127.0.0.1:1; retrying"), "{away}");
    assert!(!away.contains("Zq7vK3xW"), "{away}");
}

#[test]
fn a_method_of_any_length_leaves_a_short_line_in_the_log() {
    let process = Process::start(":");
    let method = "B".repeat(100_000);
    let answer =
        process.ask(&format!("{method} /whoami HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
    let log = process.end();
    let line = log.lines().find(|line| line.contains("status=405")).unwrap();
    assert!(line.len() < 400 && line.contains("other"), "{} bytes", line.len());
    assert!(log.lines().all(|line| line.len() < 2_000));
}

#[test]
fn the_log_has_the_code_of_a_problem_and_none_for_another_response() {
    let process = Process::start(":");
    let ask = |line: &str, accept: &str| {
        process.ask(&format!(
            "{line} HTTP/1.1\r\nHost: a\r\nAccept: {accept}\r\nConnection: close\r\n\r\n"
        ))
    };
    for (line, accept, status) in [
        ("GET /nowhere", "*/*", 404),
        ("GET /nowhere", "text/html", 404),
        ("POST /auth/credentials", "*/*", 401),
        ("GET /whoami", "*/*", 401),
        ("G@T /whoami", "*/*", 400),
    ] {
        let answer = ask(line, accept);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
    let log = process.end();
    let code = |line: &str| {
        let (_, rest) = line.split_once("code=")?;
        Some(rest.split(' ').next().unwrap_or_default().trim_matches('"').to_owned())
    };
    let requests = ["request completed", "request rejected before routing"];
    let lines = log.lines().filter(|line| requests.iter().any(|text| line.contains(text)));
    let codes: Vec<Option<String>> = lines.map(code).collect();
    let problem = |code: &str| Some(code.to_owned());
    let expected =
        [problem("not_found"), None, None, problem("not_authenticated"), problem("bad_request")];
    assert_eq!(codes, expected, "{log}");
}

#[test]
fn the_log_names_the_trace_that_a_request_belongs_to() {
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let valid = format!("traceparent: 00-{trace}-00f067aa0ba902b7-01\r\n");
    let endless = valid.replace("\r\n", &format!("-{}\r\n", "a".repeat(10_000)));
    let process = Process::start(":");
    for headers in ["", &valid, &valid.to_uppercase(), &endless, &valid.repeat(2)] {
        process.ask(&format!("GET / HTTP/1.1\r\nHost: a\r\n{headers}Connection: close\r\n\r\n"));
    }
    let log = process.end();
    let completed = log.lines().filter(|line| line.contains("request completed"));
    let traced = completed.map(|line| line.contains(&format!(" trace_id={trace} ")));
    assert_eq!(traced.collect::<Vec<_>>(), [false, true, false, false, false], "{log}");
    assert_eq!(log.matches("trace_id").count(), 1, "{log}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_is_not_unpacked_for_each_request() {
    const REQUESTS: usize = 200;
    let process = Process::start(":");
    let request = "HEAD /static/vendor/redoc.standalone.js HTTP/1.1\r\nHost: a\r\n\r\n";
    let last =
        "HEAD /static/vendor/redoc.standalone.js HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let before = process.computed();
    let answers = process.ask(&format!("{}{last}", request.repeat(REQUESTS)));
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), REQUESTS + 1);
    // Unpacked each time, it is a second and more.
    let computed = process.computed() - before;
    assert!(computed < 40, "{computed} hundredths of a second");
}
