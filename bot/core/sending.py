"""What goes out: in order within a chat, side by side over chats, tried again until the network takes or refuses it."""

import asyncio
import random
import time
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from bot.core.adapter import Adapter, SendPostponed, SendRefused
from bot.core.faults import fault
from bot.core.messages import Outgoing, Person
from bot.core.packing import unpack_outgoing
from bot.core.writing import Writing
from knowledge.chats.outbox import Delivery, Outbox, WaitingMessage
from knowledge.chats.service import ChatService
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.chat import ChatKind

# Pauses after failures, doubling, in seconds; and how often a surprise is met before a message is given up.
FIRST_PAUSE, LONGEST_PAUSE, MOST_SURPRISES = 1.0, 300.0, 6
# How long what an earlier process put off waits at most, in seconds: a wrong clock can have put it off to anywhere.
LONGEST_LEFT = 360.0
# How often the sender looks for messages that other processes wrote, in seconds.
LOOK_EVERY = 1.0


class Sender:
    """Sends the waiting messages of one network.

    Args:
        database: where they wait.
        adapter: takes them.
        keep_days: how long it is remembered what was sent, for replies, choices and corrections.
        writing: lets one write at a time where the database has one writer.
    """

    def __init__(self, database: Database, adapter: Adapter, *, keep_days: int, writing: Writing) -> None:
        self._database = database
        self._adapter = adapter
        self._keep_days = keep_days
        self._writing = writing
        self._network = adapter.network
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        # What the network took and the database, away just then, does not know yet, by the message's key.
        self._unnoted: dict[UUID, list[str]] = {}
        # When what this process put off is tried again, by the clock that is never set, by the message's key.
        self._put_off: dict[UUID, float] = {}
        # Set when the end begins, from when on nothing is waited for, and when it has come.
        self._ending, self._stop = asyncio.Event(), asyncio.Event()
        self._log = get_logger()

    def wake(self, chat: str) -> None:
        """Send what waits for a chat."""
        if self._stop.is_set():
            return
        if chat in self._lanes:
            self._again.add(chat)
            return
        task = asyncio.create_task(self._run(chat))
        self._lanes[chat] = task
        task.add_done_callback(lambda _done: self._ended(chat))

    def _ended(self, chat: str) -> None:
        del self._lanes[chat]
        if chat in self._again:
            self._again.discard(chat)
            self.wake(chat)

    async def run(self) -> None:
        """Look again and again for messages that nobody told of, until the sender is stopped."""
        while not self._ending.is_set():
            try:
                async with unit_of_work(self._database, writes=False) as unit:
                    chats = await Outbox(unit.session).waiting_chats(self._network)
                for chat in chats:
                    if chat not in self._lanes:
                        self.wake(chat)
            except Exception as error:  # noqa: BLE001 - the edge: a database away must not end the sender
                self._log.warning("chat_sender_waits", network=self._network.value, error=type(error).__name__)
            await self._pause(LOOK_EVERY)

    async def quiet(self, chat: str, seconds: float) -> None:
        """Wait until nothing is being sent to a chat, for so long at most.

        What an earlier process sent and could not note any more is sent again, and noted, before that.
        """
        if seconds > 0:
            self.wake(chat)
        if chat in self._lanes and seconds > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.settle_chat(chat), seconds)

    async def settle_chat(self, chat: str) -> None:
        """Wait until nothing is being sent to a chat."""
        while chat in self._lanes:
            await asyncio.wait([self._lanes[chat]])
            await asyncio.sleep(0)

    async def settle(self) -> None:
        """Wait until nothing is being sent."""
        while self._lanes:
            await asyncio.wait(set(self._lanes.values()))
            await asyncio.sleep(0)

    async def finish(self, seconds: float) -> None:
        """Send what can be sent within so many seconds, then stop; the rest goes out after the next start."""
        self._ending.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._flush(), seconds)
        self._stop.set()
        left = set(self._lanes.values())
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _flush(self) -> None:
        async with unit_of_work(self._database, writes=False) as unit:
            chats = await Outbox(unit.session).waiting_chats(self._network)
        for chat in chats:
            self.wake(chat)
        await self.settle()

    async def _run(self, chat: str) -> None:
        """Send what waits for a chat, one message after the other."""
        failures = 0
        while not self._stop.is_set():
            try:
                self._again.discard(chat)
                async with unit_of_work(self._database, writes=False) as unit:
                    found = await Outbox(unit.session).next(self._network, chat)
                if found is None:
                    return
                message, has_more = found
                await self._pause(self._seconds_left(message))
                if (self._ending.is_set() and self._seconds_left(message)) or self._stop.is_set():
                    return
                self._put_off.pop(message.key, None)
                # What comes meanwhile wakes the lane again, so there is no need to look once more for nothing.
                if await self._deliver(message) and not has_more:
                    return
                failures = 0
            except Exception as error:  # noqa: BLE001 - the edge: a database away must not end the sender
                failures += 1
                self._log.warning("chat_sender_waits", network=self._network.value, error=type(error).__name__)
                if self._ending.is_set():
                    return
                await self._pause(_pause_after(failures))

    async def _deliver(self, message: WaitingMessage) -> bool:
        """Send one message; ``False`` where it still waits, here or under another address."""
        if message.recipient is not None:
            return await self._make_chat(message, message.recipient)
        if message.is_orphaned:
            await self._give_up(message, LookupError())
            return True
        try:
            outgoing = unpack_outgoing(message.payload["message"], chat=message.chat)
        except (KeyError, TypeError, ValueError) as error:
            await self._give_up(message, error)
            return True
        try:
            if message.key not in self._unnoted:
                self._unnoted[message.key] = list(await self._adapter.send(outgoing, message.key.hex))
        except SendPostponed as error:
            await self._postpone(message, error, error.seconds)
            return False
        except SendRefused as error:
            await self._give_up(message, error, gone=error.gone)
        except Exception as error:  # noqa: BLE001 - the edge: what an adapter did not foresee
            self._log.error("chat_send_failed", id=message.id, **fault(error))
            if message.attempts + 1 < MOST_SURPRISES:
                await self._postpone(message, error, None)
                return False
            await self._give_up(message, error)
        else:
            await self._note_sent(message, outgoing, self._unnoted[message.key])
            del self._unnoted[message.key]
        return True

    async def _note_sent(self, message: WaitingMessage, outgoing: Outgoing, events: list[str]) -> None:
        delivery = Delivery(
            events=events,
            choices=[(choice.key, choice.emoji) for choice in outgoing.choices if not choice.address],
            expires_at=now() + timedelta(days=self._keep_days),
            # Where only the choices change, the message itself stays what it is.
            replaced=outgoing.edits if outgoing.text is not None else (),
            deleted=outgoing.deletes,
        )
        async with self._writing(), unit_of_work(self._database) as unit:
            await Outbox(unit.session).note_sent(self._network, message, delivery)

    def _seconds_left(self, message: WaitingMessage) -> float:
        """Return how long to wait before the next attempt; the first is made at once, whatever the clock says."""
        if not message.attempts:
            return 0
        if message.key in self._put_off:
            return max(self._put_off[message.key] - time.monotonic(), 0)
        return min(max((message.run_at - now()).total_seconds(), 0), LONGEST_LEFT)

    async def _postpone(self, message: WaitingMessage, error: Exception, seconds: float | None) -> None:
        wait = _pause_after(message.attempts + 1) if seconds is None else seconds
        self._log.info("chat_send_postponed", id=message.id, error=type(error).__name__, seconds=round(wait, 1))
        self._put_off[message.key] = time.monotonic() + wait
        async with self._writing(), unit_of_work(self._database) as unit:
            until = now() + timedelta(seconds=wait)
            await Outbox(unit.session).postpone(message, until=until, error=type(error).__name__)

    async def _give_up(self, message: WaitingMessage, error: Exception, *, gone: bool = False) -> None:
        name = type(error).__name__
        self._log.warning("chat_send_refused", id=message.id, error=name, gone=gone)
        async with self._writing(), unit_of_work(self._database) as unit:
            await Outbox(unit.session).give_up(message, error=name)
            if gone:
                await Outbox(unit.session).give_up_chat(self._network, message.chat, error=name)

    async def _make_chat(self, message: WaitingMessage, recipient: UUID) -> bool:
        """Find or make the direct chat that a private message is for; ``False`` where the message still waits."""
        async with unit_of_work(self._database, writes=False) as unit:
            chats = ChatService(unit.session)
            person, address = await chats.person(recipient), await chats.direct_chat(recipient)
        if person is None or person.network is not self._network:
            await self._give_up(message, LookupError())
            return True
        if address is None:
            try:
                address = await self._adapter.direct_chat(Person(self._network, person.address))
            except SendPostponed as error:
                await self._postpone(message, error, error.seconds)
                return False
            except SendRefused as error:
                await self._give_up(message, error)
                return True
        if address is None:
            await self._give_up(message, SendRefused("there is no direct chat"))
            return True
        async with self._writing(), unit_of_work(self._database) as unit:
            chats = ChatService(unit.session)
            # Where the person made one in the same moment, that is where they look.
            if (made := await chats.direct_chat(recipient)) is not None:
                address = made
            else:
                entry = await chats.look_up_chat(self._network, address, ChatKind.DIRECT)
                await chats.keep_chat(entry, of=recipient)
            await Outbox(unit.session).redirect(self._network, message.chat, to=address)
        self.wake(address)
        return False

    async def _pause(self, seconds: float) -> None:
        if seconds > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), seconds)


def _pause_after(failures: int) -> float:
    """Return how long to wait after the n-th failure: doubling, and never quite the same."""
    pause = min(FIRST_PAUSE * float(1 << min(failures - 1, 20)), LONGEST_PAUSE)
    return pause * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
