"""Another implementation of JOSE, for the tests: a command in JSON on standard input, the outcome in JSON on standard output."""

import json
import sys

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm


def generate():
    key = Ed25519PrivateKey.generate()
    return {"private": OKPAlgorithm.to_jwk(key), "public": OKPAlgorithm.to_jwk(key.public_key())}


def sign(jwk, claims, headers):
    return jwt.encode(claims, OKPAlgorithm.from_jwk(json.dumps(jwk)), algorithm="EdDSA", headers=headers)


def verify(token, jwk, audience, issuer):
    try:
        return jwt.decode(
            token,
            OKPAlgorithm.from_jwk(json.dumps(jwk)),
            algorithms=["EdDSA"],
            audience=audience,
            issuer=issuer,
            options={"require": ["exp", "iat", "iss", "aud"]},
        )
    except jwt.InvalidTokenError as error:
        return {"refused": type(error).__name__}


command = json.load(sys.stdin)
json.dump({"generate": generate, "sign": sign, "verify": verify}[command.pop("do")](**command), sys.stdout)
