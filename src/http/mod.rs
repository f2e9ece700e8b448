//! HTTP: routes, extractors, problems. Each handler calls one use case; nothing here reaches the database.

mod api;
mod asset;
mod basic;
mod client_address;
mod connections;
mod cookie_header;
mod cookies;
mod cors;
mod edge;
mod endpoint;
mod error;
mod exchange;
mod extract;
#[cfg(fuzzing)]
pub mod fuzzing;
mod health;
pub mod listener;
mod oauth;
pub mod openapi;
mod origin_check;
mod pages;
mod problem;
mod reasons;
mod refusal;
mod request_id;
mod request_span;
pub mod routes;
mod scrape;
mod security_headers;
mod server;
mod state;
mod trace_context;
mod web_ui;
mod well_known;
mod wire;
mod wire_answer;

pub use connections::raise_descriptor_limit;
pub use server::{server, workers};
pub use state::HttpState;
