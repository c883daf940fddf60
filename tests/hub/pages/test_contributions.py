"""Tests of contributing in the hub: writing, redacting, sending, answering, withdrawing, releasing."""

import re
from typing import Any
from uuid import UUID

import pytest_asyncio
from httpx import AsyncClient, Response

from knowledge.contributions.schemas import Author, ContributionEntry
from knowledge.contributions.service import ContributionService
from knowledge.kit.clock import today
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models import Organisation
from knowledge.models.contribution import Attribution, ContributionState
from knowledge.models.document import Visibility
from knowledge.models.organisation import OrganisationKind
from knowledge.topics.seeding import seed_topics
from tests.hub.signed_in import Hub
from tests.knowledge.contributions.world import FIELDS, add_circle, add_neighbours, ask_back, publish_it, send

TITLE = str(FIELDS["title"])
TYPED = {"title": "Chatbot", "done": "Gemietet.", "outcome": "Abgeschaltet.", "topics": "KI, Website", "again": "no"}
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


@pytest_asyncio.fixture
async def anonymous_house(hub: Hub) -> Hub:
    """The people's organisation is one of six municipalities of the register that are alike."""
    async with hub.writing() as unit:
        house = await unit.session.get_one(Organisation, author(hub).organisation_id)
        house.kind, house.state_key, house.population = OrganisationKind.MUNICIPALITY, "12", 3000
        house.register_date = today()
        await add_neighbours(unit.session, 5)
    return hub


def author(hub: Hub, who: str = "member") -> Author:
    return Author(hub.people[who].id, hub.people[who].organisation_id)


async def mine(hub: Hub, who: str = "member") -> list[ContributionEntry]:
    async with unit_of_work(hub.database, writes=False) as unit:
        return list(await ContributionService(unit).of_author(hub.people[who].id))


async def sent(hub: Hub, who: str = "member", **fields: Any) -> ContributionEntry:
    return await send(hub.database, author(hub, who), **fields)


async def to(browser: AsyncClient, response: Response) -> Response:
    """Follow a redirect."""
    assert response.status_code == 303, response.text
    return await browser.get(response.headers["location"])


async def fill_in(browser: AsyncClient, address: str = "/beitraege/neu", **fields: str) -> Response:
    """Type a contribution into the form that is at an address, and go on."""
    page = await browser.get(address)
    key = re.search(r'name="form_key" value="([^"]+)"', page.text)
    assert key is not None, page.text
    return await browser.post(address, data={"form_key": key[1], **fields})


