//! Hashing and checking passwords with Argon2id (RFC 9106; OWASP Password Storage Cheat Sheet).

use argon2::password_hash::phc::{self, Output, ParamsString, Salt};
use argon2::{ARGON2ID_IDENT, Params, Version};

use super::error::HashError;
use super::workspace::Workspace;
use crate::domain::account::PasswordHash;
use crate::domain::password::Password;

const SALT_LENGTH: usize = 16;
const OUTPUT_LENGTH: usize = 32;

/// The cost of a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashingCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
}

impl HashingCost {
    /// The highest cost that is accepted, in the settings and in a stored hash: someone who can write to
    /// the database must not be able to exhaust the machine's memory.
    pub const CEILING: Self = Self { memory_kib: 256 * 1024, iterations: 16, parallelism: 8 };

    /// The parameters of the algorithm; [`HashError::Cost`] if the cost is above the ceiling or less than
    /// the algorithm needs.
    pub(super) fn params(self) -> Result<Params, HashError> {
        let ceiling = Self::CEILING;
        let within = self.memory_kib <= ceiling.memory_kib
            && self.iterations <= ceiling.iterations
            && self.parallelism <= ceiling.parallelism;
        if !within {
            return Err(HashError::Cost);
        }
        let length = Some(OUTPUT_LENGTH);
        Params::new(self.memory_kib, self.iterations, self.parallelism, length)
            .map_err(|_cause| HashError::Cost)
    }
}

/// The result of checking a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The password is wrong, or there is no such user.
    Wrong,
    /// The password is correct.
    Right {
        /// Whether the cost of the stored hash differs from the settings.
        outdated: bool,
    },
}

/// Hashes a password with a random salt.
pub(super) fn hash(
    password: &Password,
    cost: HashingCost,
    workspace: &mut Workspace,
) -> Result<PasswordHash, HashError> {
    let params = cost.params()?;
    let salt: [u8; SALT_LENGTH] = rand::random();
    let mut output = [0; OUTPUT_LENGTH];
    workspace.hash_into(password.expose(), &salt, &params, &mut output)?;
    phc_string(&params, &salt, &output)
}

/// Checks a password; `stored` is `None` if there is no such user.
///
/// Every wrong password takes the same work, whatever the cost of the stored hash: the highest work of any
/// check so far, and at least the present cost. Otherwise the time would reveal which accounts exist while
/// hashes of several costs are stored. A correct password doesn't need this: its result says the same.
pub(super) fn verify(
    password: &Password,
    stored: Option<&PasswordHash>,
    cost: HashingCost,
    workspace: &mut Workspace,
) -> Result<Verdict, HashError> {
    let present = cost.params()?;
    let Some(stored) = stored else {
        workspace.equalize(None, &present)?;
        return Ok(Verdict::Wrong);
    };
    let parsed = phc::PasswordHash::new(stored.expose()).map_err(|_cause| HashError::Malformed)?;
    let (Some(salt), Some(expected)) = (&parsed.salt, &parsed.hash) else {
        return Err(HashError::Malformed);
    };
    if parsed.algorithm != ARGON2ID_IDENT || parsed.version != Some(Version::V0x13.into()) {
        return Err(HashError::Malformed);
    }
    let params = Params::try_from(&parsed).map_err(|_cause| HashError::Malformed)?;
    let stored_cost = HashingCost {
        memory_kib: params.m_cost(),
        iterations: params.t_cost(),
        parallelism: params.p_cost(),
    };
    stored_cost.params()?;

    let mut output = vec![0; expected.len()];
    workspace.hash_into(password.expose(), salt, &params, &mut output)?;
    let computed = Output::new(&output).map_err(|_cause| HashError::Computation)?;
    // `Output` compares in constant time.
    if computed != *expected {
        workspace.equalize(Some(&params), &present)?;
        return Ok(Verdict::Wrong);
    }
    Ok(Verdict::Right { outdated: stored_cost != cost })
}

