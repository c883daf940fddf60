"""Describing a municipality so coarsely that at least five of the register fit.

The register's municipalities are put into groups once and for all: by Land and size class, neighbouring classes
together until there are five. So a description never tells more than its words: whoever knows the register and this
program learns only that it is one of the group. Large cities are too few in any Land and are grouped without it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.library.experiences import SIZES
from knowledge.models.organisation import Organisation, OrganisationKind
from knowledge.organisations.states import state_name

FEWEST = 5
# From this class on (more than 100,000) the Land is left out.
LARGE = SIZES.index(100_000) + 1

# What is published is German, whoever's language it was decided in.
_WORDS = {
    OrganisationKind.MUNICIPALITY: "Eine Gemeinde",
    OrganisationKind.ASSOCIATION: "Ein Gemeindeverband",
    OrganisationKind.DISTRICT: "Ein Landkreis",
}
_LARGE_WORD = "Eine Großstadt"
# Groups across Länder.
_LARGE, _SMALL_LAND = "large", "small land"
DESCRIBABLE = frozenset(_WORDS)


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring size classes, from the ``first`` to the ``last``, of a Land or (``None``) of all without one."""

    state: str | None
    first: int
    last: int


def size_place(population: int) -> int:
    """Return the place of a population's size class."""
    return next((place for place, upper in enumerate(SIZES) if population <= upper), len(SIZES))


def group_of(state: str, place: int, alike: Mapping[tuple[str, int], int], *, cities: bool) -> Group | None:
    """Return the group that a Land and size class belong to; ``None`` where no five can be found.

    Args:
        state: the Land's key.
        place: the size class.
        alike: how many there are by Land and class.
        cities: whether large ones are grouped without their Land.
    """
    totals = Counter[str]()
    for (other, size), count in alike.items():
        if not (cities and size >= LARGE):
            totals[other] += count
    pool = _pool(state, place, totals, cities=cities)
    by_place = Counter[int]()
    for (other, size), count in alike.items():
        if _pool(other, size, totals, cities=cities) == pool:
            by_place[size] += count
    if by_place.total() < FEWEST or not by_place[place]:
        return None
    first, last = _span(place, by_place)
    return Group(pool if pool in totals else None, first, last)


def _pool(state: str, size: int, totals: Mapping[str, int], *, cities: bool) -> str:
    """Return whom an organisation is grouped with: its Land, or without it large cities, or those of small Länder."""
    if cities and size >= LARGE:
        return _LARGE
    return state if totals.get(state, 0) >= FEWEST else _SMALL_LAND


def _span(place: int, by_place: Mapping[int, int]) -> tuple[int, int]:
    """Return the first and last class of the group in which ``place`` is: bigger classes join until there are five."""
    groups: list[tuple[int, int]] = []
    first, count = min(size for size, found in by_place.items() if found), 0
    for size in range(first, len(SIZES) + 1):
        count += by_place.get(size, 0)
        if count >= FEWEST:
            groups.append((first, size))
            first, count = size + 1, 0
    if count and groups:
        groups[-1] = (groups[-1][0], max(size for size, found in by_place.items() if found))
    return next(group for group in groups if group[0] <= place <= group[1])


def describe(organisation: Organisation, group: Group) -> str:
    """Return the words for a group."""
    lower = 0 if group.first == 0 else SIZES[group.first - 1]
    upper = SIZES[group.last] if group.last < len(SIZES) else None
    is_city = organisation.kind is OrganisationKind.MUNICIPALITY and group.state is None and group.first >= LARGE
    words = _LARGE_WORD if is_city else _WORDS[organisation.kind]
    if group.state is not None:
        name = state_name(group.state)
        words += f" im {name}" if name == "Saarland" else f" in {name}"
    return words + _sizes(lower, upper)


def _sizes(lower: int, upper: int | None) -> str:
    if upper is None:
        return f" mit mehr als {_grouped(lower)} Einwohnern" if lower else ""
    if not lower:
        return f" mit bis zu {_grouped(upper)} Einwohnern"
    return f" mit {_grouped(lower)} bis {_grouped(upper)} Einwohnern"


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", ".")
