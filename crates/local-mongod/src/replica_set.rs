//! A replica set.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use crate::{database::Connection, error::Error, mongod::Mongod, uri::uri};

const TIME_TO_ELECT: Duration = Duration::from_mins(1);
const TIME_TO_ANSWER: Duration = Duration::from_millis(300);
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// A replica set on this machine. Its members end in the same way as a [`Mongod`].
///
/// Members are numbered from 0.
pub struct ReplicaSet {
    members: Vec<Mongod>,
    /// The ports at which the members and clients reach each member.
    ports: Vec<u16>,
}

impl ReplicaSet {
    pub(crate) const NAME: &'static str = "rs0";

    /// Initiates a set of `members`, which are reached at `ports`, unless their data already contains it, and
    /// waits for a primary.
    pub(crate) async fn form(members: Vec<Mongod>, ports: Vec<u16>) -> Result<Self, Error> {
        let first = members.first().ok_or(Error::NoMember { member: 0 })?.port();
        Connection::to(first, None)?.initiate(Self::NAME, &ports).await?;
        let mut set = Self { members, ports };
        let primary = set.primary().await?;
        set.member(primary)?.create_root().await?;
        Ok(set)
    }

    /// Its connection string, with the root user's credentials if it has one.
    #[must_use]
    pub fn uri(&self) -> String {
        let hosts: Vec<String> =
            self.ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        let root = self.members.first().and_then(Mongod::root);
        uri(&hosts.join(","), root, Some(format!("replicaSet={}", Self::NAME)))
    }

    /// One of its members, to stop, kill, pause or start it.
    ///
    /// # Errors
    ///
    /// If there is no such member.
    pub fn member(&mut self, member: usize) -> Result<&mut Mongod, Error> {
        self.members.get_mut(member).ok_or(Error::NoMember { member })
    }

    /// Waits for a primary that answers, and returns its number.
    ///
    /// # Errors
    ///
    /// If there is none within a minute, for example because most members are down.
    pub async fn primary(&self) -> Result<usize, Error> {
        let connections: Vec<Connection> = self
            .members
            .iter()
            .map(|member| Connection::to(member.port(), None))
            .collect::<Result<_, Error>>()?;
        let deadline = Instant::now() + TIME_TO_ELECT;
        while Instant::now() < deadline {
            if let Some(primary) = latest_winner(&connections).await {
                return Ok(primary);
            }
            sleep(POLL_INTERVAL).await;
        }
        let log = self.members.first().map(Mongod::log).unwrap_or_default();
        Err(Error::Late { what: "A primary", seconds: TIME_TO_ELECT.as_secs(), log })
    }

    /// Kills the primary and returns its number. The others elect another one in about two seconds
    /// ([`primary`](Self::primary) waits for it).
    ///
    /// # Errors
    ///
    /// If there is no primary.
    pub async fn kill_primary(&mut self) -> Result<usize, Error> {
        let primary = self.primary().await?;
        self.member(primary)?.kill().await?;
        Ok(primary)
    }
}

/// The member that won the latest election. (A member that was deposed while it was paused still believes for a
/// moment that it is primary.)
async fn latest_winner(connections: &[Connection]) -> Option<usize> {
    let mut winners = Vec::new();
    for (member, connection) in connections.iter().enumerate() {
        if let Ok(Some(election)) = timeout(TIME_TO_ANSWER, connection.won_election()).await {
            winners.push((election, member));
        }
    }
    winners.into_iter().max().map(|(_, member)| member)
}
