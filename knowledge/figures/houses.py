"""What an organisation sees of its own people: sums over quarters, from three of them on.

The sums of the whole network are known to its members, so an organisation's own must not lead to what is left: the
others, and those of whom nothing can be told, are three people at least, or nobody.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.figures.counting import OWN, Flow
from knowledge.figures.months import add_months, begins, month_at, step_start
from knowledge.figures.raw.repository import RawRepository
from knowledge.figures.repository import FigureRepository
from knowledge.figures.rule import items_in, may_be_told
from knowledge.figures.schemas import COUNT, Period, Seen

QUARTER = 3
# A quarter with fewer than three people goes on into the next one, within so many months.
LONGEST = 12
# What is noted when a quarter was looked at, so that it is looked at once.
DONE = "houses"
Rows = list[Seen]


async def count_houses(session: AsyncSession, moment: datetime) -> int:
    """Write the sums of organisations for the last quarter that was over at a moment; returns how many."""
    end, written = step_start(month_at(moment), QUARTER), 0
    figures = FigureRepository(session)
    for flow in OWN:
        # As a series of its own: the network's sums forget what was noted of theirs.
        if await figures.mark(f"{DONE}:{flow.series}", end):
            written += await _count(session, flow, end)
    return written


async def _count(session: AsyncSession, flow: Flow, end: date) -> int:
    figures = FigureRepository(session)
    earliest = add_months(end, -LONGEST)
    since = await figures.last_untils(flow.series)
    read = await flow.read(RawRepository(session), (begins(earliest), begins(end)))
    rows = list(flow.groups(read)[COUNT])
    starts = {house: max(since.get(house, day), earliest) for house, day in _first_quarters(rows).items()}
    told = houses_to_tell(rows, starts)
    for house in sorted(told):
        first = starts[house]
        own = [row for row in rows if row.organisation == house and row.at >= begins(first)]
        await figures.write(flow.series, Period(first, end, {COUNT: items_in(own)}), str(house))
    return len(told)


def _first_quarters(rows: Rows) -> dict[UUID, date]:
    """Return the quarter in which each organisation first did something."""
    first: dict[UUID, date] = {}
    for row in rows:
        if row.organisation is not None:
            day = step_start(month_at(row.at), QUARTER)
            first[row.organisation] = min(day, first.get(row.organisation, day))
    return first


def houses_to_tell(rows: Rows, starts: Mapping[UUID, date]) -> frozenset[UUID]:
    """Return the organisations that may see their sums.

    Args:
        rows: what everybody in the network did.
        starts: since when each organisation has not been told.
    """
    own: defaultdict[UUID, Rows] = defaultdict(list)
    for row in rows:
        if row.organisation is not None and row.at >= begins(starts[row.organisation]):
            own[row.organisation].append(row)
    told = {house for house, some in own.items() if may_be_told(some) and _others_are_enough(rows, {house}, starts)}
    while told and not _others_are_enough(rows, told, starts):
        told.remove(min(told, key=lambda house: (items_in(own[house]), house)))
    return frozenset(told)


def _others_are_enough(rows: Rows, told: set[UUID], starts: Mapping[UUID, date]) -> bool:
    """Whether those who are left tell of nobody or three, over the time that all of ``told`` share."""
    since = begins(max(starts[house] for house in told))
    return may_be_told([row for row in rows if row.organisation not in told and row.at >= since])
