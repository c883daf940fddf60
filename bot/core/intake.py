"""Taking events into custody: what is for the bot is kept, what is not is never stored."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.commands import parse_command, parse_number
from bot.core.handling import Event
from bot.core.messages import EventKind, Incoming
from bot.core.packing import pack_incoming, unpack_incoming
from bot.core.registry import Registry
from bot.core.routing import CANCEL, speaker
from bot.core.scheduler import Scheduler
from bot.core.writing import Writing
from knowledge.chats.dialogues import DialogueBook
from knowledge.chats.inbox import Inbox, TakenEvent
from knowledge.chats.outbox import Outbox
from knowledge.chats.service import ChatService
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.models.chat import ADDRESS, ChatKind, Network

# Longer texts are cut; whoever reads them refuses far shorter ones, but must see that they were too long.
LONGEST_TEXT = 100_000
# What neither database nor network can hold: zero characters and halves of characters.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# What happens to the bot itself, whoever does it.
_OWN_AFFAIRS = frozenset({EventKind.BOT_ADDED, EventKind.BOT_REMOVED, EventKind.MOVED})


class Intake:
    """Takes the events of one network.

    Args:
        database: where events are kept.
        registry: which commands there are; others are nobody's business in a group.
        buttons: whether choices of this network are always the bot's own.
        scheduler: is given what was taken, after the commit, and knows what is not done yet.
        writing: lets one write at a time where the database has one writer.
    """

    def __init__(
        self, database: Database, registry: Registry, *, buttons: bool, scheduler: Scheduler, writing: Writing
    ) -> None:
        self._database = database
        self._writing = writing
        self._registry = registry
        self._buttons = buttons
        self._feed = scheduler.feed
        self._has_open = scheduler.has_open
        self._log = get_logger()

    async def take(self, account: str, incomings: Sequence[Incoming], cursor: tuple[Network, str] | None) -> None:
        """Keep what is for the bot, together with how far the network's events were read; returns after the commit."""
        kept, overheard = await self._sort(account, [_cleaned(incoming) for incoming in incomings])
        taken: list[Event] = []
        if kept or cursor is not None:
            async with self._writing(), unit_of_work(self._database) as unit:
                taken = await self._keep(kept, unit)
                if cursor is not None:
                    await Inbox(unit.session).set_cursor(cursor[0], account, cursor[1])
        self._feed([*taken, *(Event(incoming) for incoming in overheard)])

    async def left_over(self, network: Network) -> None:
        """Feed what an earlier process took and did not finish."""
        async with unit_of_work(self._database, writes=False) as unit:
            rows = await Inbox(unit.session).unhandled(network)
        await self._go_on(network, rows)

    async def take_up(self, network: Network, events: Sequence[str], before: datetime) -> None:
        """Feed those of some events that another process took before a moment and did not finish.

        Should it be at work on them after all, whoever is done first answers; the other one's work comes to nothing.
        """
        async with unit_of_work(self._database, writes=False) as unit:
            rows = await Inbox(unit.session).left(network, events, before)
        await self._go_on(network, [row for row in rows if not self._has_open(network, row.event)])

    async def _go_on(self, network: Network, rows: Sequence[TakenEvent]) -> None:
        events, broken = [], []
        for row in rows:
            try:
                events.append(Event(unpack_incoming(row.payload), row, left_over=True))
            except (KeyError, TypeError, ValueError) as error:
                self._log.error("chat_event_unreadable", id=row.key, error=type(error).__name__)
                broken.append(row.key)
        if broken:
            async with self._writing(), unit_of_work(self._database) as unit:
                for key in broken:
                    await Inbox(unit.session).finish(key)
        if events:
            self._log.info("chat_events_left_over", network=network.value, count=len(events))
        self._feed(events)

    async def _keep(self, incomings: Sequence[Incoming], unit: UnitOfWork) -> list[Event]:
        if not incomings:
            return []
        by_event = {incoming.event: incoming for incoming in reversed(incomings)}
        rows = [(incoming.event, pack_incoming(incoming)) for incoming in incomings]
        taken = await Inbox(unit.session).take(incomings[0].place.network, rows)
        return [Event(by_event[row.event], row) for row in taken]

    async def _sort(self, account: str, incomings: Sequence[Incoming]) -> tuple[list[Incoming], list[Incoming]]:
        """Tell what is for the bot from what it may only overhear; the rest is dropped."""
        kept: list[Incoming] = []
        overheard: list[Incoming] = []
        candidates = [incoming for incoming in incomings if self._may_count(account, incoming)]
        if not candidates:
            return kept, overheard
        async with unit_of_work(self._database, writes=False) as unit:
            known: set[str] = set()
            for incoming in candidates:
                if await self._is_for_us(incoming, unit, known):
                    kept.append(incoming)
                    known.add(incoming.event)
                elif await self._may_overhear(incoming, unit):
                    overheard.append(incoming)
        return kept, overheard

    def _may_count(self, account: str, incoming: Incoming) -> bool:
        """Whether somebody who may speak to the bot did it: neither a bot nor the bot itself."""
        if (
            len(incoming.event) > ADDRESS
            or len(incoming.place.chat) > ADDRESS
            or len(incoming.sender.address) > ADDRESS
        ):
            self._log.warning("chat_event_dropped", reason="address too long")
            return False
        if incoming.kind in _OWN_AFFAIRS:
            return True
        sender = incoming.sender
        return sender.anonymous or not (sender.is_bot or sender.address == account)

    async def _is_for_us(self, incoming: Incoming, unit: UnitOfWork, known: set[str]) -> bool:
        place, about = incoming.place, incoming.about or ""
        match incoming.kind:
            case EventKind.MESSAGE:
                return place.kind is ChatKind.DIRECT or await self._is_addressed(incoming, unit)
            case EventKind.CHOICE | EventKind.CHOICE_UNDONE:
                return self._buttons or await _may_be_ours(incoming, about, unit)
            case EventKind.EDIT | EventKind.REDACTION:
                if incoming.mentioned or about in known or self._has_open(place.network, about):
                    return True
                return await ChatService(unit.session).repository.is_question(place.network, place.chat, about)
            case EventKind.JOINED:
                return await ChatService(unit.session).repository.chat(place.network, place.chat) is not None
        return True

    async def _is_addressed(self, incoming: Incoming, unit: UnitOfWork) -> bool:
        """Whether a message in a group is for the bot: a command, a mention, a reply to it, a number it asked for."""
        if incoming.mentioned or incoming.reply_to_bot:
            return True
        command = parse_command(incoming.text)
        if command is not None:
            return command[0] in CANCEL or self._registry.command(command[0]) is not None
        return parse_number(incoming.text) is not None and await _is_asked(incoming, unit)

    async def _may_overhear(self, incoming: Incoming, unit: UnitOfWork) -> bool:
        if incoming.kind is not EventKind.MESSAGE or self._registry.overheard is None or not incoming.text:
            return False
        if incoming.sender.anonymous or parse_command(incoming.text) is not None:
            return False
        place = incoming.place
        chat = await ChatService(unit.session).look_up_chat(place.network, place.chat, place.kind)
        return chat.circle is not None and chat.circle.recognises and not chat.paused


