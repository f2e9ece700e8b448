//! The server: connections, workers, and each worker's application.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_http::HttpService;
use actix_service::{ServiceFactoryExt, map_config};
use actix_web::dev::{AppConfig, Server, fn_service};
use actix_web::middleware::from_fn;
use actix_web::{App, web};
use tokio::net::TcpStream;

use super::cors::cors;
use super::edge::edge;
use super::origin_check::require_known_origin;
use super::routes;
use super::state::HttpState;
use super::wire::Wire;
use crate::flows::Auth;

/// A request's head must arrive within this.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// A server on a bound listener. `flows` makes those of one worker, within that worker.
///
/// # Errors
///
/// The system's.
pub fn server<E: std::fmt::Debug + 'static>(
    listener: TcpListener,
    state: web::Data<HttpState>,
    flows: impl Fn() -> Result<Auth, E> + Clone + Send + 'static,
) -> io::Result<Server> {
    let shutdown_timeout = state.config.shutdown_timeout.as_secs();
    let address = listener.local_addr()?;
    let builder = Server::build();
    let stopping = builder.graceful_shutdown_signal();
    let factory = move || {
        let (shared, flows, stopping) = (state.clone(), flows.clone(), stopping.clone());
        let app = App::new()
            .app_data(state.clone())
            .data_factory(move || std::future::ready(flows()))
            .wrap(from_fn(require_known_origin))
            .wrap(cors(&state))
            .wrap(from_fn(edge))
            .configure(routes::configure)
            .default_service(web::to(routes::nothing));
        let http = HttpService::build()
            .client_request_timeout(HEAD_TIMEOUT)
            // A client that leaves gives its place in the hashing queue back.
            .h1_allow_half_closed(false)
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .local_addr(address)
            .h1(map_config(app, |()| AppConfig::default()));
        fn_service(move |stream: TcpStream| {
            let peer = stream.peer_addr().ok();
            let wire = Wire::new(stream, shared.clone());
            std::future::ready(Ok((wire, peer)))
        })
        .and_then(http)
    };
    let server = builder
        .shutdown_timeout(shutdown_timeout)
        .disable_signals()
        .listen("twofold", listener, factory)?;
    Ok(server.run())
}
