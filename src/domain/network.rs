//! Client networks: attempts are counted for them, and accounts remember known ones.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use chrono::TimeDelta;

use super::clock::Moment;
use super::digest::Digest;

/// A network that attempts are counted for: an IPv4 address or an IPv6 /64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// Counts work that no client asked for, such as the operator's.
    pub const NOWHERE: Self = Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED));

    /// The network of an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self(prefix(address, 64))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(self.0, 64, f)
    }
}

/// The addresses that one subscriber may have: an IPv4 address, or an IPv6 /48 (RFC 6177). Known networks
/// and strangers are counted by site, because a /48 contains 65,536 networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Site(IpAddr);

impl Site {
    /// The site of an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self(prefix(address, 48))
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(self.0, 48, f)
    }
}

/// A site that an account was registered from, or that a sign-in was completed from.
#[derive(Clone, Debug)]
pub struct KnownNetwork {
    /// Keyed digest of the account and the site.
    pub key: Digest,
    /// When that last happened, with a precision of a day.
    pub at: Moment,
}

impl KnownNetwork {
    /// How many networks an account remembers.
    pub const LIMIT: usize = 8;
    /// How long a network stays known.
    pub const REMEMBERED: TimeDelta = TimeDelta::days(30);
    /// The shortest time between two records of the same network.
    pub const RECORD_EVERY: TimeDelta = TimeDelta::days(1);
}

/// A whole IPv4 address, or the first `bits` of an IPv6 address.
fn prefix(address: IpAddr, bits: u32) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let mask = u128::MAX << (128 - bits);
            IpAddr::V6(Ipv6Addr::from(u128::from(address) & mask))
        }
    }
}

fn show(prefix: IpAddr, bits: u32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match prefix {
        IpAddr::V4(address) => write!(f, "{address}"),
        IpAddr::V6(prefix) => write!(f, "{prefix}/{bits}"),
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

    #[test]
    fn a_site_is_an_ipv4_address_or_the_first_48_bits_of_an_ipv6_one() {
        let site = |address: &str| Site::of(address.parse().unwrap()).to_string();
        assert_eq!(site("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(site("2001:db8:1:2:3:4:5:6"), "2001:db8:1::/48");
        assert_eq!(site("2001:db8:1::9"), site("2001:db8:1:ffff::1"));
        assert_ne!(site("2001:db8:1::9"), site("2001:db8:2::9"));
    }
}
