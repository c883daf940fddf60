"""Queries on organisations."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from knowledge.models.document import Document, Status
from knowledge.models.member import Member
from knowledge.models.organisation import Organisation, OrganisationKind
from knowledge.organisations.queries import NameQuery, ags_of
from knowledge.organisations.schemas import RegisterFilter

# Rows that a statement names one by one; SQLite allows 32,766 variables.
CHUNK = 500

District = aliased(Organisation, name="district")
Association = aliased(Organisation, name="association")

# An organisation with the names of its district and its association.
FoundRow = tuple[Organisation, str | None, str | None]


class OrganisationRepository:
    """All statements on the table of organisations."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def add(self, organisation: Organisation) -> None:
        """Keep a new organisation."""
        self.session.add(organisation)

    async def get(self, identifier: UUID) -> Organisation | None:
        """Return the organisation with this identifier."""
        return await self.session.get(Organisation, identifier, populate_existing=True)

    async def by_key(self, key: str) -> Organisation | None:
        """Return the organisation with this key."""
        return await self._one(select(Organisation).where(Organisation.key == key))

    async def by_ags(self, ags: str) -> Organisation | None:
        """Return the municipality with this Gemeindeschlüssel."""
        return await self._one(select(Organisation).where(Organisation.ags == ags))

    async def _one(self, statement: Select[Organisation]) -> Organisation | None:
        # A bulk update leaves what the session holds behind the database.
        result = await self.session.execute(statement.execution_options(populate_existing=True))
        return result.scalar_one_or_none()

    async def find_by_key(
        self, digits: str, kinds: Collection[OrganisationKind] | None, limit: int
    ) -> Sequence[FoundRow]:
        """Return those whose key is or begins with ``digits``, upper levels first."""
        is_it = or_(Organisation.key == digits, Organisation.ags == ags_of(digits))
        statement = self._offered(kinds).where(or_(is_it, Organisation.key.startswith(digits)))
        order = (case((is_it, 0), else_=1), func.length(Organisation.key), Organisation.key)
        return await self._found(statement.order_by(*order).limit(limit))

    async def find_by_name(
        self, query: NameQuery, kinds: Collection[OrganisationKind] | None, limit: int
    ) -> Sequence[FoundRow]:
        """Return those in which every word begins one: same names first, then by beginning, then by population."""
        names = dict.fromkeys((query.full, query.bare))
        ranks = [_is_named(name) for name in names] + [_begins_with(name) for name in names]
        statement = self._offered(kinds).where(or_(*(_has_words(name) for name in names)))
        order = (
            case(*((condition, rank) for rank, condition in enumerate(ranks)), else_=len(ranks)),
            case((Organisation.kind == query.hint, 0), else_=1),
            func.coalesce(Organisation.population, 0).desc(),
            Organisation.key,
        )
        return await self._found(statement.order_by(*order).limit(limit))

    async def find_by_ids(self, identifiers: Collection[UUID]) -> Sequence[FoundRow]:
        """Return these organisations, in no particular order."""
        return await self._found(_with_parents(Organisation.id.in_(identifiers)))

    async def offered_names(self, kinds: Collection[OrganisationKind] | None) -> Sequence[tuple[UUID, str]]:
        """Return identifier and spellings of all that may be offered, the largest first."""
        statement = select(Organisation.id, Organisation.search_name).where(*_may_be_offered(kinds))
        order = (func.coalesce(Organisation.population, 0).desc(), Organisation.key)
        result = await self.session.execute(statement.order_by(*order))
        return [(identifier, name) for identifier, name in result]

    async def count_listed(self, wanted: RegisterFilter) -> int:
        """Count the organisations of a list."""
        return await self.session.scalar(select(func.count(Organisation.id)).where(*_listed(wanted))) or 0

    async def listed(self, wanted: RegisterFilter, *, offset: int, limit: int) -> Sequence[FoundRow]:
        """Return some of the organisations of a list, by name."""
        # The few that are shown are found first: only for them it is worth to look up what is above them.
        order = (Organisation.search_name, Organisation.key)
        chosen = select(Organisation.id).where(*_listed(wanted)).order_by(*order).offset(offset).limit(limit)
        identifiers = (await self.session.scalars(chosen)).all()
        rows = {row[0].id: row for row in await self.find_by_ids(identifiers)}
        return [rows[identifier] for identifier in identifiers]

    async def releasers(self, organisation: UUID) -> Sequence[str]:
        """Return the names of those who release what an organisation contributes."""
        able = Member.releases.is_(True), Member.active.is_(True), Member.suspended_at.is_(None)
        statement = select(Member.name).where(Member.organisation_id == organisation, *able)
        return (await self.session.scalars(statement.order_by(Member.search_name))).all()

    async def published(self, organisation: UUID, access: frozenset[str] | None) -> int:
        """Count an organisation's published documents, of those with these access tokens (``None``: of all)."""
        conditions = [Document.organisation_id == organisation, Document.status == Status.PUBLISHED]
        if access is not None:
            conditions.append(Document.access.in_(access))
        return await self.session.scalar(select(func.count(Document.id)).where(*conditions)) or 0

    def _offered(self, kinds: Collection[OrganisationKind] | None) -> Select[Organisation, str | None, str | None]:
        return _with_parents(*_may_be_offered(kinds))

    async def _found(self, statement: Select[Organisation, str | None, str | None]) -> Sequence[FoundRow]:
        result = await self.session.execute(statement.execution_options(populate_existing=True))
        return [(organisation, district, association) for organisation, district, association in result]

    async def register_rows(self) -> Sequence[Mapping[str, Any]]:
        """Return all columns of all organisations that a register brought, dissolved ones too."""
        statement = select(*Organisation.__table__.columns).where(Organisation.register_date.is_not(None))
        result = await self.session.execute(statement)
        return [dict(row) for row in result.mappings()]

    async def insert_rows(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert many organisations at once."""
        if rows:
            await self.session.execute(insert(Organisation), rows)

    async def update_rows(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Change many organisations at once; each row has its ``id`` and the columns to change."""
        if rows:
            await self.session.execute(update(Organisation), rows, execution_options={"synchronize_session": None})

    async def dissolve(self, identifiers: Sequence[UUID], day: date) -> None:
        """Mark organisations as dissolved."""
        for start in range(0, len(identifiers), CHUNK):
            chosen = Organisation.id.in_(identifiers[start : start + CHUNK])
            await self._change(update(Organisation).where(chosen).values(dissolved_on=day))

    async def confirm(self, day: date) -> None:
        """Note that all organisations of the register that exist were in the one of this territorial status."""
        present = (Organisation.register_date.is_not(None), Organisation.dissolved_on.is_(None))
        await self._change(update(Organisation).where(*present).values(register_date=day))

    async def _change(self, statement: Any) -> None:
        await self.session.execute(statement, execution_options={"synchronize_session": False})


def _with_parents(*conditions: ColumnElement[bool]) -> Select[Organisation, str | None, str | None]:
    """Select with the names of the parents, unless a parent is the same body as the organisation itself."""
    district = and_(District.key == Organisation.district_key, District.id != Organisation.id, _stands_alone(District))
    association = and_(Association.key == Organisation.association_key, _stands_alone(Association))
    return (
        select(Organisation, District.name, Association.name)
        .outerjoin(District, district)
        .outerjoin(Association, association)
        .where(*conditions)
    )


def _stands_alone(table: Any) -> ColumnElement[bool]:
    alone: ColumnElement[bool] = or_(table.same_as_key.is_(None), table.same_as_key != Organisation.key)
    return alone


def _may_be_offered(kinds: Collection[OrganisationKind] | None) -> list[ColumnElement[bool]]:
    """Neither dissolved nor unincorporated, and no body twice: an independent city is offered as a municipality."""
    conditions: list[ColumnElement[bool]] = [
        Organisation.dissolved_on.is_(None),
        Organisation.unincorporated.is_(False),
    ]
    if kinds is not None:
        conditions.append(Organisation.kind.in_(kinds))
    if kinds is None or OrganisationKind.MUNICIPALITY in kinds:
        conditions.append(Organisation.same_as_key.is_(None))
    return conditions


def _listed(wanted: RegisterFilter) -> list[ColumnElement[bool]]:
    """As what is offered, and on request what exists no more; without a kind, no body twice."""
    conditions: list[ColumnElement[bool]] = [] if wanted.dissolved else [Organisation.dissolved_on.is_(None)]
    if wanted.kind is None or wanted.kind is OrganisationKind.MUNICIPALITY:
        conditions.append(Organisation.same_as_key.is_(None))
    if wanted.kind is not None:
        conditions.append(Organisation.kind == wanted.kind)
    if wanted.state_key is not None:
        conditions.append(Organisation.state_key == wanted.state_key)
    if wanted.words:
        conditions.append(or_(*(_has_words(name) for name in wanted.words)))
    if wanted.digits:
        is_it = or_(Organisation.key == wanted.digits, Organisation.ags == ags_of(wanted.digits))
        conditions.append(or_(is_it, Organisation.key.startswith(wanted.digits)))
    return conditions


# Names to look for are folded: letters, digits and spaces, nothing that LIKE takes for a placeholder.


def _is_named(name: str) -> ColumnElement[bool]:
    return Organisation.search_name.like(f"%|{name}|%")


def _begins_with(name: str) -> ColumnElement[bool]:
    return Organisation.search_name.like(f"%|{name}%")


def _has_words(name: str) -> ColumnElement[bool]:
    column = Organisation.search_name
    return and_(*(or_(column.like(f"%|{word}%"), column.like(f"% {word}%")) for word in name.split()))
