//! HTTP: knows Actix and status codes, calls one flow a handler, knows no database.

mod answers;
mod api;
mod basic;
mod client_address;
mod connections;
mod cookie_header;
mod cookies;
mod cors;
mod edge;
mod exchange;
mod extract;
mod health;
pub mod metrics;
pub mod openapi;
mod origin_check;
mod pages;
mod problem;
mod reasons;
mod refusal;
mod request_id;
pub mod routes;
mod server;
mod standing_headers;
mod state;
mod wire;
mod wire_answer;

pub use connections::raise_descriptor_limit;
pub use server::server;
pub use state::HttpState;
