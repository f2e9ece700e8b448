//! What the operator calls the service, and how its pages look.

use std::fs::{self, File};
use std::io::{self, Read};

use super::reader::Reader;
use crate::domain::accent::Accent;
use crate::domain::colour::Colour;
use crate::domain::letters::{is_control, is_invisible};

/// What the operator calls the service, and how its pages look.
#[derive(Clone, Debug)]
pub struct Brand {
    /// The name of the service.
    pub name: String,
    /// The image beside the name; `None` for the built-in one.
    pub logo: Option<Logo>,
    /// The colour of links and buttons; `None` for the built-in one.
    pub accent: Option<Accent>,
}

/// An image.
#[derive(Clone, Debug)]
pub struct Logo {
    /// Its format, as its bytes show: the file's name is not looked at.
    pub format: ImageFormat,
    /// The file.
    pub bytes: Vec<u8>,
}

/// A format of images that every browser shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageFormat {
    /// Scalable Vector Graphics.
    Svg,
    /// Portable Network Graphics.
    Png,
    /// WebP.
    Webp,
}

/// The longest name, in characters; that of an issuer, too.
const LONGEST_NAME: usize = 64;

/// The largest image, in KiB.
const LARGEST_LOGO: usize = 256;

impl Brand {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let name = reader.text("APP_NAME");
        check_name(reader, "APP_NAME", &name);
        Self { name, logo: logo(reader), accent: accent(reader) }
    }
}

/// Checks that a name is short, and that people see all of it as it is.
pub(super) fn check_name(reader: &mut Reader<'_>, setting: &'static str, name: &str) {
    if name.chars().count() > LONGEST_NAME {
        reader.fault(setting, format!("must be at most {LONGEST_NAME} characters"));
    }
    if name.chars().any(is_control) {
        reader.fault(setting, "must not have line ends or control characters");
    }
    if let Some(letter) = name.chars().find(|&letter| is_invisible(letter)) {
        let wants = "must not have characters that are invisible or change the direction of text";
        reader.fault(setting, format!("{wants}, such as U+{:04X}", u32::from(letter)));
    }
}

fn logo(reader: &mut Reader<'_>) -> Option<Logo> {
    let path = reader.optional("APP_LOGO")?;
    let limit = LARGEST_LOGO * 1024;
    let wrong = match read_at_most(&path, limit + 1) {
        Ok(None) => "is not a regular file".to_owned(),
        Err(cause) => format!("cannot be read ({cause})"),
        Ok(Some(bytes)) if bytes.len() > limit => format!("is larger than {LARGEST_LOGO} KiB"),
        Ok(Some(bytes)) => match ImageFormat::of(&bytes) {
            Some(format) => return Some(Logo { format, bytes }),
            None => "is not an SVG, PNG or WebP image".to_owned(),
        },
    };
    reader.fault("APP_LOGO", format!("names {path}, which {wrong}"));
    None
}

/// The first bytes of a file; `None` if it is not a regular one. That is known before it is opened: opening a FIFO
/// waits for its writer.
fn read_at_most(path: &str, limit: usize) -> io::Result<Option<Vec<u8>>> {
    if !fs::metadata(path)?.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

impl ImageFormat {
    /// The format that the first bytes of a file show.
    fn of(bytes: &[u8]) -> Option<Self> {
        let is_webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
        if is_webp || bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Some(if is_webp { Self::Webp } else { Self::Png });
        }
        let text = std::str::from_utf8(bytes).ok()?;
        let root = root_element(text.trim_start_matches('\u{feff}'))?.strip_prefix("<svg")?;
        root.starts_with([' ', '\t', '\r', '\n', '/', '>']).then_some(Self::Svg)
    }

    /// The name of a file of this format.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Svg => "logo.svg",
            Self::Png => "logo.png",
            Self::Webp => "logo.webp",
        }
    }

    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Svg => "image/svg+xml",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }
}

/// An XML document from its root element on: without its declaration, comments and document type (XML 1.0, section 2.8).
fn root_element(mut text: &str) -> Option<&str> {
    loop {
        text = text.trim_start();
        let (start, end) = match text {
            _ if text.starts_with("<?") => ("<?", "?>"),
            _ if text.starts_with("<!--") => ("<!--", "-->"),
            _ if text.starts_with("<!DOCTYPE svg") => {
                let has_subset = text.split('>').next()?.contains('[');
                ("<!DOCTYPE svg", if has_subset { "]>" } else { ">" })
            }
            _ => return Some(text),
        };
        (_, text) = text.strip_prefix(start)?.split_once(end)?;
    }
}

/// One colour, or one for light and one for dark.
fn accent(reader: &mut Reader<'_>) -> Option<Accent> {
    let text = reader.optional("APP_ACCENT")?;
    let colours: Option<Vec<Colour>> =
        text.split(',').map(|colour| Colour::parse(colour.trim())).collect();
    let accent = match colours.as_deref() {
        Some(&[light]) => Accent::new(light, None),
        Some(&[light, dark]) => Accent::new(light, Some(dark)),
        _ => {
            let wants =
                "must be a colour such as #0d6b5e, or two, for light and dark: #0d6b5e,#6fd3bd";
            reader.fault("APP_ACCENT", wants);
            return None;
        }
    };
    accent.map_err(|cause| reader.fault("APP_ACCENT", cause.to_string())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_known_by_the_first_bytes() {
        let of = |bytes: &[u8]| ImageFormat::of(bytes);
        assert_eq!(of(b"\x89PNG\r\n\x1a\nrest"), Some(ImageFormat::Png));
        assert_eq!(of(b"RIFF\x10\0\0\0WEBPVP8 "), Some(ImageFormat::Webp));
        for svg in [
            "<svg/>",
            "\u{feff}\n<?xml version='1.0'?><!-- a mark --><svg xmlns='x'></svg>",
            "<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"http://www.w3.org/x.dtd\">\n<svg\n></svg>",
            "<!DOCTYPE svg [\n<!ENTITY ns \"http://www.w3.org/2000/svg\">\n]>\n<!-- <html> --><svg xmlns=\"&ns;\">[]</svg>",
        ] {
            assert_eq!(of(svg.as_bytes()), Some(ImageFormat::Svg), "{svg}");
        }
        for other in [
            "",
            "GIF89a",
            "svg",
            "RIFF\x10\0\0\0WAVE",
            "a <svg/>",
            "<html>",
            "<html><svg/></html>",
            "<!doctype html><svg/>",
            "<!DOCTYPE html><html><body><svg/></body></html>",
            "<!-- <svg/> --><p>",
            "<!-- <svg/>",
            "<?xml version='1.0'?><svgs/>",
            "<svg",
            "<SVG/>",
        ] {
            assert_eq!(of(other.as_bytes()), None, "{other}");
        }
        assert_eq!(of(b"\xff\xd8\xff\xe0 JPEG"), None);
    }
}
