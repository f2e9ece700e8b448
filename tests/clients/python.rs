//! Python, and packages for it below the target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use crate::harness::output;

/// What was installed in a folder.
const INSTALLED: &str = "installed.txt";

/// One installation at a time.
static INSTALLING: Mutex<()> = Mutex::new(());

/// Python, with some packages installed. `None` on a machine that has no Python of 3.10 or later with pip; says so.
pub fn python(folder: &str, requirements: &[&str]) -> Option<impl Fn() -> Command + use<>> {
    let version = output(
        Command::new("python3").args(["-c", "import pip, sys; assert sys.version_info >= (3, 10)"]),
    );
    if !version.status.success() {
        eprintln!("skipped: this test needs Python 3.10 or later with pip");
        return None;
    }
    let _turn = INSTALLING.lock();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python").join(folder);
    let wanted = requirements.join("\n");
    if fs::read_to_string(folder.join(INSTALLED)).ok().as_ref() != Some(&wanted) {
        let _absent = fs::remove_dir_all(&folder);
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--target"]);
        let installed = output(pip.arg(&folder).args(requirements));
        assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
        fs::write(folder.join(INSTALLED), wanted).unwrap();
    }
    Some(move || {
        let mut python = Command::new("python3");
        python.env("PYTHONPATH", &folder);
        python
    })
}

/// The folder of a program that is generated.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages").join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}
