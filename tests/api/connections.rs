//! How long a connection may be held, how much may be sent on it, and how many there may be.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::harness::{Browser, TestApp};

const PROBE: &str = "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n";
const CHUNKED: &str = "GET /health/live HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

/// Waits for what must happen soon.
async fn soon<T>(what: &str, happens: impl Future<Output = T>) -> T {
    let outcome = tokio::time::timeout(Duration::from_mins(1), happens).await;
    outcome.unwrap_or_else(|_| panic!("waited a minute: {what}"))
}

async fn connect(app: &TestApp) -> TcpStream {
    TcpStream::connect(("127.0.0.1", app.port)).await.unwrap()
}

/// Sends a request and reads its answer, whose body is short.
async fn ask(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let whole = async {
        while !answer.ends_with(b"}") {
            assert!(stream.read_buf(&mut answer).await.unwrap() > 0, "closed before an answer");
        }
    };
    soon("a whole answer", whole).await;
    String::from_utf8(answer).unwrap()
}

/// What comes until the server closes the connection.
async fn rest(stream: &mut TcpStream, what: &str) -> String {
    let mut rest = Vec::new();
    // What the server left unread resets the connection; what it said came before.
    let _reset = soon(what, stream.read_to_end(&mut rest)).await;
    String::from_utf8_lossy(&rest).into_owned()
}

/// A client that was answered once, then sends a part of something.
async fn answered_then(app: &TestApp, request: &str, part: &str, what: &str) -> String {
    let mut stream = connect(app).await;
    assert!(ask(&mut stream, request).await.starts_with("HTTP/1.1 200 "));
    stream.write_all(part.as_bytes()).await.unwrap();
    rest(&mut stream, what).await
}

