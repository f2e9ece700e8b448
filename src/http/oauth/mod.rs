//! Calls of OAuth 2.0 for other services, under `/oauth`.

mod form;
pub mod introspect;
