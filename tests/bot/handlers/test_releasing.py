"""``/freigaben``: an organisation's own say first, in the chat of those who have it."""

import pytest

from knowledge.models.contribution import ContributionState
from tests.bot.handlers.contributing_world import ANNA, BEN, NEEDED, ZOE, Desk

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
State = ContributionState


async def waiting(desk: Desk) -> None:
    """Have something wait for Ben's release."""
    await desk.release_first()
    await desk.make_member(BEN, releases=True)
    await desk.make_member(ANNA)
    await desk.tell_needed(ANNA)
    assert "own house releases it first" in await desk.press(ANNA, "Send")
    await desk.tell()


class TestReleasing:
    async def test_is_told_whole_and_released(self, desk: Desk) -> None:
        await waiting(desk)
        told = desk.said(BEN)[-1]
        assert all(part in told for part in NEEDED)

        assert "Released" in await desk.press(BEN, "Release it")

        assert (await desk.contribution()).state is State.WAITING
        assert "Nothing waits" in await desk.write(BEN, "/freigaben")

    async def test_is_given_back_with_a_reason_and_sent_again(self, desk: Desk) -> None:
        await waiting(desk)
        assert NEEDED[0] in await desk.write(BEN, "/releases")

        assert "Why do you give it back?" in await desk.press(BEN, "Give it back")
        assert "no word" in await desk.write(BEN, "???")
        assert "Given back" in await desk.write(BEN, "Bitte den Namen des Portals nennen.")
        await desk.tell()

        assert "Bitte den Namen des Portals nennen." in desk.said(ANNA)[-1]
        assert (await desk.contribution()).state is State.DRAFT
        await desk.press(ANNA, "Go on with it")
        await desk.press(ANNA, "Send")
        assert (await desk.contribution()).state is State.HOUSE

    async def test_is_nobody_elses_business(self, desk: Desk) -> None:
        await waiting(desk)

        assert "do not release" in await desk.write(ANNA, "/freigaben")
        assert "do not release" in await desk.write(ZOE, "/freigaben")
