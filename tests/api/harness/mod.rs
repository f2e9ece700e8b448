//! Actors and props: an application of one's own, browsers, people, their phones.

mod answer;
mod app;
mod at_once;
pub mod authenticator;
mod breached;
mod browser;
mod certificates;
mod database;
mod description;
mod held_call;
mod held_write;
mod operator;
mod passkeys;
mod person;
mod progress;
mod received;
mod smtp;
pub mod wait;

pub use answer::{Answer, read_qr_code};
pub use app::TestApp;
pub use at_once::{at_once, count};
pub use breached::{breached_line, breached_list, empty_folder};
pub use browser::{Browser, Call};
pub use certificates::Authority;
pub use description::{DOCUMENT, examples};
pub use held_call::HeldCall;
pub use held_write::{HeldFinds, HeldWrite, overtaken, until_in_time};
pub use operator::{Ran, program};
pub use person::{Person, Phone};
pub use progress::{
    reads_begun, scrape, until_begun, until_charged, until_reads_begun, until_tried, until_waiting,
};
pub use received::Received;
pub use smtp::{Behaviour, DROP, HANG, SmtpSink, Start};
pub use wait::{output, until, until_within, within};
