"""A document at its permanent address: what is shown to whom, and where citations lead."""

import re

from knowledge.library.addresses import document_path
from knowledge.library.browsing.schemas import Caretaker
from knowledge.library.editing import DocumentEditor, WithdrawReason
from knowledge.models.document import Kind, Rights, Visibility
from tests.hub.pages.library_world import TEXT, take_in
from tests.hub.signed_in import Hub

SCRIPT = "<script>alert(1)</script>"


class TestReading:
    async def test_a_public_text_with_all_that_tells_its_worth(self, hub: Hub) -> None:
        said = {"title": "Drohnen im Rathaus", "publisher": "Stadt Lindenau", "year": 2024, "topics": ("Drohnen",)}
        key = await take_in(hub, "ordner/drohnen.md", **said, state="BB", licence="CC BY 4.0")
        other = await take_in(hub, "anderes.md", "Etwas ganz anderes steht hier.", title="Flug", topics=("Drohnen",))
        async with hub.browser() as browser:
            page = (await browser.get(f"/dokument/{key}")).text
        for part in (*TEXT, "<h1>Drohnen im Rathaus</h1>", "Brandenburg", "CC BY 4.0", "drohnen.md", "command line"):
            assert part in page
        assert "Stadt Lindenau (2024): Drohnen im Rathaus. Version 1 of" in page
        assert f"http://hub.test/dokument/{key}?v=1" in page
        assert f'<a href="/dokument/{other}">Flug</a>' in page
        assert f'href="/beitraege/korrektur/{key}"' in page
        assert "<mark>" not in page
        assert f"/bibliothek/{key}" not in page

    async def test_a_citation_leads_to_its_passage_also_after_a_new_version(self, hub: Hub) -> None:
        key = await take_in(hub, "a.md", "Das alte Wort steht hier.")
        await take_in(hub, "a.md", "Das neue Wort steht hier.")
        path = document_path(key, 1, 0)
        assert path.endswith("?v=1&p=0#stelle")
        async with hub.browser() as browser:
            old, new = await browser.get(path), await browser.get(f"/dokument/{key}")
            unknown = await browser.get(f"/dokument/{key}?v=3")
        assert re.search(r'id="stelle".*?<mark>Das alte Wort steht hier\.</mark>', old.text, re.DOTALL)
        assert "This is an earlier version" in old.text
        assert "Das neue Wort" in new.text
        assert "Das alte Wort" not in new.text
        assert f'href="/dokument/{key}?v=1"' in new.text
        assert unknown.status_code == 404

    async def test_rights_decide_how_much_is_shown(self, hub: Hub) -> None:
        quote = await take_in(hub, "q.md", *TEXT, rights=Rights.QUOTE)
        link = await take_in(hub, "l.md", *TEXT, rights=Rights.LINK, url="https://example.org/l.pdf")
        async with hub.browser() as browser:
            whole = (await browser.get(f"/dokument/{quote}")).text
            cited = (await browser.get(document_path(quote, 1, 0))).text
            linked = (await browser.get(document_path(link, 1, 0))).text
        assert "8.400" not in whole
        assert "8.400" in cited
        assert "8.400" not in linked
        assert '<a href="https://example.org/l.pdf"' in linked

    async def test_an_experience_says_how_far_it_came(self, hub: Hub) -> None:
        details = {"status": "failed", "would_do_again": "no", "period": "2022 bis 2023"}
        key = await take_in(hub, "e.md", kind=Kind.EXPERIENCE, organisation="lindenau", details=details)
        async with hub.browser() as browser:
            page = (await browser.get(f"/dokument/{key}")).text
        for part in ("Lindenau", "Failed", "<dd>No</dd>", "2022 bis 2023"):
            assert part in page

    async def test_markup_is_shown_as_text_and_hostile_links_lead_nowhere(self, hub: Hub) -> None:
        said = {"title": SCRIPT, "publisher": SCRIPT, "topics": (SCRIPT,), "url": "javascript:alert(1)"}
        key = await take_in(hub, "x.md", f"Ein Satz {SCRIPT} mit Wörtern.", **said)
        async with hub.browser() as browser:
            page = (await browser.get(f"/dokument/{key}")).text
        assert SCRIPT not in page
        assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 4
        assert "javascript:" not in page

    async def test_the_title_is_not_said_twice(self, hub: Hub) -> None:
        key = await take_in(hub, "a.md", title="Bericht")
        async with hub.browser() as browser:
            page = (await browser.get(f"/dokument/{key}")).text
        assert page.count(">Bericht</h") == 1

    async def test_a_long_text_comes_in_pages_and_a_citation_opens_its_own(self, hub: Hub) -> None:
        texts = [f"Absatz {number} {'hat viele Wörter und noch mehr davon ' * 20}." for number in range(150)]
        key = await take_in(hub, "lang.md", *texts)
        async with hub.browser() as browser:
            first = await browser.get(f"/dokument/{key}")
            cited = await browser.get(document_path(key, 1, 120))
            nonsense = await browser.get(f"/dokument/{key}?seite=99999999&p=-1&v=&frueher=x")
        assert "Absatz 0 " in first.text
        assert "Absatz 149 " not in first.text
        assert "Page 2 of 2" in cited.text
        assert "<mark>Absatz 120 " in cited.text
        assert nonsense.status_code == 200


class TestNobodyElseHearsOfIt:
    async def test_houses_and_what_is_withdrawn_are_as_if_they_were_not_there(self, hub: Hub) -> None:
        house = await take_in(hub, "h.md", title="Geheimes", visibility=Visibility.HOUSE, organisation="lindenau")
        gone = await take_in(hub, "w.md", title="Fort")
        async with hub.writing() as unit:
            await DocumentEditor(unit, Caretaker(None), by=None).withdraw([gone], WithdrawReason.WRONG)
        statuses = {}
        for who in (None, "neighbour", "member", "moderator", "administrator"):
            async with hub.browser(who) as browser:
                pages = [await browser.get(f"/dokument/{key}") for key in (house, gone, hub.people["member"].id)]
            statuses[who] = [page.status_code for page in pages]
            assert "Geheimes" not in pages[0].text or pages[0].status_code == 200
            assert {page.text.count("Fort") for page in pages} == {0}
        # A moderator's office does not reach into ordinary pages: here, all of them work for the same house.
        seen = {who: status[0] == 200 for who, status in statuses.items()}
        assert seen == {None: False, "neighbour": False, "member": True, "moderator": True, "administrator": True}
        assert {tuple(status[1:]) for status in statuses.values()} == {(404, 404)}

    async def test_what_was_said_to_a_house_stays_there_when_the_text_goes_out(self, hub: Hub) -> None:
        key = await take_in(hub, "h.md", "Nur für uns.", visibility=Visibility.HOUSE, organisation="lindenau")
        await take_in(hub, "h.md", "Für alle.", visibility=Visibility.PUBLIC, organisation="lindenau")
        async with hub.browser() as browser:
            now, before = await browser.get(f"/dokument/{key}"), await browser.get(f"/dokument/{key}?v=1")
        assert "Für alle." in now.text
        assert "v=1" not in now.text
        assert before.status_code == 404
