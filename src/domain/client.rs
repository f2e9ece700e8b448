//! The client of a request.

use std::net::IpAddr;

use super::network::{Network, Site};

/// The client of one request.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its address: that of the socket, or the one that a trusted proxy forwarded.
    pub address: IpAddr,
    /// Its `User-Agent`, truncated to [`Client::USER_AGENT_LENGTH`] characters.
    pub user_agent: String,
}

impl Client {
    /// The maximum length of a stored user agent, in characters.
    pub const USER_AGENT_LENGTH: usize = 200;

    /// A client. The user agent is truncated.
    #[must_use]
    pub fn new(address: IpAddr, user_agent: &str) -> Self {
        Self {
            address: address.to_canonical(),
            user_agent: user_agent.chars().take(Self::USER_AGENT_LENGTH).collect(),
        }
    }

    /// The network that the client's attempts are counted for.
    #[must_use]
    pub fn network(&self) -> Network {
        Network::of(self.address)
    }

    /// The site that the client's network belongs to.
    #[must_use]
    pub fn site(&self) -> Site {
        Site::of(self.address)
    }
}
