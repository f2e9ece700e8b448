//! Building lists.

use std::fs;
use std::path::Path;

use data_encoding::{HEXLOWER, HEXUPPER};

use super::{Counted, Folder, has, line, sha1};
use crate::breaches::Step;
use crate::breaches::build::{Built, build};
use crate::breaches::error::BuildError;
use crate::breaches::layout::Key;
use crate::breaches::spool::Spool;

#[test]
fn a_list_has_its_passwords_and_no_others() {
    let folder = Folder::new();
    let many: Vec<String> = (0..2_000).map(|number| format!("password {number}")).collect();
    let lines: String = many.iter().map(|password| line(password, 1)).collect();
    let mut progress = Counted::default();
    let from = folder.with("source", &lines);
    let built = build(&from, &folder.path("list"), 1, &mut progress).unwrap();
    let length = fs::metadata(folder.path("list")).unwrap().len();
    assert_eq!(built, Built { passwords: 2_000, bytes: length });
    let source = u64::try_from(lines.len()).unwrap();
    assert_eq!(progress.begun, [(Step::Reading, source), (Step::Writing, 256)]);
    assert_eq!(progress.done, source + 256);
    let list = folder.open();
    assert!(many.iter().all(|password| has(&list, password)));
    assert!((2_000..4_000).all(|number| !has(&list, &format!("password {number}"))));
    assert_eq!(folder.names(), ["list", "source"]);
}

#[test]
fn either_case_and_either_line_ending_in_any_order_are_read_and_duplicates_merge() {
    let folder = Folder::new();
    let lower = HEXLOWER.encode(&sha1("in lower case"));
    let without_end = line("without an end", 7);
    let lines = [
        format!("{lower}:3\r\n"),
        line("found often", 2),
        line("found often", 900),
        line("found often", 1),
        line("found rarely", 4),
        line("padding of the range API", 0),
        without_end.trim().to_owned(),
    ];
    let from = folder.with("source", lines.concat());
    for (least, found) in [(1, [true; 4]), (5, [false, true, false, true])] {
        let built = folder.build(&from, least).unwrap();
        assert_eq!(built.passwords, if least == 1 { 4 } else { 2 });
        let list = folder.open();
        let passwords = ["in lower case", "found often", "found rarely", "without an end"];
        assert_eq!(passwords.map(|password| has(&list, password)), found, "least {least}");
        assert!(!has(&list, "padding of the range API"));
    }
}

#[test]
fn a_folder_may_have_files_of_ranges_and_files_of_whole_hashes() {
    let folder = Folder::new();
    for (password, ending, is_lower) in
        [("in a range", ".txt", false), ("in another", "", false), ("in a third", ".txt", true)]
    {
        let line = line(password, 9);
        let (prefix, suffix) = line.split_at(5);
        let prefix = if is_lower { prefix.to_lowercase() } else { prefix.to_owned() };
        folder.with(&format!("ranges/{prefix}{ending}"), suffix.replace('\n', "\r\n"));
    }
    folder.with("ranges/more.txt", line("a whole hash", 1));
    folder.with("ranges/.hidden", "no hash");
    let built = folder.build(&folder.path("ranges"), 1).unwrap();
    assert_eq!(built.passwords, 4);
    let list = folder.open();
    for password in ["in a range", "in another", "in a third", "a whole hash"] {
        assert!(has(&list, password), "{password}");
    }
}

