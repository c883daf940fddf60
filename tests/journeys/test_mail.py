"""Mail from a process of its own, past a server that is away, and back through the pipe of a mail server."""

import asyncio
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.notices.service import tell
from tests.hub.shell import Shell
from tests.journeys.processes import Running, eventually, stored
from tests.knowledge.kit.mail_server import HOST, Mailbox, mail_server
from tests.knowledge.mailing.people import ANNA, make_member, subscribe
from tests.knowledge.mailing.returned import report
from tests.ports import free_port

SENDER = "allmende@kompetenz.test"


@contextmanager
def delivering(mailbox: Mailbox) -> Iterator[None]:
    """Run a mail server beside the test."""
    loop, ready, stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def serve() -> None:
        async with mail_server(mailbox):
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(20)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


@pytest.fixture
def post(tmp_path: Path, sqlite_template: Path) -> tuple[Shell, Mailbox]:
    """A data folder with a member who wants mail and is to be told something, and a mail server that is away."""
    mailbox = Mailbox(port=free_port())
    settings = {
        "ALLMENDE_SMTP_HOST": HOST,
        "ALLMENDE_SMTP_PORT": str(mailbox.port),
        "ALLMENDE_SMTP_SECURITY": "none",
        "ALLMENDE_MAIL_FROM": SENDER,
        "ALLMENDE_HUB_URL": "https://hub.test",
    }
    shell = Shell(tmp_path, settings)
    shell.data.mkdir()
    shutil.copyfile(sqlite_template, shell.data / "allmende.db")

    async def furnish() -> None:
        database = Database(f"sqlite+aiosqlite:///{shell.data / 'allmende.db'}")
        member = await make_member(database)
        await subscribe(database, member)
        async with unit_of_work(database) as unit:
            await tell(unit.session, "account.password_set", member_id=member)
        await database.close()

    asyncio.run(furnish())
    return shell, mailbox


class TestByItself:
    def test_it_waits_for_the_server_and_counts_what_comes_back(self, post: tuple[Shell, Mailbox]) -> None:
        shell, mailbox = post
        with Running(shell, "bot", "mail") as bot:
            bot.wait_for("It is tried again and again.")
            with delivering(mailbox):
                bot.wait_for("E-Mail: connected.")
                eventually(lambda: len(mailbox.mails) == 2)  # the link that confirms the address, and the news
                second = shell.run("bot", "mail")
                assert (second.returncode, "Another Allmende process" in second.stderr) == (1, True)
                code, _printed, said = bot.end(signal.SIGTERM)
        assert (code, ANNA in said) == (0, False)
        assert mailbox.recipients == [[ANNA]] * 2

        key = UUID(mailbox.mails[-1]["Message-ID"].strip("<>").partition("@")[0])
        for content, words in ((report(key).decode(), "a mail came back"), ("Guten Tag", "Passed over")):
            counted = shell.run("mail", "bounce", text=content)
            assert (counted.returncode, words in counted.stderr) == (0, True), counted.stderr
        assert stored(shell, "SELECT bounces FROM mail_subscriptions") == [(1,)]
