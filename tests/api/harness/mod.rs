//! Actors and props: an application of one's own, browsers, people, their phones.

mod answer;
mod app;
mod browser;
mod database;
mod person;

pub use answer::Answer;
pub use app::TestApp;
pub use browser::{Browser, Call};
pub use person::{Person, Phone};
