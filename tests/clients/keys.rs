//! Signing keys, tokens made with them, and a server of keys.

use std::time::Duration;

use data_encoding::{BASE64, BASE64URL_NOPAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::wait::PATIENCE;
use crate::harness::{output, program, within};

/// A key that signs tokens, with any header and any claims.
pub struct Key {
    /// As the service's setting has it: `id:base64`.
    pub setting: String,
    pair: EcdsaKeyPair,
}

impl Key {
    pub fn generate() -> Self {
        let made = output(program().args(["keys", "new", "--signing"]));
        let setting = String::from_utf8(made.stdout).unwrap().trim().to_owned();
        let der = BASE64.decode(setting.split_once(':').unwrap().1.as_bytes()).unwrap();
        let (kind, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        Self { setting, pair: EcdsaKeyPair::from_pkcs8(kind, &der, &random).unwrap() }
    }

    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", encoded(header), encoded(claims));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
    }

    /// The public key, named `kid`.
    pub fn published(&self, kid: &str) -> Value {
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        let [x, y] = [x, y].map(|number| BASE64URL_NOPAD.encode(number));
        json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": kid, "x": x, "y": y })
    }
}

fn encoded(part: &Value) -> String {
    BASE64URL_NOPAD.encode(part.to_string().as_bytes())
}

/// The header and the claims of a token.
pub fn parts(token: &str) -> [Value; 2] {
    let decoded = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).unwrap();
    let mut parts = token.split('.').map(|part| serde_json::from_slice(&decoded(part)));
    [(); 2].map(|()| parts.next().unwrap().unwrap())
}

/// The token with another header, and then with another claim: their signatures no longer fit.
pub fn forged(token: &str) -> [String; 3] {
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let none = encoded(&json!({ "alg": "none", "typ": "at+jwt" }));
    let [_, mut other] = parts(token);
    other["sub"] = json!("000000000000000000000000");
    [
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        format!("{header}.{}.{signature}", encoded(&other)),
    ]
}

/// A service that a test answers for.
pub struct Twofold {
    pub url: String,
    listener: TcpListener,
}

impl Twofold {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { url: format!("http://{}", listener.local_addr().unwrap()), listener }
    }

    /// The next request.
    pub async fn asked(&self) -> Asked {
        let accepted = within(PATIENCE, "the service is asked", self.listener.accept());
        Asked(accepted.await.unwrap().0)
    }

    /// Whether there is another request.
    pub async fn is_asked(&self) -> bool {
        tokio::time::timeout(Duration::ZERO, self.listener.accept()).await.is_ok()
    }
}

/// A request that waits for its answer.
pub struct Asked(TcpStream);

impl Asked {
    pub async fn answer(mut self, body: &str) {
        let mut head = Vec::new();
        while !head.windows(4).any(|end| end == b"\r\n\r\n") {
            assert!(self.0.read_buf(&mut head).await.unwrap() > 0, "the request ends early");
        }
        let length = body.len();
        let head =
            format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
        self.0.write_all((head + body).as_bytes()).await.unwrap();
        self.0.shutdown().await.unwrap();
    }
}
