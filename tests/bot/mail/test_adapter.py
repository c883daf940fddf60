"""Mail as a way to people: opting in, being told, getting out, and what goes wrong on the way."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from knowledge.contributions.schemas import Author
from knowledge.contributions.service import ContributionService
from knowledge.kit.clock import now, use_clock
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.mailing.service import MailingService
from knowledge.models.chat import Network
from knowledge.models.contribution import Contribution, ContributionMessage, ContributionState
from knowledge.models.mail import MailSubscription
from knowledge.models.message import OutgoingMessage, SendState
from tests.bot.core.world import eventually
from tests.bot.mail.post_office import ALL, ANNA, PostOffice, html_of, plain_of
from tests.knowledge.mailing.people import add_chat

PASSWORD = "account.password_set"
CONFIRMING, UNSUBSCRIBING = "/post/bestaetigen/", "/abmelden/"


@pytest.fixture
def days() -> list[int]:
    """Days that have gone by; a test adds to them."""
    gone: list[int] = []
    use_clock(lambda: datetime.now(UTC) + timedelta(days=sum(gone)))
    return gone


async def states(office: PostOffice) -> list[str]:
    async with unit_of_work(office.hub.database, writes=False) as unit:
        return [state.value for state in await unit.session.scalars(select(OutgoingMessage.state))]


class TestOptingIn:
    async def test_only_the_button_behind_the_link_confirms_an_address(self, office: PostOffice) -> None:
        assert await office.ask_for("member") == 303
        [mail] = office.mailbox.mails
        assert mail["Subject"] == "Allmende: Please confirm your e-mail address"
        assert office.mailbox.recipients == [[ANNA]]
        [path] = office.links()
        async with office.hub.browser() as scanner:  # many mail filters look at links, some of them twice
            for _time in range(2):
                assert ANNA in (await scanner.get(path)).text
        await office.notify(PASSWORD)
        assert len(office.mailbox.mails) == 1

        assert f"{ANNA} is confirmed" in await office.press(path)
        await office.notify(PASSWORD)
        assert "A password for the hub was set" in plain_of(office.newest())
        assert "<strong>A password for the hub was set" in html_of(office.newest())
        assert office.newest()["Message-ID"].endswith("@kompetenz.test>")

    async def test_to_an_address_of_somebody_else_nothing_goes(self, office: PostOffice) -> None:
        await office.give_address("neighbour")
        before = len(office.mailbox.mails)
        assert await office.ask_for("member") == 303  # the same answer as ever
        assert len(office.mailbox.mails) == before

    async def test_who_is_signed_in_as_somebody_else_confirms_nothing(self, office: PostOffice) -> None:
        await office.ask_for("member")
        [path] = office.links()
        async with office.hub.browser("neighbour") as browser:
            assert (await browser.post(path)).status_code == 422
        entry = await office.entry()
        assert entry is not None
        assert not entry.is_confirmed

    async def test_a_link_of_nobodys_confirms_nothing(self, office: PostOffice) -> None:
        await office.ask_for("member")
        [path] = office.links()
        async with office.hub.browser() as browser:
            for wrong in (path[:-2] + "xx", CONFIRMING + "x", CONFIRMING + "%FF" * 40):
                assert (await browser.post(wrong)).status_code == 422

    async def test_the_chat_comes_first_unless_mail_is_preferred(self, office: PostOffice) -> None:
        member = office.hub.people["member"].id
        await add_chat(office.hub.database, member, Network.MATRIX)
        await office.give_address("member")
        before = len(office.mailbox.mails)
        await office.notify(PASSWORD)
        assert (len(office.chat.sent), len(office.mailbox.mails)) == (1, before)

        async with office.hub.browser("member") as browser:
            await browser.post("/konto/post/wuensche", data={**ALL, "preferred": "1"})
        await office.notify(PASSWORD)
        assert (len(office.chat.sent), len(office.mailbox.mails)) == (1, before + 1)


class TestBeingAsked:
    async def test_a_question_back_leads_into_the_hub(self, office: PostOffice) -> None:
        await office.give_address("member")
        member = office.hub.people["member"]
        async with unit_of_work(office.hub.database) as unit:
            contributions = ContributionService(unit)
            fields = {"title": "Kamera am Müllfahrzeug", "situation": "Lage", "done": "Getan", "outcome": "Gelernt"}
            entry = await contributions.start(Author(member.id, member.organisation_id), fields=fields)
            row = await unit.session.get(Contribution, entry.id)
            assert row is not None
            row.state = ContributionState.ASKED
            unit.session.add(
                ContributionMessage(contribution_id=entry.id, from_author=False, text="Wie teuer war das?")
            )
        await office.notify("contribution.asked", contribution=str(entry.id))
        mail = office.newest()
        assert "Kamera" not in str(mail["Subject"])
        text = plain_of(mail)
        assert "> Wie teuer war das?" in text
        assert f"Answer or go on in the hub:\nhttps://hub.test/beitraege/{entry.id}\n" in text
        assert "reply to this message" not in text


class TestGettingOut:
    async def test_one_click_of_the_mail_programme(self, office: PostOffice) -> None:
        await office.give_address("member")
        await office.notify("report.closed", report="nothing")
        await office.notify(PASSWORD)
        address = str(office.newest()["List-Unsubscribe"]).strip("<>")
        async with office.hub.browser() as programme:
            headers = {"Origin": "https://webmail.example", "Sec-Fetch-Site": "cross-site"}
            path = address.removeprefix("https://hub.test")
            for form in ({}, {"List-Unsubscribe": "No"}, {"what": "all"}):
                assert (await programme.post(path, data=form, headers=headers)).status_code == 200
            entry = await office.entry()
            assert entry is not None
            assert entry.unsubscribed_at is None  # nothing of this is the one click
            answer = await programme.post(path, data={"List-Unsubscribe": "One-Click"}, headers=headers)
            assert answer.status_code == 200
            refused = await programme.post(path + "/aendern", data={"what": "back"}, headers=headers)
            assert refused.status_code == 403  # another site undoes nothing
        before = len(office.mailbox.mails)
        await office.notify(PASSWORD)
        assert len(office.mailbox.mails) == before

    async def test_by_hand_from_one_thing_or_all_and_back(self, office: PostOffice) -> None:
        await office.give_address("member")
        await office.notify("review.waiting_long", "moderator", count=3, oldest_days=9)
        await office.give_address("moderator", "mo@lindenau.de")
        await office.notify("review.waiting_long", "moderator", count=3, oldest_days=9)
        path = next(path for path in office.links() if path.startswith(UNSUBSCRIBING))
        async with office.hub.browser() as browser:
            assert "“Reminders”" in (await browser.get(path)).text
            for what, wanted in (
                ("out", (True, False)),
                ("back", (True, True)),
                ("all", (False, False)),
                ("back_all", (True, True)),
                ("nonsense", (True, True)),
            ):
                answer = await browser.post(path + "/aendern", data={"what": what})
                assert (answer.status_code, answer.headers["location"]) == (303, path)
                assert (await browser.get(path)).status_code == 200
                entry = await office.entry("mo@lindenau.de")
                assert entry is not None
                assert (entry.takes("question.answered"), entry.takes("review.waiting_long")) == wanted, what

    async def test_what_was_unsubscribed_while_it_waited_is_not_sent(self, office: PostOffice) -> None:
        entry = await office.give_address("member")
        office.mailbox.busy.add(ANNA)
        before = len(office.mailbox.mails)
        async with unit_of_work(office.hub.database) as unit:
            await MailingService(unit).change(office.hub.people["member"].id, entry.wishes)
        await office.notify_without_waiting(PASSWORD)
        await eventually(lambda: office.mailbox.refused >= 1)
        async with unit_of_work(office.hub.database) as unit:
            await unit.session.execute(update(MailSubscription).values(unsubscribed_at=now()))
        office.mailbox.busy.clear()
        await office.settle()
        assert len(office.mailbox.mails) == before
        assert set(await states(office)) == {"sent"}


class TestTrouble:
    async def test_a_busy_server_gets_the_same_mail_later(self, office: PostOffice) -> None:
        await office.give_address("member")
        office.mailbox.busy.add(ANNA)
        await office.notify_without_waiting(PASSWORD)
        await eventually(lambda: office.mailbox.refused >= 1)
        before = len(office.mailbox.mails)
        office.mailbox.busy.clear()
        await office.settle()
        assert len(office.mailbox.mails) == before + 1
        async with unit_of_work(office.hub.database, writes=False) as unit:
            newest = select(OutgoingMessage.key).order_by(OutgoingMessage.id.desc()).limit(1)
            key = (await unit.session.scalars(newest)).one()
        assert office.newest()["Message-ID"] == f"<{key.hex}@kompetenz.test>"

    async def test_mail_that_is_refused_for_good_three_days_stops(self, office: PostOffice, days: list[int]) -> None:
        await office.give_address("member")
        await add_chat(office.hub.database, office.hub.people["member"].id, Network.MATRIX)
        async with unit_of_work(office.hub.database) as unit:
            await unit.session.execute(update(MailSubscription).values(preferred=True))
        office.mailbox.unknown = frozenset({ANNA})
        before = len(office.mailbox.mails)
        for _day in range(4):
            await office.notify(PASSWORD)
            days.append(1)
        assert len(office.mailbox.mails) == before
        assert (await states(office)).count(SendState.FAILED.value) == 3
        # The fourth came by chat, after the word that mail is not sent any more.
        said = [message.text.plain for message in office.chat.sent if message.text]
        assert [_("E-mails to you came back several times, so no more are sent.") in said[0], len(said)] == [True, 2]
        assert _("A password for the hub was set for your membership.") in said[1]
        async with office.hub.browser("member") as browser:
            assert "E-mails to you came back" in (await browser.get("/konto/post")).text

    async def test_what_waited_for_days_is_not_sent_any_more(self, office: PostOffice, days: list[int]) -> None:
        await office.give_address("member")
        office.mailbox.busy.add(ANNA)
        await office.notify_without_waiting(PASSWORD)
        await eventually(lambda: office.mailbox.refused >= 1)
        days.append(4)
        await office.settle()
        assert "failed" in await states(office)
        entry = await office.entry()
        assert entry is not None
        assert entry.bounces == 0  # that says nothing about the address


class TestSigningIn:
    async def test_a_link_comes_by_mail_and_opens_the_hub_once(self, office: PostOffice) -> None:
        await office.give_address("member")
        async with office.hub.browser() as browser:
            answer = await browser.post("/anmelden/post", data={"address": "Anna@Lindenau.de"})
            assert (answer.status_code, answer.headers["location"]) == (303, "/anmelden")
            await office.tell()
            assert office.newest()["Subject"] == "Allmende: Your link for signing in"
            [path] = office.links()
            assert (await browser.post(path)).headers["location"] == "/"
            assert "Member" in (await browser.get("/konto")).text
        async with office.hub.browser() as other:
            assert (await other.post(path)).status_code == 422

    async def test_nobody_learns_whether_an_address_is_known(self, office: PostOffice) -> None:
        await office.give_address("member")
        await office.ask_for("neighbour", "nachbar@gruenau.de")  # not confirmed
        before, answers = len(office.mailbox.mails), []
        async with office.hub.browser() as browser:
            for address in (ANNA, "niemand@lindenau.de", "nachbar@gruenau.de"):
                answer = await browser.post("/anmelden/post", data={"address": address})
                answers.append((answer.status_code, answer.headers["location"], (await browser.get("/anmelden")).text))
            assert (await browser.post("/anmelden/post", data={"address": "anna"})).status_code == 422
        await office.tell()
        assert len(set(answers)) == 1
        assert len(office.mailbox.mails) == before + 1

    async def test_it_cannot_be_asked_for_without_end(self, office: PostOffice) -> None:
        await office.give_address("member")
        async with office.hub.browser() as browser:
            seen = [(await browser.post("/anmelden/post", data={"address": ANNA})).status_code for _time in range(7)]
            unknown = [
                (await browser.post("/anmelden/post", data={"address": "niemand@b.de"})).status_code
                for _time in range(7)
            ]
        assert seen == unknown
        assert seen[-1] == 429

    async def test_a_whole_town_hall_can_ask_from_one_address(self, office: PostOffice) -> None:
        async with office.hub.browser() as browser:
            addresses = [f"person{number}@lindenau.de" for number in range(40)]
            seen = [(await browser.post("/anmelden/post", data={"address": one})).status_code for one in addresses]
        assert set(seen) == {303}

    async def test_somebody_who_unsubscribed_can_still_sign_in(self, office: PostOffice) -> None:
        entry = await office.give_address("member")
        async with unit_of_work(office.hub.database) as unit:
            await MailingService(unit).leave(entry.identity_id, None)
        async with office.hub.browser() as browser:
            await browser.post("/anmelden/post", data={"address": ANNA})
        await office.tell()
        assert office.newest()["Subject"] == "Allmende: Your link for signing in"


class TestLogs:
    async def test_hold_no_address_and_no_token(
        self, office: PostOffice, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ALLMENDE_LOG_LEVEL", "debug")
        await office.give_address("member")
        token = office.links()[0].rpartition("/")[2]
        office.mailbox.unknown = frozenset({ANNA})
        await office.notify(PASSWORD)
        written = "".join(capsys.readouterr())
        assert "mail_came_back" in written
        assert ANNA not in written
        assert "lindenau.de" not in written
        assert token not in written
