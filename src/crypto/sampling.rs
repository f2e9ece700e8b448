//! Checking that every bit of a secret is random.

/// Asserts that all samples have this length, that each bit of `mask` in each of their bytes is set in
/// some samples and not in others, and that no byte copies another.
///
/// With 256 samples a bit of a true random number fails this once in 2^255 runs.
#[track_caller]
pub fn assert_random<S: AsRef<[u8]>>(samples: &[S], length: usize, mask: u8) {
    assert!(samples.iter().all(|sample| sample.as_ref().len() == length), "a length differs");
    let column = |byte: usize| samples.iter().map(|sample| sample.as_ref()[byte]).collect();
    let columns: Vec<Vec<u8>> = (0..length).map(column).collect();
    for (position, column) in columns.iter().enumerate() {
        let (set, clear) = column.iter().fold((0, 0), |(set, clear), b| (set | b, clear | !b));
        assert_eq!((set & mask, clear & mask), (mask, mask), "a bit of byte {position} is fixed");
        let same = columns.iter().filter(|other| *other == column).count();
        assert_eq!(same, 1, "byte {position} copies another one");
    }
}
