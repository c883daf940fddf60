"""Who sees which figures, and of which time?"""

from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.rights import RIGHTS, Visitor, rights_of
from knowledge.access.visibility import network_member
from knowledge.figures.repository import FigureRepository
from knowledge.figures.schemas import COUNT, Period, Series
from knowledge.figures.service import FigureService, UnknownFigure, calendar_year, last_year_of
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.members.schemas import MemberEntry
from knowledge.models.member import Role
from knowledge.models.organisation import Organisation, OrganisationKind

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HOUSE, OTHER = new_id(), new_id()
WINTER = Period(date(2025, 12, 1), date(2026, 2, 1), {COUNT: 4})
MARCH = Period(date(2026, 3, 1), date(2026, 4, 1), {COUNT: 5})


def visitor(role: Role = Role.MEMBER, *, organisation: bool = True, second_factor: bool = True) -> Visitor:
    """Return somebody."""
    house = HOUSE if organisation else None
    member = MemberEntry(
        id=new_id(),
        name="Kim",
        role=role,
        active=True,
        organisation_id=house,
        organisation_key=None,
        organisation_name=None,
        created_at=now(),
    )
    rights = rights_of(role, releases=False, second_factor=second_factor)
    return Visitor(rights, network_member(house), member, second_factor=second_factor)


async def kept(session: AsyncSession, series: Series, *periods: Period, scope: str = "") -> None:
    """Write sums."""
    for period in periods:
        assert await FigureRepository(session).write(series, period, scope)


@on_sqlite
class TestRange:
    async def test_a_period_belongs_to_the_year_in_which_it_ends(self, session: AsyncSession) -> None:
        await kept(session, Series.QUESTIONS, WINTER, MARCH)
        service = FigureService(session, visitor())
        assert await service.periods(Series.QUESTIONS, calendar_year(2025)) == []
        assert await service.periods(Series.QUESTIONS, calendar_year(2026)) == [WINTER, MARCH]

    async def test_no_range_splits_a_period(self, session: AsyncSession) -> None:
        await kept(session, Series.QUESTIONS, WINTER, MARCH)
        service, seen = FigureService(session, visitor()), set()
        for month in range(1, 13):
            for period in await service.periods(Series.QUESTIONS, last_year_of(date(2026, month, 9))):
                seen.add((period.first, period.until, period.counts[COUNT]))
        assert seen == {(each.first, each.until, each.counts[COUNT]) for each in (WINTER, MARCH)}

    async def test_years_are_those_of_which_there_are_sums(self, session: AsyncSession) -> None:
        service = FigureService(session, visitor())
        assert list(await service.years()) == []
        await kept(session, Series.QUESTIONS, WINTER, MARCH)
        assert list(await service.years()) == [2026, 2025]


@on_sqlite
class TestRights:
    async def test_what_is_about_the_few_who_review_is_for_those_who_steer(self, session: AsyncSession) -> None:
        await kept(session, Series.QUEUE, MARCH)
        with pytest.raises(UnknownFigure):
            await FigureService(session, visitor()).periods(Series.QUEUE, calendar_year(2026))
        weak = visitor(Role.MODERATOR, second_factor=False)
        with pytest.raises(UnknownFigure):
            await FigureService(session, weak).periods(Series.QUEUE, calendar_year(2026))
        steering = [role for role in RIGHTS if role is not Role.MEMBER]
        for role in steering:
            assert await FigureService(session, visitor(role)).periods(Series.QUEUE, calendar_year(2026)) == [MARCH]
        assert len(steering) == 3

    async def test_everybody_sees_their_own_organisation_and_no_other(self, session: AsyncSession) -> None:
        await kept(session, Series.LESSONS, MARCH, scope=str(HOUSE))
        await kept(session, Series.LESSONS, WINTER, scope=str(OTHER))
        for role in Role:
            service = FigureService(session, visitor(role))
            assert await service.periods(Series.LESSONS, calendar_year(2026), own=True) == [MARCH]
            assert await service.periods(Series.LESSONS, calendar_year(2026)) == []

    async def test_without_an_organisation_there_is_nothing_of_ones_own(self, session: AsyncSession) -> None:
        service = FigureService(session, visitor(organisation=False))
        with pytest.raises(UnknownFigure):
            await service.periods(Series.LESSONS, calendar_year(2026), own=True)

    async def test_questions_are_never_told_by_organisation(self, session: AsyncSession) -> None:
        service = FigureService(session, visitor(Role.ADMINISTRATOR))
        for series in (Series.QUESTIONS, Series.ANSWERED, Series.HELPFUL, Series.TOPICS):
            with pytest.raises(UnknownFigure):
                await service.periods(series, calendar_year(2026), own=True)


class TestRegister:
    async def test_municipalities_of_the_official_register_are_counted(self, session: AsyncSession) -> None:
        here = {"kind": OrganisationKind.MUNICIPALITY, "state_key": "12", "register_date": date(2026, 1, 1)}
        gone = {"dissolved_on": date(2026, 3, 1)}
        for number, (population, more) in enumerate(
            [(1_000, here), (2_000, here), (2_001, here), (900_000, here), (1_000, here | gone), (1_000, {})]
        ):
            values = {"kind": OrganisationKind.MUNICIPALITY, "population": population, **more}
            session.add(Organisation(key=f"ort-{number}", name="Ort", search_name="ort", **values))
        await session.flush()
        register = await FigureService(session, visitor()).register()
        assert register.sizes == {"0": 2, "1": 1, "7": 1}
        assert register.states == {"12": 4}
