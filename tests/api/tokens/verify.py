"""Verifies a token with PyJWT, tries what it must refuse, and forges tokens for the service to refuse."""
import base64, hashlib, hmac, json, sys
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

asked = json.load(sys.stdin)
token, audience, issuer = asked["token"], asked["audience"], asked["issuer"]
key = jwt.PyJWKClient(asked["jwks"]).get_signing_key_from_jwt(token)
jwk = next(one for one in jwt.PyJWKClient(asked["jwks"]).fetch_data()["keys"] if one["kid"] == key.key_id)


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def verify(token, audience=audience, issuer=issuer):
    required = ["iss", "sub", "aud", "iat", "nbf", "exp", "jti"]
    claims = jwt.decode(token, key, algorithms=["ES256"], audience=audience, issuer=issuer, options={"require": required})
    if jwt.get_unverified_header(token)["typ"] != "at+jwt":
        raise jwt.InvalidTokenError("typ")
    return claims


def refuses(*arguments, **named):
    try:
        verify(*arguments, **named)
    except jwt.InvalidTokenError:
        return True
    return False


header, claims = jwt.get_unverified_header(token), verify(token)
payload = token.split(".")[1]
pem = key.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def signed_by_hmac():
    # PyJWT itself does not sign with a public key.
    signed = encode(json.dumps({**header, "alg": "HS256"}).encode()) + "." + payload
    return signed + "." + encode(hmac.new(pem, signed.encode(), hashlib.sha256).digest())


stranger = ec.generate_private_key(ec.SECP256R1())
forged = {
    "none": jwt.encode(claims, None, algorithm="none", headers=header | {"alg": "none"}),
    "hmac": signed_by_hmac(),
    "signature": jwt.encode(claims, stranger, algorithm="ES256", headers=header),
}
members = json.dumps({name: jwk[name] for name in ["crv", "kty", "x", "y"]}, separators=(",", ":"), sort_keys=True)
refused = {attack: refuses(forgery) for attack, forgery in forged.items()}
refused |= {"audience": refuses(token, audience="reports"), "issuer": refuses(token, issuer="https://other.example")}
refused["type"] = refuses(jwt.encode(claims, stranger, algorithm="ES256", headers=header | {"typ": "JWT"}))
json.dump({
    "claims": claims, "header": header, "refused": refused, "forged": forged,
    "thumbprint": encode(hashlib.sha256(members.encode()).digest()),
}, sys.stdout)
