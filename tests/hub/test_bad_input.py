"""What people and programs send in error or in ill will, from the first form to the last page that shows it."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

from httpx import AsyncClient
from sqlalchemy import func, select

from hub.auth.visiting import COOKIE
from knowledge.access.links import AccessLinks
from knowledge.contributions.fields import FIELDS
from knowledge.contributions.limits import MOST_BY_PERSON
from knowledge.contributions.schemas import Wishes
from knowledge.kit.clock import now, use_clock
from knowledge.kit.ids import new_id
from knowledge.models.contribution import Contribution, ContributionKind, ContributionState
from knowledge.models.document import Document, Visibility
from tests.hub.pages.library_world import fields_of, searching
from tests.hub.pages.test_contributions import author, mine
from tests.hub.pages.test_uploads import send as upload
from tests.hub.pages.test_uploads import text
from tests.hub.signed_in import Hub
from tests.knowledge.contributions.world import send

HOSTILE = "<script>alert(1)</script>\"><img src=x onerror=alert(2)> [klick](javascript:alert(3)) 'onload=alert(4)"
MORNING = datetime(2026, 11, 2, 9, tzinfo=UTC)
FILES, GOOD = 500, 10


class Alive(HTMLParser):
    """Collects what would act: scripts in the page, attributes that are programs, pictures and links of others."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at a tag."""
        values = dict(attrs)
        links = [str(values.get(name, "")).strip().lower() for name in ("href", "src", "action", "formaction")]
        own_script = tag == "script" and not str(values.get("src", "")).startswith("/static/")
        programs = any(name.startswith("on") for name in values)
        if own_script or programs or any(link.startswith(("javascript:", "x")) for link in links):
            self.found.append(str(self.get_starttag_text()))


async def reads(browser: AsyncClient, *addresses: str) -> dict[str, str]:
    """Return pages by their addresses."""
    pages = {}
    for address in addresses:
        page = await browser.get(address)
        assert page.status_code == 200, (address, page.text)
        pages[address] = page.text
    return pages


class TestMarkup:
    async def test_in_every_field_it_is_text_wherever_it_comes(self, hub: Hub) -> None:
        told: dict[str, Any] = {one.name: f"Drohne {HOSTILE}" for one in FIELDS if one.values is None}
        told["topics"] = [HOSTILE[:60]]
        entry = await send(hub.database, author(hub), Wishes(visibility=Visibility.PUBLIC), **told)
        item, own = f"/pruefung/{entry.id}", f"/beitraege/{entry.id}"
        pages: dict[str, str] = {}
        async with hub.browser("member") as browser:
            pages |= await reads(browser, "/beitraege", own, f"{own}/zurueckziehen")
        async with hub.browser("moderator") as browser:
            pages |= await reads(browser, "/pruefung", item, f"{item}/bearbeiten", f"{item}/zusammenfuehren")
            published = await browser.post(f"{item}/veroeffentlichen", data=fields_of_item(pages[item]))
            assert published.status_code == 303
            document = (await document_of(hub, entry.id)).id
            async with searching(hub):
                kept = f"/bibliothek/{document}"
                pages |= await reads(browser, f"/dokument/{document}", "/bibliothek", kept, f"{kept}/zusammenfuehren")
                search = await reads(browser, "/suche?q=Drohne", "/suche?q=Drohne&art=experience")
                answer = re.search(r'href="(/antwort/[^"]+)"', search["/suche?q=Drohne"])
                assert answer is not None
                pages |= search | await reads(browser, answer[1].replace("&amp;", "&"), "/")
                pages |= await reads(browser, f"/suche?q={HOSTILE}")
            pages |= await reads(browser, item, f"/dokument/{document}/melden", f"/beitraege/korrektur/{document}")
        assert Alive(HOSTILE).found != []
        assert {address: found for address, page in pages.items() if (found := Alive(page).found)} == {}
        assert [address for address, page in pages.items() if "&lt;script&gt;alert(1)" not in page] == []


