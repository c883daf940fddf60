"""Events in our custody: taken in before the network is told so, each handled once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.chats.repository import InboxRepository
from knowledge.kit.clock import now
from knowledge.models.chat import Network


@dataclass(frozen=True, slots=True)
class TakenEvent:
    """An event in our custody; ``attempts`` is how often it was tried before."""

    key: int
    event: str
    payload: dict[str, Any]
    attempts: int = 0


class Inbox:
    """Incoming events, within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._events = InboxRepository(session)

    async def take(self, network: Network, events: Sequence[tuple[str, dict[str, Any]]]) -> list[TakenEvent]:
        """Keep events, given as identifier and content; returns those that were not there before, in their order."""
        first = dict(reversed(events))
        moment = now()
        rows = [
            {"network": network, "event": event, "payload": first[event], "attempts": 0, "received_at": moment}
            for event in dict.fromkeys(event for event, _payload in events)
        ]
        return [TakenEvent(key, event, first[event]) for key, event in await self._events.add(rows)] if rows else []

    async def unhandled(self, network: Network) -> list[TakenEvent]:
        """Return what an earlier process left, oldest first."""
        rows = await self._events.unhandled(network)
        return [TakenEvent(row.id, row.event, row.payload or {}, row.attempts) for row in rows]

    async def left(self, network: Network, events: Sequence[str], before: datetime) -> list[TakenEvent]:
        """Return those of some events that came before a moment and that nobody has handled, oldest first."""
        rows = await self._events.left(network, events, before)
        return [TakenEvent(row.id, row.event, row.payload or {}, row.attempts) for row in rows]

    async def finish(self, key: int) -> bool:
        """Note an event as handled and erase its content; ``False`` where that was done before."""
        return await self._events.finish(key)

    async def finish_unkept(self, network: Network, event: str) -> bool:
        """Note an event as handled that was never kept; ``False`` where that was done before."""
        row = {"network": network, "event": event, "payload": None, "attempts": 0, "received_at": now()}
        added = await self._events.add([row])
        return bool(added) and await self._events.finish(added[0][0])

    async def count_attempt(self, key: int) -> None:
        """Count that an event is tried."""
        await self._events.count_attempt(key)

    async def newest_cursor(self, network: Network) -> tuple[str, str | None]:
        """Return how far a network's events were taken last, behind the bot's account that they were taken for."""
        found = await self._events.newest_cursor(f"{network}:")
        return (found[0].partition(":")[2], found[1]) if found else ("", None)

    async def set_cursor(self, network: Network, account: str, value: str) -> None:
        """Note how far the network's events were taken."""
        await self._events.set_cursor(f"{network}:{account}", value)
