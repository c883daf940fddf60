"""How each series becomes sums: what is read, which groups of people must be large enough, what is kept."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from knowledge.figures.raw.repository import RawRepository
from knowledge.figures.rule import by_part, items_in, may_be_told
from knowledge.figures.schemas import ATTENDED, COUNT, DAYS, NO, REGISTERED, YES, Seen, Series

Span = tuple[datetime, datetime]
Groups = Mapping[str, Sequence[Seen]]
Bounds = Mapping[str, int]
# Of those who were registered: who did not come.
MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Flow:
    """A series of what happens: each period's sums are written when enough people are in it.

    ``fleeting``: who it was can be seen for less than a month, so it is noted in time how many there were at least.
    ``groups`` gives the rows by what must be nobody or three people, each; with ``needed``, only
    these have to be, as ``counts`` leaves out what would tell of fewer; it gets how many are known to be in each.
    """

    series: Series
    read: Callable[[RawRepository, Span], Awaitable[list[Seen]]]
    groups: Callable[[Sequence[Seen]], Groups]
    counts: Callable[[Sequence[Seen], Bounds], dict[str, float]]
    fleeting: bool = False
    needed: frozenset[str] | None = None

    def ready(self, rows: Sequence[Seen], bounds: Bounds) -> bool:
        """Whether sums may be written of a period with these rows."""
        groups = self.groups(rows)
        needed = groups.keys() if self.needed is None else self.needed & groups.keys()
        return all(may_be_told(groups[part], bounds.get(part, 0)) for part in needed)


def all_together(rows: Sequence[Seen]) -> Groups:
    """Return one group."""
    return {COUNT: rows}


def counted(rows: Sequence[Seen], _bounds: Bounds) -> dict[str, float]:
    """Return how many things happened."""
    return {COUNT: items_in(rows)}


def yes_and_no(rows: Sequence[Seen], _bounds: Bounds) -> dict[str, float]:
    """Return both parts of a share."""
    parts = by_part(rows)
    return {YES: items_in(parts.get(YES, ())), NO: items_in(parts.get(NO, ()))}


def nobody(_rows: Sequence[Seen]) -> Groups:
    """Return no group: what everybody can see anyway, such as that there was a training."""
    return {}


def days_of(rows: Sequence[Seen], _bounds: Bounds) -> dict[str, float]:
    """Return how many and the median of their days, whole ones."""
    measured = [row.value for row in rows if row.part == DAYS]
    return {COUNT: len(measured), DAYS: round(median(measured))} if measured else {COUNT: 0}


def registered(rows: Sequence[Seen]) -> Groups:
    """Return those who were registered, and of them those who came and those who did not."""
    parts = by_part(rows)
    whole, came = parts.get(REGISTERED, []), parts.get(ATTENDED, [])
    there = {row.item for row in came}
    return {REGISTERED: whole, ATTENDED: came, MISSED: [row for row in whole if row.item not in there]}


def took_part(rows: Sequence[Seen], bounds: Bounds) -> dict[str, float]:
    """Return how many were registered, and how many came unless that would tell of the few who did, or did not."""
    groups = registered(rows)
    told = all(may_be_told(groups[part], bounds.get(part, 0)) for part in (ATTENDED, MISSED))
    came: dict[str, float] = {ATTENDED: items_in(groups[ATTENDED])} if told else {}
    return {REGISTERED: items_in(groups[REGISTERED]), **came}


def authors(rows: Sequence[Seen]) -> Groups:
    """Return who contributed, without who decided."""
    return {COUNT: by_part(rows).get(DAYS, [])}


FLOWS = (
    Flow(Series.QUESTIONS, RawRepository.answers, all_together, counted, fleeting=True),
    Flow(Series.ANSWERED, RawRepository.answers, by_part, yes_and_no, fleeting=True),
    Flow(Series.HELPFUL, RawRepository.votes, by_part, yes_and_no, fleeting=True),
    Flow(Series.PUBLICATION, RawRepository.published, by_part, days_of),
    Flow(Series.OFFERED, RawRepository.trainings, nobody, counted),
    Flow(
        Series.PARTICIPATION,
        RawRepository.participation,
        registered,
        took_part,
        fleeting=True,
        needed=frozenset({REGISTERED}),
    ),
    Flow(Series.CERTIFICATES, RawRepository.certificates, all_together, counted),
    Flow(Series.LESSONS, RawRepository.lessons, all_together, counted),
)
# What an organisation sees of its own people. Questions are not among them: the link between a question and a person
# ends after days, and is not followed to count for longer.
OWN = (
    Flow(Series.CONTRIBUTIONS, RawRepository.published, authors, counted),
    Flow(Series.LESSONS, RawRepository.lessons, all_together, counted),
    Flow(Series.CERTIFICATES, RawRepository.certificates, all_together, counted),
)
