//! Argon2id with the service's default parameters, in memory that is used again and again.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::oneshot;

use crate::fault::{Fault, Result, fault};

/// The service's defaults (OWASP Password Storage): 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const LENGTH: usize = 32;

/// A hash.
pub type Hash = [u8; LENGTH];

/// One thread's memory.
pub struct Hasher {
    argon2: Argon2<'static>,
    memory: Vec<Block>,
}

impl Hasher {
    /// Takes the memory.
    pub fn new() -> Result<Self> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(LENGTH)).map_err(in_words)?;
        let memory = vec![Block::new(); params.block_count()];
        Ok(Self { argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params), memory })
    }

    /// Hashes a password.
    pub fn hash(&mut self, password: &[u8], salt: &[u8]) -> Result<Hash> {
        let mut output = [0; LENGTH];
        let memory = self.memory.as_mut_slice();
        self.argon2
            .hash_password_into_with_memory(password, salt, &mut output, memory)
            .map_err(in_words)?;
        Ok(output)
    }
}

/// How a hash is written into an account.
pub fn phc(salt: &[u8], hash: &Hash) -> String {
    let base64 = |bytes: &[u8]| data_encoding::BASE64_NOPAD.encode(bytes);
    let (salt, hash) = (base64(salt), base64(hash));
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${hash}")
}

fn in_words(error: argon2::Error) -> Fault {
    fault(error.to_string())
}

type Job = (Vec<u8>, oneshot::Sender<Hash>);

/// Threads that hash what they are handed, and nothing else: no places, no fairness.
#[derive(Clone)]
pub struct Threads(Sender<Job>);

impl Threads {
    /// Starts so many.
    pub fn start(count: usize) -> Result<Self> {
        let (sender, receiver) = channel::<Job>();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..count {
            let (mut hasher, receiver) = (Hasher::new()?, Arc::clone(&receiver));
            thread::spawn(move || work(&mut hasher, &receiver));
        }
        Ok(Self(sender))
    }

    /// Hashes a password on one of them.
    pub async fn hash(&self, password: Vec<u8>) -> Result<Hash> {
        let (answer, answered) = oneshot::channel();
        self.0.send((password, answer)).map_err(|_gone| fault("the hashing threads are gone"))?;
        Ok(answered.await?)
    }
}

fn work(hasher: &mut Hasher, receiver: &Mutex<Receiver<Job>>) {
    loop {
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((password, answer)) = next else {
            return;
        };
        if let Ok(hash) = hasher.hash(&password, b"a salt of 16 byt") {
            // Whoever asked may be gone.
            let _gone = answer.send(hash);
        }
    }
}
