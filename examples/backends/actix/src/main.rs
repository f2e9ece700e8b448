//! An API with Actix-web that knows who is signed in with Twofold: `/reports` by a JWT, `/payments` by introspection.
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web::get};
use biscuit::{ClaimPresenceOptions, Empty, JWT, Validation, ValidationOptions, jwa::SignatureAlgorithm::ES256, jwk::JWKSet};
use serde_json::{Value, json};
use std::{env::var, sync::LazyLock, sync::Mutex, time::Duration, time::Instant};

// By default the development values of the service, as `make dev` starts it.
static TWOFOLD: LazyLock<String> = LazyLock::new(|| var("TWOFOLD").unwrap_or("http://localhost:8000".into()));
static NAME: LazyLock<String> = LazyLock::new(|| var("NAME").unwrap_or("development".into()));
static SECRET: LazyLock<String> = LazyLock::new(|| var("SECRET").unwrap_or("development-only-secret-of-a-service".into()));
static HTTP: LazyLock<reqwest::Client> = LazyLock::new(|| reqwest::Client::builder().timeout(Duration::from_secs(5)).build().unwrap());
/// The keys of Twofold, and when they were fetched: at most once a minute, as anyone can send tokens with a made-up key id.
pub static KEYS: Mutex<(Option<Instant>, JWKSet<Empty>)> = Mutex::new((None, JWKSet { keys: Vec::new() }));

/// Verifies a JWT for this service; the error `None` refuses it. A session that has ended is noticed when the JWT expires.
async fn by_jwt(token: &str) -> Result<Value, Option<reqwest::Error>> {
    let (fetched_at, mut keys) = KEYS.lock().unwrap().clone();
    if fetched_at.is_none_or(|at| at.elapsed() >= Duration::from_mins(1)) {
        keys = HTTP.get(format!("{}/.well-known/jwks.json", *TWOFOLD)).send().await?.error_for_status()?.json().await?;
        *KEYS.lock().unwrap() = (Some(Instant::now()), keys.clone());
    }
    let token = JWT::<Value, Empty>::new_encoded(token).decode_with_jwks(&keys, Some(ES256)).ok().ok_or(None)?;
    let mut rules = ValidationOptions { claim_presence_options: ClaimPresenceOptions::strict(), ..Default::default() };
    rules.temporal_options.epsilon = chrono::TimeDelta::seconds(10);
    rules.issuer = Validation::Validate(TWOFOLD.clone());
    rules.audience = Validation::Validate(NAME.clone());
    let (header, claims) = token.validate(rules).map(|()| token.unwrap_decoded()).ok().ok_or(None)?;
    (header.registered.media_type.as_deref() == Some("at+jwt")).then(|| json!(claims)).ok_or(None)
}

/// Asks Twofold about a token of any kind. A session that has ended is noticed at once.
async fn by_introspection(token: &str) -> Result<Value, Option<reqwest::Error>> {
    let request = HTTP.post(format!("{}/oauth/introspect", *TWOFOLD)).basic_auth(&*NAME, Some(&*SECRET));
    let user: Value = request.form(&[("token", token)]).send().await?.error_for_status()?.json().await?;
    (user["active"] == true).then_some(user).ok_or(None)
}

/// `sub` is the account's id. Key on it, and never on an email address: an address can change hands.
async fn answer(request: HttpRequest, by: impl AsyncFn(&str) -> Result<Value, Option<reqwest::Error>>) -> HttpResponse {
    let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    match by(header.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or("none")).await {
        Ok(user) => HttpResponse::Ok().json(json!({ "owner": user["sub"], "level": user["acr"] })),
        Err(None) => HttpResponse::Unauthorized().insert_header(("WWW-Authenticate", "Bearer")).finish(),
        Err(Some(error)) => {
            eprintln!("{error:?}");
            HttpResponse::ServiceUnavailable().json(json!({ "message": "Please try again later." }))
        }
    }
}

#[actix_web::main]
pub async fn main() -> std::io::Result<()> {
    let reports = |request| answer(request, by_jwt);
    let payments = |request| answer(request, by_introspection);
    let routes = move || App::new().route("/reports", get().to(reports)).route("/payments", get().to(payments));
    let server = HttpServer::new(routes).bind(format!("127.0.0.1:{}", var("PORT").unwrap_or("9000".into())))?;
    println!("listening on http://{}", server.addrs()[0]);
    server.run().await
}
