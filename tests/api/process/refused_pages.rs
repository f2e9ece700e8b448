//! What the log says of pages that were refused.

use super::Process;

#[test]
fn a_refused_page_leaves_its_origin_and_the_setting_to_change_in_the_log() {
    let process = Process::start(":");
    let ask = |line: &str, origin: &str| {
        let asks = "Access-Control-Request-Method: POST\r\nX-Request-Id: support-4711";
        process.ask(&format!(
            "{line} HTTP/1.1\r\nHost: a\r\n{asks}\r\nOrigin: {origin}\r\nConnection: close\r\n\r\n"
        ))
    };
    let oversized = format!("http://{}.example", "a".repeat(4_000));
    for origin in ["http://evil.example", "http://a.example\x07\u{1b}[2J", &oversized] {
        for line in ["OPTIONS /api/auth/login", "POST /api/auth/login"] {
            let answer = ask(line, origin);
            assert!(answer.contains("origin_not_allowed") || answer.contains(" 400 "), "{answer}");
        }
    }
    ask("OPTIONS /api/auth/login", "http://localhost:5173");
    let log = process.end();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("CLIENT_ORIGIN")).collect();
    let named = |origin: &str| {
        let field = format!("code=\"origin_not_allowed\" origin=\"{origin}\"");
        lines.iter().filter(|line| line.contains(&field) && line.contains("support-4711")).count()
    };
    assert_eq!((named("http://evil.example"), named("too long")), (2, 2), "{log}");
    assert!(lines.iter().all(|line| line.len() < 400 && !line.contains(['\x07', '\u{1b}'])));
    assert!(!log.contains("5173"), "{log}");
}

#[test]
fn logins_from_another_site_are_explained_once() {
    let process = Process::start(":");
    let ask = |line: &str, site: &str| {
        let from = format!("Sec-Fetch-Site: {site}\r\nOrigin: http://localhost:3000");
        process.ask(&format!(
            "{line} HTTP/1.1\r\nHost: 127.0.0.1\r\n{from}\r\nConnection: close\r\n\r\n"
        ))
    };
    for site in ["same-site", "same-origin", "none"] {
        ask("POST /api/auth/login", site);
    }
    ask("GET /api/auth/me", "cross-site");
    ask("POST /api/auth/l%6fgin", "cross-site");
    ask("POST /api/auth/login", "cross-site");
    let log = process.end();
    let warnings: Vec<&str> = log.lines().filter(|line| line.contains("WARN")).collect();
    let about: Vec<&&str> = warnings.iter().filter(|line| line.contains("another site")).collect();
    assert_eq!(about.len(), 1, "{log}");
    assert!(
        about[0].contains("origin=\"http://localhost:3000\"")
            && about[0].contains("not http://127.0.0.1")
    );
    let order = log.find("another site").unwrap() > log.rfind("/api/auth/me").unwrap();
    assert!(order, "only a login is a cause: {log}");
}

#[test]
fn a_page_at_a_loopback_address_is_explained_at_each_refusal() {
    let process = Process::start(":");
    let ask = |line: &str, host: &str, headers: &str| {
        let asks = format!("Access-Control-Request-Method: POST\r\n{headers}");
        let answer = process.ask(&format!(
            "{line} HTTP/1.1\r\nHost: {host}\r\n{asks}\r\nConnection: close\r\n\r\n"
        ));
        assert!(answer.contains("origin_not_allowed"), "{answer}");
    };
    let (login, preflight) = ("POST /api/auth/login", "OPTIONS /api/auth/register");
    let page = "Origin: http://127.0.0.1:3000";
    ask(preflight, "localhost:8000", page);
    ask(preflight, "localhost:8000", page);
    ask(login, "localhost:8000", &format!("{page}\r\nSec-Fetch-Site: cross-site"));
    ask(login, "127.0.0.1:8000", "Origin: http://[::1]:3000");
    let log = process.end();
    let lines = |text: &str| log.lines().filter(|line| line.contains(text)).collect::<Vec<_>>();
    let warnings = lines("another site");
    assert_eq!(warnings.len(), 1, "{log}");
    assert!(
        warnings[0].contains("WARN") && warnings[0].contains("origin=\"http://127.0.0.1:3000\"")
    );
    assert!(warnings[0].contains("http://localhost, not http://127.0.0.1"), "{log}");
    let advice = "open it at http://localhost, or add its origin to CLIENT_ORIGIN";
    for (origin, times) in [("http://127.0.0.1:3000", 3), ("http://[::1]:3000", 1)] {
        let refused = lines(&format!("code=\"origin_not_allowed\" origin=\"{origin}\""));
        assert_eq!(refused.len(), times, "{log}");
        assert!(refused.iter().all(|line| line.contains(advice)), "{log}");
    }

    // Pages of the same site can use the service, once they are in the setting.
    let process = Process::start(":");
    let ask = |host: &str, headers: &str| {
        process.ask(&format!(
            "POST /api/auth/login HTTP/1.1\r\nHost: {host}\r\n{headers}\r\nConnection: close\r\n\r\n"
        ))
    };
    ask("127.0.0.1:8000", "Origin: http://127.0.0.1:3000");
    ask("localhost:8000", "Origin: http://127.0.0.1:3000\r\nSec-Fetch-Site: same-origin");
    let log = process.end();
    assert_eq!(log.matches("yours, add its origin to CLIENT_ORIGIN").count(), 2, "{log}");
    assert!(!log.contains("another site"), "{log}");
}
