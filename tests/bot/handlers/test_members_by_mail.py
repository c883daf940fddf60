"""An official mail address makes somebody a member; the mail goes out by a job, through a real server."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from bot.core.turn import Said
from bot.handlers.members import mail_trouble
from knowledge.jobs.repository import JobRepository
from knowledge.jobs.worker import Worker
from knowledge.kit.clock import use_clock
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.members.jobs import SEND_CODE, mail_jobs
from tests.bot.handlers.inviting import found_lindenau, invite
from tests.bot.handlers.stage import ANNA, BEN, TELEGRAM_ANNA, Stage, texts
from tests.knowledge.kit.mail_server import Mailbox, mail_server, silent_server

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADDRESS = "anna.weber@lindenau.de"
GREETING, REFUSED, ENOUGH = "Which name shall others see?", "This code does not work", "enough mails"


@pytest_asyncio.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with mail_server(Mailbox(unknown=frozenset({"nobody@lindenau.de"}))) as opened:
        yield opened


@pytest_asyncio.fixture
async def stage(database: Database, mailbox: Mailbox) -> Stage:
    use_clock(lambda: START)
    await found_lindenau(database, domain="lindenau.de")
    return replace(Stage(database), settings=replace(Stage(database).settings, mail=mailbox.settings()))


async def deliver(stage: Stage, *, patience: float = 5.0, told: list[Said] | None = None) -> int:
    """Let the worker send what waits; returns how many jobs are left."""

    async def post(_unit: UnitOfWork, said: Sequence[Said]) -> None:
        (told if told is not None else []).extend(said)

    tell = mail_trouble(stage.services, post)
    worker = Worker(stage.database, mail_jobs(stage.settings.mail, tell=tell, patience=patience), name="here")
    await worker.work_once(SEND_CODE)
    async with unit_of_work(stage.database, writes=False) as unit:
        counts = await JobRepository(unit.session).counts()
    return sum(counts.values())


def code_in(mailbox: Mailbox) -> str:
    return mailbox.texts[-1].partition("The code is: ")[2][:14]


class TestTheWayIn:
    async def test_a_code_in_the_mail_makes_a_member(self, stage: Stage, mailbox: Mailbox) -> None:
        (ways,) = await stage.write(ANNA, "/beitreten")
        assert ways.labels == ("I have a code", "I have an official mail address")
        assert "is not kept" in texts(await stage.write(ANNA, "2"))
        assert "30 minutes" in texts(await stage.write(ANNA, f"Anna <{ADDRESS}>"))
        assert mailbox.mails == []  # nothing before the commit

        assert await deliver(stage) == 0
        asked = await stage.write(ANNA, f" {code_in(mailbox).lower()} ")
        greeted = await stage.write(ANNA, "Anna Weber")

        assert "you belong to Lindenau" in texts(asked)
        assert "member, Lindenau" in texts(greeted)
        assert await stage.access(ANNA) == {"public", "network", "house"}

    async def test_the_address_is_kept_nowhere(self, stage: Stage, mailbox: Mailbox) -> None:
        await stage.write(ANNA, "/beitreten")
        await stage.write(ANNA, ADDRESS)
        assert ADDRESS.encode() in await everything(stage)

        await deliver(stage)
        await stage.write(ANNA, code_in(mailbox))
        await stage.write(ANNA, "Anna Weber")

        assert ADDRESS.encode() not in await everything(stage)

    async def test_the_mail_says_what_to_do(self, stage: Stage, mailbox: Mailbox) -> None:
        await stage.write(ANNA, "/beitreten")
        await stage.write(ANNA, ADDRESS)
        await deliver(stage)

        assert mailbox.recipients == [[ADDRESS]]
        assert "if it was not you" in mailbox.texts[0].lower()

    async def test_a_code_from_a_moderator_is_taken_in_any_step(self, stage: Stage) -> None:
        await stage.write(ANNA, "/beitreten")
        await stage.write(ANNA, ADDRESS)

        assert "Welcome, Anna!" in texts(await stage.write(ANNA, await invite(stage.database, name="Anna")))

    async def test_on_telegram_a_warning_comes_first_and_once(self, stage: Stage) -> None:
        await stage.write(TELEGRAM_ANNA, "/beitreten")
        first = await stage.write(TELEGRAM_ANNA, "2")
        await stage.write(TELEGRAM_ANNA, "/beitreten")
        second = await stage.write(TELEGRAM_ANNA, "/profil Lindenau")

        assert [("foreign house" in said.text) for said in first] == [True, False]
        assert "foreign house" not in texts(second)


class TestWhatIsRefused:
    async def test_what_is_no_address_and_domains_that_nobody_registered(self, stage: Stage) -> None:
        await stage.write(ANNA, "/beitreten")
        await stage.write(ANNA, "2")

        assert "no mail address" in texts(await stage.write(ANNA, "anna@lindenau.de\r\nBcc: alle@lindenau.de"))
        assert "not registered" in texts(await stage.write(ANNA, "anna@ahornau.de"))
        assert "Please ask a moderator" in texts(await stage.write(ANNA, "anna@mail.lindenau.de"))
        assert "30 minutes" in texts(await stage.write(ANNA, ADDRESS))

    async def test_somebody_elses_code(self, stage: Stage, mailbox: Mailbox) -> None:
        await stage.write(ANNA, "/beitreten")
        await stage.write(ANNA, ADDRESS)
        await deliver(stage)

        assert REFUSED in texts(await stage.write(BEN, f"/beitreten {code_in(mailbox)}"))
        assert GREETING in texts(await stage.write(ANNA, code_in(mailbox)))

    async def test_a_code_after_half_an_hour(self, stage: Stage, mailbox: Mailbox) -> None:
        await stage.write(ANNA, "/beitreten")
        await stage.write(ANNA, ADDRESS)
        await deliver(stage)
        use_clock(lambda: START + timedelta(minutes=31))

        assert REFUSED in texts(await stage.write(ANNA, code_in(mailbox)))

    async def test_a_fourth_mail_on_one_day_whoever_asks_and_for_whomever(self, stage: Stage) -> None:
        await stage.write(ANNA, "/beitreten")
        for name in ("a", "b", "c"):
            assert "30 minutes" in texts(await stage.write(ANNA, f"{name}@lindenau.de"))
        assert ENOUGH in texts(await stage.write(ANNA, "d@lindenau.de"))

        await stage.write(BEN, "/beitreten")
        for _time in range(2):
            assert "30 minutes" in texts(await stage.write(BEN, "A@lindenau.de"))
        assert ENOUGH in texts(await stage.write(BEN, "a@lindenau.de"))

        use_clock(lambda: START + timedelta(hours=25))
        await stage.write(ANNA, "/beitreten")
        assert "30 minutes" in texts(await stage.write(ANNA, "a@lindenau.de"))

    async def test_without_a_registered_domain_only_codes_are_asked_for(self, database: Database) -> None:
        stage = Stage(database).with_settings("mail", smtp_host="127.0.0.1")

        assert "Please write the code" in texts(await stage.write(ANNA, "/beitreten"))
        assert REFUSED in texts(await stage.write(ANNA, ADDRESS))


class TestServersInTrouble:
    async def test_a_refused_address_is_dropped_with_its_job(self, stage: Stage) -> None:
        await stage.write(ANNA, "/beitreten")
        await stage.write(ANNA, "nobody@lindenau.de")

        told: list[Said] = []
        assert await deliver(stage, told=told) == 0

        (said,) = told
        assert said.to == (await stage.person(ANNA)).id
        assert said.message.text is not None
        assert "could not be delivered" in said.message.text.plain
        assert b"nobody@lindenau.de" not in await everything(stage)

    async def test_a_server_that_comes_back_gets_the_mail_once(self, stage: Stage, mailbox: Mailbox) -> None:
        mailbox.busy.add(ADDRESS)
        await stage.write(ANNA, "/beitreten")
        await stage.write(ANNA, ADDRESS)
        assert await deliver(stage) == 1
        mailbox.busy.clear()
        use_clock(lambda: START + timedelta(minutes=5))

        assert await deliver(stage) == 0
        assert await deliver(stage) == 0
        assert len(mailbox.mails) == 1
        assert GREETING in texts(await stage.write(ANNA, code_in(mailbox)))

    async def test_one_that_stays_away_is_given_up_when_the_code_has_run_out(self, stage: Stage) -> None:
        async with silent_server() as silent:
            stage = replace(stage, settings=replace(stage.settings, mail=silent.settings()))
            await stage.write(ANNA, "/beitreten")
            await stage.write(ANNA, ADDRESS)
            assert await deliver(stage, patience=0.1) == 1
            use_clock(lambda: START + timedelta(minutes=31))

            told: list[Said] = []
            assert await deliver(stage, patience=0.1, told=told) == 0
            assert len(told) == 1
        assert ADDRESS.encode() not in await everything(stage)


async def everything(stage: Stage) -> bytes:
    """Return all that the database says, as text."""
    async with unit_of_work(stage.database, writes=False) as unit:
        connection = await unit.session.connection()
        raw = await connection.get_raw_connection()
        driver = raw.driver_connection
        assert driver is not None
        lines = [line async for line in driver.iterdump()]
    return "\n".join(lines).encode()
