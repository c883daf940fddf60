"""Tests of „Was ich betreue", „Übergabe" and „Nachfolge offen"."""

import re

from httpx import AsyncClient, Response

from knowledge.contributions.schemas import Author
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models import Document
from knowledge.models.document import Status
from tests.hub.signed_in import Hub
from tests.knowledge.contributions.world import publish_it, send


async def published(hub: Hub, who: str = "member") -> Document:
    """Have an experience of somebody published."""
    author = Author(hub.people[who].id, hub.people[who].organisation_id)
    return await publish_it(hub.database, (await send(hub.database, author)).id)


async def post(browser: AsyncClient, shown: str, address: str, **fields: str) -> Response:
    """Send a form of the page at ``shown``."""
    key = re.search(r'name="form_key" value="([^"]+)"', (await browser.get(shown)).text)
    assert key is not None
    return await browser.post(address, data={"form_key": key[1], **fields})


class TestCare:
    async def test_says_that_a_document_still_holds(self, hub: Hub) -> None:
        document = await published(hub)
        async with hub.browser("member") as browser:
            assert document.title in (await browser.get("/betreuung")).text
            answer = await post(browser, "/betreuung", f"/betreuung/{document.id}/aktuell")
            assert answer.status_code == 303
            assert "asked again" in (await browser.get("/betreuung")).text

    async def test_withdraws_after_a_question(self, hub: Hub) -> None:
        document = await published(hub)
        page = f"/betreuung/{document.id}/zurueckziehen"
        async with hub.browser("member") as browser:
            assert (await post(browser, page, page)).status_code == 303
        async with unit_of_work(hub.database, writes=False) as unit:
            assert (await unit.session.get_one(Document, document.id)).status is Status.WITHDRAWN

    async def test_shows_nobody_what_others_look_after(self, hub: Hub) -> None:
        document = await published(hub)
        async with hub.browser("neighbour") as browser:
            assert document.title not in (await browser.get("/betreuung")).text
            assert (await browser.get(f"/betreuung/{document.id}/zurueckziehen")).status_code == 404


class TestHandover:
    async def test_a_note_becomes_a_draft_and_a_colleague_takes_over(self, hub: Hub) -> None:
        document = await published(hub)
        colleague = str(hub.people["releaser"].id)
        note = {"area": "Friedhof", "needs": "Der Plan hängt im Büro.", "stands": "Satzung bis Mai."}
        async with hub.browser("member") as browser:
            assert (await post(browser, "/uebergabe", "/uebergabe/notiz", **note)).status_code == 303
            assert "Friedhof" in (await browser.get("/beitraege")).text
            assert (await post(browser, "/uebergabe", "/uebergabe", successor=colleague)).status_code == 303
        async with hub.browser("releaser") as browser:
            page = await browser.get("/nachfolge")
            assert document.title in page.text
            assert "you are asked" in page.text
            taking = re.search(r'action="(/nachfolge/[^"]+/uebernehmen)"', page.text)
            assert taking is not None
            assert (await post(browser, "/nachfolge", taking[1])).status_code == 303
            assert document.title in (await browser.get("/betreuung")).text
        async with hub.browser("member") as browser:
            assert document.title not in (await browser.get("/betreuung")).text

    async def test_keeps_what_was_typed_where_something_is_missing(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            answer = await post(browser, "/uebergabe", "/uebergabe/notiz", area="Friedhof", needs="", stands="x")
            assert answer.status_code == 422
            assert "Friedhof" in answer.text
            assert "Please write something." in answer.text

    async def test_a_stranger_cannot_be_named_and_sees_nothing(self, hub: Hub) -> None:
        document = await published(hub)
        async with hub.browser("member") as browser:
            other = str(hub.people["neighbour"].id)
            assert (await post(browser, "/uebergabe", "/uebergabe", successor=other)).status_code == 422
            assert (await post(browser, "/uebergabe", "/uebergabe", successor="")).status_code == 303
        async with hub.browser("neighbour") as browser:
            assert document.title not in (await browser.get("/nachfolge")).text
