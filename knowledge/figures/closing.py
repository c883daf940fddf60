"""Writing sums by the clock: each month's once, when it is over and enough people are in it.

A month with fewer than three people is not written but goes on into the next one, until both together have enough.
Nothing is said of a month that is not over, as the difference to the day before would be one person's; and what is
written never changes, whatever is deleted or erased later.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.figures.counting import FLOWS, Flow
from knowledge.figures.houses import count_houses
from knowledge.figures.months import add_months, begins, ends_of_steps, month_at
from knowledge.figures.raw.repository import RawRepository
from knowledge.figures.repository import FigureRepository
from knowledge.figures.rule import people_in
from knowledge.figures.schemas import Period, Seen
from knowledge.figures.snapshots import SNAPSHOTS, Snapshot
from knowledge.figures.topics import topics_flow
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.logs import get_logger
from knowledge.kit.repeating import repeat
from knowledge.kit.unit_of_work import unit_of_work

Work = Callable[[AsyncSession], Awaitable[int]]
EVERY = timedelta(hours=6)
# After its end a month waits for what belongs to it: who came to a training, whether an answer helped.
SETTLING = timedelta(days=7)
# How far back the first sums go of what is kept for long.
LOOKS_BACK = 24
# So many months before this one are looked at for people who can still be seen; links live two weeks as a rule.
SEEN_MONTHS = 1


class FigureClock:
    """What is due at a moment, within one transaction."""

    def __init__(self, session: AsyncSession, moment: datetime) -> None:
        self._raw = RawRepository(session)
        self._figures = FigureRepository(session)
        self._moment = moment
        self._due = month_at(moment - SETTLING)

    async def flow(self, flow: Flow) -> int:
        """Note who can be seen, and write the sums that are due; returns how many periods were written."""
        first = await self._first(flow)
        if flow.fleeting:
            await self._note(flow, first)
        written = 0
        for end in ends_of_steps(first, self._due, 1):
            period = await self._sums(flow, first, end)
            if period is None:
                continue
            if not await self._figures.write(flow.series, period):
                break  # another process was quicker
            await self._figures.forget(flow.series, end)
            first, written = end, written + 1
        return written

    async def snapshot(self, snapshot: Snapshot) -> int:
        """Write how things stand at the end of the last month, unless that was done."""
        end = month_at(self._moment)
        last = await self._figures.last_until(snapshot.series)
        if last is not None and last >= end:
            return 0
        counts = await snapshot.read(self._raw, begins(end))
        return int(await self._figures.write(snapshot.series, Period(add_months(end, -1), end, counts)))

    async def _first(self, flow: Flow) -> date:
        """Return the month from which on nothing is written yet."""
        known = await self._figures.last_until(flow.series) or await self._figures.begun(flow.series)
        if known is not None:
            return known
        month = month_at(self._moment)
        if not flow.fleeting:
            past = await flow.read(self._raw, (begins(add_months(month, -LOOKS_BACK)), self._moment))
            month = min((month_at(row.at) for row in past), default=month)
        await self._figures.note(flow.series, month, "", 0)
        return month

    async def _note(self, flow: Flow, first: date) -> None:
        """Note how many different people can be seen in the months that nothing is written of yet."""
        since = max(first, add_months(month_at(self._moment), -SEEN_MONTHS))
        rows = await flow.read(self._raw, (begins(since), self._moment))
        months: defaultdict[date, list[Seen]] = defaultdict(list)
        for row in rows:
            months[month_at(row.at)].append(row)
        for month, some in sorted(months.items()):
            for part, group in sorted(flow.groups(some).items()):
                if people := people_in(group):
                    await self._figures.note(flow.series, month, part, people)

    async def _sums(self, flow: Flow, first: date, end: date) -> Period | None:
        rows = await flow.read(self._raw, (begins(first), begins(end)))
        bounds: dict[str, int] = {}
        for noted in await self._figures.noted(flow.series, first, end):
            bounds[noted.part] = max(noted.people, bounds.get(noted.part, 0))
        return Period(first, end, flow.counts(rows, bounds)) if flow.ready(rows, bounds) else None


async def count_figures(database: Database, moment: datetime) -> int:
    """Write all sums that are due at a moment; doing it twice writes nothing twice. Returns how many were written."""
    works: list[Work] = [
        *(partial(_flow, flow, moment) for flow in FLOWS),
        partial(_topics, moment),
        *(partial(_snapshot, snapshot, moment) for snapshot in SNAPSHOTS),
        partial(_houses, moment),
    ]
    written = 0
    for work in works:
        async with unit_of_work(database) as unit:
            written += await work(unit.session)
    get_logger().info("figures_counted", written=written)
    return written


async def keep_figures(database: Database, stop: asyncio.Event) -> None:
    """Write what is due now and every few hours until ``stop`` is set."""
    await repeat(lambda: count_figures(database, now()), stop, every=EVERY, name="figures")


async def _flow(flow: Flow, moment: datetime, session: AsyncSession) -> int:
    return await FigureClock(session, moment).flow(flow)


async def _topics(moment: datetime, session: AsyncSession) -> int:
    return await FigureClock(session, moment).flow(await topics_flow(session))


async def _snapshot(snapshot: Snapshot, moment: datetime, session: AsyncSession) -> int:
    return await FigureClock(session, moment).snapshot(snapshot)


async def _houses(moment: datetime, session: AsyncSession) -> int:
    return await count_houses(session, moment - SETTLING)
