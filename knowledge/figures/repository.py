"""The statements about kept sums."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.figures.schemas import Period, Series
from knowledge.kit.ids import new_id
from knowledge.kit.inserting import insert_into
from knowledge.models.base import Base
from knowledge.models.figure import Figure, FigureBound

# The whole network.
EVERYBODY = ""


class FigureRepository:
    """Kept sums over one session; whoever opened the session commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def periods(self, series: Series, scope: str = EVERYBODY) -> list[Period]:
        """Return all sums of a series, the oldest first."""
        statement = select(Figure).where(Figure.series == series, Figure.scope == scope).order_by(Figure.first)
        return [Period(row.first, row.until, row.counts) for row in (await self._session.scalars(statement)).all()]

    async def last_until(self, series: Series, scope: str = EVERYBODY) -> date | None:
        """Return until when sums are written."""
        statement = select(func.max(Figure.until)).where(Figure.series == series, Figure.scope == scope)
        found: date | None = await self._session.scalar(statement)
        return found

    async def last_untils(self, series: Series) -> dict[UUID, date]:
        """Return until when sums of organisations are written."""
        statement = select(Figure.scope, func.max(Figure.until)).where(
            Figure.series == series, Figure.scope != EVERYBODY
        )
        rows = (await self._session.execute(statement.group_by(Figure.scope))).all()
        return {UUID(row[0]): row[1] for row in rows}

    async def write(self, series: Series, period: Period, scope: str = EVERYBODY) -> bool:
        """Keep sums; those of a period that begins on the same day are never changed. Returns whether they are new."""
        row = {
            "id": new_id(),
            "series": series.value,
            "scope": scope,
            "first": period.first,
            "until": period.until,
            "counts": dict(period.counts),
        }
        return await self._insert(Figure, row, ["series", "scope", "first"])

    async def note(self, series: Series, month: date, part: str, people: int) -> bool:
        """Note that so many people were seen at least; returns whether nothing was noted of it before."""
        row = {"series": series.value, "month": month, "part": part, "people": people}
        if await self._insert(FigureBound, row, ["series", "month", "part"]):
            return True
        same = (FigureBound.series == series, FigureBound.month == month, FigureBound.part == part)
        more = update(FigureBound).where(*same, FigureBound.people < people).values(people=people)
        await self._session.execute(more, execution_options={"synchronize_session": False})
        return False

    async def mark(self, name: str, month: date) -> bool:
        """Note that something was done for a month; returns whether it is the first time."""
        row = {"series": name, "month": month, "part": "", "people": 0}
        return await self._insert(FigureBound, row, ["series", "month", "part"])

    async def noted(self, series: Series, first: date, until: date) -> Sequence[FigureBound]:
        """Return what is noted of the months from ``first`` to before ``until``."""
        statement = select(FigureBound).where(
            FigureBound.series == series, FigureBound.month >= first, FigureBound.month < until
        )
        return (await self._session.scalars(statement)).all()

    async def begun(self, series: Series) -> date | None:
        """Return the first month of which something is noted."""
        found: date | None = await self._session.scalar(
            select(func.min(FigureBound.month)).where(FigureBound.series == series)
        )
        return found

    async def forget(self, series: Series, until: date) -> None:
        """Forget what was noted of the months before ``until``."""
        gone = delete(FigureBound).where(FigureBound.series == series, FigureBound.month < until)
        await self._session.execute(gone, execution_options={"synchronize_session": False})

    async def span(self, scopes: Collection[str]) -> tuple[date, date] | None:
        """Return the first day and the last end of all that is kept."""
        statement = select(func.min(Figure.first), func.max(Figure.until)).where(Figure.scope.in_(scopes))
        first, last = (await self._session.execute(statement)).one()
        return (first, last) if first and last else None

    async def _insert(self, table: type[Base], row: Mapping[str, object], unique: list[str]) -> bool:
        statement = insert_into(self._session, table).values(row).on_conflict_do_nothing(index_elements=unique)
        inserted = await self._session.execute(statement.returning(*table.__mapper__.primary_key))
        return inserted.first() is not None