def fields_of_item(page: str) -> dict[str, str]:
    found = re.findall(r'name="(form_key|revision)" value="([^"]+)"', page)
    return dict(found)


async def document_of(hub: Hub, contribution: UUID) -> Document:
    async with hub.writing() as unit:
        row = await unit.session.get_one(Contribution, contribution)
        assert row.document_id is not None
        return await unit.session.get_one(Document, row.document_id)


class TestFlood:
    async def test_it_ends_with_a_clear_page_and_the_draft_stays(self, hub: Hub) -> None:
        waiting: dict[str, Any] = {"kind": ContributionKind.EXPERIENCE, "state": ContributionState.WAITING}
        async with hub.writing() as unit:
            for _each in range(MOST_BY_PERSON):
                row = Contribution(id=new_id(), member_id=hub.people["member"].id, submitted_at=now(), **waiting)
                unit.session.add(row)
        async with hub.browser("member") as browser:
            form = fields_of(await browser.get("/beitraege/neu"), "/beitraege/neu")
            typed = {**form, "title": "Noch eins", "done": "Getan.", "outcome": "Geworden."}
            await browser.post("/beitraege/neu", data=typed)
            draft = next(entry for entry in await mine(hub) if entry.state is ContributionState.DRAFT)
            address = f"/beitraege/{draft.id}/senden"
            page = await browser.get(address)
            refused = await browser.post(address, data=fields_of(page, address))
        assert refused.status_code == 429
        assert f"{MOST_BY_PERSON} contributions within a day" in refused.text
        assert (await mine(hub))[0].title == "Noch eins"


class TestSessionOver:
    async def test_a_long_experience_is_not_lost(self, hub: Hub) -> None:
        use_clock(lambda: MORNING)
        long = "Wir haben lange daran gesessen. " * 150
        async with hub.browser("member") as browser:
            form = fields_of(await browser.get("/beitraege/neu"), "/beitraege/neu")
            use_clock(lambda: MORNING + timedelta(hours=13))
            typed = {**form, "title": "Lange Arbeit", "done": long, "outcome": "Fertig."}
            over = await browser.post("/beitraege/neu", data=typed)
            assert over.headers["location"].startswith("/anmelden")
            assert await mine(hub) == []

            async with hub.writing() as unit:
                link = await AccessLinks(unit.session).sign_in_link(hub.people["member"].id)
            back = await browser.post(link.path)
            assert COOKIE in str(back.headers.get_list("set-cookie"))
            kept = await browser.get(back.headers["location"])
            again = await browser.post("/beitraege/neu", data=fields_of(kept, "/beitraege/neu"))
            assert again.status_code == 303
        (draft,) = await mine(hub)
        assert (draft.title, draft.fields["done"]) == ("Lange Arbeit", long.strip())


class TestGuessedLinks:
    async def test_after_some_it_becomes_slow(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            answers = [await browser.post(f"/anmelden/link/geraten-{number}") for number in range(60)]
        assert {answer.status_code for answer in answers} == {422, 429}
        assert int(answers[-1].headers["retry-after"]) > 0


class TestManyFiles:
    async def test_each_of_500_at_once_has_its_result(self, hub: Hub) -> None:
        # Most of them are nothing that can be read, which is quick.
        ends = ["txt" if number % (FILES // GOOD) == 0 else "xyz" for number in range(FILES)]
        files = [text(f"{number}.{end}", f"Bericht {number}: Baum {number} steht.") for number, end in enumerate(ends)]
        async with hub.browser("publisher") as browser:
            page = await upload(browser, files)
        assert f"{GOOD} taken, {FILES - GOOD} not." in page.text
        assert all(f"{number}.{end}" in page.text for number, end in enumerate(ends))
        async with hub.writing() as unit:
            assert await unit.session.scalar(select(func.count()).select_from(Document)) == GOOD
