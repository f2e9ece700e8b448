//! `local-mongod dev`: a command that runs with a database, as developers start the service.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a failed helper is a failed test")]

#[expect(dead_code, reason = "other tests use the rest")]
#[path = "../../../tests/api/harness/wait.rs"]
mod wait;

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use bson::{Document, doc};
use local_mongod::Mongod;
use mongodb::Client;
use wait::{Lines, PATIENCE, output, output_of};

const PASSWORD: &str = "a-password-that-is-never-told";

/// A folder with a `.env` in it, and ports of its own.
struct Project {
    folder: PathBuf,
    database_port: u16,
}

impl Project {
    fn new(name: &str) -> Self {
        let project = Self {
            folder: PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name),
            database_port: unused_port(),
        };
        let _absent = fs::remove_dir_all(&project.folder);
        fs::create_dir_all(&project.folder).unwrap();
        project.say(&project.database_url());
        project
    }

    fn database_url(&self) -> String {
        format!("mongodb://admin:{PASSWORD}@localhost:{}/?authSource=admin", self.database_port)
    }

    fn say(&self, database_url: &str) {
        let root = format!(
            "MONGO_INITDB_ROOT_USERNAME=admin\nMONGO_INITDB_ROOT_PASSWORD={PASSWORD}\n\
             DATABASE_URL={database_url}\nHOST=127.0.0.1\nPORT={}\n",
            unused_port()
        );
        fs::write(self.folder.join(".env"), root).unwrap();
    }

    fn dev(&self, script: &str) -> Command {
        let mut dev = Command::new(env!("CARGO_BIN_EXE_local-mongod"));
        dev.args(["dev", "--", "sh", "-c", script]).current_dir(&self.folder);
        for name in ["DATABASE_URL", "HOST", "PORT"] {
            dev.env_remove(name);
        }
        for name in ["MONGO_INITDB_ROOT_USERNAME", "MONGO_INITDB_ROOT_PASSWORD"] {
            dev.env_remove(name);
        }
        dev.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        dev
    }

    async fn things(&self) -> mongodb::Collection<Document> {
        let client = Client::with_uri_str(self.database_url()).await.unwrap();
        client.database("test").collection("things")
    }

    fn database_is_up(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.database_port)).is_ok()
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.folder);
    }
}

fn unused_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Waits until the command says that it runs.
fn wait_for_command(dev: &mut Child) {
    let lines = Lines::of(dev.stdout.take().unwrap(), PATIENCE);
    assert_eq!(lines.next("the command runs").as_deref(), Some("running"));
}

/// What was told, which is to be one line, without the password.
fn told(output: &Output) -> String {
    let told = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(!told.contains(PASSWORD), "{told}");
    told
}

#[tokio::test]
async fn the_command_has_a_database_whose_data_the_next_one_finds() {
    let project = Project::new("dev-data");
    for earlier in 0..2 {
        let mut dev = project.dev("echo running; read -r _; exit 7").spawn().unwrap();
        wait_for_command(&mut dev);
        let things = project.things().await;
        assert_eq!(things.count_documents(doc! {}).await.unwrap(), earlier);
        things.insert_one(doc! { "a": 1 }).await.unwrap();

        let output = output_of(dev); // which closes the command's input

        assert_eq!(output.status.code(), Some(7));
        assert!(told(&output).starts_with("Started a database at localhost:"));
        assert!(!project.database_is_up());
    }
}

#[test]
fn whoever_asks_it_to_end_ends_the_command_first() {
    let project = Project::new("dev-signal");
    let mut dev = project
        .dev("trap 'exit 9' TERM; echo running; while :; do sleep 0.1; done")
        .spawn()
        .unwrap();
    wait_for_command(&mut dev);
    assert!(project.database_is_up());

    let kill = format!("kill -s TERM {}", dev.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());

    assert_eq!(output_of(dev).status.code(), Some(9));
    assert!(!project.database_is_up());
}

#[tokio::test]
async fn a_database_that_answers_is_used_as_it_is() {
    let mongod = Mongod::temporary(env!("CARGO_TARGET_TMPDIR"))
        .root_user("admin", PASSWORD)
        .start()
        .await
        .unwrap();
    let project = Project::new("dev-used");
    project.say(&mongod.uri());

    let output = output(&mut project.dev("exit 0"));

    assert!(output.status.success());
    let address = format!("127.0.0.1:{}", mongod.port());
    assert_eq!(told(&output), format!("Using the running database at {address}.\n"));
    assert!(!project.folder.join(".data").exists());
}

#[tokio::test]
async fn a_database_that_refuses_the_credentials_is_told() {
    let mongod = Mongod::temporary(env!("CARGO_TARGET_TMPDIR"))
        .root_user("admin", "another")
        .start()
        .await
        .unwrap();
    let project = Project::new("dev-refused");
    project.say(&mongod.uri().replace("another", PASSWORD));

    let output = output(&mut project.dev("exit 0"));

    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output).contains("refuses the credentials of DATABASE_URL. To fix this, "));
}

#[test]
fn a_database_port_held_by_something_else_is_told() {
    let project = Project::new("dev-other");
    let _held = TcpListener::bind(("127.0.0.1", project.database_port)).unwrap();
    let output = output(&mut project.dev("exit 0"));
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output).contains("is not a MongoDB, or does not answer. To fix this, "));
}

#[test]
fn a_taken_port_of_the_service_is_told_before_anything_is_started() {
    let project = Project::new("dev-port");
    let held = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = held.local_addr().unwrap().port().to_string();
    let output = output(project.dev("exit 0").env("PORT", &port));
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output).starts_with(&format!("Port {port}, which the service needs, is in use")));
    assert!(!project.folder.join(".data").exists());
}

#[test]
fn a_database_elsewhere_is_left_to_the_command() {
    let project = Project::new("dev-elsewhere");
    project.say("mongodb://admin:secret@database.invalid:27017/");
    let output = output(&mut project.dev("exit 0"));
    assert!(output.status.success());
    assert!(told(&output).starts_with("Using the database of DATABASE_URL"));
}
