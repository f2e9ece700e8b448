//! An API with Actix-web that knows who is signed in with Twofold: `/reports` by a JWT, `/payments` by introspection.
mod twofold;

use actix_web::error::{ErrorServiceUnavailable, ErrorUnauthorized};
use actix_web::{App, Error, HttpRequest, HttpServer, get, web::Json};
use serde_json::{Value, json};

#[get("/reports")]
async fn reports(request: HttpRequest) -> Result<Json<Value>, Error> {
    answer(twofold::by_jwt(token_of(&request)).await)
}

#[get("/payments")]
async fn payments(request: HttpRequest) -> Result<Json<Value>, Error> {
    answer(twofold::by_introspection(token_of(&request)).await)
}

/// The token of `Authorization: Bearer …`.
fn token_of(request: &HttpRequest) -> &str {
    let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    header.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or("none")
}

/// `sub` is the account's id. Key on it, and never on an email address: an address can change hands.
fn answer(user: reqwest::Result<Option<Value>>) -> Result<Json<Value>, Error> {
    let user = user.map_err(ErrorServiceUnavailable)?;
    let user = user.ok_or_else(|| ErrorUnauthorized("Please sign in."))?;
    Ok(Json(json!({ "owner": user["sub"], "level": user["acr"] })))
}

#[actix_web::main]
pub async fn main() -> std::io::Result<()> {
    let server = HttpServer::new(|| App::new().service(reports).service(payments));
    let server = server.bind(format!("127.0.0.1:{}", twofold::setting("PORT", "9000")))?;
    println!("listening on http://{}", server.addrs()[0]);
    server.run().await
}
