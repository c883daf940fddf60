"""Whom to talk to: by published experiences, by what people offered, by likeness; nobody by what they never said."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from knowledge.access.visibility import anybody
from knowledge.kit.database import Database
from knowledge.kit.language import choose_language
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.document import Visibility
from knowledge.models.member import Findable, Member
from knowledge.models.peer import Block
from tests.knowledge.peers.library import RIS, Shelf, shelf_of, told
from tests.knowledge.peers.towns import MOMENT, add_experience, add_member

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def shelf(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shelf]:
    monkeypatch.setenv("ALLMENDE_EMBEDDING_MODEL", "none")
    choose_language("en")
    async with shelf_of(database) as opened:
        yield opened


async def person(shelf: Shelf, house: str, *topics: str, **more: Any) -> Member:
    async with unit_of_work(shelf.database) as unit:
        keys = [shelf.topics[name] for name in topics]
        return await add_member(unit.session, shelf.houses[house], *keys, **more)


class TestOrganisations:
    async def test_by_topic_and_by_words_with_the_reason(self, shelf: Shelf) -> None:
        await shelf.publish("Birkenau", told(*RIS), "Ratsinformationssystem")
        await shelf.publish("Birkenau", told("Sitzungen ohne Papier", "Mit dem Ratsinformationssystem."))
        await shelf.publish("Fernau", told(*RIS), "Ratsinformationssystem")
        await shelf.publish("Linde", told("Neue Bäume", "Wir haben Bäume gepflanzt."), "Klima")

        found = await shelf.find("Ratsinformationssysteme")

        assert [(one.name, one.reason) for one in found.organisations] == [
            ("Birkenau", "2 experiences on “Ratsinformationssystem”, similar size, same district"),
            ("Fernau", "1 experience on “Ratsinformationssystem”, similar size"),
        ]
        assert found.topic is not None
        assert {one.title for one in found.organisations[0].documents} == {RIS[0], "Sitzungen ohne Papier"}
        assert found.people == ()

    @ON_SQLITE
    async def test_any_word_works_and_nothing_is_invented(self, shelf: Shelf) -> None:
        await shelf.publish("Birkenau", told("Sitzbänke", "Wir haben Sitzbänke aus altem Holz gebaut."))

        [found] = (await shelf.find("Sitzbänke")).organisations
        assert found.reason.startswith("1 experience on “Sitzbänke”")
        assert (await shelf.find("Raumfahrt")).nothing
        assert (await shelf.find("Bänke aus Marmor und Granit")).nothing

    @ON_SQLITE
    async def test_neither_anonymous_ones_nor_what_the_asker_may_not_find(self, shelf: Shelf) -> None:
        await shelf.publish(None, told(*RIS), "Ratsinformationssystem")
        await shelf.publish("Birkenau", told(*RIS), "Ratsinformationssystem", visibility=Visibility.HOUSE)
        await shelf.publish("Lindenau", told(*RIS), "Ratsinformationssystem")
        await shelf.publish("Fernau", told(*RIS), "Ratsinformationssystem")

        assert [one.name for one in (await shelf.find("Ratsinformationssystem")).organisations] == ["Fernau"]
        stranger = shelf.asker(viewer=anybody())
        assert (await shelf.find("Ratsinformationssystem", stranger)).organisations == ()

    @ON_SQLITE
    async def test_who_works_for_whom_is_said(self, shelf: Shelf) -> None:
        for house in ("Amt Linde", "Kreis", "Weitau"):
            await shelf.publish(house, told(*RIS), "Ratsinformationssystem")

        found = await shelf.find("Ratsinformationssystem")
        assert [one.reason.partition(", ")[2] for one in found.organisations] == [
            "your Amt, which works for you, too",
            "similar size, same state",
            "your district, which works for you, too",
        ]
        theirs = await shelf.find("Ratsinformationssystem", shelf.asker("Kreis"))
        assert {one.name: one.reason.partition(", ")[2] for one in theirs.organisations} == {
            "Amt Linde": "in your district",
            "Weitau": "same state",
        }

    @ON_SQLITE
    async def test_the_same_each_time(self, shelf: Shelf) -> None:
        async with unit_of_work(shelf.database) as unit:
            for house in ("Weitau", "Birkenau", "Fernau", "Linde"):
                await add_experience(unit.session, shelf.houses[house], "E-Akte", shelf.topics["E-Akte"])
        first = [one.name for one in (await shelf.find("E-Akte")).organisations]

        assert first == ["Linde", "Birkenau", "Weitau", "Fernau"]
        for _again in range(3):
            assert [one.name for one in (await shelf.find("e akte")).organisations] == first
        assert [one.name for one in (await shelf.find("E-Akte", limit=2)).organisations] == first[:2]


class TestPeople:
    async def test_who_offered_help_is_found_without_a_name(self, shelf: Shelf) -> None:
        near = await person(shelf, "Birkenau", "E-Akte", name="Berta Buche", languages=["de", "pl"])
        far = await person(shelf, "Großstadt", "Digitalisierung")
        await person(shelf, "Birkenau", "Klima")

        found = (await shelf.find("E-Akte")).people

        assert [(one.member_id, one.reason) for one in found] == [
            (near.id, "can help with “E-Akte”, similar size, same district"),
            (far.id, "can help with “Digitalisierung”"),
        ]
        assert found[0].languages == ("de", "pl")
        assert "Berta" not in repr(found)

    @ON_SQLITE
    async def test_nobody_who_did_not_say_yes_or_is_not_there(self, shelf: Shelf) -> None:
        await person(shelf, "Birkenau", "E-Akte", findable=Findable.OFF)
        await person(shelf, "Birkenau", "E-Akte", findable=Findable.PAUSED)
        await person(shelf, "Birkenau", "E-Akte", suspended_at=MOMENT)
        await person(shelf, "Birkenau", "E-Akte", active=False)
        await person(shelf, "Lindenau", "E-Akte")
        blocked = await person(shelf, "Birkenau", "E-Akte")
        asker = await person(shelf, "Lindenau", "E-Akte")
        async with unit_of_work(shelf.database) as unit:
            unit.session.add(Block(member_id=asker.id, blocked_id=blocked.id, by_contact=True))
        known = shelf.asker(member_id=asker.id)

        assert (await shelf.find("E-Akte", known)).people == ()
        assert [one.member_id for one in (await shelf.find("E-Akte")).people] == [blocked.id]

    @ON_SQLITE
    async def test_not_in_groups_nor_for_strangers(self, shelf: Shelf) -> None:
        await person(shelf, "Birkenau", "E-Akte")
        for asker in (shelf.asker(with_people=False), shelf.asker(member_id=None)):
            assert (await shelf.find("E-Akte", asker)).people == ()
            assert (await shelf.find("", asker)).nothing

    @ON_SQLITE
    async def test_each_once_by_what_fits_best(self, shelf: Shelf) -> None:
        both = await person(shelf, "Birkenau", "Digitalisierung", "E-Akte")
        [found] = (await shelf.find("E-Akte")).people
        assert (found.member_id, found.topic and found.topic.name) == (both.id, "E-Akte")
        [found] = (await shelf.find("Digitalisierung")).people
        assert found.topic is not None
        assert found.topic.name == "Digitalisierung"


class TestWithoutWords:
    async def test_those_most_like_ours_that_take_part(self, shelf: Shelf) -> None:
        helper = await person(shelf, "Birkenau", "E-Akte", "Klima")
        await shelf.publish("Weitau", told(*RIS))
        await shelf.publish("Großstadt", told(*RIS))

        found = await shelf.find("")

        assert [(one.name, one.reason) for one in found.organisations] == [
            ("Birkenau", "similar size, same district"),
            ("Weitau", "1 experience, similar size, same state"),
        ]
        assert [one.member_id for one in found.people] == [helper.id]

    @ON_SQLITE
    async def test_needs_an_organisation(self, shelf: Shelf) -> None:
        await shelf.publish("Weitau", told(*RIS))
        assert (await shelf.find("", shelf.asker(None))).nothing
        assert (await shelf.find(RIS[0], shelf.asker(None))).organisations != ()


@ON_SQLITE
class TestTopicOfWords:
    async def test_what_most_documents_with_the_words_share(self, shelf: Shelf) -> None:
        """„Sitzungsdienst" names no topic, but what is told of it is about one, so its helpers are found."""
        helper = await person(shelf, "Birkenau", "Ratsinformationssystem")
        for house in ("Weitau", "Fernau"):
            await shelf.publish(house, told("Sitzungsdienst", "Neu geordnet."), "Ratsinformationssystem")

        found = await shelf.find("Sitzungsdienst")
        assert found.topic is not None
        assert found.topic.name == "Ratsinformationssystem"
        assert [one.member_id for one in found.people] == [helper.id]
