"""Mail that waits for a busy server, while the person whom it is for loses their place in the network."""

import asyncio

from sqlalchemy import select, update

from knowledge.kit.clock import now
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.member import Member
from knowledge.models.message import OutgoingMessage
from tests.bot.mail.post_office import ANNA, PostOffice


async def postponed(office: PostOffice) -> None:
    """Wait until it is noted that the server did not take it."""
    statement = select(OutgoingMessage.id).where(OutgoingMessage.attempts > 0)
    async with asyncio.timeout(30):
        while True:
            async with unit_of_work(office.hub.database, writes=False) as unit:
                if await unit.session.scalar(statement) is not None:
                    return
            await asyncio.sleep(0.02)


class TestWhoIsSuspendedMeanwhile:
    async def test_gets_nothing_any_more(self, office: PostOffice) -> None:
        await office.give_address("member")
        office.mailbox.busy.add(ANNA)
        before = len(office.mailbox.mails)
        await office.notify_without_waiting("account.password_set")
        await postponed(office)
        async with unit_of_work(office.hub.database) as unit:
            mine = Member.id == office.hub.people["member"].id
            await unit.session.execute(update(Member).where(mine).values(suspended_at=now()))
        await office.settle()
        assert len(office.mailbox.mails) == before
        async with unit_of_work(office.hub.database, writes=False) as unit:
            states = {state.value for state in await unit.session.scalars(select(OutgoingMessage.state))}
        assert states == {"sent"}
