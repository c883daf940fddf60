"""Mail that comes back later is counted for the right address, and for nobody where somebody made it up."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from knowledge.access.keys import AccessKey
from knowledge.chats.outbox import Outbox
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.mailing.bounces import LARGEST, NoMail, note_report, read_report
from knowledge.mailing.kinds import MailWish
from knowledge.mailing.tokens import Confirmation, Leaving, MailTokens
from knowledge.models.chat import Network
from knowledge.models.message import OutgoingMessage
from tests.knowledge.mailing.people import ANNA, TOKENS, Clock, entry_of, make_member, subscribe
from tests.knowledge.mailing.returned import HEADERS, WHOLE, report

BOUNCES = "bounces@kompetenz.test"


@pytest.fixture(autouse=True)
def clock() -> Clock:
    return Clock()


async def mailed(database: Database) -> UUID:
    """Send a mail to Anna; returns its key."""
    async with unit_of_work(database) as unit:
        await Outbox(unit.session).add(Network.MAIL, ANNA, {}, exchange_id=None)
        return (await unit.session.scalars(select(OutgoingMessage.key))).one()


async def hand_over(database: Database, content: bytes, recipient: str = "") -> tuple[UUID | None, int]:
    """Hand a report over; returns for whom it counted, and how many came back from Anna by then."""
    async with unit_of_work(database) as unit:
        counted = await note_report(unit, read_report(content, recipient), TOKENS)
    entry = await entry_of(database)
    assert entry is not None
    return counted, entry.bounces


class TestWhose:
    @pytest.mark.parametrize("returned", [WHOLE, HEADERS])
    async def test_by_the_identifier_of_what_came_back(self, database: Database, returned: str) -> None:
        entry = await subscribe(database, await make_member(database))
        key = await mailed(database)
        assert await hand_over(database, report(key, returned=returned)) == (entry.identity_id, 1)

    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    async def test_by_the_address_that_it_came_back_to(self, database: Database) -> None:
        entry = await subscribe(database, await make_member(database))
        signed = TOKENS.return_path(entry.identity_id, BOUNCES)
        assert len(signed.partition("@")[0]) <= 64
        for content, recipient in (
            (report(to=signed.upper()), ""),
            (b"Delivered-To: " + signed.encode() + b"\n" + report(), ""),
            (report(), signed),
        ):
            assert (await hand_over(database, content, recipient))[0] == entry.identity_id

    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    async def test_what_somebody_made_up_counts_for_nobody(self, database: Database) -> None:
        entry = await subscribe(database, await make_member(database))
        await mailed(database)
        forged = MailTokens(AccessKey(b"x" * 32)).return_path(entry.identity_id, BOUNCES)
        broken = TOKENS.return_path(uuid4(), BOUNCES).replace("+", "+a")
        for content in (report(uuid4()), report(), report(to=forged), report(to=broken), report(to="a+" + "b" * 90)):
            assert await hand_over(database, content) == (None, 0)


class TestWhat:
    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    @pytest.mark.parametrize(
        ("action", "status"),
        [
            ("delayed", "4.4.1"),  # it is still tried
            ("failed", "4.4.7"),
            ("failed", "5.7.1"),  # taken for unwanted: that says nothing about the address
            ("failed", "5.3.4"),
            ("delivered", "2.0.0"),
            ("failed", ""),
        ],
    )
    async def test_only_an_address_that_takes_no_mail_counts(
        self, database: Database, action: str, status: str
    ) -> None:
        await subscribe(database, await make_member(database))
        key = await mailed(database)
        assert await hand_over(database, report(key, action=action, status=status)) == (None, 0)

    @pytest.mark.parametrize(
        "content",
        [
            b"From: anna@lindenau.de\nSubject: Abwesend\n\nIch bin im Urlaub. Action: failed\nStatus: 5.1.1\n",
            b"\xff\xfe\x00\x80" * 100,
            b"Content-Type: multipart/report; boundary=\n\n--\nAction: failed\nStatus: 5.1.1\n",
            b"Content-Type: multipart/report; boundary=a\n\n" + b"--a\n\n" * 5000,
            b"Content-Type: message/delivery-status\n\nAction: failed\nStatus: 5.1.1\n",
            b"To: =?utf-8?q?=FF?= <" + b"a+" * 4000 + b"@b>\n\n",
            b'Content-Type: multipart/report; charset=\xff; boundary="\n\n"x',
            report(uuid4()).replace(b"5.1.1", b"5." + b"1" * 50_000),
        ],
    )
    def test_what_is_no_report_says_nothing(self, content: bytes) -> None:
        assert not read_report(content).is_final

    @pytest.mark.parametrize(
        "content", [b"", b"  \n", b"a" * (LARGEST + 1), b"Content-Type: message/rfc822\n\n" * 9000]
    )
    def test_what_cannot_be_read_is_refused(self, content: bytes) -> None:
        with pytest.raises(NoMail):
            read_report(content)


class TestSigned:
    def test_links_say_what_was_put_into_them(self, clock: Clock) -> None:
        identity, member = uuid4(), uuid4()
        assert TOKENS.read_confirmation(TOKENS.confirmation(identity, member, clock.moment)) == Confirmation(
            identity, member, clock.moment
        )
        for wish in (None, *MailWish):
            assert TOKENS.read_leaving(TOKENS.leaving(identity, wish)) == Leaving(identity, wish)

    def test_nothing_is_guessed_or_changed_or_used_for_something_else(self, clock: Clock) -> None:
        identity = uuid4()
        leaving = TOKENS.leaving(identity, MailWish.DIGESTS)
        confirmation = TOKENS.confirmation(identity, uuid4(), clock.moment)
        others = MailTokens(AccessKey(b"x" * 32)).leaving(identity, None)
        swapped = [
            leaving[:place] + ("A" if leaving[place] != "A" else "B") + leaving[place + 1 :] for place in range(44)
        ]
        wrong = ["", "ä", "a", "=" * 40, "-" * 44, leaving * 9, leaving + "A", confirmation, others, *swapped]
        assert [token for token in wrong if TOKENS.read_leaving(token) is not None] == []
        assert TOKENS.read_confirmation(leaving) is None
