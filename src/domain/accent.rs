//! The colour of links and buttons, in light and in dark.

use thiserror::Error;

use super::colour::Colour;

/// The least contrast of text (WCAG 2.2, success criterion 1.4.3).
const LEAST: f64 = 4.5;

/// The contrast that a derived tone has at least (WCAG 2.2, success criterion 1.4.6).
const DERIVED: f64 = 7.0;

/// How much of the accent is in the background of what is marked with it, in percent.
const WASH: u16 = 10;

/// What text is on: cards, and the page around them.
struct Scheme {
    name: &'static str,
    card: Colour,
    ground: Colour,
}

// As in web/app.css; a test compares them.
const LIGHT: Scheme =
    Scheme { name: "light", card: Colour::WHITE, ground: Colour::rgb(0xf4, 0xf3, 0xef) };
const DARK: Scheme = Scheme {
    name: "dark",
    card: Colour::rgb(0x1a, 0x23, 0x21),
    ground: Colour::rgb(0x11, 0x18, 0x17),
};

/// A colour of links and buttons that can be read in light and in dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent {
    /// In light.
    pub light: Tone,
    /// In dark.
    pub dark: Tone,
}

/// The accent of one scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tone {
    /// The colour of links, and the background of buttons.
    pub colour: Colour,
    /// The background of what is marked.
    pub wash: Colour,
}

/// Why a colour cannot be an accent.
#[derive(Debug, Error, PartialEq)]
#[error(
    "cannot be {colour} in {scheme}: its text on {on} would have a contrast of {contrast:.2} : 1, and needs 4.5 : 1; \
     choose a {better} colour"
)]
pub struct TooLittleContrast {
    colour: Colour,
    scheme: &'static str,
    on: Colour,
    /// Rounded down, so that it never looks like enough.
    contrast: f64,
    better: &'static str,
}

impl Accent {
    /// An accent from its colour in light and, if the caller has chosen one, in dark. Otherwise that is a lighter tone of
    /// the same colour.
    ///
    /// # Errors
    ///
    /// If text would have too little contrast.
    pub fn new(light: Colour, dark: Option<Colour>) -> Result<Self, TooLittleContrast> {
        let light_tone = LIGHT.checked(light)?;
        let dark = dark.unwrap_or_else(|| DARK.lightened(light));
        Ok(Self { light: light_tone, dark: DARK.checked(dark)? })
    }
}

impl Scheme {
    fn tone(&self, colour: Colour) -> Tone {
        Tone { colour, wash: self.card.mixed(colour, WASH) }
    }

    /// Everything that is behind text of this tone. The text of a button has the colour of cards.
    fn behind(&self, tone: Tone) -> [Colour; 3] {
        [self.card, self.ground, tone.wash]
    }

    fn checked(&self, colour: Colour) -> Result<Tone, TooLittleContrast> {
        let tone = self.tone(colour);
        let contrasts = self.behind(tone).map(|on| (on, colour.contrast(on)));
        let worst = contrasts.into_iter().min_by(|(_, one), (_, two)| one.total_cmp(two));
        match worst {
            Some((on, contrast)) if contrast < LEAST => Err(TooLittleContrast {
                colour,
                scheme: self.name,
                on,
                contrast: (contrast * 100.0).floor() / 100.0,
                better: if self.card == Colour::WHITE { "darker" } else { "lighter" },
            }),
            _ => Ok(tone),
        }
    }

    /// The first lighter tone of a colour that can be read well.
    fn lightened(&self, colour: Colour) -> Colour {
        let mut tones = (0..=100).step_by(5).map(|share| colour.mixed(Colour::WHITE, share));
        let is_readable = |tone: &Colour| {
            self.behind(self.tone(*tone)).iter().all(|on| tone.contrast(*on) >= DERIVED)
        };
        tones.find(is_readable).unwrap_or(Colour::WHITE)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STYLE: &str = include_str!("../../web/app.css");

    fn colour(text: &str) -> Colour {
        Colour::parse(text).unwrap()
    }

    /// The value of a property in the first or second `:root` of the stylesheet.
    fn styled(scheme: usize, name: &str) -> Colour {
        let block = STYLE.split(":root {").nth(scheme + 1).unwrap();
        let (_, value) = block.split_once(&format!("--{name}: ")).unwrap();
        colour(value.split_once(';').unwrap().0)
    }

    #[test]
    fn what_text_is_on_is_what_the_stylesheet_says() {
        for (n, scheme) in [LIGHT, DARK].iter().enumerate() {
            assert_eq!((styled(n, "card"), styled(n, "ground")), (scheme.card, scheme.ground));
        }
    }

    #[test]
    fn the_built_in_accent_would_be_accepted() {
        let accent = Accent::new(styled(0, "accent"), Some(styled(1, "accent"))).unwrap();
        assert_eq!(accent.dark.colour, colour("#6fd3bd"));
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_how_much_is_missing() {
        let refused = |light: &str, dark: Option<&str>| {
            Accent::new(colour(light), dark.map(colour)).unwrap_err().to_string()
        };
        assert_eq!(
            refused("#ffd400", None),
            "cannot be #ffd400 in light: its text on #f4f3ef would have a contrast of 1.28 : 1, and needs 4.5 : 1; choose a darker colour"
        );
        assert_eq!(
            refused("#0d6b5e", Some("#0d6b5e")),
            "cannot be #0d6b5e in dark: its text on #192a27 would have a contrast of 2.34 : 1, and needs 4.5 : 1; choose a lighter colour"
        );
        // Enough on a white card, and too little on the page around it.
        assert!(refused("#767676", None).contains("on #f1f1f1"));
    }

    #[test]
    fn a_colour_that_is_right_for_dark_alone_has_a_tone_of_its_own() {
        let accent = Accent::new(colour("#00f"), None).unwrap();
        assert_ne!(accent.dark.colour, accent.light.colour);
        assert_eq!(accent.light.colour, colour("#0000ff"));
    }

    proptest! {
        #[test]
        fn every_accent_can_be_read(light in any::<[u8; 3]>(), dark in proptest::option::of(any::<[u8; 3]>())) {
            let new = |[red, green, blue]: [u8; 3]| Colour::rgb(red, green, blue);
            let Ok(accent) = Accent::new(new(light), dark.map(new)) else {
                // Only a colour that was chosen is refused.
                prop_assert!(dark.is_some() || LIGHT.checked(new(light)).is_err());
                return Ok(());
            };
            for (n, tone) in [accent.light, accent.dark].into_iter().enumerate() {
                for on in [styled(n, "card"), styled(n, "ground"), tone.wash] {
                    prop_assert!(tone.colour.contrast(on) >= LEAST);
                }
                // Other text is on the wash, too.
                for text in ["ink", "soft"] {
                    prop_assert!(styled(n, text).contrast(tone.wash) >= LEAST, "{text} on {}", tone.wash);
                }
            }
        }
    }
}
