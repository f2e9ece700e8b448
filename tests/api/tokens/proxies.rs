//! Real proxies with the configurations of `docs/integration.md`: what a client forges does not arrive.

mod programs;

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use super::verify_address;
use crate::harness::{Answer, Browser, Call, Person, TestApp};
use programs::{Proxy, caddy, nginx, traefik};

/// Names and values.
type Headers = Vec<(String, String)>;

/// An application that keeps the headers of each request and answers 200.
struct Application {
    port: u16,
    requests: Arc<Mutex<Vec<Headers>>>,
}

impl Application {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests: Arc<Mutex<Vec<_>>> = Arc::default();
        let kept = Arc::clone(&requests);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let mut lines = BufReader::new(stream).lines();
                let mut headers = Vec::new();
                while let Ok(Some(line)) = lines.next_line().await
                    && !line.is_empty()
                {
                    if let Some((name, value)) = line.split_once(':') {
                        headers.push((name.to_lowercase(), value.trim().to_owned()));
                    }
                }
                kept.lock().unwrap().push(headers);
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi";
                // A client that left does not matter.
                let _written = lines.into_inner().into_inner().write_all(answer).await;
            }
        });
        Self { port, requests }
    }

    /// The values of the headers of the last request, whose names look like this one to a CGI program.
    fn last(&self, name: &str) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        let is = |found: &str| found.replace('_', "-") == name;
        let headers = requests.last().unwrap().iter();
        headers.filter(|(found, _)| is(found)).map(|(_, value)| value.clone()).collect()
    }

    fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

/// A call with everything that a client might forge.
fn forging(method: &str, cookies: &str) -> Call {
    let mut call = Call::new(method, "/some/page?x=1").header("host", "example.com");
    for name in [
        "Remote-User",
        "remote_user",
        "Remote-Email",
        "Remote_Email",
        "Remote-Name",
        "Remote-Groups",
        "Remote_Groups",
        "REMOTE-AAL",
    ] {
        call = call.header(name, "forged");
    }
    if cookies.is_empty() { call } else { call.header("cookie", cookies) }
}

/// A proxy between an application, Twofold, and somebody who is signed in.
struct Scene {
    app: TestApp,
    application: Application,
    proxy: Proxy,
    ada: Person,
    user: String,
    session: String,
}

impl Scene {
    async fn of(start: impl AsyncFnOnce(u16, u16) -> Proxy) -> Self {
        let (app, application) = (TestApp::spawn().await, Application::start().await);
        let proxy = start(app.port, application.port).await;
        let mut ada = Person::new(&app, "ada");
        "Ada Lövelace".clone_into(&mut ada.name);
        ada.register().await;
        ada.browser.log_in(&ada).await.assert_status(200);
        let me = ada.browser.get("/api/auth/me").await.json();
        let user = me["user"]["id"].as_str().unwrap().to_owned();
        let session = ada.browser.cookie("twofold_session").unwrap();
        Self { app, application, proxy, ada, user, session }
    }

    async fn send(&self, call: Call) -> Answer {
        let base = format!("http://127.0.0.1:{}", self.proxy.port);
        Browser::new(base, self.app.clock.clone()).send(call).await
    }

    fn cookie(&self) -> String {
        format!("twofold_session={}", self.session)
    }

    async fn assert_refused(&self, call: Call) {
        let before = self.application.count();
        assert_eq!((self.send(call).await.status, self.application.count()), (401, before));
    }

    /// Every header that a client might forge is as the service says, or absent.
    #[track_caller]
    fn assert_passed(&self, email: &str) {
        let last = |name: &str| self.application.last(name);
        assert_eq!(last("remote-user"), [self.user.as_str()]);
        // nginx leaves out a header that is empty.
        let received = last("remote-email");
        assert!(received == [email] || email.is_empty() && received.is_empty(), "{received:?}");
        assert_eq!(last("remote-name"), ["Ada%20L%C3%B6velace"]);
        assert_eq!(last("remote-aal"), ["aal1"]);
        assert_eq!(last("remote-groups"), [""; 0]);
    }

    /// Nobody passes without a session, whatever they forge.
    async fn refuse_strangers(&self) {
        let challenge = format!("twofold_login={}", self.session);
        for cookies in ["", "twofold_session=forged", "other=1", &challenge] {
            self.assert_refused(forging("GET", cookies)).await;
        }
        let own_bearer = forging("GET", &self.cookie());
        self.assert_refused(own_bearer.header("authorization", "Bearer of-the-application")).await;
    }

    /// The application gets none of Twofold's cookies, and its own where the proxy can tell them apart.
    async fn strip_cookies(&self, keeps_others: bool) {
        let session = self.cookie();
        let names = |text: &str| -> Vec<String> {
            let text = text.trim_end_matches([';', ' ']);
            text.split(';').map(|one| one.trim().to_owned()).collect()
        };
        for (cookies, left) in [
            (session.clone(), ""),
            (format!("a=1;{session};b=2"), "a=1;b=2"),
            (format!("{session}; b=2"), "b=2"),
            (
                format!(
                    "a=1; {session}; __Host-twofold_session=x; b=\"2\"; twofold_login=y; not_twofold_c=3; __Host-twofold_device=z"
                ),
                "a=1; b=\"2\"; not_twofold_c=3",
            ),
        ] {
            self.send(forging("GET", &cookies)).await.assert_status(200);
            self.assert_passed("");
            let passed = self.application.last("cookie").concat();
            let left = if keeps_others { left } else { "" };
            assert_eq!(names(&passed), names(left), "{cookies}");
        }
        // More of them than a proxy can take out one by one.
        let others: Vec<String> =
            ('a'..='i').map(|name| format!("__Host-twofold_{name}=x")).collect();
        let many = format!("a=1; {session}; {}", others.join("; "));
        self.send(forging("GET", &many)).await.assert_status(200);
        assert!(!self.application.last("cookie").concat().contains("twofold_"));
    }

    /// What the service says of a session changes at once, in requests with a body too.
    async fn follow_the_session(&self) {
        verify_address(&self.app, &self.ada).await;
        let post = forging("POST", &self.cookie()).header("origin", "https://example.com:8443");
        self.send(post.json(&json!({ "a": 1 }))).await.assert_status(200);
        self.assert_passed("ada@example.com");
        self.ada.browser.post("/api/auth/logout", json!({})).await.assert_status(204);
        self.assert_refused(forging("GET", &self.cookie())).await;
    }
}

async fn is_safe_behind(start: impl AsyncFnOnce(u16, u16) -> Proxy, keeps_cookies: bool) {
    let scene = Scene::of(start).await;
    scene.refuse_strangers().await;
    scene.strip_cookies(keeps_cookies).await;
    scene.follow_the_session().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_passes_on_what_the_service_says_and_nothing_forged() {
    is_safe_behind(nginx, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn caddy_passes_on_what_the_service_says_and_nothing_forged() {
    is_safe_behind(caddy, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn traefik_passes_on_what_the_service_says_and_nothing_forged() {
    is_safe_behind(traefik, false).await;
}
