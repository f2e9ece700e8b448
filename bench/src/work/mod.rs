//! What is measured, one work a file: what it seeds, what it asks of the service, what its limit does.

mod callers;
mod flood;
mod health;
mod login;
mod me;
mod memory;
mod million;
mod passkey;
mod peers;
mod register;
mod start;
mod token;
mod tutorial;
mod validate;

use clap::ValueEnum;

use crate::child::Server;
use crate::fault::Result;
use crate::results::{Finding, Goal, Measured, Side};
use crate::rounds::{Alternated, Contender, Does};
use crate::stage::Stage;

/// The works, in the order of a whole run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Name {
    /// Exec until ready
    Start,
    /// The greeting, which needs no database
    Health,
    /// Who is signed in
    Me,
    /// The same by the Basic contract
    Whoami,
    /// A token for another service, against `me`
    Token,
    /// A code, from a challenge to a session
    Validate,
    /// A passkey alone, from its challenge to a session
    Passkey,
    /// A right password without a second factor
    Login,
    /// A new account
    Register,
    /// `me` while logins flood the hashing queue
    Flood,
    /// Resident memory
    Memory,
    /// A million accounts against a thousand
    Million,
    /// A session check and a login against better-auth; left out where npm is missing
    Peers,
    /// The greeting and a code against the tutorial's service; left out without `--tutorial`
    Tutorial,
}

/// Measures one work.
pub async fn measure(name: Name, stage: &mut Stage) -> Result<Vec<Measured>> {
    let one = match name {
        Name::Me => return me::measure(stage, me::Call::Me).await,
        Name::Whoami => return me::measure(stage, me::Call::Whoami).await,
        Name::Validate => return validate::measure(stage).await,
        Name::Login => return login::measure(stage).await,
        Name::Start => start::measure(stage).await?,
        Name::Health => health::measure(stage).await?,
        Name::Token => token::measure(stage).await?,
        Name::Passkey => passkey::measure(stage).await?,
        Name::Register => register::measure(stage).await?,
        Name::Flood => flood::measure(stage).await?,
        Name::Memory => memory::measure(stage).await?,
        Name::Million => return million::measure(stage).await,
        Name::Peers => return peers::measure(stage).await,
        Name::Tutorial => return tutorial::measure(stage).await,
    };
    Ok(vec![one])
}

/// What a work is called and measured against.
struct About {
    work: &'static str,
    call: &'static str,
    against: &'static str,
    goal: Goal,
}

impl About {
    /// The result of rounds of the service, its limit and perhaps others.
    fn compared(&self, alternated: Alternated, notes: Vec<String>) -> Measured {
        let sides = match alternated {
            Alternated::Sides(sides) => sides,
            Alternated::Refused(by_whom) => return self.refused(by_whom),
        };
        let mut findings = Vec::new();
        if let [service, limit, others @ ..] = sides.as_slice() {
            let pair = (service, limit);
            let what = format!("to {}", limit.name);
            findings.push(Finding::ratio(&what, pair, |round| round.per_second, self.goal));
            let by_cpu = (limit, service);
            let cpu = |round: &crate::results::Round| round.server + round.mongod;
            findings.push(Finding::ratio("by CPU alone", by_cpu, cpu, Goal::Told));
            for other in others {
                let what = format!("to {}", other.name);
                let pair = (service, other);
                findings.push(Finding::ratio(&what, pair, |round| round.per_second, Goal::Told));
            }
        }
        self.measured(sides, findings, notes)
    }

    fn measured(&self, sides: Vec<Side>, findings: Vec<Finding>, notes: Vec<String>) -> Measured {
        Measured {
            work: self.work.to_owned(),
            call: self.call.to_owned(),
            against: self.against.to_owned(),
            sides,
            findings,
            notes,
            refused: None,
        }
    }

    fn refused(&self, by_whom: String) -> Measured {
        let refused = Some(by_whom);
        Measured { refused, ..self.measured(Vec::new(), Vec::new(), Vec::new()) }
    }
}

/// A server by a name.
fn contender(name: &str, server: &Server) -> Contender {
    Contender { name: name.to_owned(), does: Does::Answer(server.address, server.pid) }
}
