"""What members declare of themselves: kept apart by stance, within limits, and nobody else's to change."""

import pytest

from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.language import choose_language
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.member import Findable
from knowledge.models.topic import Stance, Topic, TopicKind
from knowledge.peers.errors import ProfileInvalid, UnknownPeer
from knowledge.peers.profile import MOST_LANGUAGES, MOST_TOPICS, ProfileService, find_language, language_name
from tests.knowledge.peers.asking import Houses, open_houses

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def houses(database: Database) -> Houses:
    choose_language("en")
    return await open_houses(database)


class TestTopics:
    async def test_are_kept_by_stance_and_put_in_the_place_of_earlier_ones(self, houses: Houses) -> None:
        klima, akte = houses.topics["Klima"], houses.topics["E-Akte"]
        async with unit_of_work(houses.database) as unit:
            service = ProfileService(unit)
            await service.set_topics(houses.ben.id, Stance.SEEKS, [klima, klima])
            profile = await service.set_topics(houses.ben.id, Stance.HELPS, [akte, klima])
            assert {topic.name for topic in profile.helps} == {"E-Akte", "Klima"}
            profile = await service.set_topics(houses.ben.id, Stance.HELPS, [klima])
        assert ([topic.id for topic in profile.helps], [topic.id for topic in profile.seeks]) == ([klima], [klima])
        assert profile.findable is Findable.ON

    @ON_SQLITE
    async def test_unknown_retired_and_too_many_are_refused(self, houses: Houses) -> None:
        async with unit_of_work(houses.database) as unit:
            many = [
                Topic(id=new_id(), key=f"k{n}", kind=TopicKind.FIELD, name_de=f"T{n}", name_en=f"T{n}")
                for n in range(30)
            ]
            unit.session.add_all(many)
            retired = await unit.session.get_one(Topic, houses.topics["E-Akte"])
            retired.retired_at = now()
            await unit.session.flush()
            service = ProfileService(unit)
            with pytest.raises(ProfileInvalid, match=str(MOST_TOPICS)):
                await service.set_topics(houses.ben.id, Stance.HELPS, [topic.id for topic in many])
            for topic in (new_id(), houses.topics["E-Akte"]):
                with pytest.raises(ProfileInvalid, match="no such topic"):
                    await service.set_topics(houses.anna.id, Stance.HELPS, [topic])
            # What was declared before it was retired may stay.
            kept = await service.set_topics(houses.ben.id, Stance.HELPS, [houses.topics["E-Akte"], many[0].id])
        assert len(kept.helps) == 2


@ON_SQLITE
class TestOthers:
    async def test_languages_and_digest_within_limits(self, houses: Houses) -> None:
        async with unit_of_work(houses.database) as unit:
            service = ProfileService(unit)
            assert (await service.set_languages(houses.ben.id, ["DE", "pl", "de", "hsb"])).languages == (
                "de",
                "pl",
                "hsb",
            )
            many = ["de", "en", "fr", "pl", "cs", "da", "nl", "it", "es", "pt", "tr", "uk"]
            assert len(many) > MOST_LANGUAGES
            for codes in (["xx"], ["deu"], many):
                with pytest.raises(ProfileInvalid):
                    await service.set_languages(houses.ben.id, codes)
            assert (await service.set_digest(houses.ben.id, 4, 7)).digest_day == 4
            for day, hour in ((7, 8), (-1, 8), (1, 24)):
                with pytest.raises(ProfileInvalid):
                    await service.set_digest(houses.ben.id, day, hour)

    async def test_nobody_unknown_has_a_profile(self, houses: Houses) -> None:
        async with unit_of_work(houses.database) as unit:
            service = ProfileService(unit)
            with pytest.raises(UnknownPeer):
                await service.get(new_id())
            with pytest.raises(UnknownPeer):
                await service.set_findable(new_id(), Findable.ON)
            with pytest.raises(UnknownPeer):
                await service.set_topics(new_id(), Stance.HELPS, [])

    async def test_names_of_languages(self, houses: Houses) -> None:
        del houses
        assert [find_language(word) for word in ("Polnisch", "polish", "PL", "Obersorbisch", "zz")] == [
            "pl",
            "pl",
            "pl",
            "hsb",
            None,
        ]
        assert language_name("dsb") == "Lower Sorbian"
