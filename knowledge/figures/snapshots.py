"""How things stood at the end of a month: the queue of the review, and which municipalities take part."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from knowledge.contributions.describing import size_place
from knowledge.figures.raw.repository import RawRepository
from knowledge.figures.rule import by_part, cells_to_tell, items_in, may_be_told, with_rest
from knowledge.figures.schemas import COUNT, DAYS, Seen, Series


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A series of how things stand; a month with too few has no sums, and the next one says nothing of it."""

    series: Series
    read: Callable[[RawRepository, datetime], Awaitable[dict[str, float]]]


async def queue(raw: RawRepository, moment: datetime) -> dict[str, float]:
    """Return how many contributions waited, and the median of their days."""
    rows = await raw.waiting(moment)
    if not rows:
        return {COUNT: 0}
    if not may_be_told(rows):
        return {}
    return {COUNT: items_in(rows), DAYS: round(median(row.value for row in rows))}


async def sizes(raw: RawRepository, moment: datetime) -> dict[str, float]:
    """Return how many municipalities take part, by the number of their size class."""
    taking_part = [
        Seen(house, moment, str(size_place(population)), member)
        for member, house, population, _state in await raw.taking_part()
        if population is not None
    ]
    return _by_cell(taking_part)


async def states(raw: RawRepository, moment: datetime) -> dict[str, float]:
    """Return how many municipalities take part, by Land."""
    taking_part = [
        Seen(house, moment, state, member)
        for member, house, _population, state in await raw.taking_part()
        if state is not None
    ]
    return _by_cell(taking_part)


def _by_cell(rows: list[Seen]) -> dict[str, float]:
    cells = by_part(rows)
    told = cells_to_tell(cells, {})
    return with_rest(cells, told) if may_be_told(rows) else {}


SNAPSHOTS = (Snapshot(Series.QUEUE, queue), Snapshot(Series.SIZES, sizes), Snapshot(Series.STATES, states))
