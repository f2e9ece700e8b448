//! HTTP: knows Actix and status codes, calls one flow a handler, knows no database.

mod api;
mod basic;
mod client_address;
mod cookies;
mod cors;
mod edge;
mod extract;
mod health;
pub mod metrics;
mod origin_check;
mod problem;
mod reasons;
mod request_id;
pub mod routes;
mod server;
mod state;
mod wire;

pub use server::server;
pub use state::HttpState;
