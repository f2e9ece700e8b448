//! Mail into a folder, for development: each message becomes a file that a mail program opens.

use std::fs;
use std::path::{Path, PathBuf};

use super::compose::Composed;
use super::error::SendError;

/// A folder of `.eml` files.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a message and logs the file's path. The name of the file begins with the time, so that files sort by it.
    pub fn write(&self, composed: &Composed) -> Result<(), SendError> {
        let file = self.0.join(format!("{}.eml", composed.file_stem));
        let written = fs::create_dir_all(&self.0).and_then(|()| fs::write(&file, &composed.bytes));
        written.map_err(|cause| {
            SendError::Failed(format!("cannot write {}: {cause}", file.display()))
        })?;
        tracing::info!(file = %file.display(), "mail written");
        Ok(())
    }
}
