"""Checking what a directory signed: with its published keys, for us, for this visit (OpenID Connect Core, 3.1.3.7).

Signatures and claims are checked by joserfc. Only signatures with a key pair count: what is signed with the shared
secret could be signed by anybody who has it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from knowledge.directories.errors import AnswerForged, DirectoryMisset

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
KEY_KINDS = ("RSA", "EC", "OKP")
# Clocks differ.
LEEWAY_SECONDS = 60
# As long as the standard lets it be.
LONGEST_SUBJECT = 255
LONGEST_TOKEN = 64 * 1024
MOST_KEYS = 100


class KeyMissing(Exception):
    """The key that signed is not among those that are known; perhaps there are newer ones."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What has to stand in a signed answer, and when it is looked at."""

    issuer: str
    client_id: str
    nonce: str
    algorithms: Sequence[str]
    moment: datetime


def read_keys(values: Mapping[str, Any]) -> "KeySet":
    """Return the keys that a directory publishes; those of kinds that are of no use are left out.

    Raises ``DirectoryMisset`` where none is left.
    """
    from joserfc.errors import JoseError
    from joserfc.jwk import JWKRegistry, Key, KeySet

    listed = values.get("keys")
    found: list[Key] = []
    for entry in listed[:MOST_KEYS] if isinstance(listed, list) else ():
        if not isinstance(entry, dict) or entry.get("kty") not in KEY_KINDS or entry.get("use", "sig") != "sig":
            continue
        try:
            found.append(JWKRegistry.import_key(entry))
        except (JoseError, ValueError, TypeError):
            continue
    if not found:
        raise DirectoryMisset("no_keys")
    return KeySet(found)


def read_token(token: object, keys: "KeySet", expected: Expected) -> Mapping[str, Any]:
    """Return what was signed. Raises ``KeyMissing`` and ``AnswerForged``."""
    from joserfc import jwt
    from joserfc.errors import InvalidKeyIdError, JoseError

    if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
        raise AnswerForged("no_token")
    try:
        claims = jwt.decode(token, keys, algorithms=list(expected.algorithms)).claims
        _rules(expected).validate(claims)
    except InvalidKeyIdError as error:
        raise KeyMissing from error
    except (JoseError, ValueError, TypeError) as error:
        raise AnswerForged(type(error).__name__) from error
    _check_more(claims, expected)
    return claims


def _rules(expected: Expected) -> Any:
    from joserfc.jwt import JWTClaimsRegistry

    return JWTClaimsRegistry(
        now=int(expected.moment.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        nonce={"essential": True, "value": expected.nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )


def _check_more(claims: Mapping[str, Any], expected: Expected) -> None:
    """Check what the library leaves to its users."""
    party, audience = claims.get("azp"), claims["aud"]
    is_shared = isinstance(audience, list) and len(audience) > 1
    if party != expected.client_id and (party is not None or is_shared):
        raise AnswerForged("authorized_party")
    if not isinstance(claims["nonce"], str) or len(claims["sub"]) > LONGEST_SUBJECT:
        raise AnswerForged("claims_unfit")
