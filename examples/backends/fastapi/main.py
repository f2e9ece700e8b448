"""An API with FastAPI that knows who is signed in with Twofold: `/reports` by a JWT, `/payments` by introspection."""

import logging
import os
from typing import Annotated

import httpx
import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

# By default the development values of the service, as `make dev` starts it.
TWOFOLD = os.environ.get("TWOFOLD", "http://localhost:8000")
NAME = os.environ.get("NAME", "development")
RULES = {"algorithms": ["ES256"], "issuer": TWOFOLD, "audience": NAME, "leeway": 10, "options": {"require": ["exp", "nbf", "sub"]}}
app = FastAPI()
keys = jwt.PyJWKClient(f"{TWOFOLD}/.well-known/jwks.json", lifespan=300, timeout=5)
service = httpx.Client(base_url=TWOFOLD, auth=(NAME, os.environ.get("SECRET", "development-only-secret-of-a-service")), timeout=5)
Token = Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]


def by_jwt(token: Token) -> dict:
    """Verifies a JWT for this service, without a request. A session that has ended is noticed when the JWT expires."""
    try:
        verified = jwt.decode_complete(token.credentials, keys.get_signing_key_from_jwt(token.credentials), **RULES)
    except (jwt.PyJWKClientConnectionError, jwt.PyJWKSetError, ValueError) as error:
        raise unavailable(error)
    except (jwt.InvalidTokenError, jwt.PyJWKClientError):
        raise HTTPException(401, "Please sign in.", {"WWW-Authenticate": "Bearer"})
    if verified["header"].get("typ") != "at+jwt":
        raise HTTPException(401, "Please sign in.", {"WWW-Authenticate": "Bearer"})
    return verified["payload"]


def by_introspection(token: Token) -> dict:
    """Asks Twofold about a token of any kind. A session that has ended is noticed at once."""
    try:
        user = service.post("/oauth/introspect", data={"token": token.credentials}).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise unavailable(error)
    if not user["active"]:
        raise HTTPException(401, "Please sign in.", {"WWW-Authenticate": "Bearer"})
    return user


def unavailable(error: Exception) -> HTTPException:
    logging.error("Twofold: %s", error)
    return HTTPException(503, "Please try again later.")


# `sub` is the account's id. Key on it, and never on an email address: an address can change hands.
@app.get("/reports")
def reports(user: Annotated[dict, Depends(by_jwt)]):
    return {"owner": user["sub"], "level": user["acr"]}


@app.get("/payments")
def payments(user: Annotated[dict, Depends(by_introspection)]):
    return {"owner": user["sub"], "level": user["acr"]}
