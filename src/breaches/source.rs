//! Reading the lines of a published list: one file of whole hashes, or a folder.

use std::ffi::OsStr;
use std::fs::{self, DirEntry, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use super::build::{Progress, Step};
use super::error::BuildError;
use super::layout::Key;

/// No line is longer: 40 digits, a colon, the largest count and the end of the line.
const LONGEST_LINE: u64 = 128;

/// How many lines are read between two looks at the progress.
const STRIDE: u64 = 65_536;

/// Which hashes the lines of a file have.
#[derive(Clone, Copy)]
enum Lines {
    /// Whole hashes.
    Whole,
    /// The last 35 digits of hashes that begin with these five.
    Range(Key),
}

/// Reads the keys of all passwords with at least the count `least`.
pub(super) fn read(
    from: &Path,
    least: u64,
    progress: &mut impl Progress,
    mut add: impl FnMut(Key) -> Result<(), BuildError>,
) -> Result<(), BuildError> {
    let metadata = fs::metadata(from).map_err(BuildError::source(from))?;
    if !metadata.is_dir() {
        progress.begin(Step::Reading, metadata.len());
        return read_file(from, Lines::Whole, least, progress, &mut add);
    }
    let mut bytes = 0;
    for_each_file(from, |entry| {
        bytes += fs::metadata(entry.path()).map_err(BuildError::source(&entry.path()))?.len();
        Ok(())
    })?;
    progress.begin(Step::Reading, bytes);
    for_each_file(from, |entry| {
        let lines = range(&entry.file_name()).map_or(Lines::Whole, Lines::Range);
        read_file(&entry.path(), lines, least, progress, &mut add)
    })
}

/// Visits the files of a folder, except hidden ones. Their names are not collected: there may be a million.
fn for_each_file(
    folder: &Path,
    mut visit: impl FnMut(DirEntry) -> Result<(), BuildError>,
) -> Result<(), BuildError> {
    for entry in fs::read_dir(folder).map_err(BuildError::source(folder))? {
        let entry = entry.map_err(BuildError::source(folder))?;
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !is_hidden {
            visit(entry)?;
        }
    }
    Ok(())
}

/// The five digits that name the file of a range, such as `0A1B2` or `0A1B2.txt`.
fn range(name: &OsStr) -> Option<Key> {
    let name = name.as_encoded_bytes();
    let digits = name.strip_suffix(b".txt").unwrap_or(name);
    if digits.len() == 5 { number(digits, 16) } else { None }
}

fn read_file(
    path: &Path,
    lines: Lines,
    least: u64,
    progress: &mut impl Progress,
    add: &mut impl FnMut(Key) -> Result<(), BuildError>,
) -> Result<(), BuildError> {
    let file = File::open(path).map_err(BuildError::source(path))?;
    let mut reader = BufReader::with_capacity(256 * 1024, file);
    let (mut line, mut number, mut bytes) = (Vec::new(), 0, 0);
    loop {
        let read = next_line(&mut reader, &mut line).map_err(BuildError::source(path))?;
        bytes += read;
        if read == 0 || number % STRIDE == 0 {
            if progress.is_interrupted() {
                return Err(BuildError::Interrupted);
            }
            progress.advance(std::mem::take(&mut bytes));
        }
        if read == 0 {
            return Ok(());
        }
        number += 1;
        match lines.parse(&line) {
            Some((key, count)) if count >= least => add(key)?,
            Some(_) => {}
            None => {
                let digits = lines.digits();
                return Err(BuildError::Line { path: path.to_owned(), line: number, digits });
            }
        }
    }
}

/// Reads a line without its end; one that is too long in part. Returns the number of its bytes, 0 at the end.
fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<u64> {
    line.clear();
    let read = reader.take(LONGEST_LINE).read_until(b'\n', line)?;
    for end in [b'\n', b'\r'] {
        line.pop_if(|last| *last == end);
    }
    Ok(u64::try_from(read).unwrap_or(LONGEST_LINE))
}

impl Lines {
    /// How many digits of a hash a line has.
    fn digits(self) -> usize {
        match self {
            Self::Whole => 40,
            Self::Range(_) => 35,
        }
    }

    /// The key and the count of a line.
    fn parse(self, line: &[u8]) -> Option<(Key, u64)> {
        let (digits, rest) = line.split_at_checked(self.digits())?;
        let [b':', count @ ..] = rest else { return None };
        // A key has 16 digits, and the 24 after it are only checked.
        let (of_key, others) = digits.split_at_checked(self.digits().checked_sub(24)?)?;
        let key = number(of_key, 16)?;
        let key = match self {
            Self::Whole => key,
            Self::Range(prefix) => (prefix << 44) | key,
        };
        let is_hash = others.iter().all(u8::is_ascii_hexdigit);
        if is_hash { Some((key, number(count, 10)?)) } else { None }
    }
}

/// A number of digits alone; one without a digit or too large is none.
fn number(digits: &[u8], radix: u32) -> Option<u64> {
    let add = |number: u64, digit: &u8| {
        let digit = char::from(*digit).to_digit(radix)?;
        number.checked_mul(radix.into())?.checked_add(digit.into())
    };
    if digits.is_empty() { None } else { digits.iter().try_fold(0, add) }
}