/// A client that sends a byte now and then, so that it is never idle for long.
async fn trickle(app: &TestApp, request: &str, part: &str) {
    let mut stream = connect(app).await;
    ask(&mut stream, request).await;
    let mut ticks = tokio::time::interval(Duration::from_millis(50));
    let until_refused = async {
        while stream.write_all(part.as_bytes()).await.is_ok() {
            ticks.tick().await;
        }
    };
    soon("a trickle is cut off", until_refused).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_slowly_is_cut_off_on_every_request() {
    let app = TestApp::with([("HEAD_TIMEOUT", "1s"), ("KEEP_ALIVE", "1h")]).await;
    let late_head = answered_then(&app, PROBE, "G", "a second head that never ends is cut off");
    let late_first_head = async {
        let mut stream = connect(&app).await;
        stream.write_all(b"GET / HTTP/1.1\r\nOrigin: http://localhost:3000\r\n").await.unwrap();
        rest(&mut stream, "a first head that never ends is cut off").await
    };
    let unread_body = answered_then(&app, CHUNKED, "5\r\nab", "an unread body is cut off");
    let (late_head, late_first_head, unread_body, (), ()) = tokio::join!(
        late_head,
        late_first_head,
        unread_body,
        trickle(&app, PROBE, "G"),
        trickle(&app, CHUNKED, "1\r\na\r\n"),
    );
    assert_eq!(unread_body, "");
    assert!(late_first_head.contains("access-control-allow-origin: http://localhost:3000\r\n"));
    for late in [late_head, late_first_head] {
        assert!(late.starts_with("HTTP/1.1 408 "), "{late}");
        assert!(late.contains("\"code\":\"request_timeout\""), "{late}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_is_closed_without_a_word() {
    let app = TestApp::with([("HEAD_TIMEOUT", "1h"), ("KEEP_ALIVE", "1s")]).await;
    let idle = answered_then(&app, PROBE, "", "an idle connection is closed");
    let silent = async { rest(&mut connect(&app).await, "a silent connection is closed").await };
    // What came with the first request does not stop the time.
    let begun_early = async {
        let mut stream = connect(&app).await;
        stream.write_all(format!("{PROBE}G").as_bytes()).await.unwrap();
        rest(&mut stream, "a head begun behind the first is cut off").await
    };
    let (idle, silent, begun_early) = tokio::join!(idle, silent, begun_early);
    assert_eq!([idle, silent], ["", ""]);
    assert!(begun_early.starts_with("HTTP/1.1 200 ") && begun_early.ends_with('}'));
}

#[tokio::test]
async fn requests_one_after_the_other_share_a_connection_for_as_long_as_they_come() {
    let app = TestApp::spawn().await;
    let mut stream = connect(&app).await;
    for _ in 0..100 {
        assert!(ask(&mut stream, PROBE).await.starts_with("HTTP/1.1 200 "));
    }
    // Each body goes unread, and is whole.
    for _ in 0..100 {
        let request = format!("{CHUNKED}2000\r\n{}\r\n0\r\n\r\n", "a".repeat(0x2000));
        assert!(ask(&mut stream, &request).await.starts_with("HTTP/1.1 200 "));
    }
}

#[tokio::test]
async fn a_body_that_nobody_reads_is_not_read_without_end() {
    // More than the system's own buffers hold, and far more than the service reads.
    const MOST: usize = 64 * 1024 * 1024;
    let app = TestApp::spawn().await;
    let mut stream = connect(&app).await;
    assert!(ask(&mut stream, CHUNKED).await.starts_with("HTTP/1.1 200 "));
    let chunk = format!("10000\r\n{}\r\n", "a".repeat(0x1_0000));
    let mut sent = 0;
    let until_refused = async {
        while sent < MOST && stream.write_all(chunk.as_bytes()).await.is_ok() {
            sent += chunk.len();
        }
    };
    soon("an endless body is cut off", until_refused).await;
    assert!(sent < MOST, "{sent} bytes were taken");
}

/// Waits until this many connections are open, the asking one included.
async fn until_open(browser: &Browser, count: usize) {
    let line = format!("twofold_connections_open {count}");
    let counted = async {
        while !browser
            .get("/metrics")
            .await
            .body
            .windows(line.len())
            .any(|part| part == line.as_bytes())
        {}
    };
    soon(&line, counted).await;
}

#[tokio::test]
async fn a_client_that_accepts_nothing_of_its_answers_is_disconnected() {
    let app = TestApp::with([("WRITE_TIMEOUT", "1s")]).await;
    let browser = app.browser();
    until_open(&browser, 1).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut stream = socket.connect(([127, 0, 0, 1], app.port).into()).await.unwrap();
    let large = "GET /static/vendor/redoc.standalone.js HTTP/1.1\r\nHost: a\r\n\r\n".repeat(16);
    stream.write_all(large.as_bytes()).await.unwrap();
    until_open(&browser, 2).await;
    until_open(&browser, 1).await;
}

#[tokio::test]
async fn a_connection_too_many_is_answered_and_leaves_the_others_alone() {
    let app = TestApp::with([("MAX_CONNECTIONS", "3")]).await;
    let browser = app.browser();
    until_open(&browser, 1).await;
    let (mut first, mut second) = (connect(&app).await, connect(&app).await);
    for stream in [&mut first, &mut second] {
        assert!(ask(stream, PROBE).await.starts_with("HTTP/1.1 200 "));
    }
    let mut third = connect(&app).await;
    let request = "POST /api/auth/login HTTP/1.1\r\nOrigin: http://localhost:3000\r\n\
                   Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    third.write_all(request.as_bytes()).await.unwrap();
    let refused = rest(&mut third, "a connection too many is closed").await;
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    for part in [
        "content-type: application/problem+json\r\n",
        "access-control-allow-origin: http://localhost:3000\r\n",
        "access-control-allow-credentials: true\r\n",
        "retry-after: 2\r\n",
        "connection: close\r\n",
        "\"code\":\"busy\"",
    ] {
        assert!(refused.contains(part), "{part} is missing in {refused}");
    }
    let silent = rest(&mut connect(&app).await, "a silent one too many is closed").await;
    assert!(silent.starts_with("HTTP/1.1 503 "), "{silent}");

    for stream in [&mut first, &mut second] {
        assert!(ask(stream, PROBE).await.starts_with("HTTP/1.1 200 "));
    }
    drop(first);
    until_open(&browser, 2).await;
    assert!(ask(&mut connect(&app).await, PROBE).await.starts_with("HTTP/1.1 200 "));
    let metrics = browser.get("/metrics").await.body;
    let metrics = String::from_utf8(metrics).unwrap();
    assert!(metrics.contains("twofold_connections_refused_total 2"), "{metrics}");
}
