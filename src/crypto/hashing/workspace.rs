//! What one thread needs to hash passwords.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::Params;

#[cfg(feature = "argon2-simd")]
use super::argon2_simd;
use super::error::HashError;
use super::kernel::Kernel;
use super::portable;

/// The most work that any check has done so far, shared by all threads.
///
/// Work is the number of 1 KiB blocks that are filled: memory times passes. The time of a hash is
/// proportional to it.
#[derive(Clone, Default)]
pub(super) struct HighestWork(Arc<AtomicU64>);

impl HighestWork {
    /// Records the work of a check, and returns the highest so far.
    fn raise(&self, work: u64) -> u64 {
        self.0.fetch_max(work, Ordering::Relaxed).max(work)
    }
}

/// The work of a hash, in blocks.
fn work(params: &Params) -> u64 {
    u64::from(params.m_cost()) * u64::from(params.t_cost())
}

/// The memory that one thread hashes in, and the implementation that it uses.
pub(super) struct Workspace {
    kernel: Kernel,
    highest: HighestWork,
    /// The number of blocks filled so far, for tests.
    #[cfg(test)]
    pub(super) filled: u64,
    portable: portable::Memory,
    #[cfg(feature = "argon2-simd")]
    simd: argon2_simd::Memory,
}

impl Workspace {
    /// A workspace without memory yet.
    #[must_use]
    pub fn new(kernel: Kernel, highest: HighestWork) -> Self {
        Self {
            kernel,
            highest,
            #[cfg(test)]
            filled: 0,
            portable: portable::Memory::default(),
            #[cfg(feature = "argon2-simd")]
            simd: argon2_simd::Memory::default(),
        }
    }

    /// Computes Argon2id, version 19.
    pub fn hash_into(
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
            Kernel::Portable => self.portable.hash_into(password, salt, params, output),
            #[cfg(feature = "argon2-simd")]
            Kernel::Simd => self.simd.hash_into(password, salt, params, output),
        }
    }

    /// Adds work to a check that did the work of `done`, up to the highest work so far, but at least that
    /// of `present`. The time of a check then doesn't depend on which hash an account has. It needs no
    /// more memory than `present`.
    pub fn equalize(&mut self, done: Option<&Params>, present: &Params) -> Result<(), HashError> {
        let done = done.map_or(0, work);
        let missing = self.highest.raise(done.max(work(present))) - done;
        let memory = u64::from(present.m_cost());
        // Whole passes over the memory, then one over the rest.
        for (memory, passes) in [(memory, missing / memory), (missing % memory, 1)] {
            let least = u64::from(Params::MIN_M_COST);
            if passes > 0 && memory >= least {
                let count = |count| u32::try_from(count).map_err(|_cause| HashError::Cost);
                let params = Params::new(count(memory)?, count(passes)?, 1, None)
                    .map_err(|_cause| HashError::Cost)?;
                self.hash_into(&[], &[0; 16], &params, &mut [0; 32])?;
            }
        }
        Ok(())
    }

    /// Wipes and frees the memory.
    pub fn release(&mut self) {
        self.portable.release();
        #[cfg(feature = "argon2-simd")]
        self.simd.release();
    }
}

#[cfg(test)]
impl Default for Workspace {
    fn default() -> Self {
        Self::new(Kernel::Portable, HighestWork::default())
    }
}
