"""Searching in the hub: the answer with its sources and trace, then the passages, narrowed and in pages."""

import re
from uuid import UUID

from sqlalchemy import select

from hub.services import HubServices
from knowledge.access.visibility import anybody
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.addresses import document_path
from knowledge.library.answers.traces import find_trace
from knowledge.models.answer import Answer, AnswerDocument
from knowledge.models.document import Kind, Rights
from tests.hub.pages.library_world import searching, take_in
from tests.hub.signed_in import Hub

ASKED = "/suche?q=Was+hat+die+Drohne+gekostet"


def services_of_app(hub: Hub) -> HubServices:
    """Return what the hub's pages work with."""
    services: HubServices = hub.app.state.services
    return services


async def cited(hub: Hub) -> set[UUID]:
    """Return the documents that answers cited."""
    async with hub.database.session(writes=False) as session:
        return set((await session.scalars(select(AnswerDocument.document_id))).all())


class TestAsking:
    async def test_an_answer_with_quotations_sources_and_its_trace(self, hub: Hub) -> None:
        key = await take_in(hub, "drohne.md", publisher="<b>Verlag</b>")
        other = await take_in(hub, "hund.md", "Der Hund des Amtes bellt.")
        async with searching(hub), hub.browser("member") as browser:
            page = (await browser.get(ASKED)).text
            narrowed = (await browser.get(f"{ASKED}&art=literature")).text
        assert "„Die Drohne hat 8.400 Euro gekostet, die Schulung 1.200 Euro.“ [1]" in page
        assert f'href="{document_path(key, 1, 0)}"'.replace("&", "&amp;") in page
        assert "Put together automatically." in page
        assert "&lt;b&gt;Verlag&lt;/b&gt;" in page
        answer = re.search(r'href="/antwort/([0-9a-f-]+)\?eigene=', page)
        assert answer
        async with unit_of_work(hub.database, writes=False) as unit:
            trace = await find_trace(unit.session, answer[1])
            answers = (await unit.session.scalars(select(Answer.id))).all()
        assert trace["query"] == "Was hat die Drohne gekostet"
        # What only narrows the passages asks nothing anew.
        assert [UUID(answer[1])] == list(answers)
        assert "/antwort/" not in narrowed
        assert (key in await cited(hub), other in await cited(hub)) == (True, False)

    async def test_it_is_the_answer_that_the_bot_gives(self, hub: Hub) -> None:
        await take_in(hub, "drohne.md")
        await take_in(hub, "hund.md", "Der Hund des Amtes bellt und hat eine Drohne.")
        async with searching(hub):
            answers = services_of_app(hub).answers
            asked = "Was hat die Drohne gekostet?"
            alone = await answers.prepare(asked, anybody())
            found, passages = await answers.look_up(asked, anybody())
        assert (found.reply.citations, found.reply.confidence) == (alone.reply.citations, alone.reply.confidence)
        assert len(passages) == 2

    async def test_nothing_certain_is_said_to_be_so(self, hub: Hub) -> None:
        await take_in(hub, "drohne.md")
        async with searching(hub, line=1.0), hub.browser() as browser:
            near = (await browser.get(ASKED)).text
            nothing = (await browser.get("/suche?q=Zwiebelkuchen")).text
            empty, long = await browser.get("/suche?q=+"), await browser.get("/suche", params={"q": "x" * 30000})
        assert "No certain answer" in near
        assert "Nothing was found." in nothing
        assert (empty.status_code, long.status_code) == (200, 200)
        assert await cited(hub) == set()


class TestNarrowing:
    async def test_by_kind_year_and_origin_and_in_pages(self, hub: Hub) -> None:
        for number in range(12):
            await take_in(hub, f"{number}.md", f"Die Drohne Nummer {number} fliegt.", year=2020, publisher="Verlag A")
        await take_in(hub, "e.md", "Die Drohne fällt.", kind=Kind.EXPERIENCE, year=2021, organisation="lindenau")
        await take_in(hub, "l.md", "Die Drohne singt.", year=2020, publisher="Verlag A", rights=Rights.LINK)
        async with searching(hub), hub.browser() as browser:
            first, second = [(await browser.get(f"/suche?q=Drohne&seite={page}")).text for page in (1, 2)]
            experience = (await browser.get("/suche?q=Drohne&art=experience&jahr=2021&von=Lindenau")).text
            none = (await browser.get("/suche?q=Drohne&art=experience&jahr=2020")).text
        assert "14 passages" in first
        assert first.count("data-item") == 10
        assert second.count("data-item") == 4
        assert "1 passage<" in experience
        assert "Die Drohne fällt." in experience
        assert "None of the passages that were found fits" in none
        assert "singt" not in first + second