class TestWriting:
    async def test_from_the_form_to_the_moderators(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            check = await to(browser, await fill_in(browser, **TYPED))
            whole = await to(browser, check)
            assert "Abgeschaltet." in whole.text
            (draft,) = await mine(hub)
            data = {"sichtbarkeit": "public", "nennung": "organisation"}
            done = await to(browser, await browser.post(f"/beitraege/{draft.id}/senden", data=data))

        (entry,) = await mine(hub)
        assert (entry.state, entry.visibility) == (ContributionState.WAITING, Visibility.PUBLIC)
        assert entry.fields["topics"] == ["KI", "Website"]
        assert "waits for a moderator" in done.text

    async def test_topics_are_suggested_and_ones_own_to_take_or_leave(self, hub: Hub) -> None:
        async with hub.writing() as unit:
            await seed_topics(unit.session)
        data = {"sichtbarkeit": "network", "nennung": "organisation"}
        words = {"title": "Winterdienst mit Chatbot", "done": "Gemietet.", "outcome": "Gut."}
        async with hub.browser("member") as browser:
            taken = await to(browser, await to(browser, await fill_in(browser, **words)))
            (draft,) = await mine(hub)
            await browser.post(f"/beitraege/{draft.id}/senden", data={**data, "themen": "Artificial intelligence"})
            await to(browser, await fill_in(browser, **words))
            (left,) = [entry for entry in await mine(hub) if entry.id != draft.id]
            await browser.post(f"/beitraege/{left.id}/senden", data=data)
        assert "Municipal depot and winter service" in taken.text
        assert "Artificial intelligence" in taken.text
        entries = {entry.id: entry for entry in await mine(hub)}
        assert {entry.state for entry in entries.values()} == {ContributionState.WAITING}
        assert entries[draft.id].fields["topics"] == ["Artificial intelligence"]
        assert "topics" not in entries[left.id].fields

    async def test_a_draft_is_kept_though_something_is_missing(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            again = await to(browser, await fill_in(browser, title="Nur ein Titel"))
            assert "“What came of it” is needed." in again.text
            assert "Nur ein Titel" in again.text
            later = await to(browser, await fill_in(browser, title="Später", spaeter="1"))
        assert "Your draft is kept." in later.text
        assert {entry.title for entry in await mine(hub)} == {"Nur ein Titel", "Später"}

    async def test_what_does_not_fit_is_said_beside_its_field_and_stays(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            refused = await fill_in(browser, **TYPED | {"title": "x" * 300, "done": "Lang getippt"})
        assert refused.status_code == 422
        assert "at most 200 characters" in refused.text
        assert "Lang getippt" in refused.text
        assert await mine(hub) == []

    async def test_a_form_sent_twice_makes_one_draft(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            key = re.search(r'name="form_key" value="([^"]+)"', (await browser.get("/beitraege/neu")).text)
            assert key is not None
            first, second = [await browser.post("/beitraege/neu", data=TYPED | {"form_key": key[1]}) for _ in range(2)]
        assert first.headers["location"] == second.headers["location"]
        assert len(await mine(hub)) == 1

    async def test_markup_is_text(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            await fill_in(browser, **dict.fromkeys(("title", "done", "outcome", "topics"), HOSTILE[:50]))
            (draft,) = await mine(hub)
            paths = ("", f"/{draft.id}", f"/{draft.id}/bearbeiten", f"/{draft.id}/senden", f"/{draft.id}/zurueckziehen")
            pages = [(await browser.get(f"/beitraege{path}")).text for path in paths]
        assert all("&lt;script&gt;" in page and "<script>alert" not in page for page in pages)


class TestPersonalData:
    async def test_is_redacted_one_by_one(self, hub: Hub) -> None:
        words = "Frau Petra Schulz (petra.schulz@ort.example) half."
        async with hub.browser("member") as browser:
            page = await to(browser, await fill_in(browser, **TYPED | {"done": words}))
            (draft,) = await mine(hub)
            places = re.findall(r'name="stelle" type="checkbox" value="([^"]+)"', page.text)
            assert len(places) >= 2
            mail = next(place for place in places if words[int(place.split(":")[2]) :].startswith("petra"))
            page = await to(browser, await browser.post(f"/beitraege/{draft.id}/pruefen", data={"stelle": mail}))
            assert "Schulz" in page.text
            whole = await browser.get(f"/beitraege/{draft.id}/senden")
        (draft,) = await mine(hub)
        assert "petra.schulz@" not in draft.fields["done"]
        assert "Schulz" in draft.fields["done"]
        assert "looks like personal data" in whole.text


class TestSending:
    async def test_anonymous_with_the_description_seen_first(self, anonymous_house: Hub) -> None:
        hub = anonymous_house
        async with hub.browser("member") as browser:
            await fill_in(browser, **TYPED | {"done": "In Lindenau gemietet."})
            (draft,) = await mine(hub)
            page = await browser.get(f"/beitraege/{draft.id}/senden")
            assert "Eine Gemeinde in Brandenburg mit" in page.text
            house = {"sichtbarkeit": "house", "nennung": "anonymous"}
            refused = await browser.post(f"/beitraege/{draft.id}/senden", data=house)
            assert refused.status_code == 422
            network = {"sichtbarkeit": "network", "nennung": "anonymous"}
            await to(browser, await browser.post(f"/beitraege/{draft.id}/senden", data=network))
        (entry,) = await mine(hub)
        assert entry.attribution is Attribution.ANONYMOUS
        assert (entry.described_as or "").startswith("Eine Gemeinde in Brandenburg mit")

    async def test_for_circles(self, hub: Hub) -> None:
        async with hub.writing() as unit:
            circle = await add_circle(unit.session, "Klima")
        async with hub.browser("member") as browser:
            await fill_in(browser, **TYPED)
            (draft,) = await mine(hub)
            data = {"sichtbarkeit": "circle", "nennung": "organisation"}
            refused = await browser.post(f"/beitraege/{draft.id}/senden", data=data)
            assert "choose at least one circle" in refused.text
            await browser.post(f"/beitraege/{draft.id}/senden", data=data | {"kreise": str(circle)})
        (entry,) = await mine(hub)
        assert (entry.state, entry.circles) == (ContributionState.WAITING, (circle,))


class TestWhereItStands:
    async def test_a_question_is_answered_right_there(self, hub: Hub) -> None:
        entry = await sent(hub)
        await ask_back(hub.database, entry.id, hub.people["moderator"].id, "Was hat das gekostet?")
        async with hub.browser("member") as browser:
            assert "Was hat das gekostet?" in (await browser.get("/beitraege")).text
            empty = await browser.post(f"/beitraege/{entry.id}/antworten", data={"text": " "})
            assert empty.status_code == 422
            await to(browser, await browser.post(f"/beitraege/{entry.id}/antworten", data={"text": "Nichts."}))
        (answered,) = await mine(hub)
        assert (answered.state, answered.messages[-1].text) == (ContributionState.WAITING, "Nichts.")

    async def test_it_can_be_changed_until_it_is_decided(self, hub: Hub) -> None:
        entry = await sent(hub)
        async with hub.browser("member") as browser:
            form = await to(browser, await browser.post(f"/beitraege/{entry.id}/oeffnen"))
        assert "Wir mieteten einen Dienst." in form.text
        assert (await mine(hub))[0].state is ContributionState.DRAFT

    async def test_withdrawing_asks_once_more(self, hub: Hub) -> None:
        entry = await sent(hub)
        await publish_it(hub.database, entry.id)
        async with hub.browser("member") as browser:
            page = await browser.get(f"/beitraege/{entry.id}/zurueckziehen")
            assert "Its text is erased" in page.text
            listed = await to(browser, await browser.post(f"/beitraege/{entry.id}/zurueckziehen"))
        assert "withdrawn" in listed.text

    async def test_what_is_not_ones_own_does_not_exist(self, hub: Hub) -> None:
        entry = await sent(hub)
        for who in ("neighbour", "moderator", "administrator"):
            async with hub.browser(who) as browser:
                for path in ("", "/bearbeiten", "/pruefen", "/senden", "/zurueckziehen"):
                    assert (await browser.get(f"/beitraege/{entry.id}{path}")).status_code == 404
        async with hub.browser("neighbour") as browser:
            for act in ("antworten", "oeffnen", "zurueckziehen", "senden", "bearbeiten", "pruefen"):
                data = {"text": "x", "title": "x", "sichtbarkeit": "public"}
                assert (await browser.post(f"/beitraege/{entry.id}/{act}", data=data)).status_code == 404
        assert await mine(hub) == [entry]


class TestCorrecting:
    async def test_a_document_of_others_by_a_suggestion(self, hub: Hub) -> None:
        document = await publish_it(hub.database, (await sent(hub)).id)
        address = f"/beitraege/korrektur/{document.id}"
        async with hub.browser("neighbour") as browser:
            assert TITLE in (await browser.get(address)).text
            typed = {"suggestion": "Es waren 6.000 Euro.", "quote": "5.900 Euro"}
            await to(browser, await fill_in(browser, address, **typed))
            (draft,) = await mine(hub, "neighbour")
            await browser.post(f"/beitraege/{draft.id}/senden")
        (correction,) = await mine(hub, "neighbour")
        assert (correction.state, correction.corrects_id) == (ContributionState.WAITING, document.id)

    async def test_ones_own_by_its_fields(self, hub: Hub) -> None:
        document = await publish_it(hub.database, (await sent(hub)).id)
        async with hub.browser("member") as browser:
            form = await to(browser, await fill_in(browser, f"/beitraege/korrektur/{document.id}"))
        assert "5.900 Euro im Jahr." in form.text

    async def test_of_what_one_may_not_find_there_is_nothing(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            assert (await browser.get(f"/beitraege/korrektur/{UUID(int=7)}")).status_code == 404


class TestReleasing:
    async def house_first(self, hub: Hub) -> ContributionEntry:
        async with hub.writing() as unit:
            (await unit.session.get_one(Organisation, author(hub).organisation_id)).release_first = True
        return await sent(hub)

    async def test_whoever_releases_reads_it_whole_and_lets_it_go(self, hub: Hub) -> None:
        entry = await self.house_first(hub)
        async with hub.browser("releaser") as browser:
            assert TITLE in (await browser.get("/freigaben")).text
            assert "Wir mieteten einen Dienst." in (await browser.get(f"/freigaben/{entry.id}")).text
            await to(browser, await browser.post(f"/freigaben/{entry.id}/freigeben"))
        assert (await mine(hub))[0].state is ContributionState.WAITING

    async def test_it_goes_back_with_a_reason(self, hub: Hub) -> None:
        entry = await self.house_first(hub)
        async with hub.browser("releaser") as browser:
            empty = await browser.post(f"/freigaben/{entry.id}/zurueckgeben", data={"reason": ""})
            assert empty.status_code == 422
            await browser.post(f"/freigaben/{entry.id}/zurueckgeben", data={"reason": "Bitte ohne Zahlen."})
        async with hub.browser("member") as browser:
            assert "Bitte ohne Zahlen." in (await browser.get("/beitraege")).text

    async def test_nobody_else_may(self, hub: Hub) -> None:
        entry = await self.house_first(hub)
        for who in ("member", "neighbour", "moderator", "administrator"):
            async with hub.browser(who) as browser:
                assert (await browser.get(f"/freigaben/{entry.id}")).status_code in (303, 401, 403)
                assert (await browser.post(f"/freigaben/{entry.id}/freigeben")).status_code in (303, 401, 403)
        assert (await mine(hub))[0].state is ContributionState.HOUSE

    async def test_the_author_is_told_where_nobody_releases(self, hub: Hub) -> None:
        async with hub.writing() as unit:
            house = await unit.session.get_one(Organisation, author(hub, "neighbour").organisation_id)
            house.release_first = True
        await sent(hub, "neighbour")
        async with hub.browser("neighbour") as browser:
            assert "nobody there does that yet" in (await browser.get("/beitraege")).text

    async def test_what_waits_goes_on_where_the_house_no_longer_asks(self, hub: Hub) -> None:
        await self.house_first(hub)
        async with hub.browser("administrator") as browser:
            await to(browser, await browser.post("/organisationen/lindenau/freigabe/aufheben"))
        assert (await mine(hub))[0].state is ContributionState.WAITING
