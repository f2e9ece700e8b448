//! Settings that cannot be used are refused with a reason, and no reason repeats a secret.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::harness::program;

/// Both halves of a password, with a character between them that has to be percent-encoded.
const HALVES: [&str; 2] = ["Zq7vK3xW", "9mLp2RtY"];

/// Connection strings that cannot be used, with a `{p}` for the password.
const MALFORMED: &[&str] = &[
    "{p}",
    "mongodb:{p}",
    "http://ada:{p}@localhost/",
    "{p}://localhost/",
    "mongo://ada:{p}@localhost",
    "MONGODB://ada:{p}@localhost/",
    "mongodb://ada:{p}@",
    "mongodb://ada:{p}@/",
    "mongodb://ada:{p}@:27017",
    "mongodb://ada:{p}@localhost,,other/",
    "mongodb://ada:{p}@localhost:70000",
    "mongodb://ada:{p}@localhost:0",
    "mongodb://ada:{p}@localhost:",
    "mongodb://localhost:{p}/",
    "mongodb://ada:{p}/",
    "mongodb://ada:{p}",
    "mongodb://[{p}]/",
    "mongodb://[::1]{p}/",
    "mongodb://[::1/{p}",
    "mongodb://ada:{p}@[::1/",
    "mongodb://localhost/{p}$",
    "mongodb://:{p}@localhost/",
    "mongodb+srv://ada:{p}@localhost:27017/",
    "mongodb+srv://ada:{p}@one,two/",
    "mongodb+srv://ada:{p}@%2Ftmp%2Fmongodb.sock/",
    "mongodb://localhost/?password={p}",
    "mongodb://localhost/?{p}=1",
    "mongodb://localhost/?{p}",
    "mongodb://localhost/?tls=true&{p}",
    "mongodb://localhost/?tls=true&retryWrite={p}",
    "mongodb://localhost/?tls={p}",
    "mongodb://localhost/?readPreference={p}",
    "mongodb://ada:pw@localhost/?authMechanism={p}",
    "mongodb://localhost/?authMechanism=MONGODB-X509&authMechanismProperties={p}",
    "mongodb://localhost/?maxPoolSize={p}",
    "mongodb://localhost/?maxPoolSize=0&appName={p}",
    "mongodb://localhost/?proxyPassword={p}",
    "mongodb://localhost/?tls=true&tls={p}",
    "mongodb://localhost/?readPreferenceTags={p}",
    "mongodb://localhost/?compressors={p}",
    "mongodb://one,two/?appName={p}&directConnection=true",
    "mongodb://localhost/?heartbeatFrequencyMS=1&appName={p}",
    "mongodb://localhost/?socketTimeoutMS=5&replicaSet={p}",
    "mongodb://localhost/?tlsCertificateKeyFilePassword={p}&{p}",
    "mongodb://localhost/?serverMonitoringMode={p}",
    "mongodb://localhost/?srvServiceName={p}",
    "mongodb://localhost/?ssl=false&tls=true&appName={p}",
];

/// Connection strings that cannot be used, with the password in them.
fn malformed() -> Vec<String> {
    let [a, b] = HALVES;
    let mut urls: Vec<String> =
        ["@", ":", "/", "%", "?", "#", "[", "]", "%g", "%€", "%zz", "@:", "/@", "?&=", "?x=1&"]
            .iter()
            .flat_map(|between| {
                let password = format!("{a}{between}{b}");
                [
                    format!("mongodb://ada:{password}@localhost:27017/twofold?authSource=admin"),
                    format!("mongodb://{password}:pw@localhost/"),
                    format!("mongodb+srv://ada:{password}@cluster.example.com/"),
                    format!(
                        "mongodb://ada:{password}@one.example.com:27017,two.example.com/?tls=true"
                    ),
                ]
            })
            .collect();
    // The first ? of a password of digits leaves a string that a driver accepts.
    urls.push(format!("mongodb://ada:12345?appName={a}{b}@localhost/"));
    urls.extend(MALFORMED.iter().map(|url| url.replace("{p}", &format!("{a}{b}"))));
    urls
}

