"""How near organisations are: who works for whom, shared places, sizes; the same in Python and in the database."""

import random

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.language import _, choose_language
from knowledge.models.organisation import Organisation, OrganisationKind
from knowledge.peers.likeness import ReasonKind, likeness, reason_words
from knowledge.peers.repository import likeness_points
from tests.knowledge.peers.towns import town

LINDENAU = town("120660001001", "Lindenau", 2_000)


@pytest.fixture(autouse=True)
def english() -> None:
    choose_language("en")


def words(one: Organisation, other: Organisation) -> str:
    return reason_words(likeness(one, other).reasons)


class TestReasons:
    def test_size_and_the_nearest_shared_place(self) -> None:
        assert words(LINDENAU, town("120660001002", population=3_900)) == "similar size, same Amt"
        assert words(LINDENAU, town("120660002001", population=1_100)) == "similar size, same district"
        assert words(LINDENAU, town("120670001001", population=9_000)) == "same state"
        assert words(LINDENAU, town("030660001001", population=2_000)) == "similar size"
        assert words(LINDENAU, town("030660001001", population=20_000)) == ""

    def test_an_association_is_called_as_people_there_do(self) -> None:
        named = {"03": "Samtgemeinde", "07": "Verbandsgemeinde", "09": "association", "13": "Amt"}
        for state, word in named.items():
            one, other = town(f"{state}0660001001"), town(f"{state}0660001002")
            assert words(one, other) == f"same {word}"
            assert words(one, town(f"{state}0660001")).startswith(f"your {word}, ")

    def test_who_works_for_whom_either_way(self) -> None:
        association, district = town("120660001", population=6_000), town("12066", population=110_000)

        assert words(LINDENAU, association) == "your Amt, which works for you, too"
        assert words(association, LINDENAU) == "belongs to your Amt"
        assert words(LINDENAU, district) == words(association, district) == "your district, which works for you, too"
        assert words(district, LINDENAU) == words(district, association) == "in your district"
        near = likeness(LINDENAU, town("120660002001", population=20_000))
        assert likeness(LINDENAU, association).score > likeness(LINDENAU, district).score > near.score

    def test_two_districts_or_two_associations_are_of_one_kind(self) -> None:
        assert words(town("12066", population=100_000), town("12067", population=90_000)).endswith("a district, too")
        assert words(town("120660001"), town("120660002")) == "same district, an association, too"

    def test_an_independent_city_is_one_body_with_its_district(self) -> None:
        city = town("120520000000", "Stadt", 98_000)
        its_district = town("12052", "Stadt", 98_000, same_as_key="120520000000")

        assert likeness(city, its_district).has(ReasonKind.SAME)
        assert likeness(its_district, city).score == likeness(city, city).score == 1

    def test_nothing_is_said_where_nothing_is_known(self) -> None:
        centre = town("kompetenzzentrum", "Zentrum")

        assert likeness(centre, LINDENAU).score == 0
        assert likeness(LINDENAU, centre).reasons == ()

    def test_german_words(self) -> None:
        choose_language("de")
        assert words(LINDENAU, town("120660001002", population=3_900)) == f"{_('similar size')}, {_('same Amt')}"


class TestPoints:
    async def test_the_database_counts_as_python_does(self, session: AsyncSession) -> None:
        draw = random.Random(5)
        keys = {f"{draw.choice(['12', '03'])}0{draw.randint(60, 62)}" for _ in range(5)}
        keys |= {f"{key}000{draw.randint(1, 3)}" for key in keys for _ in range(3)}
        keys |= {f"{key}00{draw.randint(1, 9)}" for key in keys if len(key) == 9 for _ in range(4)}
        towns = [town(key, population=draw.choice([None, 0, draw.randint(300, 9_000)])) for key in sorted(keys)]
        towns += [town("12999", same_as_key="129990000000", population=50_000)]
        towns += [town("129990000000", population=50_000), town("zentrum", kind=OrganisationKind.OTHER)]
        session.add_all(towns)
        await session.flush()

        compared, points_seen = 0, set()
        for one in towns:
            points = dict(list(await session.execute(select(Organisation.id, likeness_points(one)))))
            for other in towns:
                assert points[other.id] == likeness(one, other).points, (one.key, other.key)
                points_seen.add(points[other.id])
                compared += 1

        assert compared > 900
        assert {0, 15, 25, 35, 45, 50, 75, 100} <= points_seen
