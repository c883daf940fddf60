"""Nothing below three people, and nothing that tells of fewer by a difference.

What is counted are different people, at least: where nobody can say any more who it was, nobody is counted.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from knowledge.figures.schemas import FEWEST, REST, Seen


def people_in(rows: Iterable[Seen]) -> int:
    """Return how many different people did it at least; three mean „enough"."""
    known: set[UUID] = set()
    together: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for row in rows:
        if row.person is not None:
            known.add(row.person)
        if row.together is not None:
            together[row.together].add(row.item)
    return min(FEWEST, max([len(known), *map(len, together.values())]))


def items_in(rows: Iterable[Seen]) -> int:
    """Return how many different things happened."""
    return len({row.item for row in rows})


def by_part(rows: Iterable[Seen]) -> dict[str, list[Seen]]:
    """Return rows by the part that they are of."""
    found: defaultdict[str, list[Seen]] = defaultdict(list)
    for row in rows:
        found[row.part].append(row)
    return dict(found)


def may_be_told(rows: Sequence[Seen], bound: int = 0) -> bool:
    """Whether a sum over these rows tells of nobody, or of three people at least.

    Args:
        rows: what is summed up.
        bound: how many different people it is known to be, from when that could still be seen.
    """
    return not rows or max(bound, people_in(rows)) >= FEWEST


def part_to_tell(part: int, whole: int) -> int | None:
    """Return how many people of a whole it was; ``None`` where that tells of one or two, who did or who did not."""
    sides = (part, whole - part)
    return part if whole >= FEWEST and all(side == 0 or side >= FEWEST for side in sides) else None


def cells_to_tell(cells: Mapping[str, Sequence[Seen]], bounds: Mapping[str, int]) -> frozenset[str]:
    """Return which cells of a whole may be told of one by one.

    Each has three people at least, and so have those that are left together, or there is nobody left: the whole less
    what is told never leads to fewer.

    Args:
        cells: what happened in each.
        bounds: how many different people are known to be in a cell, from when that could still be seen.
    """
    told = {key for key, rows in cells.items() if rows and may_be_told(rows, bounds.get(key, 0))}
    while told:
        left = [key for key in cells if key not in told]
        rows = [row for key in left for row in cells[key]]
        if may_be_told(rows, max((bounds.get(key, 0) for key in left), default=0)):
            break
        told.remove(min(told, key=lambda key: (items_in(cells[key]), key)))
    return frozenset(told)


def with_rest(cells: Mapping[str, Sequence[Seen]], told: frozenset[str]) -> dict[str, float]:
    """Return the sums of the cells that are told of, and of all others together."""
    kept: dict[str, float] = {key: items_in(cells[key]) for key in sorted(told)}
    rest = items_in(row for key, rows in cells.items() if key not in told for row in rows)
    return {**kept, REST: rest} if rest else kept
