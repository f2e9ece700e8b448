//! Well-known addresses (RFC 8615).

pub mod change_password;
pub mod jwks;
