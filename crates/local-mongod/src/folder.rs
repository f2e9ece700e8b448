//! The data folder of a `mongod`.

use std::{
    fs, io,
    os::fd::{AsFd, OwnedFd},
    path::{Path, PathBuf},
    process::{self, Child, Stdio},
};

use crate::{error::Error, leash};

/// A folder, kept or temporary.
///
/// A temporary folder is deleted when this value is dropped or this process has ended in any way, and every
/// process that has a [`guard`](Self::guard) has ended too.
pub(crate) struct Folder {
    path: PathBuf,
    remover: Option<Child>,
}

impl Folder {
    /// The folder at `path`, which is created if necessary, and kept.
    pub(crate) fn kept(path: &Path) -> Result<Self, Error> {
        let path = created(path)?;
        Ok(Self { path, remover: None })
    }

    /// A new temporary folder inside `parent`, with the prefix `name`.
    pub(crate) fn temporary(parent: &Path, name: &str) -> Result<Self, Error> {
        let parent = created(parent)?;
        let path = unused(&parent, name).map_err(|cause| Error::folder(&parent, &cause))?;
        match leash::remove_when_closed(&path) {
            Ok(remover) => Ok(Self { path, remover: Some(remover) }),
            Err(cause) => {
                drop(fs::remove_dir(&path));
                Err(Error::Shell { cause })
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn is_temporary(&self) -> bool {
        self.remover.is_some()
    }

    /// A file for a process to keep open. A temporary folder is not deleted while it is open.
    pub(crate) fn guard(&self) -> io::Result<Stdio> {
        let pipe = self.remover.as_ref().and_then(|remover| remover.stdin.as_ref());
        pipe.map_or_else(
            || Ok(Stdio::null()),
            |pipe| pipe.as_fd().try_clone_to_owned().map(OwnedFd::into),
        )
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Some(remover) = &mut self.remover {
            drop(remover.wait()); // closes the pipe first
        }
    }
}

fn created(path: &Path) -> Result<PathBuf, Error> {
    fs::create_dir_all(path)
        .and_then(|()| path.canonicalize())
        .map_err(|cause| Error::folder(path, &cause))
}

fn unused(parent: &Path, name: &str) -> io::Result<PathBuf> {
    let mut count = 0_u32;
    loop {
        let path = parent.join(format!("{name}-{}-{count}", process::id()));
        match fs::create_dir(&path) {
            Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists => count += 1,
            Err(other) => return Err(other),
            Ok(()) => return Ok(path),
        }
    }
}