fn phc_string(params: &Params, salt: &[u8], output: &[u8]) -> Result<PasswordHash, HashError> {
    let mut written = ParamsString::new();
    for (name, value) in [("m", params.m_cost()), ("t", params.t_cost()), ("p", params.p_cost())] {
        written.add_decimal(name, value).map_err(|_cause| HashError::Computation)?;
    }
    let hash = phc::PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: written,
        salt: Some(Salt::new(salt).map_err(|_cause| HashError::Computation)?),
        hash: Some(Output::new(output).map_err(|_cause| HashError::Computation)?),
    };
    Ok(PasswordHash::new(hash.to_string()))
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64_NOPAD;

    use super::*;
    use crate::crypto::sampling::assert_random;

    const CHEAP: HashingCost = HashingCost { memory_kib: 64, iterations: 1, parallelism: 1 };

    fn password(text: &str) -> Password {
        Password::parse(text).unwrap()
    }

    fn check(text: &str, stored: &str) -> Result<Verdict, HashError> {
        let stored = PasswordHash::new(stored.to_owned());
        verify(&password(text), Some(&stored), CHEAP, &mut Workspace::default())
    }

    #[test]
    fn a_hash_verifies_its_own_password_only() {
        let stored = hash(&password("plum velvet"), CHEAP, &mut Workspace::default()).unwrap();
        assert!(stored.expose().starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        assert_eq!(check("plum velvet", stored.expose()), Ok(Verdict::Right { outdated: false }));
        assert_eq!(check("plum velour", stored.expose()), Ok(Verdict::Wrong));
    }

    #[test]
    fn hashes_of_one_password_have_salts_of_128_random_bits_and_differ() {
        let parts_of_one = |_| -> Vec<String> {
            let made = hash(&password("plum velvet"), CHEAP, &mut Workspace::default()).unwrap();
            made.expose().split('$').map(str::to_owned).collect()
        };
        let hashes: Vec<Vec<String>> = (0..256).map(parts_of_one).collect();
        let bytes = |part: &String| BASE64_NOPAD.decode(part.as_bytes()).unwrap();
        for (part, length) in [(4, SALT_LENGTH), (5, OUTPUT_LENGTH)] {
            let values: Vec<Vec<u8>> = hashes.iter().map(|hash| bytes(&hash[part])).collect();
            assert_random(&values, length, 0xff);
        }
        assert_eq!(SALT_LENGTH, 16);
    }

    #[test]
    fn a_hash_made_elsewhere_verifies_and_is_outdated() {
        // Made by the reference implementation's command line: echo -n "password" | argon2 somesalt -id
        let stored =
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        assert_eq!(check("password", stored), Ok(Verdict::Right { outdated: true }));
        assert_eq!(check("passwort", stored), Ok(Verdict::Wrong));
    }

    #[test]
    fn a_stored_hash_cannot_ask_for_more_than_the_ceiling() {
        for stored in [
            "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
            "$argon2id$v=19$m=256,t=1000,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
            "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY",
            "$2b$12$abcdefghijklmnopqrstuu5LNwPLQkCwJv4tXtqIj2gXCUG",
            "plain text",
            "",
        ] {
            assert!(check("password", stored).is_err(), "{stored}");
        }
    }

    #[test]
    fn wrong_passwords_take_the_same_work_whatever_the_stored_hash_costs() {
        let present = HashingCost { memory_kib: 64, iterations: 3, parallelism: 1 };
        let stored = |memory_kib, iterations| {
            let cost = HashingCost { memory_kib, iterations, parallelism: 1 };
            hash(&password("plum velvet"), cost, &mut Workspace::default()).unwrap()
        };
        let mut workspace = Workspace::default();
        let mut work = |text: &str, stored: Option<&PasswordHash>| {
            workspace.filled = 0;
            let verdict = verify(&password(text), stored, present, &mut workspace).unwrap();
            (verdict == Verdict::Wrong, workspace.filled)
        };
        let older = [stored(64, 3), stored(64, 1), stored(40, 1), stored(128, 1), stored(8, 16)];
        for stored in older.iter().map(Some).chain([None]) {
            assert_eq!(work("plum velour", stored), (true, 3 * 64));
        }
        // A correct password does no more work than its hash asks for.
        assert_eq!(work("plum velvet", Some(&older[1])), (false, 64));

        // Once a hash of a higher cost was checked, every wrong password costs as much.
        let dearer = stored(100, 4);
        for stored in [Some(&dearer), None, Some(&older[0]), Some(&older[3])] {
            assert_eq!(work("plum velour", stored), (true, 4 * 100));
        }
        assert_eq!(work("plum velvet", Some(&older[0])), (false, 3 * 64));
    }

    #[test]
    fn nobody_s_password_is_always_wrong() {
        let verdict = verify(&password("anything"), None, CHEAP, &mut Workspace::default());
        assert_eq!(verdict, Ok(Verdict::Wrong));
    }
}
