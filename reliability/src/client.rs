//! Requests to the instances, as clients with a timeout send them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::header::SET_COOKIE;
use serde_json::Value;

use crate::instances::Instances;
use crate::ledger::Ledger;

/// The service answers within two seconds when it has lost its database; the rest is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);
/// Shorter than the service's own timeout, so that no request meets a connection that is being closed.
const IDLE: Duration = Duration::from_secs(2);

/// Sends requests to instances and notes what comes back.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    route: Route,
    /// What was answered.
    pub ledger: Arc<Ledger>,
}

#[derive(Clone)]
enum Route {
    To(Arc<Instances>),
    Through(SocketAddr),
}

/// A request.
#[derive(Clone, Debug)]
pub struct Call {
    method: Method,
    path: &'static str,
    body: Option<Value>,
    cookie: Option<String>,
    network: String,
}

impl Call {
    /// A request from an address.
    #[must_use]
    pub fn new(method: Method, path: &'static str, network: &str) -> Self {
        Self { method, path, body: None, cookie: None, network: network.to_owned() }
    }

    /// The same with a JSON body.
    #[must_use]
    pub fn json(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    /// The same with a cookie, as `name=value`.
    #[must_use]
    pub fn cookie(self, cookie: &str) -> Self {
        Self { cookie: Some(cookie.to_owned()), ..self }
    }
}

/// An answer other than 503.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body; null if it is no JSON.
    pub body: Value,
    cookies: Vec<String>,
    /// Which instance answered.
    pub instance: usize,
    /// When the request was sent.
    pub sent: Instant,
}

impl Reply {
    /// A cookie that was set, as `name=value`.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        let prefix = format!("{name}=");
        let set = self.cookies.iter().filter_map(|line| line.split(';').next());
        set.filter(|pair| pair.starts_with(&prefix) && pair.len() > prefix.len())
            .map(str::to_owned)
            .next_back()
    }

    /// The code of a problem, or an empty text.
    #[must_use]
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

/// The outcome of a request is unknown: it was answered with 503, or its instance was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unclear;

impl Client {
    /// A client of these instances.
    #[must_use]
    pub fn new(instances: Arc<Instances>, ledger: Arc<Ledger>) -> Self {
        let http = reqwest::Client::builder().timeout(PATIENCE).pool_idle_timeout(IDLE);
        Self { http: http.build().unwrap(), route: Route::To(instances), ledger }
    }

    /// A client of a load balancer, with a new connection for each request.
    #[must_use]
    pub fn through(balancer: SocketAddr, ledger: Arc<Ledger>) -> Self {
        let http = reqwest::Client::builder().timeout(PATIENCE).pool_max_idle_per_host(0);
        Self { http: http.build().unwrap(), route: Route::Through(balancer), ledger }
    }

    /// Where a request to the instance `first` may go, in this order.
    fn places(&self, first: usize) -> Vec<(usize, SocketAddr)> {
        match &self.route {
            Route::Through(balancer) => vec![(first, *balancer)],
            Route::To(instances) => {
                let count = instances.count();
                let numbers = (first..first + count).map(|number| number % count);
                numbers.filter_map(|number| Some((number, instances.address(number)?))).collect()
            }
        }
    }

    /// Sends a request to the instance `first`, and to the next one if nothing listens there.
    ///
    /// # Errors
    ///
    /// [`Unclear`].
    pub async fn send(&self, first: usize, call: &Call) -> Result<Reply, Unclear> {
        for (instance, address) in self.places(first) {
            let mut request =
                self.http.request(call.method.clone(), format!("http://{address}{}", call.path));
            request = request.header("x-forwarded-for", &call.network);
            if let Some(cookie) = &call.cookie {
                request = request.header("cookie", cookie);
            }
            if let Some(body) = &call.body {
                request = request.json(body);
            }
            let sent = Instant::now();
            let outcome = request.send().await;
            if outcome.as_ref().is_err_and(reqwest::Error::is_connect) {
                self.check_ended(instance, sent, "refused a connection", call);
                continue;
            }
            return self.read(outcome, instance, sent, call).await;
        }
        self.ledger.broken(format!("no instance was there for {}", call.path));
        Err(Unclear)
    }

    /// Whether an instance says that it is ready, on a new connection.
    pub async fn is_ready(&self, instance: usize) -> bool {
        let call = Call::new(Method::GET, "/health/ready", "127.0.0.1");
        self.send(instance, &call).await.is_ok_and(|reply| reply.status == 200)
    }

    async fn read(
        &self,
        outcome: reqwest::Result<reqwest::Response>,
        instance: usize,
        sent: Instant,
        call: &Call,
    ) -> Result<Reply, Unclear> {
        let read = async {
            let response = outcome?;
            let status = response.status().as_u16();
            let lines = response.headers().get_all(SET_COOKIE).iter();
            let cookies = lines.filter_map(|line| Some(line.to_str().ok()?.to_owned())).collect();
            Ok::<_, reqwest::Error>((status, cookies, response.bytes().await?))
        };
        let Ok((status, cookies, body)) = read.await else {
            self.ledger.answered(0, sent.elapsed());
            self.check_ended(instance, sent, "did not answer", call);
            return Err(Unclear);
        };
        self.ledger.answered(status, sent.elapsed());
        let body = serde_json::from_slice(&body).unwrap_or_default();
        let reply = Reply { status, body, cookies, instance, sent };
        match status {
            503 => {
                if !["database_unavailable", "busy"].contains(&reply.code()) {
                    self.ledger.broken(format!("{} answered 503 {}", call.path, reply.code()));
                }
                Err(Unclear)
            }
            500..=599 => {
                self.ledger.broken(format!("{} answered {status} {}", call.path, reply.code()));
                Err(Unclear)
            }
            _ => Ok(reply),
        }
    }

    /// Only an instance that was ended on purpose may fail to answer.
    fn check_ended(&self, instance: usize, sent: Instant, what: &str, call: &Call) {
        // It may have been ended just before the request was sent, too.
        let since = sent.checked_sub(Duration::from_secs(1)).unwrap_or(sent);
        let ended = match &self.route {
            Route::To(instances) => instances.ended(instance),
            Route::Through(_) => None,
        };
        if ended.is_none_or(|ended| ended < since) && !self.ledger.excuse(sent, PATIENCE) {
            let after = sent.elapsed();
            self.ledger.broken(format!("{} of a running instance {what} ({after:?})", call.path));
        }
    }
}
