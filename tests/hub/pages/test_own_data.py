"""One's own data in the hub: seen and taken along, and erased by whoever shows that it is them."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import func, select

from hub.auth.visiting import COOKIE
from hub.pages.own_data import SIGNED_IN_JUST_NOW
from knowledge.access.passwords import Passwords
from knowledge.kit.clock import now, use_clock
from knowledge.kit.settings import load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models import ChatIdentity, Member
from knowledge.models.access import Credential, HubSession
from knowledge.models.chat import Network
from knowledge.models.erasure import Erasure
from knowledge.privacy.erasure_log import ErasureLog
from tests.hub.signed_in import Hub

DATA, ERASE, ERASED = "/konto/daten", "/konto/loeschen", "/konto/geloescht"
PASSWORD = "eine Brücke über die Linde"


async def know(hub: Hub, who: str, network: Network, address: str) -> None:
    """Link an address to somebody."""
    async with hub.writing() as unit:
        unit.session.add(ChatIdentity(network=network, address=address, member_id=hub.people[who].id))


async def set_password(hub: Hub, who: str) -> None:
    """Give somebody a password."""
    digest = await Passwords(memory_kib=8, rounds=1).hash(PASSWORD)
    async with hub.writing() as unit:
        unit.session.add(Credential(member_id=hub.people[who].id, login=who, password_hash=digest))


async def send(browser: AsyncClient, **fields: str) -> Response:
    return await browser.post(ERASE, data=fields)


async def is_there(hub: Hub, member_id: UUID) -> bool:
    async with unit_of_work(hub.database, writes=False) as unit:
        return await unit.session.get(Member, member_id) is not None


class TestSeeing:
    async def test_somebody_without_any_chat_sees_what_is_kept(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            assert DATA in (await browser.get("/konto")).text
            page = await browser.get(DATA)
        assert page.status_code == 200
        for said in ("Your membership", "Member", "Lindenau", "Where you are signed in", "Nothing."):
            assert said in page.text
        assert "Neighbour" not in page.text

    async def test_page_and_files_have_the_same(self, hub: Hub) -> None:
        await know(hub, "member", Network.MAIL, "kim@lindenau.test")
        async with hub.browser("member") as browser:
            page, text, values = [await browser.get(f"{DATA}{rest}") for rest in ("", "/text", "/json")]
        assert "kim@lindenau.test" in page.text
        assert text.headers["content-type"] == "text/plain; charset=utf-8"
        assert "Address: kim@lindenau.test" in text.content.decode("utf-8-sig")
        kept = json.loads(values.content)
        assert kept["format"] == "allmende-my-data"
        assert [row["address"] for row in kept["identities"]] == ["kim@lindenau.test"]
        assert kept["member"]["name"] == "Member"
        for answer in (text, values):
            assert answer.headers["content-disposition"].startswith("attachment; ")
            assert answer.headers["cache-control"] == "private, no-store"


class TestErasing:
    async def test_all_addresses_sessions_and_the_membership_go(self, hub: Hub) -> None:
        member = hub.people["member"].id
        await know(hub, "member", Network.MAIL, "kim@lindenau.test")
        await know(hub, "member", Network.MATRIX, "@kim:lindenau.test")
        await hub.sign_in("member")  # at another device
        async with hub.browser("member") as browser:
            page = await browser.get(ERASE)
            assert "your membership with your name" in page.text
            assert "Yes, erase everything about me" in page.text
            answer = await send(browser, confirmed="1")
            assert (answer.status_code, answer.headers["location"]) == (303, ERASED)
            assert browser.cookies.get(COOKIE) is None
            assert "Everything about you is erased." in (await browser.get(ERASED)).text
            assert (await browser.get("/konto")).headers["location"].startswith("/anmelden")
        assert not await is_there(hub, member)
        async with unit_of_work(hub.database, writes=False) as unit:
            assert await unit.session.scalar(select(func.count()).select_from(ChatIdentity)) == 0
            mine = select(func.count()).select_from(HubSession).where(HubSession.member_id == member)
            assert await unit.session.scalar(mine) == 0
            digests = set((await unit.session.scalars(select(Erasure.digest))).all())
        assert len(digests) == 3
        assert digests <= {record.digest for record in ErasureLog(load_settings().data_folder).read()}

    async def test_without_saying_so_nothing_goes(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            answer = await send(browser)
        assert answer.status_code == 422
        assert "Please say that you want everything about you erased." in answer.text
        assert await is_there(hub, hub.people["member"].id)

    async def test_whoever_has_a_password_gives_it(self, hub: Hub) -> None:
        member = hub.people["member"].id
        await set_password(hub, "member")
        async with hub.browser("member") as browser:
            assert 'name="password"' in (await browser.get(ERASE)).text
            for wrong in ("", "geraten"):
                assert (await send(browser, confirmed="1", password=wrong)).status_code == 422
            assert await is_there(hub, member)
            assert (await send(browser, confirmed="1", password=PASSWORD)).status_code == 303
        assert not await is_there(hub, member)

    async def test_whoever_has_none_signed_in_just_now(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            later = now() + SIGNED_IN_JUST_NOW + timedelta(minutes=1)
            use_clock(lambda: later)
            page = await browser.get(ERASE)
            assert "Please sign in anew" in page.text
            assert f'action="{ERASE}"' not in page.text
            answer = await send(browser, confirmed="1")
            assert (answer.status_code, "too long ago" in answer.text) == (422, True)
            assert await is_there(hub, hub.people["member"].id)
        async with hub.browser("member") as browser:
            assert (await send(browser, confirmed="1")).status_code == 303
        assert not await is_there(hub, hub.people["member"].id)

    async def test_the_last_administrator_stays(self, hub: Hub) -> None:
        async with hub.browser("administrator") as browser:
            answer = await send(browser, confirmed="1")
        assert answer.status_code == 409
        assert "last administrator" in answer.text
        assert await is_there(hub, hub.people["administrator"].id)

    @pytest.mark.parametrize("who", [None, "suspended"])
    async def test_that_all_is_erased_can_be_read_by_anybody(self, hub: Hub, who: str | None) -> None:
        async with hub.browser(who) as browser:
            assert (await browser.get(ERASED)).status_code == 200
