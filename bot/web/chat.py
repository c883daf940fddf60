"""The conversation in the browser as the hub's pages get it: a bot with one network, in each process of the hub."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta

from bot.core.registry import Registry
from bot.core.running import Bot, make_services
from bot.web.adapter import WebAdapter
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.errors import Unavailable
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.settings import Settings
from knowledge.library.answers.service import AnswerService
from knowledge.models.chat import Network
from knowledge.webchat.schemas import WebTurn

# How long a page waits for the bot to be ready, and for an answer before it is shown without it, in seconds.
READY_WITHIN, ANSWERED_WITHIN = 15.0, 20.0
# After so long, what a process took is left: longer than one that lives would keep a page waiting.
LEFT_AFTER = timedelta(seconds=30)


class BotNotReady(Unavailable):
    """The bot of this process is still being made ready."""

    code = "webchat.not_ready"

    def __init__(self) -> None:
        super().__init__(_("I am just waking up. Please try again in a moment."))


def browser_chat(settings: Settings, database: Database, answers: AnswerService) -> "BrowserChat":
    """Return the conversation for people who are in the hub already: whatever it names leads to the hub's pages."""
    address = settings.hub.address
    known = replace(settings, hub=settings.hub.model_copy(update={"hub_url": address}))
    return BrowserChat(known, database, answers.inside(address))


class BrowserChat:
    """Takes what people do in the browser and answers it (``hub.chatting.WebChat``).

    Args:
        settings: as they are.
        database: where conversations are kept.
        answers: the library's answers.
    """

    def __init__(self, settings: Settings, database: Database, answers: AnswerService) -> None:
        self._settings = settings
        self._database = database
        self._answers = answers
        self._bot: Bot | None = None
        self._adapter = WebAdapter(database)
        self._ready = asyncio.Event()

    async def take(self, turn: WebTurn) -> bool:
        """Take something that somebody does and answer it; ``False`` where the answer is not there yet.

        Raises ``BotNotReady``, and ``UnknownWebMessage`` for a choice that is not in their conversation.
        """
        try:
            await asyncio.wait_for(self._ready.wait(), READY_WITHIN)
        except TimeoutError as error:
            raise BotNotReady from error
        if self._bot is None:
            raise BotNotReady
        incoming = await self._adapter.hand_over(turn)
        return await self._bot.answered(incoming, ANSWERED_WITHIN)

    async def take_up(self, events: Sequence[str]) -> None:
        """Answer what another process took a while ago and did not finish, because it was killed."""
        if self._bot is not None and self._ready.is_set():
            await self._bot.take_up(Network.WEB, events, now() - LEFT_AFTER)

    async def ready(self) -> None:
        """Wait until people can be answered."""
        await self._ready.wait()

    async def settle(self) -> None:
        """Wait until all that was taken is answered."""
        if self._bot is not None:
            await self._bot.settle()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Get the bot ready in the background, so that pages need not wait for it, and end it."""
        waking = asyncio.create_task(self._wake())
        try:
            yield
        finally:
            waking.cancel()
            with suppress(asyncio.CancelledError):
                await waking
            if self._bot is not None:
                await self._bot.close()
                self._bot = None

    async def _wake(self) -> None:
        try:
            # Handlers bring libraries of their own, which take their time to be loaded.
            registry = await asyncio.to_thread(_load_registry)
            services = make_services(self._settings, self._database, self._answers, [self._adapter])
            bot = Bot(services, [self._adapter], registry)
            await bot.__aenter__()
            self._bot = bot
            await bot.connected()
            self._ready.set()
        except Exception as error:  # the edge: whoever looks at the task is told by the log, and pages say so
            get_logger().error("webchat_not_ready", error=type(error).__name__)
            raise


def _load_registry() -> Registry:
    from bot.handlers.registry import build_registry

    return build_registry()
