//! The memory that one thread hashes in, and what computes in it.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::Zeroize;

use super::kernel::Kernel;
use super::password_hash::HashError;

/// The memory that one thread hashes in; it grows to what a hash needs, and is wiped before it is given back.
pub struct Workspace {
    kernel: Kernel,
    blocks: Vec<Block>,
    #[cfg(feature = "argon2-simd")]
    fast: super::argon2_simd::Workspace,
}

impl Workspace {
    /// No memory yet.
    #[must_use]
    pub fn new(kernel: Kernel) -> Self {
        Self {
            kernel,
            blocks: Vec::new(),
            #[cfg(feature = "argon2-simd")]
            fast: super::argon2_simd::Workspace::default(),
        }
    }

    /// Computes Argon2id, version 19.
    ///
    /// # Errors
    ///
    /// [`HashError::Unfit`] where the algorithm does not take the parameters, the password or the salt.
    pub fn fill(
        &mut self,
        password: &[u8],
        salt: &[u8],
        params: &Params,
        output: &mut [u8],
    ) -> Result<(), HashError> {
        match self.kernel {
            Kernel::Portable => {
                let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
                let blocks = self.blocks(params.block_count());
                argon2
                    .hash_password_into_with_memory(password, salt, output, blocks)
                    .map_err(|_cause| HashError::Unfit)
            }
            #[cfg(feature = "argon2-simd")]
            Kernel::Simd => self.fast.fill(password, salt, params, output),
        }
    }

    fn blocks(&mut self, count: usize) -> &mut [Block] {
        if self.blocks.len() < count {
            self.release();
            self.blocks = vec![Block::new(); count];
        }
        self.blocks.get_mut(..count).unwrap_or_default()
    }

    /// Wipes the memory and gives it back.
    pub fn release(&mut self) {
        self.blocks.zeroize();
        self.blocks = Vec::new();
        #[cfg(feature = "argon2-simd")]
        self.fast.release();
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        self.release();
    }
}

impl Default for Workspace {
    fn default() -> Self {
        Self::new(Kernel::Portable)
    }
}
