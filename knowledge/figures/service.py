"""Kept sums, for whoever may look at them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.rights import Right, Visitor
from knowledge.figures.months import add_months, month_of
from knowledge.figures.raw.repository import RawRepository
from knowledge.figures.repository import EVERYBODY, FigureRepository
from knowledge.figures.schemas import Period, Range, Series
from knowledge.kit.errors import NotFound
from knowledge.kit.language import _
from knowledge.topics.tree import load_tree

# About the work of the few who review: for those who steer.
STEERING = frozenset({Series.PUBLICATION, Series.QUEUE})
OWN_SERIES = frozenset({Series.CONTRIBUTIONS, Series.LESSONS, Series.CERTIFICATES})


class UnknownFigure(NotFound):
    """There is no such figure, or it is not for this reader."""

    code = "figures.unknown"

    def __init__(self) -> None:
        super().__init__(_("There is no such figure."))


@dataclass(frozen=True, slots=True)
class Register:
    """How many municipalities the official register has, by size class and by Land; empty without a register."""

    sizes: Mapping[str, int]
    states: Mapping[str, int]


class FigureService:
    """Figures within one session, for one visitor.

    Args:
        session: the transaction.
        visitor: who looks; a member, which the caller checks.
    """

    def __init__(self, session: AsyncSession, visitor: Visitor) -> None:
        self._figures = FigureRepository(session)
        self._raw = RawRepository(session)
        self._session = session
        self._visitor = visitor

    def may_read(self, series: Series, *, own: bool = False) -> bool:
        """Whether the visitor may see a series: of the network, or of their own organisation."""
        if own:
            return series in OWN_SERIES and self._house is not None
        if series is Series.CONTRIBUTIONS:
            return False
        return series not in STEERING or self._visitor.may(Right.FIGURES_READ)

    async def periods(self, series: Series, wanted: Range, *, own: bool = False) -> list[Period]:
        """Return the sums of a series that lie in a range of time. Raises ``UnknownFigure``.

        A period is shown whole or not at all, so no choice of a range splits it.
        """
        if not self.may_read(series, own=own):
            raise UnknownFigure
        scope = str(self._house) if own else EVERYBODY
        return [
            period
            for period in await self._figures.periods(series, scope)
            if wanted.since < period.until <= wanted.until
        ]

    async def years(self) -> Sequence[int]:
        """Return the years of which there are sums, the newest first."""
        scopes = [EVERYBODY, *([str(self._house)] if self._house else [])]
        span = await self._figures.span(scopes)
        if span is None:
            return ()
        first, until = span
        return range(add_months(until, -1).year, first.year - 1, -1)

    async def register(self) -> Register:
        """Return how many municipalities there are."""
        return Register(await self._raw.by_size(), await self._raw.by_state())

    async def topic_names(self) -> Mapping[str, str]:
        """Return the names of topics by their identifiers, in the language that is spoken."""
        return {str(entry.id): entry.name for entry in (await load_tree(self._session)).entries}

    @property
    def _house(self) -> UUID | None:
        return self._visitor.member.organisation_id if self._visitor.member else None


def last_year_of(day: date) -> Range:
    """Return the range of the last twelve months that are over."""
    until = month_of(day)
    return Range(add_months(until, -12), until)


def calendar_year(year: int) -> Range:
    """Return the range of what ends in a year."""
    return Range(date(year, 1, 1), date(year + 1, 1, 1))
