"""Who waits for whom: one person's events in order, a chat's questions in order, and nobody else for anybody.

An event is first looked at, in the lane of its person in its chat, so that a dialogue is answered in order. What is no
question is carried out there. Questions move to the lane of their chat, where they keep the order in which they came,
and take one of the few places among those that are worked on at the same time.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bot.core.faults import fault
from bot.core.handling import TRIES, Event, Handling, Stopping
from bot.core.messages import EventKind, Incoming, Place
from bot.core.routing import Route, speaker
from knowledge.kit.logs import get_logger
from knowledge.models.chat import Network

# How often a network is told again that the bot is at work, in seconds.
SHOW_EVERY = 4.0

ShowWorking = Callable[[Place, bool], Coroutine[Any, Any, None]]


@dataclass(eq=False, slots=True)
class _Entry:
    """An event in the lanes."""

    event: Event
    # An earlier event that this one is about and that is not done yet: it is changed, or taken back.
    after: "_Entry | None" = None
    route: Route | None = None
    waits: bool = False
    looked: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def incoming(self) -> Incoming:
        """The event as the network told it."""
        return self.event.incoming


class Scheduler:
    """Brings events to their handling.

    Args:
        handling: looks at events and carries them out.
        parallel: how many questions are worked on at the same time.
        show_working: shows in a place that the bot is at work.
        stop: when it is set, nothing new is begun.
    """

    def __init__(self, handling: Handling, *, parallel: int, show_working: ShowWorking, stop: asyncio.Event) -> None:
        self._handling = handling
        self._places = asyncio.Semaphore(parallel)
        self._show_working = show_working
        self._stop = stop
        self._lanes: dict[object, deque[_Entry]] = {}
        self._open: dict[tuple[Network, str], _Entry] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._log = get_logger()

    def feed(self, events: Sequence[Event]) -> None:
        """Take events that are in our custody, in their order."""
        if self._stop.is_set():
            return
        for event in events:
            self._enter(event)

    def has_open(self, network: Network, event: str) -> bool:
        """Whether an event of this identifier is not done yet."""
        return (network, event) in self._open

    async def done(self, network: Network, event: str) -> None:
        """Wait until an event that was fed is done."""
        entry = self._open.get((network, event))
        if entry is not None:
            await entry.done.wait()

    async def settle(self) -> None:
        """Wait until everything that was fed is done."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def finish(self, seconds: float) -> None:
        """Wait for what has begun, for so long; what takes longer is broken off and done after the next start."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)
        left = set(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _enter(self, event: Event) -> None:
        incoming, network = event.incoming, event.incoming.place.network
        entry = _Entry(event, after=self._open.get((network, incoming.about or "")))
        if entry.after is not None and incoming.kind is EventKind.REDACTION:
            entry.after.event.withdrawn = True
        self._open[network, incoming.event] = entry
        person = ("person", network, incoming.place.chat, speaker(incoming))
        self._append(person, entry, self._look)
        if event.taken is not None:
            self._append(("questions", network, incoming.place.chat), entry, self._answer)

    def _append(self, lane: object, entry: _Entry, step: Callable[[_Entry], Coroutine[Any, Any, None]]) -> None:
        if lane in self._lanes:
            self._lanes[lane].append(entry)
            return
        self._lanes[lane] = deque([entry])
        self._start(self._run(lane, step))

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _run(self, lane: object, step: Callable[[_Entry], Coroutine[Any, Any, None]]) -> None:
        entries = self._lanes[lane]
        try:
            while entries and not self._stop.is_set():
                await step(entries.popleft())
        finally:
            del self._lanes[lane]
            for entry in entries:  # not begun: nobody shall wait for them
                entry.looked.set()
                self._close(entry)

    async def _look(self, entry: _Entry) -> None:
        """Look at an event; carry it out unless it is a question, or about one that is not done yet."""
        try:
            entry.route = await self._route(entry)
            handler = entry.route.handler if entry.route else None
            may_wait = entry.event.taken is not None and entry.route is not None
            entry.waits = may_wait and (entry.after is not None or bool(handler and handler.asks))
            if entry.waits or entry.route is None:
                return
            entry.looked.set()
            await self._handle(entry, entry.route)
        finally:
            entry.looked.set()
            if not entry.waits:
                self._close(entry)

    async def _route(self, entry: _Entry) -> Route | None:
        for number in range(1, TRIES + 1):
            try:
                return await self._handling.look(entry.event)
            except Stopping:
                return None
            except Exception as error:  # noqa: BLE001 - the edge: one event that fails must not end the others
                self._log.error("chat_look_failed", id=entry.event.key, tries=number, **fault(error))
        with suppress(Stopping):
            await self._handling.abandon(entry.event)
        return None

    async def _answer(self, entry: _Entry) -> None:
        """Answer a question when it is its turn in the chat and there is a free place."""
        await entry.looked.wait()
        if not entry.waits or entry.route is None:
            return
        try:
            if entry.after is not None:
                await entry.after.done.wait()
            async with self._places:
                if not self._stop.is_set():
                    await self._show_and_handle(entry, entry.route)
        finally:
            self._close(entry)

    async def _show_and_handle(self, entry: _Entry, route: Route) -> None:
        handler = route.handler
        if handler is None or not handler.asks or entry.event.withdrawn:
            await self._handle(entry, route)
            return
        showing = asyncio.create_task(self._show(entry.incoming.place))
        try:
            await self._handle(entry, route)
        finally:
            showing.cancel()
            self._start(self._show_working(entry.incoming.place, False))

    async def _show(self, place: Place) -> None:
        while True:
            await self._show_working(place, True)
            await asyncio.sleep(SHOW_EVERY)

    async def _handle(self, entry: _Entry, route: Route) -> None:
        try:
            await self._handling.handle(entry.event, route)
        except Stopping:
            return
        except Exception as error:  # noqa: BLE001 - the edge: it is still in our custody, and done after the next start
            self._log.error("chat_event_left", id=entry.event.key, **fault(error))

    def _close(self, entry: _Entry) -> None:
        key = (entry.incoming.place.network, entry.incoming.event)
        if self._open.get(key) is entry:
            del self._open[key]
        entry.done.set()
