//! Why a list of breached passwords cannot be used or built. The messages name files and lines, and quote nothing
//! of their content.

use std::io;
use std::path::{Path, PathBuf};

/// Why a file is not a usable list. The message follows the name of the file in a sentence.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// It is missing, or cannot be read.
    #[error("cannot be read ({0})")]
    Unreadable(#[from] io::Error),
    /// It does not begin as a list does.
    #[error("is not a file that `twofold passwords build` made")]
    Foreign,
    /// Another version of this program made it.
    #[error("has version {0} of the format, and this program reads version 1")]
    Version(u32),
    /// It is shorter or longer than its header says.
    #[error("is incomplete or damaged: it has {found} bytes instead of {expected}")]
    Length {
        /// Its length.
        found: u64,
        /// The length that its header says.
        expected: u64,
    },
    /// Its header or its index has changed since it was built.
    #[error("is damaged: its header and index do not have the checksum they were written with")]
    Checksum,
}

/// Why a list was not built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A source cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    Source {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        #[source]
        cause: io::Error,
    },
    /// A line has not the form that it must have.
    #[error(
        "{}, line {line}: must be {digits} hexadecimal digits, a colon and a count",
        path.display()
    )]
    Line {
        /// The file.
        path: PathBuf,
        /// The number of the line, from 1.
        line: u64,
        /// How many digits of the hash a line of this file has.
        digits: usize,
    },
    /// The list cannot be written.
    #[error("cannot write {}: {cause}", path.display())]
    Target {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        cause: io::Error,
    },
    /// A file of another build is in the way.
    #[error(
        "{} exists: another build is running, or one was killed; if none is running, delete the file",
        .0.display()
    )]
    InTheWay(PathBuf),
    /// The list would be written over its source, or into the folder that is its source.
    #[error("the list must not be written into what it is built from")]
    IntoSource,
    /// No password of the source has the least count.
    #[error("{} has no password with a count of at least {least}", path.display())]
    Empty {
        /// The source.
        path: PathBuf,
        /// The least count.
        least: u64,
    },
    /// The build was interrupted.
    #[error("Interrupted. Nothing was written.")]
    Interrupted,
}

impl BuildError {
    pub(super) fn source(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self::Source { path: path.to_owned(), cause }
    }

    pub(super) fn target(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self::Target { path: path.to_owned(), cause }
    }
}