#[test]
fn a_bad_line_stops_the_build_and_is_named() {
    let hash = HEXUPPER.encode(&sha1("some password"));
    let (prefix, suffix) = hash.split_at(5);
    let folder = Folder::new();
    folder.build(&folder.with("good", line("some password", 1)), 1).unwrap();
    let before = fs::read(folder.path("list")).unwrap();
    for bad in [
        "",
        "\n",
        "some password:3",
        &hash,
        &format!("{hash}:"),
        &format!("{hash}:-1"),
        &format!("{hash}:+1"),
        &format!("{hash}:1 "),
        &format!("{hash}:1\r\r"),
        &format!("{hash};1"),
        &format!("{hash}:99999999999999999999"),
        &format!("0{hash}:1"),
        &format!("{suffix}:1"),
        &format!("G0000{suffix}:1"),
        &format!("{prefix}{}:1", "0".repeat(34) + "G"),
        &format!("{hash}:{}", "1".repeat(1 << 20)),
    ] {
        let from = folder.with("bad", format!("{hash}:1\n{bad}\n{hash}:1\n"));
        let said = folder.build(&from, 1).unwrap_err().to_string();
        let wanted = "bad, line 2: must be 40 hexadecimal digits, a colon and a count";
        assert!(said.ends_with(wanted), "{bad}: {said}");
        assert_eq!(folder.names(), ["bad", "good", "list"]);
    }
    assert_eq!(fs::read(folder.path("list")).unwrap(), before, "the older list is unchanged");

    let range = folder.with(&format!("ranges/{prefix}.txt"), format!("{suffix}:1\n{hash}:1\n"));
    let said = folder.build(range.parent().unwrap(), 1).unwrap_err().to_string();
    let wanted =
        format!("{prefix}.txt, line 2: must be 35 hexadecimal digits, a colon and a count");
    assert!(said.ends_with(&wanted), "{said}");
}

#[test]
fn an_interrupted_build_leaves_nothing() {
    let folder = Folder::new();
    let from = folder.with("source", line("some password", 1));
    let looks = |looks_left: u32| {
        let mut progress = Counted { looks_left: looks_left.into(), ..Counted::default() };
        let outcome = build(&from, &folder.path("list"), 1, &mut progress);
        (outcome, progress.begun.len())
    };
    // Two looks while reading, one at each part, and one before the list gets its name.
    for looks_left in [0, 1, 2, 100, 257, 258] {
        let (outcome, steps) = looks(looks_left);
        assert!(matches!(outcome, Err(BuildError::Interrupted)), "{looks_left}");
        assert_eq!(steps, if looks_left < 2 { 1 } else { 2 });
        assert_eq!(folder.names(), ["source"], "{looks_left}");
    }
    assert!(looks(259).0.is_ok());
}

#[test]
fn what_cannot_be_read_or_written_is_named() {
    let folder = Folder::new();
    let said = |from: &Path, to: &Path, least| {
        build(from, to, least, &mut Counted::default()).unwrap_err().to_string()
    };
    let (from, to) = (folder.with("source/lines", line("rare password", 3)), folder.path("list"));
    let source = folder.path("source");
    for (reason, said) in [
        ("cannot read /tmp/", said(&folder.path("missing"), &to, 1)),
        ("lines has no password with a count of at least 4", said(&from, &to, 4)),
        ("empty has no password with a", said(&folder.with("empty", ""), &to, 1)),
        ("missing/list.unfinished: No such", said(&from, &folder.path("missing/list"), 1)),
        ("must not be written into what it is built from", said(&from, &from, 1)),
        ("must not be written into what it is built from", said(&source, &source.join("list"), 1)),
    ] {
        assert!(said.contains(reason), "{said}");
    }
    folder.with("source/folder/lines", "");
    assert!(said(&source, &to, 1).contains("source/folder: Is a directory"));
    assert_eq!(folder.names(), ["empty", "source"]);
    folder.with("list.unfinished", "another build's");
    assert!(said(&from, &to, 1).contains("list.unfinished exists: another build"));
    assert!(folder.path("list.unfinished").exists(), "it is the other build's");
}

#[test]
fn more_keys_than_a_block_holds_are_sorted() {
    let folder = Folder::new();
    let mut spool = Spool::create(&folder.path("spool")).unwrap();
    assert_eq!(folder.names(), Vec::<String>::new());
    let key = |number: Key| (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 12) | 0xab << 56;
    let numbers = 0..100_000;
    for number in numbers.clone().chain(numbers.clone()) {
        spool.add(key(number)).unwrap();
    }
    let mut expected: Vec<Key> = numbers.map(key).collect();
    expected.sort_unstable();
    let sorted: Vec<Vec<Key>> = spool.into_sorted().map(Result::unwrap).collect();
    assert_eq!(sorted[0xab], expected);
    assert_eq!(sorted.concat(), expected);
}
