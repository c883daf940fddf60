"""``/uebergabe``, the questions about stale documents and unused accounts, in the chat."""

from datetime import timedelta
from uuid import UUID

import pytest

from knowledge.freshness.service import ask_caretakers
from knowledge.handover.unused import UNUSED_AFTER, ask_unused
from knowledge.kit.clock import now, today
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models import Document, Handover, Member
from knowledge.models.contribution import ContributionState
from knowledge.models.document import Status
from knowledge.models.handover import HandoverState
from tests.bot.handlers.contributing_world import ANNA, BEN, TINA, ZOE, Desk
from tests.knowledge.contributions.world import publish_it

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def published(desk: Desk) -> Document:
    """Have Anna's experience published."""
    await desk.tell_needed(ANNA)
    await desk.press(ANNA, "Send")
    return await publish_it(desk.database, (await desk.contribution()).id)


async def due(desk: Desk) -> Document:
    """Have Anna asked about her experience."""
    await desk.make_member(ANNA)
    document = await published(desk)
    async with unit_of_work(desk.database) as unit:
        (await unit.session.get_one(Document, document.id)).review_by = today()
    await ask_caretakers(desk.database, now())
    await desk.tell()
    assert "Still current?" in desk.said(ANNA)[-1]
    assert document.title in desk.said(ANNA)[-1]
    return document


class TestHandover:
    async def test_three_questions_a_colleague_and_everything_goes_on(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        ben = await desk.make_member(BEN)
        document = await published(desk)

        assert document.title in await desk.write(ANNA, "/uebergabe")
        assert "what would a successor have to know" in await desk.write(ANNA, "Ratsinformationssystem")
        assert "what comes next" in await desk.write(ANNA, "Die Vorlagen liegen im Ordner Rat.")
        assert "Noted, as a draft" in await desk.write(ANNA, "Der Vertrag endet 2027.")
        assert "Who takes over" in await desk.press(ANNA, "Nothing more")
        last = await desk.press(ANNA, "Mitglied @ben:ort")
        assert "Ratsinformationssystem" in last
        assert "1 document of the library" in last
        assert "Your colleague is asked" in await desk.press(ANNA, "Hand it over")
        await desk.tell()

        assert document.title in desk.said(BEN)[-1]
        assert "you look after it" in await desk.press(BEN, "Take it over")
        await desk.tell()

        assert "takes over from you" in desk.said(ANNA)[-1]
        states = [entry.state for entry in await desk.contributions()]
        assert states == [ContributionState.PUBLISHED, ContributionState.WAITING]
        async with unit_of_work(desk.database, writes=False) as unit:
            assert (await unit.session.get_one(Document, document.id)).steward_id == ben

    async def test_nobody_yet_leaves_the_succession_open_for_the_house(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.make_member(BEN)
        await published(desk)
        await desk.write(ANNA, "/handover")
        await desk.press(ANNA, "Nothing to write")
        await desk.press(ANNA, "Nobody yet")
        assert "succession is open" in await desk.press(ANNA, "Hand it over")
        await desk.tell()

        assert "Succession open" in desk.said(BEN)[-1]
        await desk.press(BEN, "Take it over")
        [handover] = await desk.rows(Handover)
        assert handover.state is HandoverState.ACCEPTED

    async def test_can_be_put_aside_and_gone_on_with(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.write(ANNA, "/uebergabe")
        await desk.write(ANNA, "Friedhof")
        assert "within 30 days" in await desk.press(ANNA, "Go on later")
        assert "“Friedhof”" in await desk.write(ANNA, "/uebergabe")

    async def test_a_no_says_who_may_be_asked_next(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.make_member(BEN)
        await published(desk)
        await desk.write(ANNA, "/uebergabe")
        await desk.press(ANNA, "Nothing to write")
        assert "Nobody of your organisation" in await desk.write(ANNA, "Quastenflosser")
        await desk.write(ANNA, "ben")
        await desk.press(ANNA, "Hand it over")
        await desk.tell()
        await desk.press(BEN, "I cannot")
        await desk.tell()
        assert "cannot take over" in desk.said(ANNA)[-1]

    async def test_strangers_are_told_how_to_join(self, desk: Desk) -> None:
        assert "/beitreten" in await desk.write(ZOE, "/uebergabe") or "join" in desk.said(ZOE)[-1]
        assert not await desk.rows(Handover)

    async def test_on_telegram_titles_stay_at_home(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.make_member(TINA)
        await desk.write(TINA, "/start")
        document = await published(desk)
        await desk.write(ANNA, "/uebergabe")
        await desk.press(ANNA, "Nothing to write")
        await desk.press(ANNA, "Mitglied 1001")
        await desk.press(ANNA, "Hand it over")
        await desk.tell()
        assert "1 document of the library" in desk.said(TINA)[-1]
        assert document.title not in "".join(desk.said(TINA))


class TestStillCurrent:
    async def test_one_tap(self, desk: Desk) -> None:
        document = await due(desk)
        assert "Thank you" in await desk.press(ANNA, "Still current")
        async with unit_of_work(desk.database, writes=False) as unit:
            review_by = (await unit.session.get_one(Document, document.id)).review_by
        assert review_by is not None
        assert review_by > today()

    async def test_a_correction_begins_with_what_is_there(self, desk: Desk) -> None:
        document = await due(desk)
        assert document.title in await desk.press(ANNA, "Correct it")
        assert [entry.corrects_id for entry in await desk.contributions()] == [None, document.id]

    async def test_withdrawn_after_a_second_yes(self, desk: Desk) -> None:
        document = await due(desk)
        assert "Shall the document" in await desk.press(ANNA, "Withdraw it")
        await desk.press(ANNA, "Yes, withdraw it")
        async with unit_of_work(desk.database, writes=False) as unit:
            assert (await unit.session.get_one(Document, document.id)).status is Status.WITHDRAWN

    async def test_is_not_asked_who_looks_after_it_no_more(self, desk: Desk) -> None:
        ben = await desk.make_member(BEN)
        document = await due(desk)
        async with unit_of_work(desk.database) as unit:
            (await unit.session.get_one(Document, document.id)).steward_id = ben
        assert "do not look after" in await desk.press(ANNA, "Still current")


class TestUnusedAccount:
    async def test_i_am_still_there(self, desk: Desk) -> None:
        anna = await desk.make_member(ANNA)
        await ask_unused(desk.database, now() + UNUSED_AFTER + timedelta(days=1))
        await desk.tell()
        assert "Are you still there?" in desk.said(ANNA)[-1]
        assert await _asked(desk, anna)

        assert "Good to hear" in await desk.press(ANNA, "I am still there")
        assert not await _asked(desk, anna)


async def _asked(desk: Desk, member: UUID) -> bool:
    async with unit_of_work(desk.database, writes=False) as unit:
        return (await unit.session.get_one(Member, member)).asked_unused_at is not None
