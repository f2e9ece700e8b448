//! How the service stops: it drains, so that clients and proxies leave it before it accepts no more connections.

use std::io;
use std::time::{Duration, Instant};

use service_process::Service;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Browser, TestApp, until, within};

/// A process of its own, on the database of `app`.
async fn start(app: &TestApp, drain: &str) -> Service {
    app.start_process([("SHUTDOWN_DRAIN", drain), ("KEEP_ALIVE", "1h"), ("MAIL_FOLDER", "off")])
        .await
}

async fn connect(service: &Service) -> TcpStream {
    TcpStream::connect(service.address).await.unwrap()
}

fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: a\r\n{headers}\r\n")
}

/// Sends a request and returns what comes until the service closes the connection.
async fn last(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer);
    within(Duration::from_mins(1), "the connection is closed", read).await.unwrap();
    answer
}

/// A connection that was used once and may be used again.
async fn idle(service: &Service) -> TcpStream {
    let (mut stream, mut answer) = (connect(service).await, Vec::new());
    stream.write_all(get("/health/live", "").as_bytes()).await.unwrap();
    let whole = async {
        while !answer.ends_with(b"}") {
            assert!(stream.read_buf(&mut answer).await.unwrap() > 0, "closed before an answer");
        }
    };
    within(Duration::from_mins(1), "a whole answer", whole).await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 ") && !answer.contains("connection: close"));
    stream
}

/// Asks the service to stop, and waits until it says that it is not ready.
async fn begin_to_stop(service: &Service) {
    service.ask_to_stop().unwrap();
    until("the service is not ready", async || {
        let request = get("/health/ready", "Connection: close\r\n");
        last(&mut connect(service).await, &request).await.starts_with("HTTP/1.1 503 ")
    })
    .await;
}

fn assert_last(answer: &str, status: u16) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_drains_answers_everything_and_asks_clients_to_leave() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let mut service = start(&app, "1h").await;
    let browser = Browser::new(service.url(), app.clock.clone());
    browser.log_in(&ada).await.assert_status(200);
    let cookie =
        format!("Cookie: twofold_session={}\r\n", browser.cookie("twofold_session").unwrap());
    let (mut used, unused) = (idle(&service).await, idle(&service).await);
    begin_to_stop(&service).await;

    assert_last(&last(&mut connect(&service).await, &get("/api/auth/me", &cookie)).await, 200);
    assert_last(&last(&mut connect(&service).await, &get("/api/auth/me", "")).await, 401);
    assert_last(&last(&mut connect(&service).await, &get("/health/ready", "")).await, 503);
    assert_last(&last(&mut used, &get("/api/auth/me", &cookie)).await, 200);
    let nothing = unused.try_read(&mut [0]).unwrap_err();
    assert_eq!(nothing.kind(), io::ErrorKind::WouldBlock, "an idle connection stays open");

    // A second signal ends the drain.
    assert_eq!(service.terminate().await.unwrap().code(), Some(0));
    TcpStream::connect(service.address).await.unwrap_err();
    let log = service.log();
    let (_, log) = log.split_once("shutting down").unwrap();
    assert!(log.contains("code=\"not_ready\"") && !log.contains("ERROR"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_progress_at_the_end_of_the_drain_is_finished() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let mut service = start(&app, "1h").await;
    begin_to_stop(&service).await;
    let form = serde_json::json!({ "email": ada.email, "password": ada.password }).to_string();
    let mut login = connect(&service).await;
    let head = format!(
        "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        form.len()
    );
    login.write_all(head.as_bytes()).await.unwrap();
    until("the login is in progress", async || {
        let metrics = last(&mut connect(&service).await, &get("/metrics", "")).await;
        metrics.contains("twofold_http_requests_in_flight 2\n")
    })
    .await;
    service.ask_to_stop().unwrap();
    until("new connections are refused", async || {
        TcpStream::connect(service.address).await.is_err()
    })
    .await;
    assert_last(&last(&mut login, &form).await, 200);
    assert_eq!(service.stopped().await.unwrap().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_ends_by_itself() {
    let app = TestApp::spawn().await;
    for (drain, at_least) in [("1s", Duration::from_secs(1)), ("0", Duration::ZERO)] {
        let mut service = start(&app, drain).await;
        let begun = Instant::now();
        assert_eq!(service.terminate().await.unwrap().code(), Some(0));
        assert!(begun.elapsed() >= at_least);
    }
}
