//! Sorting more keys than fit in memory: they are written to a file by their first byte, and sorted part by part.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::layout::{KEY_LENGTH, Key, take};

/// Keys are written in blocks of this many bytes. All unwritten blocks take 64 MiB at most.
const BLOCK: usize = 256 * 1024;

/// Keys by their first byte.
pub(super) struct Spool {
    file: File,
    parts: Vec<Part>,
    /// The number of written blocks.
    blocks: u64,
    /// The number of keys.
    pub count: u64,
}

/// The keys that begin with one byte.
#[derive(Default)]
struct Part {
    /// The numbers of the blocks that were written.
    written: Vec<u64>,
    /// Keys that are not written yet.
    unwritten: Vec<u8>,
}

impl Spool {
    /// The number of parts, one for each value of a key's first byte.
    pub const PARTS: usize = 256;

    /// Creates the file at `path` and removes its name at once, so that nothing is left however the build ends.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = File::options().read(true).write(true).create_new(true).open(path)?;
        fs::remove_file(path)?;
        let parts = (0..Self::PARTS).map(|_| Part::default()).collect();
        Ok(Self { file, parts, blocks: 0, count: 0 })
    }

    /// Adds a key.
    pub fn add(&mut self, key: Key) -> io::Result<()> {
        let bytes = key.to_be_bytes();
        let [first, ..] = bytes;
        let Some(part) = self.parts.get_mut(usize::from(first)) else { return Ok(()) };
        self.count += 1;
        part.unwritten.extend_from_slice(&bytes);
        if part.unwritten.len() >= BLOCK {
            self.file.write_all_at(&part.unwritten, place(self.blocks))?;
            part.unwritten.clear();
            part.written.push(self.blocks);
            self.blocks += 1;
        }
        Ok(())
    }

    /// The parts in the order of their keys, each as its keys, sorted and without duplicates.
    pub fn into_sorted(self) -> impl Iterator<Item = io::Result<Vec<Key>>> {
        let Self { file, parts, .. } = self;
        parts.into_iter().map(move |part| part.sorted(&file))
    }
}

impl Part {
    fn sorted(self, file: &File) -> io::Result<Vec<Key>> {
        let mut keys = Vec::with_capacity((self.written.len() + 1) * BLOCK / KEY_LENGTH);
        let mut block = vec![0; BLOCK];
        for number in self.written {
            file.read_exact_at(&mut block, place(number))?;
            extend(&mut keys, &block);
        }
        extend(&mut keys, &self.unwritten);
        keys.sort_unstable();
        keys.dedup();
        Ok(keys)
    }
}

fn extend(keys: &mut Vec<Key>, block: &[u8]) {
    keys.extend(block.chunks_exact(KEY_LENGTH).map(|mut key| Key::from_be_bytes(take(&mut key))));
}

fn place(block: u64) -> u64 {
    block * 256 * 1024
}
