//! Argon2id as the `argon2-rust` crate computes it, with the processor's vector instructions. The crate is
//! young and not audited: see `docs/operations.md`.

use argon2::Params;
use argon2_rust::params::{Memory as MemorySize, TagLen};
use argon2_rust::{Algorithm, Argon2, Hasher, Params as FastParams, Version};

use super::error::HashError;
use super::portable;

/// The memory that one thread hashes in. It is wiped after each hash, and reused.
#[derive(Default)]
pub(super) struct Memory(Option<Hasher>);

impl Memory {
    /// Computes Argon2id, version 19.
    pub fn hash_into(
        &mut self,
        password: &[u8],
        salt: &[u8],
        params: &Params,
        output: &mut [u8],
    ) -> Result<(), HashError> {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, fast(params, output.len())?);
        let hasher = self.0.get_or_insert_with(|| argon2.hasher());
        hasher.set_argon2(argon2);
        hasher.hash_into(password, salt, output).map_err(|_cause| HashError::Computation)
    }

    /// Frees the memory.
    pub fn release(&mut self) {
        self.0 = None;
    }
}

fn fast(params: &Params, length: usize) -> Result<FastParams, HashError> {
    let length = u64::try_from(length).map_err(|_cause| HashError::Cost)?;
    FastParams::builder()
        .memory(MemorySize::kib(params.m_cost().into()))
        .passes(params.t_cost())
        .lanes(params.p_cost())
        // The pool already runs as many threads as there are cores.
        .threads(1)
        .tag_len(TagLen::bytes(length))
        .build()
        .map_err(|_cause| HashError::Cost)
}

/// RFC 9106, 5.3: Argon2id, 32 KiB, 3 passes, 4 lanes, with a secret and associated data.
const RFC_TAG: [u8; 32] = [
    0x0d, 0x64, 0x0d, 0xf5, 0x8d, 0x78, 0x76, 0x6c, 0x08, 0xc0, 0x37, 0xa3, 0x4a, 0x8b, 0x53, 0xc9,
    0xd0, 0x1e, 0xf0, 0x45, 0x2d, 0x75, 0xb6, 0x5e, 0xb5, 0x25, 0x20, 0xe9, 0x6b, 0x01, 0xe6, 0x59,
];

/// Whether it computes the test vector of the RFC, and agrees with the `argon2` crate on random inputs.
#[must_use]
pub(super) fn agrees() -> bool {
    computes_the_vector().unwrap_or(false) && (0..8).all(|lanes| computes_the_same(lanes % 4 + 1))
}

fn computes_the_vector() -> Result<bool, HashError> {
    let params = Params::new(32, 3, 4, Some(32)).map_err(|_cause| HashError::Cost)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, fast(&params, 32)?);
    let mut tag = [0; 32];
    argon2
        .hash_into_with_ad(&[1; 32], &[2; 16], &[3; 8], &[4; 12], &mut tag)
        .map_err(|_cause| HashError::Computation)?;
    Ok(tag == RFC_TAG)
}

fn computes_the_same(lanes: u32) -> bool {
    let (password, salt): ([u8; 24], [u8; 16]) = (rand::random(), rand::random());
    Params::new(lanes * 64, 2, lanes, Some(32))
        .is_ok_and(|params| same(&password, &salt, &params, 32))
}

/// Whether both implementations compute the same hash.
fn same(password: &[u8], salt: &[u8], params: &Params, length: usize) -> bool {
    let (mut one, mut other) = (vec![0; length], vec![0; length]);
    let portable = portable::Memory::default().hash_into(password, salt, params, &mut one);
    let simd = Memory::default().hash_into(password, salt, params, &mut other);
    portable.is_ok() && simd.is_ok() && one == other
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_computes_the_vector_of_rfc_9106() {
        assert_eq!(computes_the_vector(), Ok(true));
        assert!(agrees());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn both_compute_the_same_of_any_input(
            lanes in 1_u32..=4, memory in 0_u32..200, passes in 1_u32..=4,
            password in proptest::collection::vec(any::<u8>(), 0..300),
            salt in proptest::collection::vec(any::<u8>(), 8..64),
            length in 4_usize..=64,
        ) {
            let params = Params::new(lanes * 8 + memory, passes, lanes, Some(length)).unwrap();
            prop_assert!(same(&password, &salt, &params, length));
        }
    }
}
