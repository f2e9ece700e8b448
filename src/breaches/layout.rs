//! The layout of the file. All numbers are little-endian.
//!
//! ```text
//! header   8 bytes   magic
//!          4         version of the format
//!          4         bucket bits: b
//!          8         number of passwords
//!         32         SHA-256 of the header before this field, and of the index
//! index    8 each    for each bucket, the number of its first entry; then the number of all entries: 2^b + 1
//! entries  w each    by bucket, sorted
//! ```
//!
//! A password is identified by the first 64 bits of its SHA-1. Their first `b` bits are its bucket, and an entry has
//! the rest, in the `w` = 8 - b/8 bytes that hold it. So a password that is not on a list of a billion is taken for a
//! breached one with a probability of 10^9 / 2^64, which is 5 in 10^11.

/// The first 64 bits of the SHA-1 of a password.
pub(super) type Key = u64;

/// The number of a key's bytes.
pub(super) const KEY_LENGTH: usize = 8;

const MAGIC: [u8; 8] = *b"2fbreach";

/// The version of the format.
pub(super) const VERSION: u32 = 1;

/// The length of the header before its checksum.
pub(super) const SUMMED: usize = 24;

/// The length of the header.
pub(super) const HEADER: usize = SUMMED + 32;

/// The length of a number in the index.
pub(super) const NUMBER: usize = 8;

/// Entries that a bucket has on average at most: 512 entries of 6 to 8 bytes fit in a page of 4 KiB.
const FULL: u64 = 512;

/// More buckets would make the index larger than 128 MiB. They suffice for eight billion passwords.
const MOST_BITS: u32 = 24;

/// The sizes of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    bits: u32,
    /// The number of passwords.
    pub count: u64,
}

/// Why a header is not one of this format.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    Magic,
    Version(u32),
}

impl Layout {
    /// The bucket bits for at most this many passwords.
    pub fn bits_for(passwords: u64) -> u32 {
        passwords.div_ceil(FULL).next_power_of_two().trailing_zeros().min(MOST_BITS)
    }

    pub fn new(bits: u32, count: u64) -> Self {
        Self { bits: bits.min(MOST_BITS), count }
    }

    /// Reads the part of a header before its checksum.
    pub fn decode(header: &[u8; SUMMED]) -> Result<Self, Unknown> {
        let mut rest = header.as_slice();
        if take(&mut rest) != MAGIC {
            return Err(Unknown::Magic);
        }
        let version = u32::from_le_bytes(take(&mut rest));
        if version != VERSION {
            return Err(Unknown::Version(version));
        }
        let bits = u32::from_le_bytes(take(&mut rest));
        Ok(Self::new(bits, u64::from_le_bytes(take(&mut rest))))
    }

    /// The part of the header before its checksum.
    pub fn encode(self) -> [u8; SUMMED] {
        let (version, bits) = (VERSION.to_le_bytes(), self.bits.to_le_bytes());
        let parts = [&MAGIC, version.as_slice(), &bits, &self.count.to_le_bytes()];
        let mut header = [0; SUMMED];
        for (place, byte) in header.iter_mut().zip(parts.into_iter().flatten()) {
            *place = *byte;
        }
        header
    }

    /// The number of buckets.
    pub fn buckets(self) -> u64 {
        1 << self.bits
    }

    /// The bucket of a key.
    pub fn bucket(self, key: Key) -> u64 {
        key.checked_shr(Key::BITS - self.bits).unwrap_or_default()
    }

    /// How many of a key's first bytes an entry leaves out.
    pub fn left_out(self) -> usize {
        usize::try_from(self.bits / 8).unwrap_or_default()
    }

    /// The length of an entry.
    pub fn width(self) -> u64 {
        8 - u64::from(self.bits / 8)
    }

    /// The length of the index.
    pub fn index_length(self) -> u64 {
        8 * (self.buckets() + 1)
    }

    /// Where the number of a bucket's first entry is in the file.
    pub fn place_of_bucket(bucket: u64) -> u64 {
        56 + 8 * bucket
    }

    /// Where an entry is in the file. A count from a damaged header may be any, so this saturates.
    pub fn place_of_entry(self, number: u64) -> u64 {
        Self::place_of_bucket(self.buckets() + 1)
            .saturating_add(number.saturating_mul(self.width()))
    }

    /// The length of the file.
    pub fn file_length(self) -> u64 {
        self.place_of_entry(self.count)
    }
}

/// The next bytes. The callers' bytes always suffice.
pub(super) fn take<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
    let Some((taken, rest)) = bytes.split_first_chunk() else { return [0; N] };
    *bytes = rest;
    *taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_has_at_most_a_page_of_entries_on_average() {
        for (passwords, bits) in
            [(0, 0), (1, 0), (512, 0), (513, 1), (1_000_000, 11), (1_000_000_000, 21)]
        {
            assert_eq!(Layout::bits_for(passwords), bits, "{passwords}");
        }
        assert_eq!(Layout::bits_for(u64::MAX / 2), MOST_BITS);
    }

    #[test]
    fn a_bucket_and_an_entry_hold_all_bits_of_a_key() {
        for bits in 0..=MOST_BITS {
            let layout = Layout::new(bits, 1);
            assert!(layout.left_out() * 8 <= usize::try_from(bits).unwrap());
            assert_eq!(u64::try_from(layout.left_out()).unwrap() + layout.width(), 8);
            assert_eq!(layout.bucket(Key::MAX), layout.buckets() - 1);
            assert_eq!(layout.bucket(0), 0);
        }
    }

    #[test]
    fn a_header_is_read_as_it_was_written() {
        let layout = Layout::new(21, 1_000_000_000);
        assert_eq!(Layout::decode(&layout.encode()), Ok(layout));
        let mut header = layout.encode();
        header[8] = 2;
        assert_eq!(Layout::decode(&header), Err(Unknown::Version(2)));
        header[0] = b'3';
        assert_eq!(Layout::decode(&header), Err(Unknown::Magic));
        assert_eq!(Layout::new(0, u64::MAX).file_length(), u64::MAX);
        assert_eq!(Layout::place_of_bucket(0), u64::try_from(HEADER).unwrap());
    }
}
