//! New signing keys, and the check of a step of their rotation.

use zeroize::Zeroizing;

use crate::crypto::jwt::{self, SigningKey, SigningKeys};

/// What is wrong with a step of a rotation of signing keys: tokens would be refused for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// Services do not know the key yet that would sign.
    NotPublished {
        /// Its name.
        id: String,
    },
    /// The key that signs now would be removed at once.
    StillSigning {
        /// Its thumbprint.
        kid: String,
    },
}

/// A step of a rotation, as the settings describe it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RotationStep {
    /// Name and thumbprint of each key; the first one signs.
    pub keys: Vec<(String, String)>,
    /// Thumbprints of the keys that would no longer be published.
    pub removed: Vec<String>,
    /// Whether another key signs from now on.
    pub changes_signer: bool,
    /// What is wrong with it.
    pub gaps: Vec<Gap>,
}

/// Generates a signing key, as PKCS#8 in DER. `None` if the system has no random numbers.
#[must_use]
pub fn new_signing_key() -> Option<Zeroizing<Vec<u8>>> {
    jwt::generate()
}

/// Compares the keys of the settings with those that the running service publishes, in its order: the first signs.
#[must_use]
pub fn check(keys: &SigningKeys, published: &[String]) -> RotationStep {
    let kid = |key: &SigningKey| key.public().kid.clone();
    let named: Vec<_> = keys.iter().map(|key| (key.id().to_owned(), kid(key))).collect();
    let is_configured = |kid: &String| named.iter().any(|(_, known)| known == kid);
    let removed: Vec<String> =
        published.iter().filter(|kid| !is_configured(kid)).cloned().collect();
    let mut gaps = Vec::new();
    // Before the first start nobody expects a key.
    if let Some((id, kid)) = named.first()
        && !published.is_empty()
        && !published.contains(kid)
    {
        gaps.push(Gap::NotPublished { id: id.clone() });
    }
    if let Some(signing) = published.first().filter(|kid| removed.contains(kid)) {
        gaps.push(Gap::StillSigning { kid: signing.clone() });
    }
    let changes_signer = named.first().map(|(_, kid)| kid) != published.first();
    RotationStep { keys: named, removed, changes_signer, gaps }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_of_a_rotation_is_safe_and_each_short_cut_has_a_gap() {
        let ders = [new_signing_key().unwrap(), new_signing_key().unwrap()];
        let key =
            |number: usize| SigningKey::from_pkcs8(["old", "new"][number], &ders[number]).unwrap();
        let keys = |numbers: &[usize]| {
            SigningKeys::new(numbers.iter().map(|&number| key(number)).collect())
        };
        let gaps = |published: &[usize], next: &[usize]| {
            let published =
                keys(published).published().map(|key| key.kid.clone()).collect::<Vec<_>>();
            check(&keys(next), &published).gaps
        };
        for (published, next) in [
            (&[][..], &[0][..]),
            (&[0], &[0]),
            (&[0], &[0, 1]),
            (&[0, 1], &[1, 0]),
            (&[1, 0], &[1]),
            (&[1, 0], &[0, 1]),
        ] {
            assert_eq!(gaps(published, next), [], "{published:?} to {next:?}");
        }
        let not_published = Gap::NotPublished { id: "new".to_owned() };
        let still_signing = Gap::StillSigning { kid: key(0).public().kid.clone() };
        assert_eq!(gaps(&[0], &[1, 0]), std::slice::from_ref(&not_published));
        assert_eq!(gaps(&[0, 1], &[1]), std::slice::from_ref(&still_signing));
        assert_eq!(gaps(&[0], &[1]), [not_published, still_signing.clone()]);
        assert_eq!(gaps(&[0], &[]), [still_signing]);
    }
}
