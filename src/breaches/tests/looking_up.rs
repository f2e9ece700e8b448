//! Opening lists and looking passwords up.

use std::collections::HashSet;
use std::fs::{self, File};

use proptest::prelude::*;

use super::{Folder, has, line};
use crate::breaches::BreachedPasswords;
use crate::breaches::build::ListWriter;
use crate::breaches::error::ListError;
use crate::breaches::layout::{HEADER, Key, Layout};
use crate::breaches::spool::Spool;
use crate::domain::password::Password;

#[test]
fn a_password_is_looked_up_in_the_form_in_which_it_is_hashed() {
    let folder = Folder::new();
    folder.build(&folder.with("source", line("caf\u{e9} au lait", 1)), 1).unwrap();
    let list = folder.open();
    assert!(has(&list, "cafe\u{301} au lait"));
    assert!(!has(&list, "Caf\u{e9} au lait"));
}

/// A list of 1,500 passwords in four buckets, and the length of its header and index.
fn good(folder: &Folder) -> (Vec<u8>, usize) {
    let lines: String = (0..1_500).map(|number| line(&format!("password {number}"), 1)).collect();
    folder.build(&folder.with("source", lines), 1).unwrap();
    let index = usize::try_from(Layout::new(2, 1_500).index_length()).unwrap();
    (fs::read(folder.path("list")).unwrap(), HEADER + index)
}

fn open(folder: &Folder, content: &[u8]) -> Result<(), ListError> {
    BreachedPasswords::open(&folder.with("opened", content)).map(drop)
}

#[test]
fn a_changed_bit_in_the_header_or_the_index_is_noticed() {
    let folder = Folder::new();
    let (good, checked) = good(&folder);
    assert!(open(&folder, &good).is_ok());
    for place in 0..checked {
        let mut damaged = good.clone();
        damaged[place] ^= 1;
        let refused = open(&folder, &damaged).unwrap_err();
        let is_named = match place {
            0..8 => matches!(refused, ListError::Foreign),
            8..12 => matches!(refused, ListError::Version(_)),
            12..24 => matches!(refused, ListError::Length { .. }),
            _ => matches!(refused, ListError::Checksum),
        };
        assert!(is_named, "byte {place}: {refused}");
    }
}

#[test]
fn a_missing_a_cut_and_a_longer_list_are_refused() {
    let folder = Folder::new();
    let (good, checked) = good(&folder);
    for length in 0..HEADER {
        let refused = open(&folder, &good[..length]);
        assert!(matches!(refused, Err(ListError::Foreign)), "{length}: {refused:?}");
    }
    let longer = [&good[..], b"\0"].concat();
    for content in [&good[..HEADER], &good[..checked], &good[..good.len() - 1], &longer] {
        let refused = open(&folder, content);
        assert!(matches!(refused, Err(ListError::Length { .. })), "{refused:?}");
    }
    for path in [folder.path("missing"), folder.0.clone()] {
        let refused = BreachedPasswords::open(&path);
        assert!(matches!(refused, Err(ListError::Unreadable(_))), "{refused:?}");
    }
}

#[test]
fn a_list_that_is_cut_or_changed_while_it_is_open_is_an_error_and_a_renamed_one_is_not() {
    let folder = Folder::new();
    folder.build(&folder.with("source", line("some password", 1)), 1).unwrap();
    let list = folder.open();
    folder.build(&folder.with("source", line("other password", 1)), 1).unwrap();
    assert!(has(&list, "some password") && !has(&list, "other password"));

    let (list, password) = (folder.open(), Password::parse("other password").unwrap());
    let file = File::options().write(true).open(folder.path("list")).unwrap();
    let content = fs::read(folder.path("list")).unwrap();
    file.set_len(u64::try_from(content.len()).unwrap() - 1).unwrap();
    assert!(list.contains(&password).is_err());
    let mut changed = content;
    changed[HEADER + 15] = 0x7f;
    fs::write(folder.path("list"), changed).unwrap();
    assert!(list.contains(&password).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn a_lookup_agrees_with_a_set(
        keys in prop::collection::hash_set(prop_oneof![any::<Key>(), 0_u64..64, (0_u64..256).prop_map(|n| n << 56)], 0..3_000),
        others in prop::collection::vec(any::<Key>(), 50),
        bits in 0_u32..=14,
        flipped in 0_u32..64,
    ) {
        let folder = Folder::new();
        let mut spool = Spool::create(&folder.path("spool")).unwrap();
        for key in &keys {
            spool.add(*key).unwrap();
        }
        let file = File::create_new(folder.path("list")).unwrap();
        let mut writer = ListWriter::begin(&file, bits).unwrap();
        for part in spool.into_sorted() {
            writer.add(&part.unwrap()).unwrap();
        }
        writer.finish().unwrap();
        let list = folder.open();
        let near = keys.iter().map(|key| key ^ (1 << flipped));
        let looked_up: HashSet<Key> = keys.iter().copied().chain(near).chain(others).collect();
        for key in looked_up {
            let found = list.contains_digest(&key.to_be_bytes().into()).unwrap();
            prop_assert_eq!(found, keys.contains(&key), "{:016x} with {} bits", key, bits);
        }
    }
}
