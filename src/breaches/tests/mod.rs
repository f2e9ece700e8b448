//! Building lists and looking them up.

mod building;
mod looking_up;

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::HEXUPPER;
use sha1::{Digest, Sha1};

use super::build::Built;
use super::error::BuildError;
use super::{BreachedPasswords, Progress, Step, build};
use crate::domain::password::Password;

/// A folder that is removed at the end of the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let candidates = (0_u32..).map(|n| PathBuf::from(format!("/tmp/twofold-breaches-{n}")));
        let mut created = candidates.filter(|folder| fs::create_dir(folder).is_ok());
        Self(created.next().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file, and returns its path.
    fn with(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// The names of the files in it.
    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Builds the list `list` from a source.
    fn build(&self, from: &Path, least: u64) -> Result<Built, BuildError> {
        build(from, &self.path("list"), least, &mut Counted::default())
    }

    fn open(&self) -> BreachedPasswords {
        BreachedPasswords::open(&self.path("list")).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

/// Counts what a build reports, and interrupts it after some reports.
struct Counted {
    begun: Vec<(Step, u64)>,
    done: u64,
    looks_left: Cell<u32>,
}

impl Default for Counted {
    fn default() -> Self {
        Self { begun: Vec::new(), done: 0, looks_left: u32::MAX.into() }
    }
}

impl Progress for Counted {
    fn begin(&mut self, step: Step, units: u64) {
        self.begun.push((step, units));
    }

    fn advance(&mut self, units: u64) {
        self.done += units;
    }

    fn is_interrupted(&self) -> bool {
        let left = self.looks_left.get();
        self.looks_left.set(left.saturating_sub(1));
        left == 0
    }
}

fn sha1(password: &str) -> [u8; 20] {
    Sha1::digest(password).into()
}

fn line(password: &str, count: u64) -> String {
    format!("{}:{count}\n", HEXUPPER.encode(&sha1(password)))
}

fn has(list: &BreachedPasswords, password: &str) -> bool {
    list.contains(&Password::parse(password).unwrap()).unwrap()
}
