"""Speaking with directories: what they say of themselves, the way there, and who came back."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode, urlsplit

from knowledge.directories.addresses import check_endpoint
from knowledge.directories.errors import AnswerForged, DirectoryAway, DirectoryDenied, DirectoryMisset
from knowledge.directories.fetching import Asked, Fetched, fetch
from knowledge.directories.schemas import Connection, Metadata, Person, Visit
from knowledge.directories.tokens import ALGORITHMS, Expected, KeyMissing, read_keys, read_token
from knowledge.kit.clock import now

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

WELL_KNOWN = "/.well-known/openid-configuration"
SCOPES = "openid profile email"
# How long it is believed what a directory said of itself; how soon its keys are looked up again where one is missing.
BELIEVED = timedelta(hours=1)
AGAIN = timedelta(seconds=30)


@dataclass(slots=True)
class _Known:
    """What a directory said, and when; its keys apart, because they change more often."""

    metadata: Metadata
    at: datetime
    keys: "KeySet | None" = None
    keys_at: datetime | None = None


@dataclass(slots=True)
class DirectoryClient:
    """Speaks with directories, for the life of a process. It remembers what they say of themselves for an hour."""

    _known: dict[str, _Known] = field(default_factory=dict)

    async def metadata(self, issuer: str) -> Metadata:
        """Return what a directory says of itself. Raises ``DirectoryAway`` and ``DirectoryMisset``."""
        return (await self._look_up(issuer)).metadata

    async def keys(self, issuer: str, *, newer_than: datetime | None = None) -> "KeySet":
        """Return the keys of a directory; where they are needed newer, at most twice a minute.

        Raises ``DirectoryAway`` and ``DirectoryMisset``.
        """
        known, moment = await self._look_up(issuer), now()
        oldest = moment - BELIEVED if newer_than is None else newer_than
        if known.keys is None or known.keys_at is None or known.keys_at <= oldest:
            known.keys = read_keys((await fetch(Asked(known.metadata.jwks_uri))).values)
            known.keys_at = moment
        return known.keys

    def forget(self, issuer: str) -> None:
        """Ask a directory anew the next time."""
        self._known.pop(issuer, None)

    async def way_there(self, connection: Connection, visit: Visit, way_back: str) -> str:
        """Return where the browser goes. Raises ``DirectoryAway`` and ``DirectoryMisset``.

        Args:
            connection: the directory.
            visit: with the numbers that come back.
            way_back: the address of ours to which it sends people back.
        """
        metadata = await self.metadata(connection.issuer)
        values = {
            "response_type": "code",
            "client_id": connection.client_id,
            "redirect_uri": way_back,
            "scope": SCOPES,
            "state": visit.state,
            "nonce": visit.nonce,
            "code_challenge": challenge_of(visit.verifier),
            "code_challenge_method": "S256",
        }
        if connection.acr_values:
            values["acr_values"] = " ".join(connection.acr_values)
        address = metadata.authorization_endpoint
        return f"{address}{'&' if '?' in address else '?'}{urlencode(values)}"

    async def way_out(self, issuer: str, client_id: str, way_back: str) -> str | None:
        """Return where people sign out at a directory (OpenID Connect RP-Initiated Logout); ``None`` if it has none.

        No proof of who signs out is sent, because none is kept: the directory knows by its own session, and asks.
        Raises ``DirectoryAway`` and ``DirectoryMisset``.
        """
        address = (await self.metadata(issuer)).end_session_endpoint
        if address is None:
            return None
        values = {"client_id": client_id, "post_logout_redirect_uri": way_back}
        return f"{address}{'&' if '?' in address else '?'}{urlencode(values)}"

    async def person(self, connection: Connection, visit: Visit, code: str, way_back: str) -> Person:
        """Return who came back with a code.

        Raises ``DirectoryAway``, ``DirectoryMisset``, ``DirectoryDenied`` and ``AnswerForged``.
        """
        answer = await self._exchange(
            connection,
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": way_back,
                "code_verifier": visit.verifier,
            },
        )
        if answer.status != 200:
            raise _refusal(answer)
        claims = await self._claims(connection, visit, answer.values.get("id_token"))
        access = answer.values.get("access_token")
        return Person(str(claims["sub"]), claims, access if isinstance(access, str) and access.isascii() else "")

    async def more_about(self, connection: Connection, person: Person) -> Person:
        """Return somebody with what else the directory tells about them, where it tells more.

        What was signed stays as it is; where nothing more is to be had, that is no failure. Raises ``DirectoryMisset``
        and ``AnswerForged``.
        """
        address = (await self.metadata(connection.issuer)).userinfo_endpoint
        if address is None or not person.access_token:
            return person
        try:
            told = await fetch(Asked(address, bearer=person.access_token))
        except DirectoryAway:
            return person
        if told.status != 200:
            return person
        if told.values.get("sub") != person.subject:
            raise AnswerForged("other_subject")
        # An address and whether it was checked belong together.
        apart = ("email", "email_verified") if "email" in person.claims else ()
        more = {name: value for name, value in told.values.items() if name not in apart}
        return Person(person.subject, {**more, **person.claims}, person.access_token)

    async def tries_secret(self, connection: Connection, way_back: str) -> bool | None:
        """Whether a directory takes the secret; ``None`` where its answer leaves that open.

        It is shown a code that there never was: whoever refuses the code, and not us, has taken the secret.
        Raises ``DirectoryAway`` and ``DirectoryMisset``.
        """
        form = {"grant_type": "authorization_code", "code": "A" * 43, "redirect_uri": way_back}
        answer = await self._exchange(connection, form | {"code_verifier": "A" * 43})
        error = answer.values.get("error")
        if error in ("invalid_client", "unauthorized_client") or answer.status == 401:
            return False
        return True if error == "invalid_grant" else None

    async def _exchange(self, connection: Connection, form: Mapping[str, str]) -> Fetched:
        metadata = await self.metadata(connection.issuer)
        if metadata.secret_in_form:
            more = {"client_id": connection.client_id, "client_secret": connection.client_secret}
            return await fetch(Asked(metadata.token_endpoint, form={**form, **more}))
        # RFC 6749, 2.3.1: both parts are encoded as in a form first.
        basic = (quote_plus(connection.client_id), quote_plus(connection.client_secret))
        return await fetch(Asked(metadata.token_endpoint, form=form, basic=basic))

    async def _claims(self, connection: Connection, visit: Visit, token: object) -> Mapping[str, Any]:
        issuer, moment = connection.issuer, now()
        algorithms = (await self.metadata(issuer)).algorithms
        expected = Expected(issuer, connection.client_id, visit.nonce, algorithms, moment)
        try:
            return read_token(token, await self.keys(issuer), expected)
        except KeyMissing:
            newer = await self.keys(issuer, newer_than=moment - AGAIN)
        try:
            return read_token(token, newer, expected)
        except KeyMissing as error:
            raise AnswerForged("unknown_key") from error

    async def _look_up(self, issuer: str) -> _Known:
        known, moment = self._known.get(issuer), now()
        if known is None or known.at <= moment - BELIEVED:
            answer = await fetch(Asked(issuer.rstrip("/") + WELL_KNOWN))
            known = self._known[issuer] = _Known(read_metadata(answer, issuer), moment)
        return known


def challenge_of(verifier: str) -> str:
    """Return by what a directory knows the verifier again that comes later (RFC 7636, S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def read_metadata(answer: Fetched, issuer: str) -> Metadata:
    """Return what a directory says of itself. Raises ``DirectoryMisset``."""
    values = answer.values
    if answer.status != 200 or values.get("issuer") != issuer:
        raise DirectoryMisset("no_discovery" if answer.status != 200 else "other_issuer")
    userinfo = values.get("userinfo_endpoint")
    methods = _texts(values, "token_endpoint_auth_methods_supported") or ("client_secret_basic",)
    offered = _texts(values, "id_token_signing_alg_values_supported") or ("RS256",)
    algorithms = tuple(name for name in ALGORITHMS if name in offered)
    if not algorithms or not {"client_secret_basic", "client_secret_post"} & set(methods):
        raise DirectoryMisset("nothing_in_common")
    return Metadata(
        issuer=issuer,
        authorization_endpoint=check_endpoint(values.get("authorization_endpoint"), issuer=issuer),
        token_endpoint=check_endpoint(values.get("token_endpoint"), issuer=issuer),
        jwks_uri=check_endpoint(values.get("jwks_uri"), issuer=issuer),
        userinfo_endpoint=check_endpoint(userinfo, issuer=issuer) if userinfo is not None else None,
        algorithms=algorithms,
        secret_in_form="client_secret_basic" not in methods,
        names_issuer=values.get("authorization_response_iss_parameter_supported") is True,
        end_session_endpoint=_end_session(values.get("end_session_endpoint"), issuer),
    )


def _end_session(address: object, issuer: str) -> str | None:
    """Return where people sign out at a directory; nothing but a safe address of its own host counts."""
    try:
        found = check_endpoint(address, issuer=issuer)
    except DirectoryMisset:
        return None
    return found if urlsplit(found).hostname == urlsplit(issuer).hostname else None


def _texts(values: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = values.get(name)
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()


def _refusal(answer: Fetched) -> DirectoryDenied | DirectoryMisset:
    """Return what is wrong where a code was not taken: with the code, or with us."""
    error = answer.values.get("error")
    return DirectoryDenied("code_refused") if error == "invalid_grant" else DirectoryMisset("token_refused")
