"""A hub, a bot and a real mail server in this process: people ask in the browser, and look into their mail.

A test asks for the fixture ``office`` (see conftest.py) and then::

    await office.give_address("member", "anna@lindenau.de")
    mail = await office.newest()
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import update

from bot.core.adapter import Adapter
from bot.core.running import Bot, make_services
from bot.core.turn import Services
from bot.handlers.notices import notice_job
from bot.handlers.registry import build_registry
from bot.mail.adapter import MailAdapter
from knowledge.jobs.worker import Worker
from knowledge.kit.clock import now
from knowledge.kit.mail_connections import MailConnections
from knowledge.kit.settings import Settings, load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.mailing.repository import MailingRepository
from knowledge.mailing.schemas import MailEntry
from knowledge.models.message import OutgoingMessage
from knowledge.notices.jobs import NOTICE_JOB
from knowledge.notices.service import tell
from tests.bot.core.world import ChatNetwork, NoIndexes
from tests.hub.signed_in import Hub
from tests.knowledge.kit.mail_server import HOST, Mailbox

HUB_URL, SENDER = "https://hub.test", "allmende@kompetenz.test"
ANNA = "anna@lindenau.de"
ALL = {"wish": ["answers", "reminders", "digests"]}
LINK = re.compile(r"https://hub\.test(/[\w/.-]+)")


def set_up_mail(monkeypatch: pytest.MonkeyPatch, port: int, **more: str) -> Settings:
    """Have the settings lead to a mail server of the test's own."""
    values = {"SMTP_HOST": HOST, "SMTP_PORT": str(port), "SMTP_SECURITY": "none", "MAIL_FROM": SENDER}
    for name, value in {**values, "HUB_URL": HUB_URL, **more}.items():
        monkeypatch.setenv(f"ALLMENDE_{name}", value)
    return load_settings()


@dataclass
class PostOffice:
    """The parts, and what people do with them."""

    hub: Hub
    mailbox: Mailbox
    services: Services
    bot: Bot
    chat: ChatNetwork

    async def tell(self) -> None:
        """Tell people what is to be told, and wait until it is sent."""
        await self._work()
        await self.bot.settle()

    async def settle(self) -> None:
        """Have what waits sent now, and wait for that."""
        async with unit_of_work(self.hub.database) as unit:
            await unit.session.execute(update(OutgoingMessage).values(run_at=now()))
        await self.bot.settle()

    async def _work(self) -> None:
        worker = Worker(self.hub.database, {NOTICE_JOB: notice_job(self.services, self.bot.post)}, name="test")
        while await worker.work_once(NOTICE_JOB):
            pass

    async def notify(self, kind: str, who: str = "member", **data: Any) -> None:
        """Tell a member something."""
        await self.notify_without_waiting(kind, who, **data)
        await self.bot.settle()

    async def notify_without_waiting(self, kind: str, who: str = "member", **data: Any) -> None:
        """Tell a member something that may not be sent yet."""
        async with unit_of_work(self.hub.database) as unit:
            await tell(unit.session, kind, member_id=self.hub.people[who].id, data=data)
        await self._work()

    async def ask_for(self, who: str, address: str = ANNA, *, language: str = "en", **wishes: Any) -> int:
        """Give an address in the hub; returns the answer's status."""
        async with self.hub.browser(who, language=language) as browser:
            answer = await browser.post("/konto/post", data={"address": address, **(wishes or ALL)})
        await self.tell()
        return answer.status_code

    async def give_address(self, who: str, address: str = ANNA, *, language: str = "en", **wishes: Any) -> MailEntry:
        """Give an address and confirm it with the link that comes; returns what is kept then."""
        assert await self.ask_for(who, address, language=language, **wishes) == 303
        await self.press(self.links()[0])
        entry = await self.entry(address)
        assert entry is not None
        assert entry.is_confirmed
        return entry

    async def press(self, path: str, **fields: str) -> str:
        """Open a link out of a mail without being signed in, and press its button; returns the page."""
        async with self.hub.browser() as browser:
            assert (await browser.get(path)).status_code == 200
            return (await browser.post(path, data=fields)).text

    async def entry(self, address: str = ANNA) -> MailEntry | None:
        """Return what is kept of an address."""
        async with unit_of_work(self.hub.database, writes=False) as unit:
            return await MailingRepository(unit.session).by_address(address)

    def newest(self) -> EmailMessage:
        """Return the mail that came last."""
        return self.mailbox.mails[-1]

    def links(self) -> list[str]:
        """Return the paths of the hub that the newest mail leads to."""
        return LINK.findall(plain_of(self.newest()))


def plain_of(mail: EmailMessage) -> str:
    """Return a mail's plain text."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def html_of(mail: EmailMessage) -> str:
    """Return a mail's HTML."""
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


@asynccontextmanager
async def open_office(hub: Hub, mailbox: Mailbox, settings: Settings) -> AsyncIterator[PostOffice]:
    """Run the bot on a chat network and by e-mail."""
    chat = ChatNetwork()
    connections = MailConnections(settings.mail, rest=0.01)
    adapters: list[Adapter] = [chat.adapter(), MailAdapter(settings, hub.database, connections)]
    services = make_services(
        settings, hub.database, AnswerService(hub.database, NoIndexes(), settings.answers), adapters
    )
    async with Bot(services, adapters, build_registry()) as bot:
        await bot.connected()
        yield PostOffice(hub, mailbox, services, bot, chat)
