"""The bot as a whole: its networks, what it does there, and its orderly beginning and end."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Any, Self

from bot.core.adapter import Adapter, FetchesFiles, OffersCommands, Overhears, ReadMessage, ReadsMessages
from bot.core.faults import fault
from bot.core.handling import Handling, Runtime
from bot.core.intake import Intake
from bot.core.limits import FairUse
from bot.core.messages import FileNote, Incoming, Place
from bot.core.posting import post
from bot.core.registry import Registry
from bot.core.routing import Router, ViewerFor
from bot.core.scheduler import Scheduler
from bot.core.sending import Sender
from bot.core.turn import Said, Services, no_files, no_messages
from bot.core.writing import write_turns
from knowledge.chats.inbox import Inbox
from knowledge.chats.outbox import clean_up
from knowledge.chats.service import ChatService
from knowledge.circles.audience import viewer_for
from knowledge.kit.away import database_is_away
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import LANGUAGES, choose_language, current_language
from knowledge.kit.logs import get_logger
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.models.chat import Network

# Pauses before a network is tried again, doubling, in seconds.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
# At the end: how long what has begun may go on, how long is sent, how long a network may take to say goodbye.
FINISH_SECONDS, FLUSH_SECONDS, CLOSE_SECONDS = 15.0, 10.0, 10.0
# How often it is looked which groups want their questions recognised, in seconds.
OVERHEARD_EVERY = 3.0
# How often old events and messages are forgotten, in seconds.
CLEAN_EVERY = 3600.0

# Told when a network is connected (no error), or could not be.
Tell = Callable[[Network, Exception | None], None]


def make_services(
    settings: Settings, database: Database, answers: AnswerService, adapters: Sequence[Adapter]
) -> Services:
    """Return what handlers work with; the bot fills in its accounts as the networks connect."""
    by_network = {adapter.network: adapter for adapter in adapters}

    def direct_link(network: Network, word: str) -> str | None:
        adapter = by_network.get(network)
        return adapter.direct_link(word) if adapter else None

    async def fetch_file(incoming: Incoming, note: FileNote, most: int) -> bytes:
        adapter = by_network.get(incoming.place.network)
        if isinstance(adapter, FetchesFiles):
            return await adapter.fetch_file(incoming, note, most=most)
        return await no_files(incoming, note, most)

    async def read_message(place: Place, event: str) -> ReadMessage | None:
        adapter = by_network.get(place.network)
        if isinstance(adapter, ReadsMessages):
            return await adapter.read_message(place, event)
        return await no_messages(place, event)

    return Services(
        database=database,
        settings=settings,
        answers=answers,
        features={network: adapter.features for network, adapter in by_network.items()},
        accounts={},
        direct_link=direct_link,
        fetch_file=fetch_file,
        read_message=read_message,
    )


@dataclass(frozen=True, slots=True)
class Manner:
    """How a bot goes about it.

    ``viewer_for`` decides what may be shown where; without it, the rule for circles and people. ``tell`` is told which
    network is connected and which is not. ``goes_on`` with what earlier processes left, and sends what others write.
    """

    viewer_for: ViewerFor | None = None
    tell: Tell = lambda _network, _error: None
    goes_on: bool = True


@dataclass(slots=True)
class _Line:
    """One network with what belongs to it."""

    adapter: Adapter
    sender: Sender
    intake: Intake
    connected: bool = False
    receiving: asyncio.Task[None] | None = None
    sending: asyncio.Task[None] | None = None
    looking_after: asyncio.Task[None] | None = None
    # Set once what an earlier process left is on its way.
    ready: asyncio.Event = field(default_factory=asyncio.Event)


class Bot:
    """Adapters, handlers and services put together; ``async with`` begins and ends it.

    Each network is on its own: one that is away, or refuses the bot, is tried again and again and stops no other.

    Args:
        services: made by ``make_services`` for the same adapters.
        adapters: the networks.
        registry: what the bot can do.
        manner: where it differs from the usual.
    """

    def __init__(
        self,
        services: Services,
        adapters: Sequence[Adapter],
        registry: Registry,
        manner: Manner | None = None,
    ) -> None:
        self._accounts: dict[Network, str] = {}
        services = replace(services, accounts=self._accounts)
        self._services = services
        self._manner = manner or Manner()
        self._stop = asyncio.Event()
        self._writing = write_turns(services.database)
        self._log = get_logger()
        self._keeper: asyncio.Task[None] | None = None
        chats = services.settings.chats
        router = Router(registry, services, self._manner.viewer_for or _by_circle(services.settings))
        handling = Handling(
            services,
            router,
            limits=FairUse(chats.chat_person_limit, chats.chat_group_limit),
            wake=self.wake,
            runtime=Runtime(self._writing, self._stop, self._quiet),
        )
        self._scheduler = Scheduler(
            handling, parallel=chats.chat_parallel, show_working=self._show_working, stop=self._stop
        )
        self._registry = registry
        self._overheard: dict[Network, set[str]] = {adapter.network: set() for adapter in adapters}
        self._lines = {adapter.network: self._line(adapter, registry) for adapter in adapters}

    def _line(self, adapter: Adapter, registry: Registry) -> _Line:
        database, days = self._services.database, self._services.settings.chats.chat_thread_days
        intake = Intake(
            database,
            registry,
            buttons=adapter.features.buttons,
            scheduler=self._scheduler,
            writing=self._writing,
        )
        return _Line(adapter, Sender(database, adapter, keep_days=days, writing=self._writing), intake)

    async def __aenter__(self) -> Self:
        for line in self._lines.values():
            line.receiving = asyncio.create_task(self._run_network(line))
        self._keeper = asyncio.create_task(self._clean_up())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set, then end in good order."""
        async with self:
            await stop.wait()

    def wake(self, network: Network, chat: str) -> None:
        """Send what waits for a chat, if its network is connected here."""
        line = self._lines.get(network)
        if line is not None and line.connected:
            line.sender.wake(chat)

    async def _quiet(self, place: Place, seconds: float) -> None:
        line = self._lines.get(place.network)
        if line is not None and line.connected:
            await line.sender.quiet(place.chat, seconds)

    async def post(self, unit: UnitOfWork, said: Sequence[Said]) -> None:
        """Keep messages in somebody's transaction, as if a handler had said them, and send them after its commit."""
        await post(unit, said, wake=self.wake)

    async def connected(self) -> None:
        """Wait until all networks are connected."""
        await asyncio.gather(*(line.ready.wait() for line in self._lines.values()))

    async def answered(self, incoming: Incoming, seconds: float) -> bool:
        """Wait until an event that was taken is handled and what was said to it is sent, for so long at most."""
        place = incoming.place
        try:
            async with asyncio.timeout(seconds):
                await self._scheduler.done(place.network, incoming.event)
                await self._lines[place.network].sender.settle_chat(place.chat)
        except TimeoutError:
            return False
        return True

    async def take_up(self, network: Network, events: Sequence[str], before: datetime) -> None:
        """Handle those of some events that another process took before a moment and did not finish."""
        await self._lines[network].intake.take_up(network, events, before)

    async def settle(self) -> None:
        """Wait until all that was taken is handled, and all that was said is sent."""
        await self._scheduler.settle()
        for line in self._lines.values():
            await line.sender.settle()

    async def close(self) -> None:
        """Take nothing new, finish what has begun, send what can be sent, and say goodbye in reverse order."""
        self._stop.set()
        lines = list(self._lines.values())
        receiving = [line.receiving for line in lines if line.receiving is not None]
        if receiving:
            _done, late = await asyncio.wait(receiving, timeout=CLOSE_SECONDS)
            await _end(late)
        await self._scheduler.finish(FINISH_SECONDS)
        await asyncio.gather(*(line.sender.finish(FLUSH_SECONDS) for line in lines if line.connected))
        for line in reversed(lines):
            await self._say_goodbye(line)
        rest = [self._keeper, *(task for line in lines for task in (line.sending, line.looking_after))]
        await _end(task for task in rest if task is not None)

    async def _say_goodbye(self, line: _Line) -> None:
        try:
            await asyncio.wait_for(line.adapter.close(), CLOSE_SECONDS)
        except Exception as error:  # noqa: BLE001 - the edge: one network must not keep the others from closing
            self._log.warning("chat_close_failed", network=line.adapter.network.value, error=type(error).__name__)

    async def _run_network(self, line: _Line) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                await self._connect(line)
                failures = 0
                if not self._stop.is_set():
                    await line.adapter.receive(partial(self._take, line), self._stop)
            except Exception as error:  # noqa: BLE001 - the edge: a network that fails is tried again, the others go on
                failures += 1
                self._note_failure(line, error)
            pause = FIRST_PAUSE if not failures else min(FIRST_PAUSE * float(1 << min(failures, 20)), LONGEST_PAUSE)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), pause)

    def _note_failure(self, line: _Line, error: Exception) -> None:
        network = line.adapter.network
        known = isinstance(error, AllmendeError)
        about = {"error": type(error).__name__} if known else fault(error)
        self._log.error("chat_network_failed", network=network.value, **about)
        if not line.connected:
            self._manner.tell(network, error)

    async def _connect(self, line: _Line) -> None:
        """Sign in, and go on with what an earlier process left; does nothing where that was done before."""
        if line.connected:
            return
        adapter = line.adapter
        if not await self._unless_stopped(self._sign_in(adapter)):
            return
        self._accounts[adapter.network] = adapter.account
        line.connected = True
        self._log.info("chat_network_connected", network=adapter.network.value)
        self._manner.tell(adapter.network, None)
        line.looking_after = asyncio.create_task(self._look_after(line))
        if self._manner.goes_on:
            line.sending = asyncio.create_task(line.sender.run())
            await line.intake.left_over(adapter.network)
        line.ready.set()

    async def _sign_in(self, adapter: Adapter) -> None:
        async with unit_of_work(self._services.database, writes=False) as unit:
            account, cursor = await Inbox(unit.session).newest_cursor(adapter.network)
        if isinstance(adapter, Overhears):
            adapter.overhears = self._overheard[adapter.network].__contains__
        await adapter.start(cursor)
        if cursor is not None and account != adapter.account:
            # Somebody gave the bot another account: how far the old one had read says nothing.
            self._log.warning("chat_account_changed", network=adapter.network.value)
            await adapter.start(None)

    async def _unless_stopped(self, work: Coroutine[Any, Any, None]) -> bool:
        """Do something that may take very long; ``False`` where the end comes first."""
        doing, told = asyncio.ensure_future(work), asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({doing, told}, return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                await doing
                return True
            return False
        finally:
            await _end([doing, told])

    async def _look_after(self, line: _Line) -> None:
        """Have menus list the commands, and keep in mind which groups want their questions recognised."""
        adapter = line.adapter
        if isinstance(adapter, OffersCommands):
            await adapter.offer_commands(offered_commands(self._registry))
        overheard = self._overheard[adapter.network]
        while isinstance(adapter, Overhears) and not self._stop.is_set():
            try:
                async with unit_of_work(self._services.database, writes=False) as unit:
                    chats = set(await ChatService(unit.session).repository.overheard(adapter.network))
                overheard.intersection_update(chats)
                overheard.update(chats)
            except Exception as error:  # noqa: BLE001 - the edge: a database away must not end this for good
                self._log.warning("chat_overhearing_unknown", error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), OVERHEARD_EVERY)

    async def _take(self, line: _Line, incomings: Sequence[Incoming], cursor: str | None) -> None:
        """Take events into custody, however long the database is away."""
        network, pause = line.adapter.network, FIRST_PAUSE
        known = None if cursor is None else (network, cursor)
        while True:
            try:
                await line.intake.take(line.adapter.account, incomings, known)
                return
            except Exception as error:
                if not database_is_away(error) or self._stop.is_set():
                    raise
                self._log.warning("chat_intake_waits", network=network.value, error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _show_working(self, place: Place, on: bool) -> None:
        line = self._lines.get(place.network)
        if line is not None and line.connected:
            await line.adapter.show_working(place, on=on)

    async def _clean_up(self) -> None:
        while not self._stop.is_set():
            try:
                async with self._writing(), unit_of_work(self._services.database) as unit:
                    await clean_up(unit, now())
            except Exception as error:  # noqa: BLE001 - the edge: it is tried again soon enough
                self._log.warning("chat_clean_up_failed", error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), CLEAN_EVERY)


def _by_circle(settings: Settings) -> ViewerFor:
    return partial(viewer_for, telegram_visibility=settings.telegram.telegram_visibility)


def offered_commands(registry: Registry) -> dict[str, list[tuple[str, str]]]:
    """Return names and descriptions of all commands by language, German first."""
    before, offered = current_language(), {}
    for position, language in enumerate(LANGUAGES):
        choose_language(language)
        offered[language] = [
            (named.names[:2][min(position, len(named.names) - 1)], named.about()) for named in registry.commands
        ]
    choose_language(before)
    return offered


async def _end(tasks: Iterable[asyncio.Future[Any]]) -> None:
    left = list(tasks)
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
