"""An API with FastAPI that knows who is signed in with Twofold: `/reports` by a JWT, `/payments` by introspection."""

import os
from typing import Annotated

import httpx
import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

# By default the development values of the service, as `make dev` starts it.
TWOFOLD = os.environ.get("TWOFOLD", "http://localhost:8000")
NAME = os.environ.get("NAME", "development")
SECRET = os.environ.get("SECRET", "development-only-secret-of-a-service")

keys = jwt.PyJWKClient(f"{TWOFOLD}/.well-known/jwks.json", lifespan=300, timeout=5)
service = httpx.Client(base_url=TWOFOLD, auth=(NAME, SECRET), timeout=5)
Token = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]
please_sign_in = HTTPException(401, "Please sign in.", {"WWW-Authenticate": "Bearer"})


def by_jwt(token: Token) -> dict:
    """Verifies a JWT for this service, without a request. A session that has ended is noticed when the JWT expires."""
    try:
        encoded = token.credentials if token else ""
        key = keys.get_signing_key_from_jwt(encoded)
        claims = jwt.decode_complete(
            encoded, key, algorithms=["ES256"], issuer=TWOFOLD, audience=NAME, options={"require": ["exp", "nbf", "sub"]}
        )
    except jwt.PyJWKClientConnectionError:
        raise HTTPException(503, "Please try again later.")
    except (jwt.InvalidTokenError, jwt.PyJWKClientError):
        raise please_sign_in
    if claims["header"].get("typ") != "at+jwt":
        raise please_sign_in
    return claims["payload"]


def by_introspection(token: Token) -> dict:
    """Asks Twofold about a token of any kind. A session that has ended is noticed at once."""
    response = service.post("/oauth/introspect", data={"token": token.credentials if token else "none"}).raise_for_status()
    user = response.json()
    if not user["active"]:
        raise please_sign_in
    return user


app = FastAPI()


# `sub` is the account's id. Key on it, and never on an email address: an address can change hands.
@app.get("/reports")
def reports(user: Annotated[dict, Depends(by_jwt)]):
    return {"owner": user["sub"], "level": user["acr"]}


@app.get("/payments")
def payments(user: Annotated[dict, Depends(by_introspection)]):
    return {"owner": user["sub"], "level": user["acr"]}
