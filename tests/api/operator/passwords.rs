//! `twofold passwords`, and starts with its files.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::harness::wait::output_of;
use crate::harness::{Ran, TestApp, breached_line, breached_list, empty_folder, output, program};

/// Builds `list` in a folder from one of its files or folders.
fn build(folder: &Path, from: &str, more: &[&str]) -> Ran {
    let mut command = program();
    command.args(["passwords", "build", "--from", from, "--to", "list"]).args(more);
    Ran::of(output(command.current_dir(folder)))
}

/// The names of the files in a folder.
fn names(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| name(entry).into_string().unwrap()).collect();
    names.sort();
    names
}

/// What a command says with a setting of `BREACHED_PASSWORDS`.
fn with_list(command: &str, list: &str) -> Ran {
    let mut program = program();
    program.arg(command).envs([
        ("APP_ENV", "development"),
        ("PORT", "0"),
        ("DATABASE_URL", "mongodb://127.0.0.1:1/"),
        ("MONGO_INITDB_DATABASE", "twofold"),
        ("SEALING_KEYS", TestApp::SEALING_KEYS),
        ("BREACHED_PASSWORDS", list),
    ]);
    Ran::of(output(&mut program))
}

#[test]
fn a_list_is_built_without_any_setting_and_replaces_an_older_one() {
    let folder = empty_folder("passwords-build");
    let line = breached_line("in a file");
    fs::write(folder.join("file"), &line).unwrap();
    let built = build(&folder, "file", &[]);
    assert_eq!(built.assert_code(0).stdout, "list: 1 passwords, 80 bytes.\n");
    assert_eq!(built.stderr, "");

    fs::create_dir(folder.join("ranges")).unwrap();
    for password in ["in a range", "in another"] {
        let line = breached_line(password);
        let (prefix, suffix) = line.split_at(5);
        fs::write(folder.join("ranges").join(prefix), suffix).unwrap();
    }
    let built = build(&folder, "ranges", &["--min-count", "3", "--json"]).assert_code(0).json();
    assert_eq!(built, json!({ "file": "list", "passwords": 2, "bytes": 88 }));
    assert_eq!(names(&folder), ["file", "list", "ranges"]);
    let list = folder.join("list");
    with_list("check-config", list.to_str().unwrap()).assert_code(0);
}

#[test]
fn a_build_that_fails_says_why_and_leaves_the_older_list() {
    let folder = empty_folder("passwords-fail");
    let line = breached_line("some password");
    fs::write(folder.join("good"), &line).unwrap();
    fs::write(folder.join("bad"), format!("{line}{line}plain text:5\n")).unwrap();
    build(&folder, "good", &[]).assert_code(0);
    let before = fs::read(folder.join("list")).unwrap();
    for (from, more, reason) in [
        ("bad", &["--json"][..], "bad, line 3: must be 40 hexadecimal digits, a colon and a count"),
        (
            "good",
            &["--min-count", "4", "--json"],
            "good has no password with a count of at least 4",
        ),
        ("missing", &["--json"], "cannot read missing: No such file or directory"),
    ] {
        let failed = build(&folder, from, more);
        let error: Value = serde_json::from_str(&failed.assert_code(1).stderr).unwrap();
        assert_eq!(error["error"], "failed");
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with(reason) && !message.contains("plain text"), "{message}");
    }
    build(&folder, "good", &["--min-count", "0"]).assert_code(2);
    assert_eq!(fs::read(folder.join("list")).unwrap(), before);
    assert_eq!(names(&folder), ["bad", "good", "list"]);
}

#[test]
fn an_interrupted_build_leaves_nothing_behind() {
    for signal in ["-INT", "-TERM"] {
        let folder = empty_folder(&format!("passwords-interrupted{signal}"));
        let mut command = program();
        command.args(["passwords", "build", "--from", "/dev/stdin", "--to", "list"]);
        command.current_dir(&folder).stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (id, mut input) = (child.id().to_string(), child.stdin.take().unwrap());
        let lines = breached_line("some password").repeat(65_536);
        // More than a pipe holds, so the build is reading.
        input.write_all(lines.as_bytes()).unwrap();
        assert_eq!(names(&folder), ["list.unfinished"]);
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        // The source does not end before the build does.
        std::thread::spawn(move || while input.write_all(lines.as_bytes()).is_ok() {});
        let ran = Ran::of(output_of(child));
        assert_eq!(ran.assert_code(1).stderr, "Interrupted. Nothing was written.\n");
        assert_eq!(names(&folder), Vec::<String>::new());
    }
}

#[test]
fn a_missing_or_damaged_list_stops_the_start_with_a_remedy() {
    let list = breached_list("passwords-damaged", &["some password"]);
    let good = fs::read(&list).unwrap();
    let with_byte = |place: usize, byte: u8| {
        let mut damaged = good.clone();
        damaged[place] = byte;
        damaged
    };
    let cases = [
        (None, "cannot be read (No such file or directory (os error 2))"),
        (Some(vec![]), "is not a file that `twofold passwords build` made"),
        (Some(with_byte(0, b'x')), "is not a file that `twofold passwords build` made"),
        (Some(with_byte(8, 2)), "has version 2 of the format, and this program reads version 1"),
        (Some(good[..79].to_vec()), "is incomplete or damaged: it has 79 bytes instead of 80"),
        (Some(with_byte(30, 0)), "is damaged: its header and index do not have the checksum"),
        (Some(with_byte(64, 0)), "is damaged: its header and index do not have the checksum"),
    ];
    for (content, reason) in cases {
        match content {
            Some(content) => fs::write(&list, content).unwrap(),
            None => fs::remove_file(&list).unwrap(),
        }
        for command in ["serve", "check-config"] {
            let said = with_list(command, &list).assert_code(1).stderr.clone();
            let fault = format!("\n  BREACHED_PASSWORDS names {list}, which {reason}");
            assert!(said.contains(&fault), "{command}: {said}");
            let remedy =
                "; check the path, or build the file again with `twofold passwords build`\n";
            assert!(said.contains(remedy), "{command}: {said}");
        }
    }
}
