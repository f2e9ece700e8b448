//! SVG, written by hand: text, lines and boxes in colours that are told apart in light and in dark.

use std::fmt::Write;

const STYLE: &str = "
  .paper { fill: #ffffff; } .ink { fill: #1f2328; } .pale { fill: #59636e; }
  .line { stroke: #59636e; } .mark { stroke: #1f2328; } .grid { stroke: #d1d9e0; }
  .one { fill: #0969da; } .two { fill: #bc4c00; } .three { fill: #8250df; } .goal { stroke: #cf222e; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117; } .ink { fill: #f0f6fc; } .pale { fill: #9198a1; }
    .line { stroke: #9198a1; } .mark { stroke: #f0f6fc; } .grid { stroke: #3d444d; }
    .one { fill: #4493f8; } .two { fill: #f0883e; } .three { fill: #ab7df8; } .goal { stroke: #ff7b72; }
  }
  text { font: 13px system-ui, sans-serif; } .small { font-size: 11px; } .title { font-weight: 600; }
";

/// A picture.
pub struct Canvas {
    width: f64,
    height: f64,
    parts: String,
}

/// Where a text is held.
#[derive(Clone, Copy)]
pub enum Anchor {
    /// At its beginning.
    Start,
    /// In its middle.
    Middle,
    /// At its end.
    End,
}

impl Canvas {
    /// An empty one with its title.
    pub fn new(width: f64, height: f64, title: &str) -> Self {
        let mut canvas = Self { width, height, parts: String::new() };
        canvas.text((16.0, 26.0), Anchor::Start, "ink title", title);
        canvas
    }

    /// A text at a point.
    pub fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, class: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        self.part(&format!(
            r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" class="{class}">{text}</text>"#
        ));
    }

    /// A box.
    pub fn rectangle(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), class: &str) {
        let width = width.max(0.0);
        self.part(&format!(
            r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" class="{class}"/>"#
        ));
    }

    /// A line between two points.
    pub fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), class: &str) {
        self.part(&format!(
            r#"<line x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}" class="{class}" stroke-width="1.5"/>"#
        ));
    }

    /// A dot.
    pub fn dot(&mut self, (x, y): (f64, f64), class: &str) {
        self.part(&format!(r#"<circle cx="{x:.1}" cy="{y:.1}" r="4" class="{class}"/>"#));
    }

    /// The whole as a file's text.
    pub fn finish(self) -> String {
        let Self { width, height, parts } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
             width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\">\n<style>{STYLE}</style>\n\
             <rect width=\"100%\" height=\"100%\" rx=\"6\" class=\"paper\"/>\n{parts}</svg>\n"
        )
    }

    fn part(&mut self, part: &str) {
        // Writing to a text cannot fail.
        let _written = writeln!(self.parts, "{part}");
    }
}
