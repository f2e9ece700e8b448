//! HTTP: knows Actix and status codes, calls one flow a handler, knows no database.

mod api;
mod basic;
mod client_address;
mod cookies;
mod cors;
mod edge;
mod extract;
mod health;
mod origin_check;
mod problem;
mod reasons;
mod request_id;
pub mod routes;
mod state;

pub use cors::cors;
pub use edge::edge;
pub use origin_check::require_known_origin;
pub use state::HttpState;
