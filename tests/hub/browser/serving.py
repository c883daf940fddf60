"""The hub as a real server on a free port, with a real database and real indexes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from hub.auth.visiting import COOKIE
from hub.cli.surroundings import Surroundings
from hub.cli.web import listening, open_hub
from knowledge.access.sessions import Sessions
from knowledge.kit.database import Database
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.operations.migrating import migrate

if TYPE_CHECKING:
    from playwright.async_api import Page


@dataclass(frozen=True, slots=True)
class RunningHub:
    """Where it is, and its database and answers to prepare something with."""

    address: str
    surroundings: Surroundings
    answers: AnswerService

    @property
    def database(self) -> Database:
        """The hub's database."""
        return self.surroundings.database

    async def sign_in(self, page: "Page", member_id: UUID, *, second_factor: bool = True) -> None:
        """Have a window belong to somebody who is signed in."""
        async with unit_of_work(self.database) as unit:
            opened = await Sessions(unit.session).open(member_id, second_factor=second_factor)
        await page.context.add_cookies([{"name": COOKIE, "value": opened.token, "url": self.address}])


Fill = Callable[[Database], Awaitable[None]]


@asynccontextmanager
async def running_hub(settings: Settings, fill: Fill) -> AsyncIterator[RunningHub]:
    """Serve the hub.

    Args:
        settings: with a data folder of its own.
        fill: puts in what is to be there before.
    """
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    try:
        await migrate(database)
        await fill(database)
        surroundings = Surroundings(settings, database)
        stop, ready = asyncio.Event(), asyncio.Event()
        with listening(settings) as bound:
            async with surroundings.indexes() as indexes:
                await indexes.settle()
                answers = AnswerService(database, indexes, settings.answers)
                async with open_hub(surroundings, answers, bound, stop, ready=ready.set):
                    await ready.wait()
                    yield RunningHub(f"http://127.0.0.1:{bound.getsockname()[1]}", surroundings, answers)
    finally:
        await database.close()
