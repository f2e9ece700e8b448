//! The documents: the tests that they name exist, and their links lead somewhere.

#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The documents outside `docs`.
const AT_THE_ROOT: [&str; 4] = ["README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every document, by its path from the root, without its code blocks.
fn documents() -> BTreeMap<PathBuf, String> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    let mut found: Vec<PathBuf> = AT_THE_ROOT.iter().map(|name| root().join(name)).collect();
    walk(&root().join("docs"), &mut found);
    walk(&root().join("deploy"), &mut found);
    let read = |path: PathBuf| {
        let text = without_blocks(&fs::read_to_string(&path).unwrap());
        let is_paired = text.matches('`').count().is_multiple_of(2);
        assert!(is_paired, "{} has a backtick without its other one", path.display());
        (path.strip_prefix(root()).unwrap().to_owned(), text)
    };
    found.into_iter().map(read).collect()
}

fn without_blocks(text: &str) -> String {
    let mut is_block = false;
    let mut kept = Vec::new();
    for line in text.lines() {
        let is_fence = line.trim_start().starts_with("```");
        is_block ^= is_fence;
        if !is_block && !is_fence {
            kept.push(line);
        }
    }
    kept.join("\n")
}

/// What is between backticks in a text.
fn code_spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn is_made_of(text: &str, others: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || others.contains(c))
}

/// The file and the name of a test, of a text such as `guesses::a_right_code_clears_the_count`.
fn reference(span: &str) -> Option<(&str, &str)> {
    let (file, name) = span.split_once("::")?;
    (is_made_of(file, "_/.") && is_made_of(name, "_")).then_some((file, name))
}

/// The text of a file: a path, what follows `tests/api/` with or without its ending, or what follows
/// `src/`.
fn named_file(name: &str) -> Option<String> {
    let candidates = if Path::new(name).extension().is_some() {
        vec![name.to_owned(), format!("tests/api/{name}"), format!("src/{name}")]
    } else {
        vec![format!("tests/api/{name}.rs"), format!("tests/api/{name}/mod.rs")]
    };
    candidates.iter().find_map(|path| fs::read_to_string(root().join(path)).ok())
}

/// Whether a file has a test with this name that is run.
fn has_test(file: &str, name: &str) -> bool {
    let lines: Vec<&str> = file.lines().map(str::trim).collect();
    let starts = [format!("fn {name}("), format!("async fn {name}(")];
    let is_start = |line: &&str| starts.iter().any(|start| line.starts_with(start));
    let Some(place) = lines.iter().position(is_start) else { return false };
    let attributes: Vec<&&str> =
        lines.iter().take(place).rev().take_while(|line| line.starts_with("#[")).collect();
    let has = |start: &str| attributes.iter().any(|line| line.starts_with(start));
    (has("#[test]") || has("#[tokio::test")) && !has("#[ignore")
}

#[test]
fn every_test_that_a_document_names_exists() {
    let mut count = 0;
    let mut missing = Vec::new();
    for (path, text) in documents() {
        for (file, name) in code_spans(&text).filter_map(reference) {
            count += 1;
            if !named_file(file).is_some_and(|file| has_test(&file, name)) {
                missing.push(format!("{}: {file}::{name}", path.display()));
            }
        }
    }
    assert!(missing.is_empty(), "no such tests:\n{}", missing.join("\n"));
    assert!(count > 150, "only {count} references were found");
}

/// The last cells of the tables whose last column is headed `test` or `tests`.
fn cells_about_tests(text: &str) -> Vec<&str> {
    let mut cells = Vec::new();
    let mut is_about_tests = false;
    let mut is_table = false;
    for line in text.lines() {
        let Some(row) = line.strip_prefix('|') else {
            is_table = false;
            continue;
        };
        let last = row.trim_end_matches('|').rsplit('|').next().unwrap_or_default().trim();
        if !is_table {
            is_about_tests = ["test", "tests"].contains(&last);
            is_table = true;
        } else if is_about_tests {
            cells.push(last);
        }
    }
    cells
}

#[test]
fn every_source_file_that_a_document_names_exists() {
    const FOLDERS: [&str; 6] = ["src/", "tests/", "crates/", "bench/", "fuzz/", "docs/"];
    let mut count = 0;
    let mut missing = Vec::new();
    for (path, text) in documents() {
        let is_about_tests = path.to_str().unwrap().starts_with("docs/threat-model");
        let cells = if is_about_tests { cells_about_tests(&text) } else { Vec::new() };
        let in_cells = cells.into_iter().flat_map(code_spans);
        let is_source = |span: &&str| Path::new(span).extension().is_some_and(|end| end == "rs");
        let sources = in_cells.chain(code_spans(&text).filter(is_source));
        for name in sources.filter(|name| is_made_of(name, "_/.-")) {
            count += 1;
            if named_file(name).is_none() {
                missing.push(format!("{}: {name}", path.display()));
            }
        }
        let is_path = |span: &&str| FOLDERS.iter().any(|folder| span.starts_with(folder));
        let paths = code_spans(&text).filter(is_path).filter(|name| is_made_of(name, "_/.-"));
        for name in paths.filter(|name| !root().join(name).exists()) {
            missing.push(format!("{}: {name}", path.display()));
        }
    }
    assert!(missing.is_empty(), "no such files:\n{}", missing.join("\n"));
    assert!(count > 80, "only {count} names were found");
}

