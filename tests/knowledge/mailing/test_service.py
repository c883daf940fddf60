"""Opting in to e-mail, what is wanted, and getting out again."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from knowledge.chats.outbox import Outbox
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.mail import WrongAddress
from knowledge.kit.settings import load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.mailing.errors import ConfirmationRefused, NoSubscription, TooManyMails, UnknownToken
from knowledge.mailing.kinds import CONFIRM, SIGN_IN, MailWish
from knowledge.mailing.limits import CONFIRMATIONS_PER_ADDRESS, CONFIRMATIONS_PER_MEMBER, SIGN_INS_PER_ADDRESS
from knowledge.mailing.schemas import Wishes
from knowledge.mailing.service import MailingService
from knowledge.models.chat import ChatIdentity, Network
from knowledge.models.member import Member
from knowledge.models.message import OutgoingMessage
from knowledge.models.notice import Notice
from knowledge.privacy.retention import run_retention
from knowledge.privacy.service import PrivacyService
from tests.knowledge.mailing.people import ANNA, BEN, Clock, claim, confirm, entry_of, make_member, subscribe

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def clock() -> Clock:
    return Clock()


async def count(database: Database, kind: str) -> int:
    """Count what is to be told."""
    async with database.session(writes=False) as session:
        return await session.scalar(select(func.count()).select_from(Notice).where(Notice.kind == kind)) or 0


async def change_member(database: Database, member: UUID, **values: object) -> None:
    async with unit_of_work(database) as unit:
        await unit.session.execute(update(Member).where(Member.id == member).values(**values))


class TestOptingIn:
    async def test_an_address_counts_once_its_link_was_followed(self, database: Database) -> None:
        anna = await make_member(database)
        await claim(database, anna, " Anna@Lindenau.DE ", Wishes(digests=False, preferred=True))

        waiting = await entry_of(database)
        assert waiting is not None
        assert (waiting.is_confirmed, waiting.takes("question.answered"), waiting.takes(CONFIRM)) == (
            False,
            False,
            True,
        )

        entry = await confirm(database, anna)
        assert (entry.member_id, entry.wishes) == (anna, Wishes(digests=False, preferred=True))
        assert (entry.takes("question.answered"), entry.takes("digest"), entry.takes("account.password_set")) == (
            True,
            False,
            True,
        )

    @sqlite
    async def test_a_link_works_for_two_days_and_once(self, database: Database, clock: Clock) -> None:
        anna = await make_member(database)
        await claim(database, anna)
        clock.forward(hours=47)
        first = await confirm(database, anna)
        async with unit_of_work(database) as unit:
            await MailingService(unit).leave(first.identity_id, None)
        again = await confirm(database, anna)
        assert again.unsubscribed_at is not None  # followed once more, it brings nobody back

        clock.forward(hours=2)
        with pytest.raises(ConfirmationRefused):
            await confirm(database, anna)

    @sqlite
    async def test_another_address_replaces_the_one_before(self, database: Database, clock: Clock) -> None:
        anna = await make_member(database)
        await subscribe(database, anna)
        clock.forward(minutes=1)
        await claim(database, anna, BEN)
        assert (await entry_of(database)) is not None
        await confirm(database, anna, BEN)
        assert await entry_of(database) is None

    @sqlite
    @pytest.mark.parametrize("address", ["", "anna", "anna@lindenau.de\r\nBcc: ben@lindenau.de", "a" * 400 + "@b.de"])
    async def test_what_is_no_address_is_refused(self, database: Database, address: str) -> None:
        anna = await make_member(database)
        with pytest.raises(WrongAddress):
            await claim(database, anna, address)
        assert await count(database, CONFIRM) == 0


class TestOthersAddresses:
    """Nobody gets anything by having others give their address."""

    async def test_to_one_that_is_somebody_elses_nothing_goes_and_nothing_is_said(self, database: Database) -> None:
        anna, ben = await make_member(database), await make_member(database, "Ben")
        before = await subscribe(database, anna)
        await claim(database, ben, wishes=Wishes(answers=False))
        assert await entry_of(database) == before
        with pytest.raises(ConfirmationRefused):
            await confirm(database, ben)

    @sqlite
    async def test_one_that_nobody_confirmed_is_whose_owner_follows_the_link(self, database: Database) -> None:
        anna, ben = await make_member(database), await make_member(database, "Ben")
        await claim(database, ben)  # mistyped, or on purpose
        await claim(database, anna)
        assert (await confirm(database, anna)).member_id == anna
        with pytest.raises(ConfirmationRefused):
            await confirm(database, ben)

    @sqlite
    async def test_of_somebody_who_left_it_is_free_again(self, database: Database, clock: Clock) -> None:
        anna, ben = await make_member(database), await make_member(database, "Ben")
        await subscribe(database, anna)
        await change_member(database, anna, active=False)
        clock.forward(minutes=1)
        await claim(database, ben)
        waiting = await entry_of(database)
        assert waiting is not None
        assert not waiting.is_confirmed
        assert (await confirm(database, ben)).member_id == ben

    @sqlite
    async def test_only_so_many_mails_a_day_to_one_address(self, database: Database, clock: Clock) -> None:
        members = [await make_member(database, f"Mitglied {number}") for number in range(CONFIRMATIONS_PER_ADDRESS + 1)]
        for member in members[:-1]:
            await claim(database, member)
        with pytest.raises(TooManyMails):
            await claim(database, members[-1])
        clock.forward(days=1, minutes=1)
        await claim(database, members[-1])

    @sqlite
    async def test_only_so_many_a_day_for_one_member(self, database: Database) -> None:
        anna = await make_member(database)
        for number in range(CONFIRMATIONS_PER_MEMBER):
            await claim(database, anna, f"opfer{number}@lindenau.de")
        with pytest.raises(TooManyMails):
            await claim(database, anna, "opfer@lindenau.de")
        assert await count(database, CONFIRM) == CONFIRMATIONS_PER_MEMBER

    async def test_an_address_that_is_not_confirmed_is_forgotten(self, database: Database, clock: Clock) -> None:
        anna, ben = await make_member(database), await make_member(database, "Ben")
        await claim(database, anna)
        await subscribe(database, ben, BEN)
        clock.forward(days=3, minutes=1)
        await run_retention(database, load_settings())
        async with database.session(writes=False) as session:
            assert [*(await session.scalars(select(ChatIdentity.address)))] == [BEN]


class TestWishes:
    @sqlite
    async def test_are_changed_and_nothing_means_nothing(self, database: Database) -> None:
        anna = await make_member(database)
        await subscribe(database, anna)
        async with unit_of_work(database) as unit:
            await MailingService(unit).change(anna, Wishes(answers=False, reminders=False, digests=False))
        entry = await entry_of(database)
        assert entry is not None
        assert not entry.takes("account.password_set")
        async with unit_of_work(database) as unit:
            await MailingService(unit).change(anna, Wishes(answers=False, reminders=True, digests=False))
        entry = await entry_of(database)
        assert entry is not None
        assert (entry.takes("question.reminder"), entry.takes("question.answered")) == (True, False)

    @sqlite
    async def test_without_an_address_there_are_none(self, database: Database) -> None:
        anna, ben = await make_member(database), await make_member(database, "Ben")
        entry = await subscribe(database, anna)
        async with unit_of_work(database) as unit:
            with pytest.raises(NoSubscription):
                await MailingService(unit).change(ben, Wishes())
            with pytest.raises(NoSubscription):
                await MailingService(unit).remove(ben, entry.identity_id)

    async def test_leaving_drops_what_waits_and_can_be_undone(self, database: Database) -> None:
        anna = await make_member(database)
        entry = await subscribe(database, anna)
        async with unit_of_work(database) as unit:
            await Outbox(unit.session).add(Network.MAIL, ANNA, {}, exchange_id=None)
        async with unit_of_work(database) as unit:
            mailing = MailingService(unit)
            assert not (await mailing.leave(entry.identity_id, MailWish.DIGESTS)).takes("digest")
            assert (await mailing.repository.by_address(ANNA)) is not None
            assert not (await mailing.leave(entry.identity_id, None)).takes("question.answered")
            assert await unit.session.scalar(select(func.count()).select_from(OutgoingMessage)) == 0
            back = await mailing.come_back(entry.identity_id, None)
            assert (back.takes("question.answered"), back.takes("digest")) == (True, False)
            assert (await mailing.come_back(entry.identity_id, MailWish.DIGESTS)).takes("digest")
            with pytest.raises(UnknownToken):
                await mailing.leave(new_id(), None)


class TestErasing:
    async def test_takes_address_wishes_and_what_waits(self, database: Database) -> None:
        anna = await make_member(database)
        entry = await subscribe(database, anna)
        async with unit_of_work(database) as unit:
            await Outbox(unit.session).add_private(Network.MAIL, entry.identity_id, {}, exchange_id=None)
        async with unit_of_work(database) as unit:
            await PrivacyService(unit.session).erase(entry.identity_id, everywhere=True)
        async with database.session(writes=False) as session:
            for table in (ChatIdentity, OutgoingMessage, Member, Notice):
                assert await session.scalar(select(func.count()).select_from(table)) == 0, table
        assert await entry_of(database) is None


class TestSigningInByMail:
    async def test_only_who_confirmed_gets_a_link(self, database: Database) -> None:
        anna, ben = await make_member(database), await make_member(database, "Ben")
        await subscribe(database, anna)
        await claim(database, ben, BEN)
        async with unit_of_work(database) as unit:
            for address in ("ANNA@lindenau.de", BEN, "niemand@lindenau.de"):
                await MailingService(unit).ask_sign_in(address)
        async with database.session(writes=False) as session:
            asked = [*(await session.scalars(select(Notice.identity_id).where(Notice.kind == SIGN_IN)))]
        entry = await entry_of(database)
        assert entry is not None
        assert asked == [entry.identity_id]

    @sqlite
    async def test_not_the_suspended_and_not_without_end(self, database: Database) -> None:
        anna, ben = await make_member(database), await make_member(database, "Ben")
        await subscribe(database, anna)
        await subscribe(database, ben, BEN)
        await change_member(database, ben, suspended_at=Clock().moment)
        async with unit_of_work(database) as unit:
            await MailingService(unit).ask_sign_in(BEN)
            for _time in range(SIGN_INS_PER_ADDRESS + 3):
                await MailingService(unit).ask_sign_in(ANNA)
        assert await count(database, SIGN_IN) == SIGN_INS_PER_ADDRESS


class TestComingBack:
    async def test_after_mail_came_back_on_three_days_nothing_is_sent(self, database: Database, clock: Clock) -> None:
        anna = await make_member(database)
        entry = await subscribe(database, anna)
        stopped = []
        for _day in range(3):
            async with unit_of_work(database) as unit:
                mailing = MailingService(unit)
                stopped.append(await mailing.note_bounce(entry.identity_id, clock.moment))
                # More of them on one day count once.
                stopped.append(await mailing.note_bounce(entry.identity_id, clock.moment))
            clock.forward(days=1)
        assert stopped == [False, False, False, False, True, True]
        kept = await entry_of(database)
        assert kept is not None
        assert not kept.takes("account.password_set")
        assert await count(database, "mail.stopped") == 1

        await claim(database, anna)
        assert (await confirm(database, anna)) == replace(
            entry, confirmed_at=clock.moment, created_at=clock.moment, bounces=0
        )

    @sqlite
    async def test_a_long_pause_begins_anew(self, database: Database, clock: Clock) -> None:
        entry = await subscribe(database, await make_member(database))
        for _time in range(6):
            async with unit_of_work(database) as unit:
                assert not await MailingService(unit).note_bounce(entry.identity_id, clock.moment)
            clock.forward(days=61)
        kept = await entry_of(database)
        assert kept is not None
        assert (kept.bounces, kept.bounced_at) == (1, None)
