//! `twofold serve`.

use std::io;
use std::net::SocketAddr;

use tokio::signal::unix::{SignalKind, signal};

use super::exit::Failure;
use crate::app::Application;
use crate::config::Config;
use crate::domain::clock::Clock;
use crate::telemetry;

/// Serves until SIGTERM or SIGINT.
pub(super) fn serve(config: Config) -> Result<(), Failure> {
    telemetry::start(config.mode, &config.log).map_err(Failure::other)?;
    actix_web::rt::System::new().block_on(until_told(config))
}

async fn until_told(config: Config) -> Result<(), Failure> {
    let host = config.http.host;
    let stop = told_to_stop().map_err(Failure::other)?;
    let application = Application::build(config, Clock::system()).await.map_err(Failure::other)?;
    let address = SocketAddr::new(host, application.port());
    tracing::info!("answering at http://{address}, for one at http://{address}/api/healthchecker");
    application.run_until(stop).await.map_err(Failure::other)
}

/// Resolves on SIGTERM and on SIGINT.
fn told_to_stop() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("told to stop");
    })
}
