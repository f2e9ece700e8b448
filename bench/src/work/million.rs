//! A million accounts against a thousand: the service itself on either database, by turns.

use std::collections::HashSet;

use super::login::Logins;
use super::me::Call;
use super::validate::Codes;
use super::{About, contender};
use crate::child::Server;
use crate::fault::Result;
use crate::results::{Finding, Goal, Measured};
use crate::rounds::{Alternated, Callers, Contender, Requests, Work, alternate};
use crate::seed::fill;
use crate::seed::person::{Person, Shape};
use crate::stage::Stage;

const LARGE: &str = "million";
const SMALL: &str = "thousand";
const THOUSAND: u64 = 1_000;
/// Of each database so many log in and so many give a code, evenly spread; all of them ask who they are.
const LOGINS: u64 = 250;
const CODES: u64 = 750;
const MOST: f64 = 1.1;

/// One of the two databases and who acts in it. Every fourth account has no second factor.
struct World {
    database: &'static str,
    accounts: u64,
    logins: Logins,
    codes: Codes,
    callers: Vec<Person>,
}

impl World {
    fn of(database: &'static str, accounts: u64) -> Self {
        let spread = |count: u64, offset: u64| -> Vec<Person> {
            let step = (accounts / 4 / count.min(accounts / 4).max(1)).max(1) * 4;
            (0..count).map(|one| Person((one * step + offset) % accounts)).collect()
        };
        let third = CODES / 3;
        let logins = spread(LOGINS, 0);
        let codes: Vec<Person> = (1..4).flat_map(|offset| spread(third, offset)).collect();
        let callers = logins.iter().chain(&codes).copied().collect();
        Self {
            database,
            accounts,
            logins: Logins { database, people: logins },
            codes: Codes { database, people: codes },
            callers,
        }
    }

    /// Writes everybody, and starts the service on them.
    async fn begin(&self, stage: &mut Stage) -> Result<Server> {
        let database = stage.database(self.database);
        fill::empty(&database).await?;
        let without = Shape::bare()?;
        let with = Shape { second_factor: true, ..without.clone() };
        let owing = Shape { challenge: true, ..with.clone() };
        let logins = self.logins.people.iter().map(|person| (*person, &without));
        let codes = self.codes.people.iter().map(|person| (*person, &owing));
        fill::put_back_later(&database, logins.chain(codes)).await?;
        let act = self.logins.people.iter().chain(&self.codes.people);
        let act: HashSet<u64> = act.map(|person| person.0).collect();
        let others = (0..self.accounts).filter(|number| !act.contains(number));
        let shape = |number: u64| if number.is_multiple_of(4) { &without } else { &with };
        fill::users(&database, others.map(|number| (Person(number), shape(number)))).await?;

        let service = stage.service(self.database).await?;
        self.logins.introduce(stage, &service).await?;
        self.codes.introduce(stage, &service).await?;
        Ok(service)
    }
}

/// What is called.
#[derive(Clone, Copy)]
enum What {
    Login,
    Me,
    Validate,
}

/// One call in both worlds.
struct Both {
    worlds: [World; 2],
    what: What,
}

impl Work for Both {
    async fn prepare(&mut self, stage: &Stage, side: usize) -> Result<Requests> {
        let [large, small] = &mut self.worlds;
        let world = if side == 0 { large } else { small };
        match self.what {
            What::Login => world.logins.prepare(stage, side).await,
            What::Validate => world.codes.prepare(stage, side).await,
            What::Me => {
                let list = world.callers.iter().map(|person| Call::Me.request(*person)).collect();
                Ok(Requests { list, again: true, callers: Callers::FULL, expected: 200 })
            }
        }
    }
}

impl What {
    fn about(self) -> About {
        let (work, call) = match self {
            Self::Login => ("million-login", "POST /api/auth/login with a million accounts"),
            Self::Me => ("million-me", "GET /api/auth/me with a million accounts"),
            Self::Validate => {
                ("million-validate", "POST /api/auth/otp/validate with a million accounts")
            }
        };
        About { work, call, against: "itself with a thousand", goal: Goal::AtMost(MOST) }
    }

    async fn measure(
        self,
        stage: &mut Stage,
        both: &mut Both,
        contenders: &[Contender],
    ) -> Result<Measured> {
        both.what = self;
        let about = self.about();
        let sides = match alternate(stage, both, contenders).await? {
            Alternated::Sides(sides) => sides,
            Alternated::Refused(by_whom) => return Ok(about.refused(by_whom)),
        };
        let mut findings = Vec::new();
        if let [large, small] = sides.as_slice() {
            let what = "time, a million to a thousand";
            let pair = (small, large);
            findings.push(Finding::ratio(what, pair, |round| round.per_second, about.goal));
        }
        Ok(about.measured(sides, findings, Vec::new()))
    }
}

pub async fn measure(stage: &mut Stage) -> Result<Vec<Measured>> {
    let large = World::of(LARGE, stage.settings.million);
    let small = World::of(SMALL, THOUSAND);
    let servers = [large.begin(stage).await?, small.begin(stage).await?];
    let [on_large, on_small] = &servers;
    let contenders = [contender("a million", on_large), contender("a thousand", on_small)];
    let mut both = Both { worlds: [large, small], what: What::Me };
    let me = What::Me.measure(stage, &mut both, &contenders).await?;
    let login = What::Login.measure(stage, &mut both, &contenders).await?;
    let validate = What::Validate.measure(stage, &mut both, &contenders).await?;
    stage.clear(&[LARGE, SMALL]).await?;
    Ok(vec![login, me, validate])
}
