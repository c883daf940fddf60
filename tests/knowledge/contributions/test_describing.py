"""Tests of descriptions that at least five municipalities fit."""

from collections import defaultdict

import pytest

from knowledge.contributions.describing import FEWEST, describe, group_of, size_place
from knowledge.contributions.errors import CannotDescribe
from knowledge.contributions.schemas import Wishes
from knowledge.contributions.service import ContributionService
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.contribution import Attribution
from knowledge.models.organisation import Organisation, OrganisationKind
from tests.knowledge.contributions.world import FIELDS, add_house, add_neighbours

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
# Like the real register: Länder of all sizes, three city states, one Land with few of each size.
ALIKE = {
    **{("12", place): count for place, count in enumerate((180, 110, 60, 40, 22, 3, 1))},
    **{("10", place): count for place, count in enumerate((0, 1, 12, 27, 11, 0, 1))},
    ("11", 7): 1,
    ("02", 7): 1,
    ("04", 7): 1,
    ("04", 6): 1,
    **{("05", place): count for place, count in enumerate((0, 3, 52, 130, 140, 45, 24, 5))},
    ("16", 0): 3,
}


def words_for(state: str, population: int) -> str | None:
    """Return the description of a municipality in that register."""
    group = group_of(state, size_place(population), ALIKE, cities=True)
    town = Organisation(kind=OrganisationKind.MUNICIPALITY, state_key=state, population=population)
    return describe(town, group) if group else None


class TestWords:
    @pytest.mark.parametrize(
        ("state", "population", "words"),
        [
            ("12", 3_000, "Eine Gemeinde in Brandenburg mit 2.000 bis 5.000 Einwohnern"),
            ("12", 900, "Eine Gemeinde in Brandenburg mit bis zu 2.000 Einwohnern"),
            ("12", 70_000, "Eine Gemeinde in Brandenburg mit 20.000 bis 100.000 Einwohnern"),
            ("12", 180_000, "Eine Großstadt mit 100.000 bis 500.000 Einwohnern"),
            ("10", 4_000, "Eine Gemeinde im Saarland mit 2.000 bis 10.000 Einwohnern"),
            ("11", 3_700_000, "Eine Großstadt mit mehr als 500.000 Einwohnern"),
            ("05", 1_000_000, "Eine Großstadt mit mehr als 500.000 Einwohnern"),
        ],
    )
    def test_land_and_size_class(self, state: str, population: int, words: str) -> None:
        assert words_for(state, population) == words

    def test_everybody_with_the_same_words_is_one_of_at_least_five(self) -> None:
        """Whoever knows the register and this program learns nothing beyond the words."""
        alike: defaultdict[str | None, int] = defaultdict(int)
        populations = (1_000, 3_000, 7_000, 15_000, 30_000, 70_000, 300_000, 1_000_000)
        for (state, place), count in ALIKE.items():
            alike[words_for(state, populations[place]) if count else "nobody"] += count
        # Three of a Land that has no more of them find no others.
        assert (alike.pop("nobody"), alike.pop(None)) == (0, 3)
        assert len(alike) > 10
        assert min(alike.values()) >= FEWEST

    def test_too_few_in_all_cannot_be_described(self) -> None:
        assert group_of("12", 1, {("12", 1): 4}, cities=True) is None


@only_sqlite
class TestOrganisations:
    async def test_four_neighbours_are_enough_and_three_are_not(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            house = await add_house(unit.session)
            await add_neighbours(unit.session, 3)
            service = ContributionService(unit)
            assert await service.describe_coarsely(house.id) is None
            await add_neighbours(unit.session, 1, population=4000)
            described = await service.describe_coarsely(house.id)
        assert described is not None
        assert described.startswith("Eine Gemeinde in Brandenburg mit ")

    async def test_what_is_in_no_register_cannot_be_anonymous(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            await add_neighbours(unit.session, 9)
            house = await add_house(unit.session, kind=OrganisationKind.OTHER, register_date=None)
            service = ContributionService(unit)
            draft = await service.start(house.author, fields=FIELDS)
            with pytest.raises(CannotDescribe):
                await service.change(draft.id, house.author, wishes=Wishes(attribution=Attribution.ANONYMOUS))

    @pytest.mark.parametrize("name", ["Kranichhorst, Stadt", "Stadt Kranichhorst", "Kranichhorst an der Havel"])
    async def test_fields_that_name_the_house_are_pointed_out(self, database: Database, name: str) -> None:
        async with unit_of_work(database) as unit:
            await add_neighbours(unit.session, 5)
            house = await add_house(unit.session, name)
            service = ContributionService(unit)
            draft = await service.start(
                house.author,
                fields={
                    **FIELDS,
                    "done": "Mit KRANICHHORSTs Bauhof fing es an."
                    if "Havel" not in name
                    else "In Kranichhorst an der Havel.",
                },
            )
            wish = Wishes(attribution=Attribution.ANONYMOUS)
            entry = await service.change(draft.id, house.author, wishes=wish)
            assert len(await service.names_house(entry)) == 1
