//! Lists of breached passwords.

use std::fs;
use std::path::PathBuf;

use sha1::{Digest, Sha1};

use super::operator::program;
use super::wait::output;

/// A line of a published list.
pub fn breached_line(password: &str) -> String {
    format!("{}:3\n", data_encoding::HEXUPPER.encode(&Sha1::digest(password)))
}

/// A folder for one test, empty.
pub fn empty_folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _none_yet = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Builds a list of these passwords in a folder named after the test, and returns its path.
pub fn breached_list(test: &str, passwords: &[&str]) -> String {
    let folder = empty_folder(test);
    let (source, list) = (folder.join("source"), folder.join("list"));
    fs::write(
        &source,
        passwords.iter().map(|password| breached_line(password)).collect::<String>(),
    )
    .unwrap();
    let mut build = program();
    build.args(["passwords", "build", "--from"]).arg(source).arg("--to").arg(&list);
    assert_eq!(output(&mut build).status.code(), Some(0));
    list.into_os_string().into_string().unwrap()
}
