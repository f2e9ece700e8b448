"""An API with FastAPI that knows who is signed in with Twofold: `/reports` by a JWT, `/payments` by introspection."""

from typing import Annotated

from fastapi import Depends, FastAPI

from twofold import by_introspection, by_jwt

app = FastAPI()


# `sub` is the account's id. Key on it, and never on an email address: an address can change hands.
@app.get("/reports")
def reports(user: Annotated[dict, Depends(by_jwt)]):
    return {"owner": user["sub"], "level": user["acr"]}


@app.get("/payments")
def payments(user: Annotated[dict, Depends(by_introspection)]):
    return {"owner": user["sub"], "level": user["acr"]}
