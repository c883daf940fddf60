"""Looking at what waits in the database, quickly enough to be asked every few seconds."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.indexes.repository import IndexRepository
from knowledge.models.chat import Network
from knowledge.models.job import JobState
from knowledge.operations.measuring.repository import LoadRepository

# How long the database may take, in seconds; and how long a count of all passages is good for.
PATIENCE, COUNTED_EVERY = 5.0, 60.0
# Networks that nothing is sent to by others.
QUIET = frozenset({Network.TERMINAL})


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait, and for how many seconds the oldest has."""

    count: int
    oldest: float = 0.0


@dataclass(frozen=True, slots=True)
class Load:
    """What waits; ``None`` in place of it says that the database did not answer."""

    jobs: Mapping[str, Waiting] = field(default_factory=dict)
    running: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, int] = field(default_factory=dict)
    outbox: Mapping[str, Waiting] = field(default_factory=dict)
    inbox: Waiting = Waiting(0)
    passages: int = 0


class LoadMeter:
    """Reads the load of a database, counting what is many now and then only."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._passages = 0
        self._counted_at = -COUNTED_EVERY

    async def read(self) -> Load | None:
        """Return what waits; ``None`` where the database does not answer in time."""
        try:
            return await asyncio.wait_for(self._read(), PATIENCE)
        except (SQLAlchemyError, OSError, TimeoutError):
            return None

    async def _read(self) -> Load:
        async with unit_of_work(self._database, writes=False) as unit:
            load, moment = LoadRepository(unit.session), now()
            jobs = await load.jobs()
            sent = {network.value: Waiting(count, _age(since, moment)) for network, count, since in await load.outbox()}
            unhandled, since = await load.unhandled()
            if time.monotonic() - self._counted_at >= COUNTED_EVERY:
                self._passages = await IndexRepository(unit.session).passage_count()
                self._counted_at = time.monotonic()
        return Load(
            jobs={kind: Waiting(n, _age(at, moment)) for kind, state, n, at in jobs if state is JobState.WAITING},
            running={kind: count for kind, state, count, _since in jobs if state is JobState.RUNNING},
            failed={kind: count for kind, state, count, _since in jobs if state is JobState.DEAD},
            outbox={network.value: Waiting(0) for network in Network if network not in QUIET} | sent,
            inbox=Waiting(unhandled, _age(since, moment)),
            passages=self._passages,
        )


def _age(since: datetime | None, moment: datetime) -> float:
    return max(0.0, (moment - since).total_seconds()) if since is not None else 0.0
