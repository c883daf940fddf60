"""Contact requests in the hub: asked with one's own words, decided by the other side, names after both said yes."""

import re
from uuid import uuid4

import pytest

from knowledge.peers.requests.limits import MOST_BY_DAY
from tests.hub.pages.library_world import fields_of
from tests.hub.pages.network_world import WISHED, findable, requested
from tests.hub.pages.test_contributions import to
from tests.hub.signed_in import Hub

ASK = "/kontakte/anfragen"
WITHDRAW = re.compile(r"/kontakte/([0-9a-f-]{36})/zurueckziehen")


class TestAsking:
    async def test_the_words_reach_the_person_without_names(self, hub: Hub) -> None:
        (water,) = await findable(hub, "neighbour", "Trinkwasser")
        async with hub.browser("member") as browser:
            data = {"an": str(hub.people["neighbour"].id), "thema": str(water), "text": WISHED}
            mine = await to(browser, await browser.post(ASK, data=data))
        async with hub.browser("neighbour") as browser:
            theirs, start = (await browser.get("/kontakte")).text, (await browser.get("/")).text
        assert "To somebody at Gruenau" in mine.text
        assert "Neighbour" not in mine.text
        assert WISHED in theirs
        assert "From somebody at Lindenau" in theirs
        assert ">Member<" not in theirs
        assert "Somebody would like to talk to you" in start

    async def test_what_cannot_be_sent_stays_in_the_form(self, hub: Hub) -> None:
        await findable(hub, "neighbour", "Trinkwasser")
        data = {"an": str(hub.people["neighbour"].id), "thema": "quatsch"}
        async with hub.browser("member") as browser:
            short = await browser.post(ASK, data=data | {"text": "Hallo"})
            long = await browser.post(ASK, data=data | {"text": "Wasser " * 200})
            named = await browser.post(ASK, data=data | {"text": f"{WISHED} Rufen Sie 0331 2345678 an."})
            house = await browser.post(ASK, data={"an": str(hub.people["releaser"].id), "text": WISHED})
            empty = await browser.post(ASK, data={"text": WISHED})
        assert [page.status_code for page in (short, long, named, house, empty)] == [422, 422, 200, 404, 404]
        assert "Wasser Wasser" in long.text
        assert "Is anybody named here?" in named.text
        assert WISHED in house.text

    async def test_a_flood_ends_with_a_clear_page_that_keeps_the_words(self, hub: Hub) -> None:
        pages = []
        async with hub.browser("member") as browser:
            for number in range(MOST_BY_DAY + 1):
                data = {"an": str(uuid4()), "text": f"{WISHED} Nummer {number}."}
                pages.append(await browser.post(ASK, data=data))
                # One at a time on a topic: the one before is taken back.
                (key,) = WITHDRAW.findall((await browser.get("/kontakte")).text) or [None]
                await browser.post(f"/kontakte/{key}/zurueckziehen")
        assert [page.status_code for page in pages] == [303] * MOST_BY_DAY + [429]
        assert f"Nummer {MOST_BY_DAY}." in pages[-1].text

    async def test_sent_twice_is_one_request(self, hub: Hub) -> None:
        await findable(hub, "neighbour", "Trinkwasser")
        async with hub.browser("member") as browser:
            data = {"an": str(hub.people["neighbour"].id), "text": WISHED, "form_key": "einmal"}
            first, second = [await browser.post(ASK, data=data) for _time in range(2)]
            page = (await browser.get("/kontakte")).text
        assert (first.status_code, second.status_code) == (303, 303)
        assert page.count("To somebody at Gruenau") == 1


