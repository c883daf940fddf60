"""The queue in the browser, and deciding on several at once."""

from datetime import timedelta
from uuid import UUID

from knowledge.contributions.schemas import Author, Wishes
from knowledge.kit.clock import now, today
from knowledge.models import Contribution, Document
from knowledge.models.contribution import ContributionState
from knowledge.models.document import Visibility
from knowledge.review.schemas import Tab
from tests.hub.signed_in import Hub
from tests.knowledge.contributions.world import send

HOSTILE = '<script>alert("x")</script><b onmouseover=x>&amp;'


def author(hub: Hub, who: str = "member") -> Author:
    """Return somebody as an author."""
    return Author(hub.people[who].id, hub.people[who].organisation_id)


async def row(hub: Hub, key: UUID) -> Contribution:
    """Return a contribution as it stands."""
    async with hub.writing() as unit:
        return await unit.session.get_one(Contribution, key)


class TestQueue:
    async def test_what_waits_is_listed_with_its_age(self, hub: Hub) -> None:
        entry = await send(hub.database, author(hub), title="Chatbot abgeschaltet")
        async with hub.writing() as unit:
            (await unit.session.get_one(Contribution, entry.id)).waiting_since = now() - timedelta(days=5)
        async with hub.browser("moderator") as browser:
            page = await browser.get("/pruefung")
        assert page.status_code == 200
        assert f'href="/pruefung/{entry.id}?stand=waiting"' in page.text
        assert "Chatbot abgeschaltet" in page.text
        assert "5 days" in page.text

    async def test_every_part_is_a_page_also_when_empty(self, hub: Hub) -> None:
        async with hub.browser("moderator") as browser:
            for tab in (*Tab, "nonsense"):
                page = await browser.get("/pruefung", params={"stand": tab, "seite": "x", "kommune": "?", "art": "?"})
                assert page.status_code == 200
                assert "Nothing here at the moment." in page.text

    async def test_texts_of_others_are_text(self, hub: Hub) -> None:
        await send(hub.database, author(hub), title=HOSTILE, topics=[HOSTILE[:50]])
        async with hub.browser("moderator") as browser:
            page = await browser.get("/pruefung", params={"thema": HOSTILE[:50]})
        assert "<script>alert" not in page.text
        assert "<b onmouseover" not in page.text
        assert "&lt;script&gt;alert" in page.text

    async def test_a_house_item_of_another_office_is_nowhere(self, hub: Hub) -> None:
        wishes = Wishes(visibility=Visibility.HOUSE)
        secret = await send(hub.database, author(hub, "member"), wishes, title="Nur bei uns")
        allowed = await send(hub.database, author(hub, "neighbour"), title="Vom Nachbarn")
        async with hub.browser("scoped_moderator") as browser:
            page = await browser.get("/pruefung")
            item = await browser.get(f"/pruefung/{secret.id}")
            unknown = await browser.get(f"/pruefung/{UUID(int=1)}")
        assert f"/pruefung/{allowed.id}" in page.text
        assert str(secret.id) not in page.text
        assert "Nur bei uns" not in page.text
        assert "1 contribution, the longest waiting first" in page.text
        assert (item.status_code, unknown.status_code) == (404, 404)
        assert item.text.replace(str(secret.id), "") == unknown.text.replace(str(UUID(int=1)), "")


class TestSeveralAtOnce:
    async def test_one_that_fails_does_not_stop_the_others(self, hub: Hub) -> None:
        entries = [await send(hub.database, author(hub), title=f"Nummer {number}") for number in range(3)]
        ids = [f"{entry.id}:{entry.revision}" for entry in entries]
        ids[1] = f"{entries[1].id}:{entries[1].revision - 1}"
        async with hub.browser("moderator") as browser:
            answer = await browser.post("/pruefung/mehrere", data={"ids": ids, "action": "publish"})
        states = [(await row(hub, entry.id)).state for entry in entries]
        published, waiting = ContributionState.PUBLISHED, ContributionState.WAITING
        assert states == [published, waiting, published]
        assert "2 done" in answer.text
        assert "1 not done" in answer.text
        assert "Nummer 1</a>: Somebody else changed this meanwhile." in answer.text

    async def test_a_reason_is_needed_and_one_reason_goes_to_all(self, hub: Hub) -> None:
        entries = [await send(hub.database, author(hub), title=f"Nummer {number}") for number in range(2)]
        ids = [f"{entry.id}:{entry.revision}" for entry in entries]
        async with hub.browser("moderator") as browser:
            refused = await browser.post("/pruefung/mehrere", data={"ids": ids, "action": "reject", "reason": ""})
            assert "2 not done" in refused.text
            await browser.post("/pruefung/mehrere", data={"ids": ids, "action": "reject", "reason": "Doppelt."})
        assert [(await row(hub, entry.id)).reason for entry in entries] == ["Doppelt.", "Doppelt."]

    async def test_a_document_that_is_gone_does_not_take_the_rest_with_it(self, hub: Hub) -> None:
        good = await send(hub.database, author(hub))
        # Publishing it fails in the middle: what it corrects is gone.
        broken = await send(hub.database, author(hub), title="Kaputt")
        async with hub.writing() as unit:
            (await unit.session.get_one(Contribution, broken.id)).fields = {"suggestion": "Bitte ändern."}
        ids = [f"{entry.id}:{entry.revision}" for entry in (broken, good)]
        async with hub.browser("moderator") as browser:
            answer = await browser.post("/pruefung/mehrere", data={"ids": ids, "action": "publish"})
        assert "1 done" in answer.text
        assert (await row(hub, broken.id)).state is ContributionState.WAITING
        assert (await row(hub, good.id)).state is ContributionState.PUBLISHED

    async def test_nothing_ticked_and_nonsense_do_nothing(self, hub: Hub) -> None:
        entry = await send(hub.database, author(hub))
        async with hub.browser("moderator") as browser:
            nothing = await browser.post("/pruefung/mehrere", data={"action": "publish"})
            nonsense = await browser.post(
                "/pruefung/mehrere", data={"ids": [f"{entry.id}:", "x:y", ":"], "action": "publish"}
            )
            unknown = await browser.post("/pruefung/mehrere", data={"ids": f"{entry.id}:2", "action": "erase"})
        assert [page.status_code for page in (nothing, nonsense, unknown)] == [200, 200, 200]
        assert "Nothing was ticked" in nothing.text
        assert (await row(hub, entry.id)).state is ContributionState.WAITING


class TestDue:
    async def test_documents_past_their_review_date_lead_to_the_library(self, hub: Hub) -> None:
        entry = await send(hub.database, author(hub), title="Veraltet")
        async with hub.browser("moderator") as browser:
            await browser.post(f"/pruefung/{entry.id}/veroeffentlichen", data={"revision": str(entry.revision)})
            document = (await row(hub, entry.id)).document_id
            async with hub.writing() as unit:
                (await unit.session.get_one(Document, document)).review_by = today() - timedelta(days=1)
            page = await browser.get("/pruefung", params={"stand": "due"})
        assert f'<a href="/bibliothek/{document}">Veraltet</a>' in page.text
