//! `twofold serve`.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::exit::Failure;
use crate::app::Application;
use crate::config::{Config, Mode};
use crate::domain::clock::Clock;
use crate::telemetry::{self, Traces};

/// Serves until SIGTERM or SIGINT. A second one ends the drain.
pub(super) fn serve(config: Config) -> Result<(), Failure> {
    telemetry::start(config.mode, &config.log).map_err(Failure::other)?;
    let traces = Traces::start(config.traces.as_deref());
    let served = actix_web::rt::System::new().block_on(until_stopped(config));
    traces.finish();
    served
}

async fn until_stopped(config: Config) -> Result<(), Failure> {
    let (host, mode) = (config.http.host, config.mode);
    let mut signals = Signals::listen().map_err(Failure::other)?;
    let application = Application::build(config, Clock::system()).await.map_err(Failure::other)?;
    let address = SocketAddr::new(host, application.port());
    tracing::info!("{}", listening(mode, address));
    application.run_until(async || signals.next().await).await.map_err(Failure::other)
}

/// Returns the line of the log that names the address.
fn listening(mode: Mode, address: SocketAddr) -> String {
    match mode {
        Mode::Development => {
            let url = development_url(address);
            format!("listening on {url}; try {url}/api/healthchecker")
        }
        Mode::Production => format!("listening on http://{address}"),
    }
}

/// Returns the URL to open in a browser. For a browser, `localhost` and `127.0.0.1` are different sites: it
/// would not send the cookies of one to a frontend at the other, which runs at `localhost`.
fn development_url(address: SocketAddr) -> String {
    let host = address.ip();
    let is_localhost = host.is_unspecified()
        || [IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()].contains(&host);
    if is_localhost {
        format!("http://localhost:{}", address.port())
    } else {
        format!("http://{address}")
    }
}

/// SIGTERM and SIGINT.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        let (terminate, interrupt) = (SignalKind::terminate(), SignalKind::interrupt());
        Ok(Self { terminate: signal(terminate)?, interrupt: signal(interrupt)? })
    }

    /// Waits for the next one.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
