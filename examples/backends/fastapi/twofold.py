"""Who is signed in with Twofold."""

import logging
import os
from typing import Annotated

import httpx
import jwt
from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

# By default the development values of the service, as `make dev` starts it.
TWOFOLD = os.environ.get("TWOFOLD", "http://localhost:8000")
NAME = os.environ.get("NAME", "development")
SECRET = os.environ.get("SECRET", "development-only-secret-of-a-service")

keys = jwt.PyJWKClient(f"{TWOFOLD}/.well-known/jwks.json", lifespan=300, timeout=5)
service = httpx.Client(base_url=TWOFOLD, auth=(NAME, SECRET), timeout=5)
# FastAPI answers 401 if there is no token.
Token = Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]
RULES = {"algorithms": ["ES256"], "issuer": TWOFOLD, "audience": NAME, "leeway": 10, "options": {"require": ["exp", "nbf", "sub"]}}


def please_sign_in() -> HTTPException:
    return HTTPException(401, "Please sign in.", {"WWW-Authenticate": "Bearer"})


def unavailable(error: Exception) -> HTTPException:
    """Twofold can't be reached or failed. The log says how; the caller can only try again."""
    logging.error("Twofold: %s", error)
    return HTTPException(503, "Please try again later.")


def by_jwt(token: Token) -> dict:
    """Verifies a JWT for this service, without a request. A session that has ended is noticed when the JWT expires."""
    try:
        key = keys.get_signing_key_from_jwt(token.credentials)
        verified = jwt.decode_complete(token.credentials, key, **RULES)
    except (jwt.PyJWKClientConnectionError, jwt.PyJWKSetError, ValueError) as error:
        raise unavailable(error)
    except (jwt.InvalidTokenError, jwt.PyJWKClientError):
        raise please_sign_in()
    if verified["header"].get("typ") != "at+jwt":
        raise please_sign_in()
    return verified["payload"]


def by_introspection(token: Token) -> dict:
    """Asks Twofold about a token of any kind. A session that has ended is noticed at once."""
    try:
        answer = service.post("/oauth/introspect", data={"token": token.credentials})
        user = answer.raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise unavailable(error)
    if not user["active"]:
        raise please_sign_in()
    return user
