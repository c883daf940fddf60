"""One event from the look at it to the commit of what was decided: exactly one outcome, whatever happens."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.core.faults import fault
from bot.core.limits import FairUse, Verdict
from bot.core.messages import EventKind, Incoming, Outgoing, Place
from bot.core.posting import Wake, post
from bot.core.replies import after_outage, saying, too_much, went_wrong
from bot.core.routing import UNCOUNTED, Route, Router
from bot.core.text import rich
from bot.core.turn import Act, Glance, Handler, Said, Services, Turn
from bot.core.writing import Writing
from knowledge.chats.inbox import Inbox, TakenEvent
from knowledge.chats.outbox import Outbox
from knowledge.chats.service import ChatService
from knowledge.kit.away import database_is_away
from knowledge.kit.clock import now
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import choose_language, current_language
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work

# How often a handler is tried that fails in a way that nobody foresaw, and the pauses between, in seconds.
TRIES, PAUSES = 3, (0.5, 3.0)
# How long to wait for a database that is away, at first and at most.
FIRST_REST, LONGEST_REST = 0.5, 15.0
# An event in whose handling the process died so often is given up, so that it cannot do so for ever.
MOST_BEGUN = 10
# Events that come from somebody who speaks to the bot; of others nothing is stored before it must be.
SPEAKING = frozenset(
    {EventKind.MESSAGE, EventKind.EDIT, EventKind.CHOICE, EventKind.CHOICE_UNDONE, EventKind.UNREADABLE}
)
# Events about what the bot has said, which must have been sent to be corrected.
CORRECTING = frozenset({EventKind.EDIT, EventKind.REDACTION})
# How long a correction waits for the answer that it corrects to be sent.
QUIET_SECONDS = 5.0
# How long a reply waits for the note that what it replies to was sent.
NOTED_SECONDS = 2.0
# Events about a choice that the bot has offered, and how long one waits for the note that the message was sent: after a
# start, that takes until the network is ready to send.
CHOOSING = frozenset({EventKind.CHOICE, EventKind.CHOICE_UNDONE})
CHOSEN_SECONDS = 10.0
# Events of a chat that may be gone.
LEAVING = frozenset({EventKind.BOT_REMOVED, EventKind.MOVED, EventKind.REDACTION})


@dataclass(eq=False, slots=True)
class Event:
    """An event on its way through; ``taken`` is missing for those that are not kept (overheard ones)."""

    incoming: Incoming
    taken: TakenEvent | None = None
    # Left by a process that was killed.
    left_over: bool = False
    # The person has taken it back before it was answered.
    withdrawn: bool = False
    # The language that the person is spoken to in, known after the look.
    language: str = "de"

    @property
    def key(self) -> int | None:
        """The internal identifier, which logs may hold."""
        return self.taken.key if self.taken else None


@dataclass(frozen=True, slots=True)
class Runtime:
    """What the parts of one process share.

    ``writing`` says whose turn it is to write, ``stop`` that the process is told to end; ``quiet`` waits, for so many
    seconds at most, until what is on its way to a chat has been sent.
    """

    writing: Writing
    stop: asyncio.Event
    quiet: Callable[[Place, float], Awaitable[None]]


class Stopping(Exception):
    """The process is told to end: what is not done yet is done after the next start."""


class Handling:
    """Looks at events and carries them out.

    Args:
        services: what handlers work with.
        router: finds the handler.
        limits: fair use.
        wake: is told, after the commit, which chats have something to be sent.
        runtime: the turns of those who write, and the end of the process.
    """

    def __init__(self, services: Services, router: Router, *, limits: FairUse, wake: Wake, runtime: Runtime) -> None:
        self._services = services
        self._router = router
        self._limits = limits
        self._wake = wake
        self._stop, self._writing, self._quiet = runtime.stop, runtime.writing, runtime.quiet
        self._log = get_logger()

    async def look(self, event: Event) -> Route:
        """Find out what is to be done for an event; raises ``Stopping``."""
        if event.incoming.reply_to is not None and event.taken is not None:
            # What is replied to may have been sent just now, with its reactions still on their way and nothing noted.
            await self._quiet(event.incoming.place, NOTED_SECONDS)
        while True:
            try:
                if event.incoming.kind in CHOOSING and await self._is_unknown(event.incoming):
                    await self._quiet(event.incoming.place, CHOSEN_SECONDS)
                async with unit_of_work(self._services.database, writes=False) as unit:
                    way = self._router.route if event.taken is not None else self._router.overheard
                    route = self._limited(await way(event.incoming, unit))
                event.language = current_language()
                return route
            except Exception as error:
                if not database_is_away(error):
                    raise
                await self._rest(event, 1)

    async def _is_unknown(self, incoming: Incoming) -> bool:
        """Whether what somebody chooses below is not noted as the bot's, at least not yet."""
        async with unit_of_work(self._services.database, writes=False) as unit:
            return await Outbox(unit.session).sent(incoming.place.network, incoming.about or "") is None

    def _limited(self, route: Route) -> Route:
        if not route.counts or route.handler is None or route.glance.incoming.kind in UNCOUNTED:
            return route
        glance = route.glance
        group = None if glance.is_direct else f"{glance.network}/{glance.chat.address}"
        verdict = self._limits.check(f"{glance.network}/{glance.identity.address}", group)
        if verdict is Verdict.TAKEN:
            return route
        return replace(route, handler=saying(too_much()) if verdict is Verdict.REFUSED else None)

    async def abandon(self, event: Event) -> None:
        """Note an event as handled at which not even a look succeeds, and say so in its place."""

        async def work(unit: UnitOfWork) -> None:
            place = event.incoming.place
            if event.taken is None or not await Inbox(unit.session).finish(event.taken.key):
                return
            await post(unit, [Said(Outgoing(place, went_wrong()))], wake=self._wake)

        await self._write(event, work)

    async def handle(self, event: Event, route: Route) -> None:
        """Carry an event out; raises ``Stopping`` where it has to wait for the next start."""
        choose_language(event.language)
        if event.withdrawn:
            route = Route(route.glance)
        elif self._is_past(route):
            route = replace(route, handler=Handler(_say_after_outage(self._fresh_for)))
        if event.left_over and event.taken is not None and event.taken.attempts >= MOST_BEGUN:
            self._log.error("chat_event_given_up", id=event.key)
            route = replace(route, handler=saying(went_wrong()))
        handler = route.handler
        if handler is not None:
            if event.left_over:
                await self._note_begun(event)
            if event.incoming.kind in CORRECTING:
                await self._quiet(event.incoming.place, QUIET_SECONDS)
            handler = await self._try(event, route.glance, handler)
        if handler is None:
            await self._finish(event, route.glance, None)

    @property
    def _fresh_for(self) -> timedelta:
        return timedelta(minutes=self._services.settings.chats.chat_fresh_minutes)

    def _is_past(self, route: Route) -> bool:
        return route.passes and route.handler is not None and now() - route.glance.incoming.sent_at > self._fresh_for

    async def _note_begun(self, event: Event) -> None:
        async def count(unit: UnitOfWork) -> None:
            if event.key is not None:
                await Inbox(unit.session).count_attempt(event.key)

        await self._write(event, count)

    async def _try(self, event: Event, glance: Glance, handler: Handler) -> Handler | None:
        """Do what a handler does; returns ``None`` where the event must still be noted as handled."""
        for number in range(1, TRIES + 1):
            try:
                prepared = await self._prepare(event, glance, handler)
                if event.withdrawn:
                    return None
                await self._finish(event, glance, handler, prepared)
                return handler
            except Stopping:
                raise
            except AllmendeError as error:
                self._log.info("chat_event_refused", id=event.key, code=error.code)
                await self._finish(event, glance, None if event.taken is None else saying(rich(error.message)))
                return handler
            except Exception as error:  # noqa: BLE001 - the edge: one event that fails must not end the others
                self._log.error("chat_event_failed", id=event.key, tries=number, **fault(error))
            if number < TRIES:
                await self._pause(PAUSES[number - 1])
        await self._finish(event, glance, None if event.taken is None else saying(went_wrong()))
        return handler

    async def _prepare(self, event: Event, glance: Glance, handler: Handler) -> Any:
        if handler.prepare is None:
            return None
        resting = 0
        while True:
            try:
                return await handler.prepare(glance)
            except Exception as error:
                if not database_is_away(error):
                    raise
                resting += 1
                await self._rest(event, resting)

    async def _finish(self, event: Event, glance: Glance, handler: Handler | None, prepared: Any = None) -> None:
        """Act, keep what is to be said and note the event as handled, in one transaction."""
        if event.taken is None and (handler is None or (handler.prepare is not None and prepared is None)):
            return  # overheard, and nothing to say to it: as if it had never been heard

        async def work(unit: UnitOfWork) -> None:
            if not await self._is_ours(event, unit) or handler is None:
                return
            turn = Turn(await _stored(glance, unit), unit, prepared)
            await handler.act(turn)
            await post(unit, await _addressed(turn), wake=self._wake)

        await self._write(event, work)

    async def _is_ours(self, event: Event, unit: UnitOfWork) -> bool:
        """Note the event as handled; ``False`` where somebody has done that before."""
        inbox = Inbox(unit.session)
        if event.taken is not None:
            return await inbox.finish(event.taken.key)
        return await inbox.finish_unkept(event.incoming.place.network, event.incoming.event)

    async def _write(self, event: Event, work: Callable[[UnitOfWork], Awaitable[None]]) -> None:
        """Do something in a transaction, as soon as the database is there."""
        resting = 0
        while True:
            try:
                async with self._writing(), unit_of_work(self._services.database) as unit:
                    await work(unit)
                return
            except Exception as error:
                if not database_is_away(error):
                    raise
                resting += 1
            await self._rest(event, resting)

    async def _rest(self, event: Event, times: int) -> None:
        if times == 1:
            self._log.warning("chat_database_away", id=event.key)
        await self._pause(min(FIRST_REST * 2 ** (times - 1), LONGEST_REST))

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)
        if self._stop.is_set():
            raise Stopping


async def _stored(glance: Glance, unit: UnitOfWork) -> Glance:
    """See that those who speak to the bot, and where, are stored; returns what is known of them now."""
    chats, kind = ChatService(unit.session), glance.incoming.kind
    identity, chat = glance.identity, glance.chat
    if kind in SPEAKING:
        identity = await chats.keep_person(identity)
    if kind not in LEAVING:
        whose = identity.id if kind in SPEAKING else None
        chat = await chats.keep_chat(chat, of=whose)
    return replace(glance, identity=identity, chat=chat)


async def _addressed(turn: Turn) -> list[Said]:
    """Return what a turn says; who is told something privately is stored now, whether they spoke to the bot or not."""
    if all(said.to != turn.identity.id for said in turn.said):
        return turn.said
    stored = await ChatService(turn.unit.session).keep_person(turn.identity)
    return [replace(said, to=stored.id) if said.to == turn.identity.id else said for said in turn.said]


def _say_after_outage(fresh_for: timedelta) -> Act:
    async def act(turn: Turn) -> None:
        chats = ChatService(turn.unit.session)
        if await chats.repository.note_outage(turn.chat.id, moment=now(), unless_after=now() - fresh_for):
            turn.say(after_outage())

    return act
