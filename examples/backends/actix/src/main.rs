//! An API with Actix-web that knows who is signed in with Twofold: `/reports` by a JWT, `/payments` by introspection.
mod keys;
mod twofold;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, get, http::header::WWW_AUTHENTICATE};
use serde_json::{Value, json};

#[get("/reports")]
async fn reports(request: HttpRequest) -> HttpResponse {
    answer(twofold::by_jwt(token_of(&request)).await)
}

#[get("/payments")]
async fn payments(request: HttpRequest) -> HttpResponse {
    answer(twofold::by_introspection(token_of(&request)).await)
}

/// The token of `Authorization: Bearer …`.
fn token_of(request: &HttpRequest) -> &str {
    let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let (scheme, token) = header.and_then(|value| value.split_once(' ')).unwrap_or_default();
    if scheme.eq_ignore_ascii_case("bearer") { token } else { "none" }
}

/// `sub` is the account's id. Key on it, and never on an email address: an address can change hands.
fn answer(user: reqwest::Result<Option<Value>>) -> HttpResponse {
    match user {
        Ok(Some(user)) => {
            HttpResponse::Ok().json(json!({ "owner": user["sub"], "level": user["acr"] }))
        }
        Ok(None) => HttpResponse::Unauthorized()
            .insert_header((WWW_AUTHENTICATE, "Bearer"))
            .json(json!({ "message": "Please sign in." })),
        // Twofold can't be reached or failed. The log says how; the caller can only try again.
        Err(error) => {
            eprintln!("{error:?}");
            HttpResponse::ServiceUnavailable().json(json!({ "message": "Please try again later." }))
        }
    }
}

#[actix_web::main]
pub async fn main() -> std::io::Result<()> {
    let server = HttpServer::new(|| App::new().service(reports).service(payments));
    let server = server.bind(format!("127.0.0.1:{}", twofold::setting("PORT", "9000")))?;
    println!("listening on http://{}", server.addrs()[0]);
    server.run().await
}
