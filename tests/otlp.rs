//! Traces are sent to a collector, and say nothing about a person. `make test-otlp`, in a build with the feature.

#![cfg(feature = "otlp")]
#![expect(clippy::panic, clippy::unwrap_used, reason = "a failed helper is a failed test")]

#[expect(dead_code, reason = "other tests use the rest")]
#[path = "api/harness/wait.rs"]
mod wait;

use std::process::Command;
use std::sync::{Arc, Mutex};

use data_encoding::HEXLOWER;
use local_mongod::Mongod;
use reqwest::Client;
use serde_json::{Value, json};
use service_process::Service;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
const PASSWORD: &str = "plum velvet tractor";
const EMAIL: &str = "ada@example.com";

/// A collector that keeps what it is sent.
#[derive(Clone, Default)]
struct Collector {
    bodies: Arc<Mutex<Vec<u8>>>,
    paths: Arc<Mutex<Vec<String>>>,
}

impl Collector {
    /// Starts it; where it listens.
    async fn start() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let collector = Self::default();
        let own = collector.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(own.clone().take(stream));
            }
        });
        (collector, url)
    }

    async fn take(self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        loop {
            let (mut head, mut length) = (Vec::new(), 0);
            loop {
                let mut line = String::new();
                if stream.read_line(&mut line).await.unwrap_or_default() == 0 {
                    return;
                }
                if line == "\r\n" {
                    break;
                }
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                head.push(line);
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).await.unwrap();
            self.bodies.lock().unwrap().extend(body);
            self.paths.lock().unwrap().push(head.concat());
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }

    fn has(&self, part: &[u8]) -> bool {
        self.bodies.lock().unwrap().windows(part.len()).any(|found| found == part)
    }
}

/// The service's program; it sends to this collector, if there is one.
async fn serve(mongod: &Mongod, collector: Option<&str>) -> Service {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twofold"));
    command
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .envs([("APP_ENV", "development"), ("PORT", "0"), ("LOG", "debug"), ("MAIL_FOLDER", "off")])
        .envs([("HASH_MEMORY_KIB", "64"), ("HASH_ITERATIONS", "1")])
        .envs([("DATABASE_URL", mongod.uri().as_str()), ("MONGO_INITDB_DATABASE", "twofold")])
        .env("SEALING_KEYS", "k:dGhlIHNlYWxpbmcga2V5IG9mIHRoZSB0ZXN0IHN1aXQ=");
    if let Some(collector) = collector {
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", collector);
    }
    Service::start(&mut command).await.unwrap()
}

async fn post(url: &str, traceparent: Option<&str>, body: &Value) -> u16 {
    let mut call = Client::new().post(url).body(body.to_string());
    call = call.header("content-type", "application/json").header("user-agent", "a secret agent");
    if let Some(parent) = traceparent {
        call = call.header("traceparent", parent);
    }
    call.send().await.unwrap().status().as_u16()
}

/// Registers and logs in, wrongly first, within a trace.
async fn sign_in(service: &Service) {
    let url = |path: &str| format!("{}/api/auth/{path}", service.url());
    let parent = format!("00-{TRACE}-{PARENT}-01");
    let form = |password: &str| json!({ "name": "Ada", "email": EMAIL, "password": password });
    assert_eq!(post(&url("register"), None, &form(PASSWORD)).await, 201);
    assert_eq!(post(&url("login"), Some(&parent), &form("not the password")).await, 400);
    assert_eq!(post(&url("login"), Some(&parent), &form(PASSWORD)).await, 200);
    let invalid = format!("00-{PASSWORD}-{PARENT}-01");
    assert_eq!(post(&url("login?q=a-secret-query"), Some(&invalid), &form(PASSWORD)).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_of_requests_are_sent_with_their_route_and_without_anything_private() {
    let mongod = Mongod::temporary(env!("CARGO_TARGET_TMPDIR")).start().await.unwrap();
    let (collector, url) = Collector::start().await;
    let mut service = serve(&mongod, Some(&url)).await;
    sign_in(&service).await;
    // With the service's end the last spans are sent.
    assert_eq!(service.terminate().await.unwrap().code(), Some(0));
    wait::until("the collector has the spans", async || collector.has(b"POST /api/auth/login"))
        .await;

    let head = collector.paths.lock().unwrap().concat().to_ascii_lowercase();
    assert!(head.starts_with("post /v1/traces http/1.1"), "{head}");
    assert!(head.contains("content-type: application/x-protobuf"), "{head}");
    for part in [TRACE, PARENT] {
        assert!(collector.has(&HEXLOWER.decode(part.as_bytes()).unwrap()), "{part}");
    }
    for part in
        ["service.name", "twofold", "http.route", "/api/auth/register", "incorrect_credentials"]
    {
        assert!(collector.has(part.as_bytes()), "{part}");
    }
    let log = service.log();
    for secret in [PASSWORD, EMAIL, "Ada", "not the password", "a secret agent", "a-secret-query"] {
        assert!(!collector.has(secret.as_bytes()), "{secret} was sent");
        assert!(!log.contains(secret), "{secret} is in the log");
    }
    assert!(!collector.has(b"127.0.0.1"), "an address was sent");
    // Every request has a trace, and the log names it; two of them have the caller's.
    let completed: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("request completed") && line.contains("/api/auth/"))
        .collect();
    assert!(completed.iter().all(|line| line.contains("trace_id=")), "{completed:?}");
    assert_eq!(completed.iter().filter(|line| line.contains(TRACE)).count(), 2, "{completed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_collector_nothing_is_sent_and_a_missing_one_harms_nobody() {
    let mongod = Mongod::temporary(env!("CARGO_TARGET_TMPDIR")).start().await.unwrap();
    // A port that nothing listens on.
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for collector in [None, Some(format!("http://{unused}"))] {
        let mut service = serve(&mongod, collector.as_deref()).await;
        let url = format!("{}/api/auth/login", service.url());
        let form = json!({ "email": EMAIL, "password": PASSWORD });
        let parent = format!("00-{TRACE}-{PARENT}-01");
        assert_eq!(post(&url, Some(&parent), &form).await, 400);
        assert_eq!(service.terminate().await.unwrap().code(), Some(0));
        let log = service.log();
        let trace = format!("trace_id={TRACE}");
        assert!(
            log.lines().any(|line| line.contains("request completed") && line.contains(&trace)),
            "{log}"
        );
    }
}