async def _may_be_ours(incoming: Incoming, about: str, unit: UnitOfWork) -> bool:
    """Whether a message is the bot's and has choices, or may be.

    What was sent just now, or by a process that was killed, is not noted yet. While something is on its way to the
    chat, the choice is kept, and looked at once that is noted: waiting for it here would hold up all that came with
    the choice, and after a start nothing is sent before that was taken.
    """
    outbox, place = Outbox(unit.session), incoming.place
    # In this order, or what is noted in between would be missed.
    return await outbox.is_sending(place.network, place.chat) or await outbox.sent(place.network, about) is not None


async def _is_asked(incoming: Incoming, unit: UnitOfWork) -> bool:
    """Whether somebody is in a dialogue with the bot in this chat."""
    chats, place = ChatService(unit.session), incoming.place
    person = await chats.look_up_person(place.network, speaker(incoming))
    chat = await chats.look_up_chat(place.network, place.chat, place.kind)
    if person.is_new or chat.is_new:
        return False
    state = await DialogueBook(unit.session, person.id, chat.id).active()
    return state is not None and bool(state.choices)


def _cleaned(incoming: Incoming) -> Incoming:
    """Return an event with a text that can be stored, and not from the future."""
    text = _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", incoming.text[:LONGEST_TEXT])
    return replace(incoming, text=text, sent_at=min(incoming.sent_at, now()))
