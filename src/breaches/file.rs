//! Looking up passwords in the file.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

use sha1::{Digest, Sha1};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::error::ListError;
use super::layout::{HEADER, KEY_LENGTH, Key, Layout, NUMBER, SUMMED, Unknown, take};
use crate::domain::password::Password;

/// An open list of breached passwords. Only its header is in memory.
#[derive(Debug)]
pub struct BreachedPasswords {
    file: File,
    layout: Layout,
}

/// The first bytes of a digest.
type Head = Zeroizing<[u8; KEY_LENGTH]>;

impl BreachedPasswords {
    /// Opens a list and checks it: its format, its length, and the checksum of its header and index. That reads the
    /// index once, 16 MiB for a billion passwords.
    ///
    /// # Errors
    ///
    /// [`ListError`].
    pub fn open(path: &Path) -> Result<Self, ListError> {
        let mut file = File::open(path)?;
        let found = file.metadata()?.len();
        let mut header = [0; HEADER];
        file.read_exact(&mut header).map_err(|cause| match cause.kind() {
            ErrorKind::UnexpectedEof => ListError::Foreign,
            _ => cause.into(),
        })?;
        let mut rest = header.as_slice();
        let (summed, written) = (take::<SUMMED>(&mut rest), rest);
        let layout = Layout::decode(&summed).map_err(|unknown| match unknown {
            Unknown::Magic => ListError::Foreign,
            Unknown::Version(version) => ListError::Version(version),
        })?;
        let expected = layout.file_length();
        if found != expected {
            return Err(ListError::Length { found, expected });
        }
        if *written != checksum(&summed, (&file).take(layout.index_length()))? {
            return Err(ListError::Checksum);
        }
        Ok(Self { file, layout })
    }

    /// Whether a password is on the list. Reads twice from the file, about 4 KiB, and blocks meanwhile.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or was changed while it was open.
    pub fn contains(&self, password: &Password) -> io::Result<bool> {
        // A digest suffices to guess the password, so it is wiped.
        let mut digest = Zeroizing::new([0; 20]);
        Sha1::new_with_prefix(password.expose()).finalize_into((&mut *digest).into());
        let mut rest = digest.as_slice();
        self.contains_digest(&Head::new(take(&mut rest)))
    }

    /// Whether a password with these first bytes of its SHA-1 is on the list.
    pub(super) fn contains_digest(&self, digest: &Head) -> io::Result<bool> {
        let bucket = self.layout.bucket(Key::from_be_bytes(**digest));
        let mut bounds = [0; 2 * NUMBER];
        self.file.read_exact_at(&mut bounds, Layout::place_of_bucket(bucket))?;
        let mut rest = bounds.as_slice();
        let (first, end) =
            (u64::from_le_bytes(take(&mut rest)), u64::from_le_bytes(take(&mut rest)));
        if first > end || end > self.layout.count {
            return Err(io::Error::new(ErrorKind::InvalidData, "its index was changed"));
        }
        let length = (end - first).saturating_mul(self.layout.width());
        let mut entries = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        self.file.read_exact_at(&mut entries, self.layout.place_of_entry(first))?;
        let (_, wanted) = digest.split_at(self.layout.left_out());
        Ok(entries.chunks_exact(wanted.len()).any(|entry| entry == wanted))
    }
}

/// The checksum of a header and an index.
pub(super) fn checksum(header: &[u8; SUMMED], mut index: impl Read) -> io::Result<[u8; 32]> {
    let mut hasher = Sha256::new_with_prefix(header);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = index.read(&mut buffer)?;
        match buffer.get(..read) {
            None | Some([]) => return Ok(hasher.finalize().into()),
            Some(bytes) => hasher.update(bytes),
        }
    }
}
