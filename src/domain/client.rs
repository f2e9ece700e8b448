//! Who is at the other end of a request.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// The client of one request, as far as it can be known.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its address: the socket's, or what a trusted proxy says.
    pub address: IpAddr,
    /// What it calls itself, cut to [`Client::USER_AGENT_LENGTH`] characters.
    pub user_agent: String,
}

impl Client {
    /// Characters of a user agent that are kept.
    pub const USER_AGENT_LENGTH: usize = 200;

    /// A client with its user agent cut to length.
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
}

/// What one person can be expected to hold at a time: an IPv4 address, or an IPv6 /64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// The network of an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => {
                let prefix = u128::from(address) & (u128::MAX << 64);
                IpAddr::V6(Ipv6Addr::from(prefix))
            }
        })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(prefix) => write!(f, "{prefix}/64"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> String {
        Network::of(address.parse().unwrap()).to_string()
    }

    #[test]
    fn ipv4_counts_by_address_and_ipv6_by_its_first_64_bits() {
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8:1:2::9"), network("2001:db8:1:2:ffff::1"));
        assert_ne!(network("2001:db8:1:2::9"), network("2001:db8:1:3::9"));
    }
}