fn settings(command: &mut Command) -> &mut Command {
    command
        .env("APP_ENV", "development")
        .env("MONGO_INITDB_DATABASE", "twofold")
        .env("LOG", "trace")
        .env("SEALING_KEYS", "k:dGhlIHNlYWxpbmcga2V5IG9mIHRoZSB0ZXN0IHN1aXQ=")
}

/// Whatever the command wrote; it must have failed, and not by a panic.
#[track_caller]
fn complaint(ran: &Output, about: &str) -> String {
    let said =
        [&ran.stdout, &ran.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat();
    let code = ran.status.code();
    assert!(matches!(code, Some(1 | 2)), "{about} ended with {code:?}: {said}");
    for half in HALVES {
        for piece in half.as_bytes().windows(4).map(|piece| std::str::from_utf8(piece).unwrap()) {
            let shown = said.to_lowercase().contains(&piece.to_lowercase());
            assert!(!shown, "{about} shows {piece}: {said}");
        }
    }
    said
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn a_malformed_connection_string_is_refused_without_a_piece_of_it() {
    let file = folder("malformed-url").join("url");
    for url in malformed() {
        let ran = settings(&mut program())
            .arg("check-config")
            .env("DATABASE_URL", &url)
            .output()
            .unwrap();
        let said = complaint(&ran, &format!("check-config with {url}"));
        assert!(said.contains("\n  DATABASE_URL "), "{url}: {said}");
        fs::write(&file, &url).unwrap();
        let from_file = ["import", "--db", "x", "--from-file", file.to_str().unwrap()];
        let ran = settings(&mut program())
            .args(from_file)
            .env("DATABASE_URL", "mongodb://127.0.0.1:1/")
            .output()
            .unwrap();
        assert!(
            complaint(&ran, &format!("import with {url}")).contains("The source cannot be used")
        );
    }
}

#[test]
fn no_command_shows_a_piece_of_a_malformed_connection_string() {
    let [a, b] = HALVES;
    let here = folder("malformed-dotenv");
    let file = here.join("url");
    for url in [
        format!("mongodb://ada:{a}%{b}@localhost/"),
        format!("mongodb://ada:{a}?{b}@localhost/"),
        format!("mongodb://localhost/?password={a}{b}"),
    ] {
        fs::write(&file, &url).unwrap();
        fs::write(here.join(".env"), format!("DATABASE_URL='{url}'\n")).unwrap();
        for arguments in [
            &[][..],
            &["serve"],
            &["check-config"],
            &["users", "list", "--json"],
            &["users", "show", "ada@example.com"],
            &["keys", "rotate"],
            &["import", "--db", "x", "--json", "--from", "mongodb://127.0.0.1:1/"],
        ] {
            let in_environment =
                settings(&mut program()).env("DATABASE_URL", &url).args(arguments).output();
            let in_file =
                settings(&mut program()).env("DATABASE_URL_FILE", &file).args(arguments).output();
            let in_dotenv = settings(&mut program()).current_dir(&here).args(arguments).output();
            for ran in [in_environment, in_file, in_dotenv] {
                let said = complaint(&ran.unwrap(), &format!("{arguments:?} with {url}"));
                assert!(said.contains("DATABASE_URL "), "{arguments:?} with {url}: {said}");
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn a_setting_that_is_not_utf_8_is_refused_by_its_name() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let [a, b] = HALVES;
    let url = [b"mongodb://ada:", a.as_bytes(), b"\xff", b.as_bytes(), b"@localhost/"].concat();
    let ran = settings(&mut program())
        .arg("check-config")
        .env("DATABASE_URL", OsStr::from_bytes(&url))
        .output()
        .unwrap();
    assert!(complaint(&ran, "check-config").contains("DATABASE_URL is not valid UTF-8"));
    // What is no setting is nobody's business.
    let ran = settings(&mut program())
        .arg("check-config")
        .env("DATABASE_URL", "mongodb://localhost/")
        .env("OTHER", OsStr::from_bytes(b"\xff"))
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
}

#[test]
fn the_reason_names_the_part_or_the_option() {
    for (url, reason) in [
        ("postgres://localhost/", "must begin with mongodb://"),
        ("mongodb://ada:p@ss@localhost/", "percent-encoded: % as %25"),
        ("mongodb://localhost,:27017/", "host number 2 is empty"),
        ("mongodb://localhost:port/", "the port of host number 1 is not valid"),
        ("mongodb+srv://example.com:27017/", "without a port, after mongodb+srv://"),
        ("mongodb://localhost/two fold", "a valid database name"),
        ("mongodb://localhost/?tls", "option number 1 after the ? is not"),
        ("mongodb://localhost/?tls=true&retrywrite=true", "unknown option (number 2"),
        (
            "mongodb://ada:pw@localhost/?authMechanism=SCRAM-SHA-256&TLS=maybe",
            "used: tls has an invalid value",
        ),
        ("mongodb://one,two/?replicaSet=x&directConnection=true", "used: directConnection has"),
        ("mongodb://localhost/?w=majority&maxStalenessSeconds=90", "used: maxStalenessSeconds has"),
        ("mongodb://localhost/?tls=true&w=x&TLS=true", "used: tls has"),
        (
            "mongodb://localhost/?readPreferenceTags=dc:ny&tls=maybe&readPreference=nearest",
            "used: tls has",
        ),
    ] {
        let ran =
            settings(&mut program()).arg("check-config").env("DATABASE_URL", url).output().unwrap();
        let said = complaint(&ran, url);
        assert!(said.contains("DATABASE_URL ") && said.contains(reason), "{url}: {said}");
    }
    for url in [
        "mongodb://ada:p%40ss@localhost:27017/twofold?authSource=admin&retryWrites=true",
        "mongodb://one,two:27018,[::1]:27019/?replicaSet=rs0&readPreference=nearest&maxStalenessSeconds=120",
        "mongodb://%2Ftmp%2Fmongodb-27017.sock/?directConnection=true",
        "mongodb+srv://ada:pässword@cluster.example.com/?retryWrites=true&w=majority",
    ] {
        let ran =
            settings(&mut program()).arg("check-config").env("DATABASE_URL", url).output().unwrap();
        assert!(ran.status.success(), "{url}: {}", String::from_utf8_lossy(&ran.stderr));
    }
}

#[test]
fn settings_that_contradict_each_other_are_told_with_all_other_faults() {
    let ran = program()
        .arg("check-config")
        .env("DATABASE_URL", "mongodb://localhost:x/")
        .env("MONGO_INITDB_DATABASE", "twofold")
        .env("SEALING_KEYS", "k:dGhlIHNlYWxpbmcga2V5IG9mIHRoZSB0ZXN0IHN1aXQ=")
        .env("PUBLIC_ORIGIN", "https://auth.example.com")
        .env("CLIENT_ORIGIN", "https://app.example.com, http://localhost:3000")
        .env("TRUSTED_PROXIES", "proxy, 10.0.0.1, 10.0.0.0/99")
        .env("IMPORT_URL", "nonsense")
        .envs([("SESSION_IDLE", "25h"), ("TOKEN_LIFETIME", "59m")])
        .output()
        .unwrap();
    let said = complaint(&ran, "check-config");
    for fault in [
        "DATABASE_URL must have",
        "CLIENT_ORIGIN must be https in production",
        "TRUSTED_PROXIES must be addresses or networks",
        "IMPORT_URL must begin with",
        "SESSION_IDLE must not be longer than SESSION_LIFETIME",
        "TOKEN_IDLE must not be longer than TOKEN_LIFETIME",
    ] {
        let times = said.matches(&format!("\n  {fault}")).count();
        assert_eq!(times, 1, "{fault} is there {times} times in {said}");
    }
    let ran = settings(&mut program())
        .arg("check-config")
        .env("DATABASE_URL", "mongodb://localhost/")
        .envs([
            ("SESSION_IDLE", "2h"),
            ("SESSION_LIFETIME", "2h"),
            ("CLIENT_ORIGIN", "http://localhost:3000"),
        ])
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}
