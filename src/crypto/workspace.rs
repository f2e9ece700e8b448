//! The memory that one thread hashes in, and what computes in it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::Zeroize;

use super::kernel::Kernel;
use super::password_hash::HashError;

/// The most work that any check of a stored hash took, for all threads that share it.
///
/// Blocks of 1 KiB that are filled: memory times passes. The time of a hash is proportional to it.
#[derive(Clone, Default)]
pub struct Dearest(Arc<AtomicU64>);

impl Dearest {
    /// Takes note of a check's work, and returns the most so far.
    fn raise(&self, work: u64) -> u64 {
        self.0.fetch_max(work, Ordering::Relaxed).max(work)
    }
}

/// The work of a hash, in blocks.
fn work(params: &Params) -> u64 {
    u64::from(params.m_cost()) * u64::from(params.t_cost())
}

/// The memory that one thread hashes in; it grows to what a hash needs, and is wiped before it is given back.
pub struct Workspace {
    kernel: Kernel,
    blocks: Vec<Block>,
    dearest: Dearest,
    /// Blocks that were filled, for tests.
    #[cfg(test)]
    pub(super) filled: u64,
    #[cfg(feature = "argon2-simd")]
    fast: super::argon2_simd::Workspace,
}

impl Workspace {
    /// No memory yet.
    #[must_use]
    pub fn new(kernel: Kernel, dearest: Dearest) -> Self {
        Self {
            kernel,
            blocks: Vec::new(),
            dearest,
            #[cfg(test)]
            filled: 0,
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
        #[cfg(test)]
        {
            self.filled += work(params);
        }
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

    /// Does what a check that did the work of `done` lacks of the dearest check there is, or of one that
    /// costs `present` if that is more, so that the time of neither tells what hash an account has.
    /// It needs no more memory than `present`.
    ///
    /// # Errors
    ///
    /// [`HashError::Unfit`] where the algorithm does not take the parameters.
    pub fn level(&mut self, done: Option<&Params>, present: &Params) -> Result<(), HashError> {
        let done = done.map_or(0, work);
        let missing = self.dearest.raise(done.max(work(present))) - done;
        let memory = u64::from(present.m_cost());
        // Whole passes over the memory, then one over as much of it as is left.
        for (memory, passes) in [(memory, missing / memory), (missing % memory, 1)] {
            let least = u64::from(Params::MIN_M_COST);
            if passes > 0 && memory >= least {
                let [memory, passes] =
                    [memory, passes].map(|count| u32::try_from(count).unwrap_or(u32::MAX));
                let params =
                    Params::new(memory, passes, 1, None).map_err(|_cause| HashError::Unfit)?;
                self.fill(&[], &[0; 16], &params, &mut [0; 32])?;
            }
        }
        Ok(())
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
        Self::new(Kernel::Portable, Dearest::default())
    }
}