class TestDeciding:
    async def test_a_yes_exchanges_names_and_addresses(self, hub: Hub) -> None:
        request = await requested(hub)
        path = f"/kontakte/{request}/zusagen"
        async with hub.browser("neighbour") as browser:
            form = fields_of(await browser.get(f"/kontakte/{request}"), path)
            theirs = await to(browser, await browser.post(path, data=form))
        async with hub.browser("member") as browser:
            mine = (await browser.get("/kontakte")).text
        assert "<dd>Member</dd>" in theirs.text
        assert "<dd>Neighbour</dd>" in mine
        assert "@neighbour:ort.example" in mine
        assert WISHED not in mine

    async def test_a_no_is_not_available_and_tells_nothing_more(self, hub: Hub) -> None:
        request = await requested(hub)
        async with hub.browser("member") as browser:
            before = (await browser.get("/kontakte")).text
            async with hub.browser("neighbour") as other:
                declined = await to(other, await other.post(f"/kontakte/{request}/absagen"))
            after = (await browser.get("/kontakte")).text
        assert "you said no" in declined.text
        # When it is told does not depend on when it was decided.
        assert "you said no" not in after
        assert "Neighbour" not in before + after

    @pytest.mark.parametrize("act", ["zusagen", "absagen", "zurueckziehen", "weitergeben", "sperren"])
    async def test_nobody_else_decides(self, hub: Hub, act: str) -> None:
        request = await requested(hub)
        async with hub.browser("releaser") as browser:
            assert (await browser.get(f"/kontakte/{request}")).status_code == 404
            assert (await browser.post(f"/kontakte/{request}/{act}", data={"name": "Releaser"})).status_code == 404
            assert (await browser.post(f"/kontakte/{uuid4()}/{act}")).status_code == 404
        async with hub.browser("neighbour") as browser:
            assert "waits for you" in (await browser.get(f"/kontakte/{request}")).text

    async def test_the_asker_cannot_say_yes_for_the_other_side(self, hub: Hub) -> None:
        request = await requested(hub)
        async with hub.browser("member") as browser:
            assert (await browser.post(f"/kontakte/{request}/zusagen")).status_code == 404
            assert "Neighbour" not in (await browser.get(f"/kontakte/{request}")).text

    async def test_what_was_taken_back_meanwhile_cannot_be_decided(self, hub: Hub) -> None:
        request = await requested(hub)
        async with hub.browser("member") as browser:
            await to(browser, await browser.post(f"/kontakte/{request}/zurueckziehen"))
        async with hub.browser("neighbour") as browser:
            late = await browser.post(f"/kontakte/{request}/zusagen")
        assert late.status_code in (404, 409)


class TestPassingOn:
    async def test_a_colleague_of_the_house_is_asked_in_turn(self, hub: Hub) -> None:
        request = await requested(hub, "neighbour", "member")
        path = f"/kontakte/{request}/weitergeben"
        async with hub.browser("member") as browser:
            found = await browser.post(path, data=fields_of(await browser.get(path), path) | {"name": "Releaser"})
            assert "Who is it?" in found.text
            data = {"name": "Releaser", "kollege": str(hub.people["releaser"].id)}
            await to(browser, await browser.post(path, data=data))
        async with hub.browser("releaser") as browser:
            assert WISHED in (await browser.get("/kontakte")).text

    async def test_strangers_and_people_of_other_houses_cannot_be_named(self, hub: Hub) -> None:
        request = await requested(hub, "neighbour", "member")
        path = f"/kontakte/{request}/weitergeben"
        async with hub.browser("member") as browser:
            unknown = await browser.post(path, data={"name": "Niemand von hier"})
            asker = await browser.post(path, data={"name": "x", "kollege": str(hub.people["neighbour"].id)})
            empty = await browser.post(path, data={"name": " "})
        assert [page.status_code for page in (unknown, asker, empty)] == [422, 422, 422]
        assert "Niemand von hier" in unknown.text


class TestBlocking:
    async def test_is_listed_and_lifted(self, hub: Hub) -> None:
        request = await requested(hub)
        async with hub.browser("neighbour") as browser:
            blocked = await to(browser, await browser.post(f"/kontakte/{request}/sperren"))
            [path] = re.findall(r"/kontakte/gesperrt/[0-9a-f-]{36}/aufheben", blocked.text)
            lifted = await to(browser, await browser.post(path, data=fields_of(blocked, path)))
        assert "A member of the network, Lindenau" in blocked.text
        assert "From whom you want no requests" not in lifted.text
