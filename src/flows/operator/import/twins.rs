//! Addresses that more than one user of the source has.

use std::collections::HashSet;

use crate::domain::email::EmailAddress;
use crate::storage::{StoreError, TutorialUsers};

/// The addresses, in the form they are compared in, that more than one user of the source has. Nobody
/// can say which of those users owns the address, so none of them is imported.
pub(super) struct Twins(HashSet<EmailAddress>);

impl Twins {
    /// Reads every address of the source once, since twins may be any distance apart. This holds all
    /// addresses in memory for a moment: about 60 MB for a million users.
    pub async fn of(source: &TutorialUsers) -> Result<Self, StoreError> {
        let mut addresses = Vec::new();
        // An invalid address is refused in any case, for each user who has it.
        let note = |text: &str| addresses.extend(EmailAddress::parse(text));
        source.each_address(note).await?;
        addresses.sort_unstable();
        let repeated = addresses.windows(2).filter(|pair| pair.first() == pair.last());
        Ok(Self(repeated.filter_map(|pair| pair.first().cloned()).collect()))
    }

    /// Whether several users have the address.
    pub fn have(&self, address: &EmailAddress) -> bool {
        self.0.contains(address)
    }
}
