"""By which way a member is told something: the chat first, unless they prefer mail."""

import pytest
from sqlalchemy import update

from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.mailing.kinds import MailWish, wish_of
from knowledge.mailing.reaching import reachable
from knowledge.mailing.schemas import Wishes
from knowledge.models.chat import Network
from knowledge.models.member import Member
from knowledge.notices.repository import NoticeRepository
from tests.knowledge.mailing.people import ANNA, Clock, add_chat, claim, make_member, subscribe


@pytest.fixture(autouse=True)
def clock() -> Clock:
    return Clock()


class TestWay:
    async def test_chat_then_mail_as_wanted(self, database: Database) -> None:
        anna = await make_member(database)
        mail = (await subscribe(database, anna, ANNA, Wishes(digests=False))).identity_id
        async with unit_of_work(database, writes=False) as unit:
            ways = NoticeRepository(unit.session)
            assert await ways.way_to(anna, "question.answered") == mail
            assert await ways.way_to(anna) == mail
            assert await ways.way_to(anna, "digests") is None
            assert await ways.takes_mail(mail, "question.answered")
            assert not await ways.takes_mail(mail, "digest")

        await add_chat(database, anna, Network.TELEGRAM, direct=False)  # where the bot cannot write first
        matrix = await add_chat(database, anna, Network.MATRIX)
        async with unit_of_work(database, writes=False) as unit:
            ways = NoticeRepository(unit.session)
            assert {await ways.way_to(anna, kind) for kind in ("question.answered", "digests")} == {matrix}

    async def test_mail_first_for_those_who_prefer_it(self, database: Database) -> None:
        anna = await make_member(database)
        matrix = await add_chat(database, anna, Network.MATRIX)
        mail = (await subscribe(database, anna, ANNA, Wishes(reminders=False, preferred=True))).identity_id
        async with unit_of_work(database, writes=False) as unit:
            ways = NoticeRepository(unit.session)
            assert await ways.way_to(anna, "question.answered") == mail
            assert await ways.way_to(anna, "question.reminder") == matrix

    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    async def test_an_address_that_is_not_confirmed_is_no_way(self, database: Database) -> None:
        anna = await make_member(database)
        await claim(database, anna)
        async with unit_of_work(database, writes=False) as unit:
            assert await NoticeRepository(unit.session).way_to(anna, "account.password_set") is None
            assert await reachable(unit.session, anna, "digests") is None

    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    async def test_who_left_is_not_reached(self, database: Database) -> None:
        anna = await make_member(database)
        mail = (await subscribe(database, anna)).identity_id
        async with unit_of_work(database) as unit:
            assert await reachable(unit.session, anna, "digests") == mail
            await unit.session.execute(update(Member).where(Member.id == anna).values(active=False))
            assert await reachable(unit.session, anna, "digests") is None


class TestKinds:
    @pytest.mark.parametrize(
        ("kind", "wish"),
        [
            ("question.answered", MailWish.ANSWERS),
            ("question.routed", MailWish.ANSWERS),
            ("contact.asked", MailWish.ANSWERS),
            ("question.reminder", MailWish.REMINDERS),
            ("document.review_due", MailWish.REMINDERS),
            ("handover.open", MailWish.REMINDERS),
            ("digest", MailWish.DIGESTS),
            ("digests", MailWish.DIGESTS),
            ("account.unused", None),
            ("mail.stopped", None),
        ],
    )
    def test_each_is_something_that_can_be_wanted_or_the_account(self, kind: str, wish: MailWish | None) -> None:
        assert wish_of(kind) is wish
