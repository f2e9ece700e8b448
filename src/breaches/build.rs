//! Building the file.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::error::BuildError;
use super::file::checksum;
use super::layout::{Key, Layout};
use super::source;
use super::spool::Spool;

/// Shows how far a build has come, and may interrupt it.
pub trait Progress {
    /// A step begins, of this many units.
    fn begin(&mut self, step: Step, units: u64);
    /// More units are done.
    fn advance(&mut self, units: u64);
    /// Whether the build should stop.
    fn is_interrupted(&self) -> bool;
}

/// A step of a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Reading the source; the units are bytes.
    Reading,
    /// Sorting and writing; the units are parts of the list.
    Writing,
}

/// What was built.
#[derive(Debug, PartialEq, Eq)]
pub struct Built {
    /// The number of passwords on the list.
    pub passwords: u64,
    /// The length of the file.
    pub bytes: u64,
}

/// Builds a list at `to` from the passwords in `from` whose count is at least `least`: a file of lines
/// `SHA1:COUNT`, or a folder of such files and of files named by the first five digits of a range.
///
/// The list replaces an older one only when it is complete and on the disk.
///
/// # Errors
///
/// [`BuildError`]; the older list is then unchanged.
pub fn build(
    from: &Path,
    to: &Path,
    least: u64,
    progress: &mut impl Progress,
) -> Result<Built, BuildError> {
    if is_into_source(from, to) {
        return Err(BuildError::IntoSource);
    }
    let unfinished = Unfinished::create(to)?;
    let spool = beside(to, ".spool");
    let mut spool = Spool::create(&spool).map_err(in_the_way(&spool))?;
    source::read(from, least, progress, |key| spool.add(key).map_err(BuildError::target(to)))?;
    if spool.count == 0 {
        return Err(BuildError::Empty { path: from.to_owned(), least });
    }
    let bits = Layout::bits_for(spool.count);
    progress.begin(Step::Writing, Spool::PARTS.try_into().unwrap_or_default());
    let mut writer =
        ListWriter::begin(&unfinished.file, bits).map_err(BuildError::target(&unfinished.path))?;
    for part in spool.into_sorted() {
        if progress.is_interrupted() {
            return Err(BuildError::Interrupted);
        }
        let written = part.and_then(|keys| writer.add(&keys));
        written.map_err(BuildError::target(&unfinished.path))?;
        progress.advance(1);
    }
    let layout = writer.finish().map_err(BuildError::target(&unfinished.path))?;
    if progress.is_interrupted() {
        return Err(BuildError::Interrupted);
    }
    unfinished.put_at(to).map_err(BuildError::target(to))?;
    Ok(Built { passwords: layout.count, bytes: layout.file_length() })
}

/// Whether writing `to` would change the source.
fn is_into_source(from: &Path, to: &Path) -> bool {
    let Ok(from) = fs::canonicalize(from) else { return false };
    let is_source = |path: &Path| fs::canonicalize(path).is_ok_and(|path| path == from);
    is_source(to) || is_source(folder(to))
}

/// The folder of a file.
fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A path beside a file, with an ending added to its name.
fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn in_the_way(path: &Path) -> impl FnOnce(io::Error) -> BuildError {
    move |cause| match cause.kind() {
        ErrorKind::AlreadyExists => BuildError::InTheWay(path.to_owned()),
        _ => BuildError::target(path)(cause),
    }
}

/// A file that is removed unless it is finished.
struct Unfinished {
    file: File,
    path: PathBuf,
}

impl Unfinished {
    /// Creates the file beside its later place.
    fn create(to: &Path) -> Result<Self, BuildError> {
        let path = beside(to, ".unfinished");
        let file = File::options().write(true).create_new(true).open(&path);
        Ok(Self { file: file.map_err(in_the_way(&path))?, path })
    }

    /// Makes sure that the file is on the disk, then gives it its name.
    fn put_at(self, to: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, to)?;
        File::open(folder(to))?.sync_all()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // A finished one has another name by now.
        let _gone = fs::remove_file(&self.path);
    }
}

/// Writes a list, whose keys arrive sorted.
pub(super) struct ListWriter<'a> {
    out: BufWriter<&'a File>,
    /// Its count is that of the keys written so far.
    layout: Layout,
    /// The number of the first entry of each bucket that has begun.
    index: Vec<u64>,
}

impl<'a> ListWriter<'a> {
    /// Leaves room for the header and the index.
    pub fn begin(file: &'a File, bits: u32) -> io::Result<Self> {
        let layout = Layout::new(bits, 0);
        let mut out = BufWriter::with_capacity(256 * 1024, file);
        out.seek(SeekFrom::Start(layout.place_of_entry(0)))?;
        Ok(Self { out, layout, index: Vec::new() })
    }

    /// Writes the next keys.
    pub fn add(&mut self, keys: &[Key]) -> io::Result<()> {
        for key in keys {
            self.begin_buckets(self.layout.bucket(*key));
            let bytes = key.to_be_bytes();
            let (_, entry) = bytes.split_at(self.layout.left_out());
            self.out.write_all(entry)?;
            self.layout.count += 1;
        }
        Ok(())
    }

    /// Begins all buckets up to this one.
    fn begin_buckets(&mut self, bucket: u64) {
        let begun = usize::try_from(bucket).map_or(usize::MAX, |bucket| bucket + 1);
        if self.index.len() < begun {
            self.index.resize(begun, self.layout.count);
        }
    }

    /// Writes the header and the index.
    pub fn finish(mut self) -> io::Result<Layout> {
        self.begin_buckets(self.layout.buckets());
        let index: Vec<u8> = self.index.iter().flat_map(|number| number.to_le_bytes()).collect();
        let header = self.layout.encode();
        let checksum = checksum(&header, index.as_slice())?;
        self.out.rewind()?;
        for part in [&header, checksum.as_slice(), &index] {
            self.out.write_all(part)?;
        }
        self.out.flush()?;
        Ok(self.layout)
    }
}
