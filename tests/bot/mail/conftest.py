"""What tests of mail have: a hub, a bot and a mail server."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from knowledge.kit.database import Database
from tests.bot.mail.post_office import PostOffice, open_office, set_up_mail
from tests.hub.signed_in import open_hub
from tests.knowledge.kit.mail_server import Mailbox, mail_server


@pytest_asyncio.fixture
async def office(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PostOffice]:
    """Hub and bot in this process, with mail set up."""
    path = tmp_path / "office.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite+aiosqlite:///{path}")
    # Nobody has to be spared here.
    monkeypatch.setattr("bot.core.sending.FIRST_PAUSE", 0.02)
    async with mail_server(Mailbox()) as mailbox:
        settings = set_up_mail(monkeypatch, mailbox.port)
        async with open_office(await open_hub(database), mailbox, settings) as running:
            yield running
    await database.close()
