//! Actors and props: an application of one's own, browsers, people, their phones.

mod answer;
mod app;
mod browser;
mod database;
mod description;
mod held_call;
mod operator;
mod person;
mod service;
pub mod wait;

pub use answer::{Answer, read_qr_code};
pub use app::TestApp;
pub use browser::{Browser, Call};
pub use description::{DOCUMENT, examples};
pub use held_call::HeldCall;
pub use operator::{Ran, program};
pub use person::{Person, Phone};
pub use service::Service;
pub use wait::{output, until, until_within, within};
