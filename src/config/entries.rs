//! Settings that are lists of entries, separated by commas.

/// The entries, without the space around them. Empty ones are left out.
pub(super) fn entries(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

/// Whether no two values have the same key.
pub(super) fn are_distinct<T, K: ?Sized + Ord>(values: &[T], key: impl Fn(&T) -> &K) -> bool {
    let mut keys: Vec<&K> = values.iter().map(key).collect();
    keys.sort_unstable();
    keys.windows(2).all(|pair| pair.first() != pair.last())
}

/// Reads an entry `id:text`, whose id is 1 to 64 letters, digits, `-`, `_` and `.`.
pub(super) fn with_id(entry: &str) -> Option<(&str, &str)> {
    let (id, text) = entry.split_once(':')?;
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    ((1..=64).contains(&id.len()) && id.chars().all(is_plain)).then_some((id, text))
}
