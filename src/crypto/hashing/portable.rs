//! Argon2id as the `argon2` crate computes it.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::Zeroize;

use super::error::HashError;

/// The memory that one thread hashes in. It grows to what a hash needs, and is wiped before it is freed.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

impl Memory {
    /// Computes Argon2id, version 19.
    pub fn hash_into(
        &mut self,
        password: &[u8],
        salt: &[u8],
        params: &Params,
        output: &mut [u8],
    ) -> Result<(), HashError> {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        let blocks = self.blocks(params.block_count()).ok_or(HashError::Computation)?;
        argon2
            .hash_password_into_with_memory(password, salt, output, blocks)
            .map_err(|_cause| HashError::Computation)
    }

    fn blocks(&mut self, count: usize) -> Option<&mut [Block]> {
        if self.0.len() < count {
            self.release();
            self.0 = vec![Block::new(); count];
        }
        self.0.get_mut(..count)
    }

    /// Wipes and frees the memory.
    pub fn release(&mut self) {
        self.0.zeroize();
        self.0 = Vec::new();
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.release();
    }
}
