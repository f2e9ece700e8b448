//! A real `mongod`, started and ended in every way.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a failed helper is a failed test")]

#[path = "../../../tests/api/harness/wait.rs"]
mod wait;

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use bson::{Document, doc};
use local_mongod::{Builder, Mongod};
use mongodb::{Client, options::WriteConcern};
use wait::{Lines, PATIENCE, output, until, within};

fn temporary() -> Builder {
    Mongod::temporary(env!("CARGO_TARGET_TMPDIR"))
}

async fn things(uri: &str) -> mongodb::Collection<Document> {
    Client::with_uri_str(uri).await.unwrap().database("test").collection("things")
}

#[tokio::test]
async fn a_temporary_one_answers_and_leaves_nothing_behind() {
    let mongod = temporary().start().await.unwrap();
    let (folder, port) = (mongod.folder().to_owned(), mongod.port());
    things(&mongod.uri()).await.insert_one(doc! { "a": 1 }).await.unwrap();
    assert!(folder.exists());
    drop(mongod);
    assert!(!folder.exists() && TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[tokio::test]
async fn with_a_root_user_nobody_else_is_let_in() {
    let mongod = temporary().root_user("admin", "password123").start().await.unwrap();
    things(&mongod.uri()).await.insert_one(doc! { "a": 1 }).await.unwrap();
    let anonymous = format!("mongodb://127.0.0.1:{}/", mongod.port());
    assert!(things(&anonymous).await.insert_one(doc! { "a": 1 }).await.is_err());
}

#[tokio::test]
async fn data_stay_over_a_stop_and_in_a_folder_that_is_kept() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kept");
    let _absent = std::fs::remove_dir_all(&folder);
    let keeping = || Mongod::keeping(&folder).root_user("admin", "password123");
    let mut mongod = keeping().start().await.unwrap();
    things(&mongod.uri()).await.insert_one(doc! { "a": 1 }).await.unwrap();
    mongod.stop().await.unwrap();
    mongod.start().await.unwrap();
    assert_eq!(things(&mongod.uri()).await.count_documents(doc! {}).await.unwrap(), 1);
    drop(mongod);
    let again = keeping().start().await.unwrap();
    assert_eq!(things(&again.uri()).await.count_documents(doc! {}).await.unwrap(), 1);
    drop(again);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn a_replica_set_elects_another_primary_when_its_own_is_killed() {
    let members = temporary().root_user("admin", "password123").parameter("enableTestCommands=1");
    let mut set = members.start_replica_set(3).await.unwrap();
    things(&set.uri()).await.insert_one(doc! { "a": 1 }).await.unwrap();
    let killed = set.kill_primary().await.unwrap();
    assert_ne!(set.primary().await.unwrap(), killed);
    let all = things(&set.uri()).await.count_documents(doc! {}).await.unwrap();
    assert_eq!(all, 1);
    set.member(killed).unwrap().start().await.unwrap();
}

#[tokio::test]
async fn a_paused_one_answers_nothing_until_it_is_resumed() {
    let mut mongod = temporary().start().await.unwrap();
    let things = things(&mongod.uri()).await;
    things.insert_one(doc! { "a": 1 }).await.unwrap();

    mongod.pause().unwrap();
    let count = || things.count_documents(doc! {}).into_future();
    assert!(tokio::time::timeout(Duration::from_millis(300), count()).await.is_err());
    mongod.resume().unwrap();

    let counted = within(PATIENCE, "it answers again", count()).await;
    assert_eq!(counted.unwrap(), 1);
}

#[tokio::test]
async fn a_killed_one_starts_again_with_what_was_journaled() {
    let mut mongod = temporary().root_user("admin", "password123").start().await.unwrap();
    let journaled = WriteConcern::builder().journal(true).build();
    let things_before = things(&mongod.uri()).await;
    things_before.insert_one(doc! { "a": 1 }).write_concern(journaled).await.unwrap();
    mongod.kill().await.unwrap();
    assert!(mongod.pause().is_err());
    mongod.start().await.unwrap();
    assert_eq!(things(&mongod.uri()).await.count_documents(doc! {}).await.unwrap(), 1);
}

#[tokio::test]
async fn data_of_another_root_user_are_told() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("other-user");
    let _absent = std::fs::remove_dir_all(&folder);
    let keeping = |password| Mongod::keeping(&folder).root_user("admin", password).start();
    drop(keeping("password123").await.unwrap());
    let told = keeping("another").await.err().unwrap().to_string();
    assert!(told.contains("another root user or password. To fix this,"), "{told}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn a_taken_port_is_told_in_one_sentence_with_the_ways_out() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let told = temporary().port(port).start().await.err().unwrap().to_string();
    assert!(told.contains(&port.to_string()) && told.contains("To fix this,"), "{told}");
    assert_eq!(told.lines().count(), 1);
}

#[tokio::test]
async fn a_mongod_of_the_variable_s_that_does_not_run_is_told() {
    let mut path = Command::new(env!("CARGO_BIN_EXE_local-mongod"));
    let ran = output(path.arg("path").env("MONGOD", "/nowhere/mongod"));
    let told = String::from_utf8(ran.stderr).unwrap();
    assert!(
        !ran.status.success() && told.contains("$MONGOD") && told.contains("To fix this,"),
        "{told}"
    );
}

#[tokio::test]
async fn none_outlives_its_owner_even_when_that_is_killed() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("owner");
    let _absent = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let mut owner = Command::new(env!("CARGO_BIN_EXE_local-mongod"))
        .arg("run")
        .env("TMPDIR", &folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let uri = Lines::of(owner.stdout.take().unwrap(), PATIENCE).next("it answers").unwrap();
    let port = uri.trim_end_matches('/').rsplit_once(':').unwrap().1.parse::<u16>().unwrap();
    let answers = || TcpStream::connect(("127.0.0.1", port)).is_ok();
    let entries = || std::fs::read_dir(&folder).unwrap().count();
    assert!(answers() && entries() == 1);

    owner.kill().unwrap();
    owner.wait().unwrap();

    let gone = async || !answers() && entries() == 0;
    until("the mongod and its data end with their owner", gone).await;
    std::fs::remove_dir(&folder).unwrap();
}

#[tokio::test]
async fn it_may_open_more_files_than_the_soft_limit_of_its_owner_allows() {
    let owner = r#"ulimit -Sn 256 && exec "$0" run"#;
    let mut owner = Command::new("sh")
        .args(["-c", owner, env!("CARGO_BIN_EXE_local-mongod")])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let uri = Lines::of(owner.stdout.take().unwrap(), PATIENCE).next("it answers").unwrap();
    let admin = Client::with_uri_str(&uri).await.unwrap().database("admin");
    let status = admin.run_command(doc! { "serverStatus": 1 }).await.unwrap();
    owner.kill().unwrap();
    owner.wait().unwrap();

    // mongod derives the connections that it accepts from the files that it may open.
    let connections = status.get_document("connections").unwrap();
    let accepted = connections.get_i32("available").unwrap();
    assert!(accepted > 256, "it accepts {accepted} connections");
}

/// Whether every thread of a process is stopped, by the state after the name in parentheses.
#[cfg(target_os = "linux")]
fn has_stopped(process: i64) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    threads
        .filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("stat")).ok())
        .all(|stat| stat.rsplit_once(") ").unwrap().1.starts_with('T'))
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_busy_one_has_stopped_once_it_is_paused() {
    let mut mongod = temporary().start().await.unwrap();
    let client = Client::with_uri_str(mongod.uri()).await.unwrap();
    let status = client.database("admin").run_command(doc! { "serverStatus": 1 }).await.unwrap();
    let process = status.get_i64("pid").unwrap();
    let busy: Vec<_> = (0..8)
        .map(|_| {
            let numbers = doc! { "$range": [0, 500_000] };
            let sum = doc! { "$documents": [{ "sum": { "$sum": numbers } }] };
            let work = doc! { "aggregate": 1, "pipeline": [sum], "cursor": {} };
            let admin = client.database("admin");
            tokio::spawn(async move { while admin.run_command(work.clone()).await.is_ok() {} })
        })
        .collect();
    for _ in 0..100 {
        mongod.pause().unwrap();
        let stopped = has_stopped(process);
        mongod.resume().unwrap();
        assert!(stopped, "a thread still runs");
        tokio::task::yield_now().await;
    }
    busy.iter().for_each(tokio::task::JoinHandle::abort);
}
