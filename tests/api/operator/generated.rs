//! `twofold completions` and `twofold man`.

use crate::harness::{output, program};

/// What a command prints, without any setting.
fn printed(arguments: &[&str]) -> String {
    let ran = output(program().args(arguments));
    assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn every_shell_has_completions_for_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = printed(&["completions", shell]);
        for word in ["check-config", "reset-otp", "search", "rotate", "password-file", "min-count"]
        {
            assert!(script.contains(word), "{word} is not in the script for {shell}");
        }
    }
}

#[test]
fn the_manual_page_describes_every_command_the_settings_and_the_exit_codes() {
    let page = printed(&["man"]).replace('\\', "");
    assert!(page.contains(".TH twofold"));
    for text in [
        ".SH TWOFOLD CHECK-CONFIG",
        ".SH TWOFOLD USERS RESET-OTP",
        ".SH TWOFOLD KEYS ROTATE",
        ".SH TWOFOLD PASSWORDS BUILD",
        "--password-file",
        "SEALING_KEYS",
        "no such account",
    ] {
        assert!(page.contains(text), "{text} is not in {page}");
    }
}
