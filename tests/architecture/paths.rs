//! The paths that a source file uses, from its syntax tree.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{ItemExternCrate, ItemMod, ItemUse, Macro, UseTree};

/// The paths that a source file uses: those into the crate from its root (`crate::storage::Store`), and
/// those into the crates of `externals` (`mongodb::Client`). `module` is the path of the file's module.
pub fn used(source: &str, module: &[&str], externals: &BTreeSet<String>) -> BTreeSet<String> {
    let file = syn::parse_file(source).unwrap();
    let module = module.iter().map(|&name| name.to_owned()).collect();
    let mut visitor = Visitor { module, externals, found: BTreeSet::new() };
    visitor.visit_file(&file);
    visitor.found
}

struct Visitor<'a> {
    module: Vec<String>,
    externals: &'a BTreeSet<String>,
    found: BTreeSet<String>,
}

impl Visitor<'_> {
    /// Records a path, with `self` and `super` resolved. Paths that start at a local name are ignored.
    fn add(&mut self, path: &[String]) {
        let mut rest = path;
        let mut from_root = Vec::new();
        match rest.first().map(String::as_str) {
            Some("crate") => rest = &rest[1..],
            Some("self" | "super") => {
                from_root.clone_from(&self.module);
                while let Some("self" | "super") = rest.first().map(String::as_str) {
                    if rest[0] == "super" {
                        from_root.pop();
                    }
                    rest = &rest[1..];
                }
            }
            Some(name) if self.externals.contains(name) => {
                self.found.insert(path.join("::"));
                return;
            }
            _ => return,
        }
        from_root.insert(0, "crate".to_owned());
        from_root.extend_from_slice(rest);
        self.found.insert(from_root.join("::"));
    }

    fn add_use(&mut self, prefix: &[String], tree: &UseTree) {
        let with = |name: String| [prefix, &[name]].concat();
        match tree {
            UseTree::Path(path) => self.add_use(&with(path.ident.to_string()), &path.tree),
            UseTree::Name(name) => self.add(&with(name.ident.to_string())),
            UseTree::Rename(rename) => self.add(&with(rename.ident.to_string())),
            UseTree::Glob(_) => self.add(&with("*".to_owned())),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_use(prefix, tree)),
        }
    }

    /// Tokens of macros are not parsed, so their paths are found in the text.
    fn add_text(&mut self, tokens: &str) {
        let code: String = tokens.split('"').step_by(2).collect::<Vec<_>>().join(" ");
        let code = code.replace(" :: ", "::");
        for word in code.split(|letter: char| !letter.is_alphanumeric() && !"_:".contains(letter)) {
            let path: Vec<String> = word.split("::").map(str::to_owned).collect();
            if path.len() > 1 {
                self.add(&path);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Visitor<'_> {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        self.module.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.add_use(&[], &item.tree);
    }

    fn visit_item_extern_crate(&mut self, item: &'ast ItemExternCrate) {
        self.add(&[item.ident.to_string()]);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> =
            path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if names.len() > 1 {
            self.add(&names);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.add_text(&call.tokens.to_string());
        visit::visit_macro(self, call);
    }
}
