"""What one person asked for themselves stays with them, also beside what somebody else released."""

import pytest

from knowledge.gaps.repository import GapRepository
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.gap import GapState
from tests.knowledge.gaps.world import WORDINGS, World


async def words_of_gap(world: World) -> set[str]:
    gap = await world.gap()
    assert gap.state is GapState.OPEN
    async with unit_of_work(world.database, writes=False) as unit:
        return {text for _gap, text, *_rest in await GapRepository(unit.session).words([gap.id], 8)}


class TestFewAskedBesideWhatWasReleased:
    async def test_only_the_released_words_are_shown(self, world: World) -> None:
        await world.ask("anna", WORDINGS[1])
        await world.release("ben", WORDINGS[0])
        await world.look()
        assert await words_of_gap(world) == {WORDINGS[0]}

    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    async def test_all_words_when_enough_asked(self, world: World) -> None:
        await world.all_ask(WORDINGS[1:])
        await world.release("ben", WORDINGS[0])
        await world.look()
        assert await words_of_gap(world) == set(WORDINGS)
