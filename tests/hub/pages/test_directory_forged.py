"""A directory that lies, is away, or answers nonsense: nobody is signed in, and the page says what to do."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import pytest_asyncio
from joserfc.jwk import OctKey

from hub.auth.visiting import COOKIE
from knowledge.directories.fetching import LARGEST
from knowledge.directories.schemas import ProviderWish
from knowledge.kit.clock import now, use_clock
from tests.directory_server import Client
from tests.hub.pages.directory_world import enter_directory, set_out, told
from tests.hub.pages.forged_directory import CLIENT, SECRET, Claims, ForgedDirectory, new_key, run_forged
from tests.hub.signed_in import Hub

JOIN = "/anmelden/verzeichnis/beitreten"
AWAY, MISSET, FORGED = "does not answer at the moment", "not set up rightly", "cannot be trusted"


@pytest.fixture(scope="module")
def server() -> Iterator[ForgedDirectory]:
    with run_forged() as server:
        yield server


@pytest.fixture
def forged(server: ForgedDirectory) -> ForgedDirectory:
    """The server with its manners back."""
    server.instead, server.header, server.signs_with = {}, {}, None
    server.spoil, server.asked = lambda _claims: None, []
    return server


@pytest_asyncio.fixture
async def provider(hub: Hub, forged: ForgedDirectory) -> UUID:
    return await enter_directory(hub, forged.issuer, Client(CLIENT, SECRET), ProviderWish(admits=True))


async def come_back(hub: Hub, forged: ForgedDirectory, provider: UUID, *, more: str = "&code=good") -> tuple[int, str]:
    """Set out and come back; returns the status and text of the page, or where it leads."""
    async with hub.browser() as browser:
        state = forged.set_out(await set_out(browser, provider))
        answer = await browser.get(f"/anmelden/verzeichnis/rueckkehr?state={state}{more}")
        assert COOKIE not in browser.cookies
        if answer.headers.get("location") == JOIN:
            return 303, JOIN
        return await told(browser, answer)


def put(**changes: object) -> Callable[[Claims], object]:
    return lambda claims: claims.update(changes)


def without(name: str) -> Callable[[Claims], object]:
    return lambda claims: claims.pop(name)


def moved(name: str, seconds: int) -> Callable[[Claims], object]:
    return lambda claims: claims.update({name: claims[name] + seconds})


SPOILT: dict[str, Callable[[Claims], object]] = {
    "other issuer": put(iss="https://login.elsewhere.example"),
    "other audience": put(aud="somebody-else"),
    "shared without us as the party": put(aud=[CLIENT, "somebody-else"]),
    "other party": put(azp="somebody-else"),
    "other nonce": put(nonce="another"),
    "list of nonces": lambda claims: claims.update(nonce=[claims["nonce"], "another"]),
    "no nonce": without("nonce"),
    "expired": moved("exp", -400),
    "never expires": without("exp"),
    "endless": put(exp="never"),
    "from tomorrow": moved("iat", 86400),
    "no subject": without("sub"),
    "empty subject": put(sub=""),
    "number as subject": put(sub=7),
    "endless subject": put(sub="a" * 256),
}


class TestTokens:
    async def test_a_good_one_is_taken(self, hub: Hub, forged: ForgedDirectory, provider: UUID) -> None:
        assert await come_back(hub, forged, provider) == (303, JOIN)

    async def test_clocks_may_differ_a_little(self, hub: Hub, forged: ForgedDirectory, provider: UUID) -> None:
        forged.spoil = moved("iat", 40)
        assert await come_back(hub, forged, provider) == (303, JOIN)
        forged.spoil = moved("exp", -340)
        assert await come_back(hub, forged, provider) == (303, JOIN)

    async def test_what_does_not_hold_is_refused(self, hub: Hub, forged: ForgedDirectory, provider: UUID) -> None:
        for what, spoil in SPOILT.items():
            forged.spoil = spoil
            status, page = await come_back(hub, forged, provider)
            assert (status, FORGED in page) == (422, True), what

    async def test_a_foreign_signature_is_refused(self, hub: Hub, forged: ForgedDirectory, provider: UUID) -> None:
        # Under the name of the good key; with the shared secret; and with nothing at all.
        forged.signs_with = new_key()
        status, page = await come_back(hub, forged, provider)
        assert (status, FORGED in page) == (422, True)
        forged.signs_with, forged.header = OctKey.import_key(SECRET), {"alg": "HS256"}
        status, page = await come_back(hub, forged, provider)
        assert (status, FORGED in page) == (422, True)
        forged.signs_with, forged.header = None, {}
        good = forged.token()
        unsigned = f"eyJhbGciOiJub25lIn0.{good.split('.')[1]}."
        for token in (unsigned, good[:-10], "", None, 7, "a.b.c", "x" * 100_000):
            forged.instead["/token"] = (200, json.dumps({"id_token": token}))
            status, page = await come_back(hub, forged, provider)
            assert (status, FORGED in page) == (422, True), token

    async def test_new_keys_are_fetched_when_they_are_needed(
        self, hub: Hub, forged: ForgedDirectory, provider: UUID
    ) -> None:
        assert await come_back(hub, forged, provider) == (303, JOIN)
        assert await come_back(hub, forged, provider) == (303, JOIN)
        assert forged.asked.count("/jwks") == 1
        later = now() + timedelta(minutes=1)
        use_clock(lambda: later)
        forged.key = new_key()
        assert await come_back(hub, forged, provider) == (303, JOIN)
        assert forged.asked.count("/jwks") == 2
        # A token that names a key which there is not makes nobody ask without end.
        forged.header = {"kid": "invented"}
        for _try in range(3):
            status, page = await come_back(hub, forged, provider)
            assert (status, FORGED in page) == (422, True)
        assert forged.asked.count("/jwks") == 2


class TestWaysBack:
    async def test_another_issuer_than_it_set_out_for_is_refused(
        self, hub: Hub, forged: ForgedDirectory, provider: UUID
    ) -> None:
        status, page = await come_back(hub, forged, provider, more="&code=good&iss=https://login.elsewhere.example")
        assert (status, FORGED in page) == (422, True)
        assert "/token" not in forged.asked

    async def test_one_that_always_names_itself_has_to(self, hub: Hub, forged: ForgedDirectory, provider: UUID) -> None:
        named = forged.described() | {"authorization_response_iss_parameter_supported": True}
        forged.instead["/.well-known/openid-configuration"] = (200, json.dumps(named))
        status, page = await come_back(hub, forged, provider)
        assert (status, FORGED in page) == (422, True)
        assert await come_back(hub, forged, provider, more=f"&code=good&iss={forged.issuer}") == (303, JOIN)

    async def test_what_it_says_about_errors_is_never_shown(
        self, hub: Hub, forged: ForgedDirectory, provider: UUID
    ) -> None:
        shown = {
            "&error=access_denied&error_description=<b>Call+0900</b>": "Nothing has happened",
            "&error=<script>": "Nothing has happened",
            "&error=temporarily_unavailable": AWAY,
            "": FORGED,
            "&code=" + "x" * 5000: FORGED,
        }
        for more, wanted in shown.items():
            _status, page = await come_back(hub, forged, provider, more=more)
            assert wanted in page, more
            assert "0900" not in page
            assert "<script>" not in page.replace('<script src="/static/', "")
        assert "/token" not in forged.asked

    async def test_guessing_becomes_slow(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            address = "/anmelden/verzeichnis/rueckkehr?state=invented&code=x"
            statuses = [(await browser.get(address)).status_code for _try in range(31)]
        assert statuses == [*[303] * 30, 429]


class TestAway:
    async def begin(self, hub: Hub, provider: UUID) -> tuple[int, str]:
        async with hub.browser() as browser:
            return await told(browser, await browser.post(f"/anmelden/verzeichnis/{provider}"))

    async def test_what_it_says_of_itself_has_to_fit(self, hub: Hub, forged: ForgedDirectory, provider: UUID) -> None:
        good = forged.described()
        wrong: dict[str, tuple[int, str]] = {
            "other issuer": (200, json.dumps(good | {"issuer": "https://login.elsewhere.example"})),
            "unsafe address": (200, json.dumps(good | {"token_endpoint": "http://login.elsewhere.example/token"})),
            "no address": (200, json.dumps(good | {"jwks_uri": None})),
            "weak signatures": (200, json.dumps(good | {"id_token_signing_alg_values_supported": ["HS256"]})),
            "no JSON": (200, "<html>"),
            "a list": (200, "[]"),
            "too large": (200, json.dumps(good | {"more": "x" * LARGEST})),
            "elsewhere": (302, ""),
            "nothing": (404, ""),
        }
        for what, answer in wrong.items():
            forged.instead["/.well-known/openid-configuration"] = answer
            status, page = await self.begin(hub, provider)
            assert (status, MISSET in page) == (503, True), what
        assert "/elsewhere" not in forged.asked

    async def test_one_that_fails_is_away(self, hub: Hub, forged: ForgedDirectory, provider: UUID) -> None:
        forged.instead["/.well-known/openid-configuration"] = (500, "")
        assert AWAY in (await self.begin(hub, provider))[1]
        forged.instead = {"/token": (503, "")}
        assert AWAY in (await come_back(hub, forged, provider))[1]
        forged.instead = {"/jwks": (200, json.dumps({"keys": []}))}
        assert MISSET in (await come_back(hub, forged, provider))[1]

    async def test_one_that_is_gone_is_away(self, hub: Hub) -> None:
        with run_forged() as gone:
            provider = await enter_directory(hub, gone.issuer, Client(CLIENT, SECRET))
        assert AWAY in (await self.begin(hub, provider))[1]

    async def test_a_code_that_it_does_not_know_signs_nobody_in(
        self, hub: Hub, forged: ForgedDirectory, provider: UUID
    ) -> None:
        forged.instead["/token"] = (400, json.dumps({"error": "invalid_grant"}))
        status, page = await come_back(hub, forged, provider)
        assert (status, "Nothing has happened" in page) == (422, True)
        forged.instead["/token"] = (401, json.dumps({"error": "invalid_client"}))
        status, page = await come_back(hub, forged, provider)
        assert (status, MISSET in page) == (503, True)