#[test]
fn the_architecture_describes_every_part_of_the_source() {
    let page = documents().remove(Path::new("docs/architecture.md")).unwrap();
    let described: BTreeSet<&str> = code_spans(&page).collect();
    for entry in fs::read_dir(root().join("src")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_entrance = ["main.rs", "lib.rs"].contains(&name.as_str());
        let path = format!("src/{name}");
        assert!(is_entrance || described.contains(path.as_str()), "{path} is not described");
    }
}

/// The text of every file of the program's source.
fn source() -> String {
    fn read(folder: &Path) -> String {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let text = |path: PathBuf| {
            if path.is_dir() { read(&path) } else { fs::read_to_string(path).unwrap() }
        };
        entries.map(text).collect()
    }
    read(&root().join("src"))
}

#[test]
fn every_message_of_the_log_that_is_documented_occurs_in_the_source() {
    let (page, source) = (fs::read_to_string(root().join("docs/logging.md")).unwrap(), source());
    let mut count = 0;
    for table in page.split("| message | level |").skip(1) {
        let rows = table.lines().skip(2).map_while(|line| line.strip_prefix("| `"));
        for message in rows.filter_map(|row| row.split('`').next()) {
            count += 1;
            let text = message.trim_end_matches('…').replace("HOST:PORT", "{servers}");
            assert!(source.contains(&text), "the service never logs `{message}`");
        }
    }
    assert!(count > 20, "only {count} messages were found");
}

/// The targets of the links of a document: in Markdown, and in the HTML of pictures.
fn links(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (opening, closing) in [("](", ')'), ("src=\"", '"'), ("srcset=\"", '"'), ("href=\"", '"')] {
        let targets = text.split(opening).skip(1);
        found.extend(targets.filter_map(|rest| rest.split(closing).next()));
    }
    found
}

/// The anchors of a document's headings, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    for heading in text.lines().filter(|line| line.starts_with('#')) {
        let title = heading.trim_start_matches('#').trim().to_lowercase();
        let letters = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        let slug = letters.collect::<String>().replace(' ', "-");
        let numbered = |number: usize| {
            if number == 0 { slug.clone() } else { format!("{slug}-{number}") }
        };
        let free = (0..1_000).map(numbered).find(|anchor| !anchors.contains(anchor));
        anchors.extend(free);
    }
    anchors
}

#[test]
fn every_link_within_the_documents_leads_somewhere() {
    let documents = documents();
    let mut count = 0;
    let mut broken = Vec::new();
    for (path, text) in &documents {
        // Code is no link; a link's text may be code.
        let prose = text.split('`').step_by(2).collect::<String>();
        let is_relative = |link: &&str| !link.contains("://") && !link.starts_with("mailto:");
        for link in links(&prose).into_iter().filter(is_relative) {
            count += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let here = path.parent().unwrap();
            let target = if file.is_empty() { path.clone() } else { normal(&here.join(file)) };
            let has_anchor = |text: &String| anchor.is_empty() || anchors(text).contains(anchor);
            let leads_somewhere = match documents.get(&target) {
                Some(text) => has_anchor(text),
                None => root().join(&target).exists(),
            };
            if !leads_somewhere {
                broken.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
    assert!(count > 50, "only {count} links were found");
}

/// A path without its `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}

#[test]
fn what_is_no_test_and_no_anchor_is_told_apart() {
    let file = "#[test]\nfn one() {}\n\nfn helper() {}\n\n#[tokio::test]\n#[ignore = \"slow\"]\nasync fn ignored() {}\n";
    assert!(has_test(file, "one"));
    for name in ["helper", "ignored", "on", "two"] {
        assert!(!has_test(file, name), "{name}");
    }
    let found = anchors("# A user's `KEY_ID`, twice\n## Twice\n## Twice");
    assert_eq!(found, ["a-users-key_id-twice", "twice", "twice-1"].map(str::to_owned).into());
    let table = "| a | test |\n|---|---|\n| `x` | `races` |\n\n| a | how |\n|---|---|\n| 1 | `y` |";
    assert_eq!(cells_about_tests(table), ["---", "`races`"]);
}
