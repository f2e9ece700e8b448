//! Each test here fails when one guard is taken out of the code: most are a condition in the filter
//! of a write, or a field that the write clears.

mod challenges;
mod enabling;
mod enrolment;
mod events;
pub mod held_writes;
mod indexes;
mod mail;
mod new_networks;
mod one_of_many;
mod operator;
mod origin;
mod overtaken_calls;
mod passwords;
mod revoked;
mod sessions;
