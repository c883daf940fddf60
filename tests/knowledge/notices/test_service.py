"""A notice is written with what happened, for one person, one chat account, or the group of a circle."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.chats.service import ChatService
from knowledge.circles.service import CircleService
from knowledge.kit.ids import new_id
from knowledge.models.chat import ChatKind, Circle, Network
from knowledge.models.job import Job
from knowledge.models.notice import Notice
from knowledge.notices.jobs import NOTICE_JOB
from knowledge.notices.repository import NoticeRepository
from knowledge.notices.service import tell


class TestCircles:
    async def test_the_group_of_a_circle_is_found(self, session: AsyncSession) -> None:
        circle = await CircleService(session).add("Kreis Nord")
        await tell(session, "question.posted", circle_id=circle.id, data={"question": str(new_id())})
        notices = NoticeRepository(session)
        assert await notices.group_of(circle.id) is None

        chats = ChatService(session)
        chat = await chats.keep_chat(await chats.look_up_chat(Network.MATRIX, "!room", ChatKind.GROUP), of=None)
        row = await session.get(Circle, circle.id)
        assert row is not None
        row.chat_id = chat.id
        await session.flush()

        assert await notices.group_of(circle.id) == (Network.MATRIX, "!room")
        [notice] = (await session.scalars(select(Notice))).all()
        assert (notice.circle_id, notice.member_id, notice.told_at) == (circle.id, None, None)
        assert (await session.scalars(select(Job.key).where(Job.kind == NOTICE_JOB))).all() == [str(notice.id)]

    async def test_to_nobody_nothing_is_written(self, session: AsyncSession) -> None:
        await tell(session, "question.posted")
        assert (await session.scalars(select(Notice))).all() == []
