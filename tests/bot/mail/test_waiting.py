"""Mail that waits for a busy server, while the person whom it is for loses their place in the network."""

from sqlalchemy import select, update

from knowledge.kit.clock import now
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.member import Member
from knowledge.models.message import OutgoingMessage
from tests.bot.core.world import eventually
from tests.bot.mail.post_office import ANNA, PostOffice


class TestWhoIsSuspendedMeanwhile:
    async def test_gets_nothing_any_more(self, office: PostOffice) -> None:
        await office.give_address("member")
        office.mailbox.busy.add(ANNA)
        before = len(office.mailbox.mails)
        await office.notify_without_waiting("account.password_set")
        await eventually(lambda: office.mailbox.refused >= 1)
        async with unit_of_work(office.hub.database) as unit:
            mine = Member.id == office.hub.people["member"].id
            await unit.session.execute(update(Member).where(mine).values(suspended_at=now()))
        office.mailbox.busy.clear()
        await office.settle()
        assert len(office.mailbox.mails) == before
        async with unit_of_work(office.hub.database, writes=False) as unit:
            states = {state.value for state in await unit.session.scalars(select(OutgoingMessage.state))}
        assert states == {"sent"}
