//! The server: connections, workers, and each worker's application.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZero;
use std::thread;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, KeepAlive};
use actix_service::{ServiceFactoryExt, map_config};
use actix_web::dev::{AppConfig, Server, fn_service};
use actix_web::middleware::from_fn;
use actix_web::{App, web};
use tokio::net::TcpStream;

use super::cors::{cors, publish, refuse_unknown_preflight};
use super::edge::edge;
use super::origin_check::require_known_origin;
use super::refusal::refuse;
use super::state::HttpState;
use super::wire::Wire;
use super::{pages, routes};
use crate::flows::Auth;

/// After a response to a request whose body was not read, the rest of the body is discarded for this
/// long: closing at once would reset the connection, and the client might lose the response.
const LINGER: Duration = Duration::from_secs(1);

/// How many workers the server has: one for each core.
#[must_use]
pub fn workers() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// A server on a bound listener. `flows` creates the flows of one worker, within that worker.
///
/// # Errors
///
/// An I/O error of the operating system.
pub fn server<E: std::fmt::Debug + 'static>(
    listener: TcpListener,
    state: web::Data<HttpState>,
    flows: impl Fn() -> Result<Auth, E> + Clone + Send + 'static,
) -> io::Result<Server> {
    let shutdown_timeout = state.config.shutdown_timeout.as_secs();
    let address = listener.local_addr()?;
    let builder = Server::build().max_concurrent_connections(state.connections.at_most());
    let stopping = builder.graceful_shutdown_signal();
    let factory = move || {
        let (shared, flows, stopping) = (state.clone(), flows.clone(), stopping.clone());
        let app = App::new()
            .app_data(state.clone())
            .data_factory(move || std::future::ready(flows()))
            .wrap(from_fn(require_known_origin))
            .wrap(cors(&state))
            .wrap(from_fn(refuse_unknown_preflight))
            .wrap(from_fn(publish))
            .wrap(from_fn(edge))
            .configure(routes::configure)
            .default_service(web::to(pages::not_found));
        let http = HttpService::build()
            // The framework times the first head only, and idle connections only until a byte comes: `Wire` times both.
            .keep_alive(KeepAlive::Os)
            .client_request_timeout(Duration::ZERO)
            .client_disconnect_timeout(LINGER)
            // A client that disconnects frees its place in the hashing queue.
            .h1_allow_half_closed(false)
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .local_addr(address)
            .on_connect_ext(|wire: &Wire, data| {
                data.insert(wire.exchange());
            })
            .h1(map_config(app, |()| AppConfig::default()));
        fn_service(move |stream| take(stream, shared.clone())).and_then(http)
    };
    let server = builder
        .workers(workers())
        .shutdown_timeout(shutdown_timeout)
        .disable_signals()
        .listen("twofold", listener, factory)?;
    Ok(server.run())
}

/// Counts a connection, or refuses it.
async fn take(
    stream: TcpStream,
    state: web::Data<HttpState>,
) -> Result<(Wire, Option<SocketAddr>), DispatchError> {
    if let Some(place) = state.connections.open() {
        let peer = stream.peer_addr().ok();
        return Ok((Wire::new(stream, state, place), peer));
    }
    state.metrics.http.connections_refused.inc();
    if let Some(_place) = state.connections.refuse() {
        refuse(stream, &state).await;
    }
    Err(DispatchError::Io(io::ErrorKind::ConnectionRefused.into()))
}
