"""Directories as administrators enter, check and switch them."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from httpx import AsyncClient
from sqlalchemy import select

from knowledge.models.audit import AuditEntry
from knowledge.models.directory import DirectoryProvider
from tests.directory_server import WAY_BACK, Client, DirectoryServer
from tests.hub.pages.directory_world import enter_directory
from tests.hub.pages.forged_directory import CLIENT, SECRET, ForgedDirectory, run_forged
from tests.hub.signed_in import HOUSE, Hub

TYPED = {
    "organisation": HOUSE,
    "name": "Stadt Lindenau",
    "issuer": "https://login.lindenau.example/realms/stadt",
    "client_id": "allmende",
    "client_secret": "sehr geheim",
}


@pytest.fixture
def forged() -> Iterator[ForgedDirectory]:
    with run_forged() as forged:
        yield forged


async def add(browser: AsyncClient, **changes: str) -> str:
    answer = await browser.post("/verzeichnisse/neu", data=TYPED | changes)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


class TestEntering:
    async def test_it_is_entered_switched_on_and_off_and_removed(self, hub: Hub) -> None:
        async with hub.browser("administrator") as browser:
            assert "There is no directory yet" in (await browser.get("/verzeichnisse")).text
            path = await add(browser, admits="1")
            assert WAY_BACK in (await browser.get(path)).text
            for act in ("an", "aus"):
                assert (await browser.post(f"{path}/{act}")).headers["location"] == path
            assert "Stadt Lindenau" in (await browser.get("/verzeichnisse")).text
            assert "Remove Stadt Lindenau?" in (await browser.get(f"{path}/entfernen")).text
            assert (await browser.post(f"{path}/entfernen")).headers["location"] == "/verzeichnisse"
            assert (await browser.get(path)).status_code == 404
        async with hub.writing() as unit:
            actions = [*(await unit.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))]
        assert actions == [f"directories:{act}" for act in ("add", "on", "off", "remove")]

    async def test_the_secret_is_never_shown_and_opens_at_its_address_alone(self, hub: Hub) -> None:
        async with hub.browser("administrator") as browser:
            path = await add(browser)
            assert "geheim" not in (await browser.get(path)).text
            same = await browser.post(path, data=TYPED | {"client_secret": "", "name": "Rathaus"})
            assert same.headers["location"] == path
            elsewhere = {"client_secret": "", "issuer": "https://login.elsewhere.example"}
            moved = await browser.post(path, data=TYPED | elsewhere)
            assert (moved.status_code, 'id="client_secret-error"' in moved.text) == (422, True)
        async with hub.writing() as unit:
            kept = await unit.session.scalar(select(DirectoryProvider))
            entries = [*(await unit.session.scalars(select(AuditEntry.details)))]
        assert kept is not None
        assert (kept.label, kept.issuer) == ("Rathaus", TYPED["issuer"])
        assert "geheim" not in kept.client_secret
        assert entries[-1] == {"fields": ["label"]}

    async def test_what_cannot_be_is_said_at_its_field(self, hub: Hub) -> None:
        async with hub.browser("administrator") as browser:
            for field, value in (
                ("organisation", "nirgends"),
                ("name", " "),
                ("issuer", "http://login.lindenau.example"),
                ("issuer", "https://login.lindenau.example?a=b"),
                ("issuer", "https://admin:geheim@login.lindenau.example"),
                ("issuer", "login.lindenau.example"),
                ("client_id", ""),
                ("client_secret", ""),
                ("mail_domains", "web.de"),
                ("mail_domains", "kein bereich!"),
                ("claim_value", "allein"),
            ):
                wrong = await browser.post("/verzeichnisse/neu", data=TYPED | {field: value})
                shown = "claim" if field == "claim_value" else field
                assert (wrong.status_code, f'id="{shown}-error"' in wrong.text) == (422, True), (field, value)

    async def test_it_is_for_administrators(self, hub: Hub) -> None:
        for who in ("member", "moderator", "publisher"):
            async with hub.browser(who) as browser:
                assert (await browser.get("/verzeichnisse")).status_code == 403
                assert (await browser.post("/verzeichnisse/neu", data=TYPED)).status_code == 403


class TestChecking:
    async def check(self, hub: Hub, provider: UUID) -> list[str]:
        """Return what the page says of each thing that was looked at."""
        async with hub.browser("administrator") as browser:
            page = await browser.post(f"/verzeichnisse/{provider}/pruefen")
        assert page.status_code == 200
        return re.findall(r"<li>([^<:]+: (?:fits|does not fit|not known)\b[^<]*)", page.text)

    async def test_a_real_one_fits(self, hub: Hub, directory_server: DirectoryServer) -> None:
        good = directory_server.register()
        found = await self.check(hub, await enter_directory(hub, directory_server.issuer, good))
        assert [text.partition(": ")[2][:4] for text in found] == ["fits"] * 3
        wrong = await enter_directory(hub, directory_server.issuer, Client(good.identifier, "falsch"))
        assert (await self.check(hub, wrong))[-1].startswith("Our name and secret there: does not fit")

    async def test_it_ends_with_what_does_not_fit(self, hub: Hub, forged: ForgedDirectory) -> None:
        provider = await enter_directory(hub, forged.issuer, Client(CLIENT, SECRET), on=False)
        forged.instead["/jwks"] = (200, "{}")
        found = await self.check(hub, provider)
        assert [text.partition(": ")[2][:13] for text in found] == [f"fits. {forged.issuer}"[:13], "does not fit."]
        forged.instead = {"/token": (400, '{"error": "invalid_request"}')}
        assert (await self.check(hub, provider))[-1].startswith("Our name and secret there: not known")
        forged.instead = {"/.well-known/openid-configuration": (404, "")}
        assert len(await self.check(hub, provider)) == 1
