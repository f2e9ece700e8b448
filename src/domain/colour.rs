//! Colours, and the contrast of text.

use std::fmt;

/// A colour of the sRGB colour space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

impl Colour {
    /// The lightest colour.
    pub const WHITE: Self = Self([255, 255, 255]);

    /// The colour with these parts of red, green and blue.
    #[must_use]
    pub const fn rgb(red: u8, green: u8, blue: u8) -> Self {
        Self([red, green, blue])
    }

    /// Parses `#rrggbb` or `#rgb`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let part = |n: usize| match digits.len() {
            6 => u8::from_str_radix(digits.get(2 * n..2 * n + 2)?, 16).ok(),
            3 => Some(17 * u8::from_str_radix(digits.get(n..=n)?, 16).ok()?),
            _ => None,
        };
        Some(Self([part(0)?, part(1)?, part(2)?]))
    }

    /// This colour with `percent` of another one mixed in, at most 100.
    #[must_use]
    pub fn mixed(self, other: Self, percent: u16) -> Self {
        let share = percent.min(100);
        let mut parts = self.0;
        for (part, other) in parts.iter_mut().zip(other.0) {
            let sum = u16::from(*part) * (100 - share) + u16::from(other) * share;
            *part = u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX);
        }
        Self(parts)
    }

    /// The contrast of this colour's text on another colour, from 1 to 21 (WCAG 2.2, "contrast ratio").
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// WCAG 2.2, "relative luminance".
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let Self([red, green, blue]) = self;
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([red, green, blue]) = self;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Colour {
        Colour::parse(text).unwrap()
    }

    #[test]
    fn colours_have_three_or_six_digits() {
        assert_eq!(colour("#0D6b5e"), Colour::rgb(13, 107, 94));
        assert_eq!(colour("#0af"), colour("#00aaff"));
        assert_eq!(colour("#0af").to_string(), "#00aaff");
        for wrong in [
            "",
            "#",
            "0d6b5e",
            "#0d6b5",
            "#0d6b5e0",
            "#0d6b5g",
            "# 0d6b5",
            "#+1+1+1",
            "teal",
            "#０d6b5e",
        ] {
            assert_eq!(Colour::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn contrasts_are_those_of_the_specification() {
        let contrast = |one: &str, two: &str| (colour(one).contrast(colour(two)) * 100.0).round();
        assert!((contrast("#000", "#fff") - 2100.0).abs() < 0.1);
        assert!((contrast("#fff", "#fff") - 100.0).abs() < 0.1);
        // The two greys of which every guide speaks: the first passes on white, the second does not.
        assert!((contrast("#767676", "#ffffff") - 454.0).abs() < 0.1);
        assert!((contrast("#ffffff", "#777777") - 448.0).abs() < 0.1);
        assert!((contrast("#0000ff", "#ffffff") - 859.0).abs() < 0.1);
    }

    #[test]
    fn a_mixture_is_between_its_colours() {
        let (black, white) = (colour("#000"), Colour::WHITE);
        assert_eq!(black.mixed(white, 0), black);
        assert_eq!(black.mixed(white, 50), colour("#808080"));
        assert_eq!(black.mixed(white, 100), white);
        assert_eq!(black.mixed(white, 200), white);
    }
}
