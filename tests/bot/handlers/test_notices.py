"""What happened elsewhere is told once, in the person's language, and only while it is still so."""

from typing import Any
from uuid import UUID

import pytest

from bot.core.messages import Person
from bot.handlers.notices import all_tellers
from knowledge.chats.service import ChatService
from knowledge.contributions.schemas import Author
from knowledge.contributions.service import ContributionService
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.member import Role
from knowledge.models.notice import Notice
from knowledge.notices.service import tell
from tests.bot.handlers.contributing_world import ANNA, BEN, TINA, Desk

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def notify(desk: Desk, kind: str, member: UUID, **data: Any) -> None:
    """Write a notice, and tell what is to be told."""
    async with unit_of_work(desk.database) as unit:
        await tell(unit.session, kind, member_id=member, data=data)
    await desk.tell()


async def also(desk: Desk, person: Person, member: UUID, **values: Any) -> None:
    """Give a member another chat account."""
    async with unit_of_work(desk.database) as unit:
        chats = ChatService(unit.session)
        identity = await chats.keep_person(await chats.look_up_person(person.network, person.address))
        await chats.change_person(identity.id, member_id=member, **values)


class TestTelling:
    async def test_once_in_the_persons_language(self, desk: Desk) -> None:
        member = await desk.make_member(ANNA, role=Role.MODERATOR)
        await also(desk, ANNA, member, language="en")

        await notify(desk, "review.waiting_long", member, count=3, oldest_days=1)
        await desk.tell()

        assert len(desk.said(ANNA)) == 1
        assert "3 contributions have been waiting for too long. The oldest one for 1 day." in desk.said(ANNA)[0]

    async def test_every_kind_that_needs_no_contribution(self, desk: Desk) -> None:
        member = await desk.make_member(ANNA)

        await notify(desk, "account.password_set", member)
        await notify(desk, "review.waiting_long", member, count=3, oldest_days=1)  # no moderator any more
        await notify(desk, "report.closed", member, report="no identifier")
        await notify(desk, "unheard.of", member)

        assert len(desk.said(ANNA)) == 1
        assert [notice.told_at is not None for notice in await desk.rows(Notice)] == [True] * 4

    async def test_to_the_account_with_a_direct_chat(self, desk: Desk) -> None:
        member = await desk.make_member(BEN)
        await also(desk, TINA, member)
        await desk.write(TINA, "/help")
        before = len(desk.said(TINA))

        await notify(desk, "account.password_set", member)

        assert (len(desk.said(TINA)), desk.said(BEN)) == (before + 1, [])

    async def test_where_there_is_no_way_it_is_dropped(self, desk: Desk) -> None:
        member = await desk.make_member(TINA)

        await notify(desk, "account.password_set", member)

        [notice] = await desk.rows(Notice)
        assert notice.told_at is not None
        assert desk.networks[TINA.network].sent == []

    async def test_every_kind_is_told_by_one_module(self, desk: Desk) -> None:
        del desk
        kinds = set(all_tellers())
        assert {"contribution.asked", "question.routed", "account.password_set"} <= kinds
        assert all(len(kind) <= 40 and kind.count(".") == 1 for kind in kinds)

    async def test_a_circle_without_a_group_is_told_nothing(self, desk: Desk) -> None:
        circle = await desk.add_circle("Kreis Nord")
        async with unit_of_work(desk.database) as unit:
            await tell(unit.session, "question.withdrawn", circle_id=circle)
        await desk.tell()

        [notice] = await desk.rows(Notice)
        assert (notice.circle_id, notice.told_at is not None) == (circle, True)
        assert [network.sent for network in desk.networks.values()] == [[], []]

    async def test_nothing_of_what_has_moved_on_or_is_gone(self, desk: Desk) -> None:
        member = await desk.make_member(ANNA)
        async with unit_of_work(desk.database) as unit:
            draft = await ContributionService(unit).start(Author(member, None), fields={"title": "Geheim"})

        for kind in ("asked", "published", "rejected", "merged", "given_back", "to_release"):
            await notify(desk, f"contribution.{kind}", member, contribution=str(draft.id))
        await notify(desk, "contribution.published", member, contribution=str(UUID(int=7)))

        assert desk.said(ANNA) == []
        assert all(notice.told_at is not None for notice in await desk.rows(Notice))
