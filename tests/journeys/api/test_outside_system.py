"""An outside system and a running hub: it searches, asks, reads; programs of people contribute and publish."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest_asyncio

from hub.auth.visiting import COOKIE
from knowledge.access.keys import load_key
from knowledge.access.sessions import Sessions
from knowledge.kit.settings import load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.tokens.scopes import FOR_SERVICES, TokenScope
from knowledge.tokens.service import Tokens, TokenWish
from tests.hub.browser.serving import RunningHub, running_hub
from tests.hub.browser.stage import Stage

FOUND_WITHIN = 20.0
TITLE = "Zauneidechsen auf dem Friedhof umgesiedelt"
EXPERIENCE = {
    "fields": {
        "title": TITLE,
        "done": "Wir haben mit dem Naturschutzverein vierzig Zauneidechsen umgesiedelt.",
        "outcome": "Die Umsiedlung hat zwei Wochen gedauert und 3.200 Euro gekostet.",
        "topics": ["Naturschutz"],
    },
    "visibility": "network",
    "submit": True,
}


@dataclass(frozen=True, slots=True)
class Town:
    """A hub that runs, and tokens for programs."""

    hub: RunningHub
    stage: Stage

    async def token_of(self, role: str, *scopes: TokenScope) -> str:
        """Make somebody's own token."""
        async with unit_of_work(self.hub.database) as unit:
            sessions = Sessions(unit.session)
            opened = await sessions.open(self.stage.members[role], second_factor=True)
            presence = await sessions.find(opened.token)
            assert presence is not None
            assert presence.visitor is not None
            wish = TokenWish(name="Programm", scopes=scopes)
            return (await Tokens(unit.session).make_own(wish, by=presence.visitor)).secret

    async def token_of_service(self, organisation: str) -> str:
        """Make another system's token."""
        wish = TokenWish(name="Intranet", scopes=FOR_SERVICES, organisation=organisation)
        async with unit_of_work(self.hub.database) as unit:
            return (await Tokens(unit.session).make_for_service(wish, by=None)).secret

    @asynccontextmanager
    async def program(self, token: str) -> AsyncIterator[httpx.AsyncClient]:
        """Open a program that calls the API."""
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "de"}
        async with httpx.AsyncClient(base_url=f"{self.hub.address}/api/v1", headers=headers) as client:
            yield client


@pytest_asyncio.fixture
async def town() -> AsyncIterator[Town]:
    """A town's hub as a real server, with real indexes; words alone suffice here."""
    known = load_settings()
    settings = replace(
        known,
        embedding=known.embedding.model_copy(update={"embedding_model": "none"}),
        hub=known.hub.model_copy(update={"hub_port": 0}),
    )
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    load_key(settings.hub_key_path)
    stage = Stage(key_path=settings.hub_key_path)
    async with running_hub(settings, stage.build) as hub:
        yield Town(hub, stage)


async def found(api: httpx.AsyncClient, words: str, title: str) -> dict[str, Any]:
    """Search until something with this title is found."""
    until = time.monotonic() + FOUND_WITHIN
    while time.monotonic() < until:
        page = await api.get("/search", params={"q": words})
        for passage in page.json()["items"]:
            if passage["title"] == title:
                return dict(passage)
        await asyncio.sleep(0.2)
    raise AssertionError(f"{title} was not found")


class TestOutsideSystem:
    async def test_searches_asks_and_reads(self, town: Town) -> None:
        async with town.program(await town.token_of_service("kleinow")) as api:
            passage = await found(api, "Kamera am Müllfahrzeug", "Straßen mit der Kamera erfassen")
            answer = (await api.post("/ask", json={"question": "Was hat die Erfassung der Straßen gekostet?"})).json()
            read = await api.get(f"/documents/{passage['document']}")
            again = await api.get(f"/documents/{passage['document']}", headers={"If-None-Match": read.headers["etag"]})
            text = (await api.get(f"/documents/{passage['document']}/passages")).json()["items"]

        told = [source["quote"] or "" for source in answer["sources"] + answer["suggestions"]]
        assert answer["answered"] == any("14.800 Euro" in quote for quote in told)
        assert (read.status_code, again.status_code) == (200, 304)
        assert read.json()["version"] == 2
        assert any("14.800 Euro" in one["text"] for one in text)

    async def test_what_a_member_contributes_is_published_and_found(self, town: Town) -> None:
        contribute = await town.token_of("member", TokenScope.CONTRIBUTIONS_WRITE)
        release = await town.token_of("publisher", TokenScope.CONTRIBUTIONS_WRITE)
        review = await town.token_of("moderator", TokenScope.REVIEW_WRITE)
        intranet = await town.token_of_service("seefeld")
        once = {"Idempotency-Key": "fachverfahren-4711"}

        async with town.program(contribute) as api:
            first = await api.post("/contributions", json=EXPERIENCE, headers=once)
            second = await api.post("/contributions", json=EXPERIENCE, headers=once)
            mine = (await api.get("/contributions", params={"state": first.json()["state"]})).json()["items"]
        async with town.program(release) as api:
            hidden = await api.get(f"/contributions/{first.json()['id']}")
        await self.release(town, first.json()["id"])
        async with town.program(review) as api:
            item = await api.get(f"/review/{first.json()['id']}")
            published = await api.post(
                f"/review/{first.json()['id']}/publish", headers={"If-Match": item.headers["etag"]}
            )
            late = await api.post(
                f"/review/{first.json()['id']}/reject", json={"reason": "zu spät"}, headers={"If-Match": '"r1"'}
            )
        async with town.program(intranet) as api:
            passage = await found(api, "Zauneidechsen umgesiedelt", TITLE)

        assert (first.status_code, second.headers["idempotency-replayed"]) == (201, "true")
        assert [one["fields"]["title"] for one in mine].count(TITLE) == 1
        assert hidden.status_code == 404
        assert (published.json()["state"], late.status_code) == ("published", 412)
        assert passage["document"] == published.json()["document"]

    async def release(self, town: Town, contribution: str) -> None:
        """Have the house let it go, which wants to see it first; that is done in the hub."""
        async with unit_of_work(town.hub.database) as unit:
            opened = await Sessions(unit.session).open(town.stage.members["releaser"])
        async with httpx.AsyncClient(base_url=town.hub.address) as browser:
            browser.cookies.set(COOKIE, opened.token)
            answer = await browser.post(f"/freigaben/{contribution}/freigeben", data={})
            assert answer.status_code == 303, answer.text
