"""``/beitraege``: the state in words, a moderator's question answered right there, correcting, withdrawing."""

import pytest

from bot.core.messages import Person
from knowledge.access.rights import Scope
from knowledge.access.visibility import network_member
from knowledge.contributions.schemas import ContributionEntry
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.contribution import Contribution, ContributionKind, ContributionState
from knowledge.models.document import Document, Status
from knowledge.models.member import Role
from knowledge.review.schemas import Reviewer
from knowledge.review.service import ReviewService
from tests.bot.handlers.contributing_world import ANNA, BEN, NEEDED, TINA, ZOE, Desk, direct

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
State = ContributionState
QUESTION = "Welches Portal ist das?"


async def sent(desk: Desk, person: Person = ANNA) -> ContributionEntry:
    """Let a member send an experience."""
    await desk.make_member(person)
    await desk.tell_needed(person)
    await desk.press(person, "Send")
    return (await desk.contributions())[-1]


async def review(desk: Desk, deed: str, *more: str) -> None:
    """Let a moderator decide about the newest contribution, and tell people of it."""
    entry = (await desk.contributions())[-1]
    moderator = await desk.make_member(BEN, role=Role.MODERATOR) if not desk.moderators else desk.moderators[0]
    desk.moderators = [moderator]
    async with unit_of_work(desk.database) as unit:
        reviewing = ReviewService(unit, Reviewer(moderator, Scope(), network_member()))
        await getattr(reviewing, deed)(entry.id, entry.revision, *more)
    await desk.tell()


async def documents(desk: Desk) -> list[Document]:
    return list(await desk.rows(Document))


class TestList:
    async def test_nothing_yet_and_no_member(self, desk: Desk) -> None:
        assert "belong to the network" in await desk.write(ZOE, "/beitraege")
        await desk.make_member(ANNA)
        assert "not contributed anything yet" in await desk.write(ANNA, "/contributions")

    async def test_several_with_their_states(self, desk: Desk) -> None:
        await sent(desk)
        await desk.write(ANNA, "/erfahrung Ein Entwurf\nGetan ist noch nichts.\nErgebnis: keins.")
        await desk.press(ANNA, "Send")
        await review(desk, "reject", "Das ist noch zu wenig.")

        said = await desk.write(ANNA, "/beitraege")

        assert f"{NEEDED[0]} – waits for a moderator" in said
        assert "Ein Entwurf – not published" in said
        assert "Das ist noch zu wenig." in await desk.press(ANNA, "1. Ein Entwurf")

    async def test_nobody_sees_those_of_others(self, desk: Desk) -> None:
        entry = await sent(desk)
        await desk.make_member(TINA)
        assert "not contributed anything" in await desk.write(TINA, "/beitraege")

        assert entry.title not in "".join(desk.networks[TINA.network].texts)


class TestQuestion:
    async def test_is_told_and_answered_by_a_choice(self, desk: Desk) -> None:
        await sent(desk)
        await review(desk, "ask", QUESTION)
        assert QUESTION in desk.said(ANNA)[-1]

        assert "What do you answer?" in await desk.press(ANNA, "Answer")
        assert "on its way" in await desk.write(ANNA, "Das Portal des Landes.")

        entry = await desk.contribution()
        assert entry.state is State.WAITING
        assert [message.text for message in entry.messages] == [QUESTION, "Das Portal des Landes."]
        await desk.tell()
        assert "Das Portal des Landes." in desk.said(BEN)[-1]

    async def test_is_answered_by_a_reply_also_in_the_middle_of_something(self, desk: Desk) -> None:
        await sent(desk)
        await review(desk, "ask", QUESTION)
        notice = desk.offering("Answer", direct(ANNA))
        await desk.write(ANNA, "/erfahrung")

        assert "on its way" in await desk.write(ANNA, "Das des Landes.", reply_to=desk.event_of(notice))
        assert "What did you do?" in await desk.write(ANNA, "Noch eine Erfahrung")

    async def test_is_shown_in_the_list_too_and_answered_once(self, desk: Desk) -> None:
        await sent(desk)
        await review(desk, "ask", QUESTION)
        assert QUESTION in await desk.write(ANNA, "/beitraege")
        notice = desk.event_of(desk.offering("Answer", direct(ANNA)))
        await desk.write(ANNA, "Das des Landes.", reply_to=notice)

        assert "moved on meanwhile" in await desk.write(ANNA, "Noch einmal.", reply_to=notice)

    async def test_the_text_itself_may_be_changed(self, desk: Desk) -> None:
        await sent(desk)
        await review(desk, "ask", QUESTION)

        await desk.press(ANNA, "Change it")
        await desk.press(ANNA, "Change something")
        await desk.write(ANNA, "3")
        assert "Das Portal des Landes." in await desk.write(ANNA, "Das Portal des Landes.")
        await desk.press(ANNA, "Send")

        entry = await desk.contribution()
        assert (entry.fields["done"], entry.state) == ("Das Portal des Landes.", State.WAITING)


class TestDecision:
    async def test_publication_is_told_and_withdrawn_again(self, desk: Desk) -> None:
        await sent(desk)
        await review(desk, "publish")
        assert f"Published: {NEEDED[0]}" in desk.said(ANNA)[-1]

        assert "found nowhere any more" in await desk.press(ANNA, "Withdraw it")
        assert "Withdrawn" in await desk.press(ANNA, "Yes, withdraw it")

        [document] = await documents(desk)
        assert document.status is Status.WITHDRAWN
        assert (await desk.contribution()).state is State.WITHDRAWN

    async def test_what_was_published_is_corrected(self, desk: Desk) -> None:
        await sent(desk)
        await review(desk, "publish")

        await desk.press(ANNA, "Correct it")
        await desk.write(ANNA, "What came of it")
        await desk.write(ANNA, "Die Anträge sind in drei Wochen fertig.")
        await desk.press(ANNA, "Send")

        correction = (await desk.contributions())[-1]
        assert (correction.kind, correction.state) == (ContributionKind.CORRECTION, State.WAITING)
        assert correction.fields["outcome"] == "Die Anträge sind in drei Wochen fertig."
        assert correction.corrects_id == (await documents(desk))[0].id

    async def test_a_draft_is_deleted(self, desk: Desk) -> None:
        await sent(desk)
        await desk.write(ANNA, "/beitraege")
        await desk.press(ANNA, "Withdraw it")

        assert "stays as it is" in await desk.press(ANNA, "Leave it as it is")
        assert len(await desk.rows(Contribution)) == 1
        await desk.press(ANNA, "Yes, withdraw it")
        assert await desk.rows(Contribution) == []
