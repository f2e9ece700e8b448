//! `/api/auth/password`: changing it, and a forgotten one.

pub mod change;
pub mod forgot;
pub mod reset;
