"""The statements of contributions, their messages, and who releases for a house."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, case, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.library.experiences import SIZES
from knowledge.models.chat import Circle
from knowledge.models.contribution import Contribution, ContributionMessage, ContributionState, Report
from knowledge.models.document import Document
from knowledge.models.member import Member, Role
from knowledge.models.organisation import Organisation, OrganisationKind

# A contribution with the name of its organisation.
ContributionRow = tuple[Contribution, str | None]


class ContributionRepository:
    """All statements on contributions over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, row: Contribution | ContributionMessage | Report) -> None:
        """Take in a new row."""
        self.session.add(row)
        await self.session.flush()

    async def get(self, contribution: UUID) -> Contribution | None:
        """Return a contribution as the database has it now."""
        statement = select(Contribution).where(Contribution.id == contribution)
        return await self.session.scalar(statement.execution_options(populate_existing=True))

    async def correcting(self, document: UUID) -> Sequence[Contribution]:
        """Return the contributions that correct a document."""
        return (await self.session.scalars(select(Contribution).where(Contribution.corrects_id == document))).all()

    async def locked(self, contribution: UUID) -> Contribution | None:
        """Return a contribution that nobody else changes until this transaction ends."""
        statement = select(Contribution).where(Contribution.id == contribution).with_for_update()
        return await self.session.scalar(statement.execution_options(populate_existing=True))

    async def row(self, contribution: UUID) -> ContributionRow | None:
        """Return a contribution with the name of its organisation."""
        rows = await self._rows(Contribution.id == contribution)
        return rows[0] if rows else None

    async def of_member(self, member: UUID) -> Sequence[ContributionRow]:
        """Return what a member contributed, the newest first."""
        return await self._rows(Contribution.member_id == member)

    async def in_house(self, organisation: UUID) -> Sequence[ContributionRow]:
        """Return what waits for an organisation's own release, the oldest first."""
        found = await self._rows(
            Contribution.organisation_id == organisation, Contribution.state == ContributionState.HOUSE
        )
        return list(reversed(found))

    async def _rows(self, *conditions: ColumnElement[bool]) -> Sequence[ContributionRow]:
        statement = (
            select(Contribution, Organisation.name)
            .outerjoin(Organisation, Organisation.id == Contribution.organisation_id)
            .where(*conditions)
            .order_by(func.coalesce(Contribution.submitted_at, Contribution.created_at).desc(), Contribution.id)
        )
        result = await self.session.execute(statement.execution_options(populate_existing=True))
        return [(row[0], row[1]) for row in result]

    async def messages(self, contributions: Collection[UUID]) -> dict[UUID, list[ContributionMessage]]:
        """Return what was written about contributions, the oldest first, by contribution."""
        statement = select(ContributionMessage).where(ContributionMessage.contribution_id.in_(contributions))
        found: dict[UUID, list[ContributionMessage]] = {}
        ordered = statement.order_by(ContributionMessage.created_at, ContributionMessage.id)
        for message in (await self.session.scalars(ordered)).all():
            found.setdefault(message.contribution_id, []).append(message)
        return found

    async def last_asker(self, contribution: UUID) -> UUID | None:
        """Return the moderator who asked last."""
        statement = select(ContributionMessage.member_id).where(
            ContributionMessage.contribution_id == contribution, ContributionMessage.from_author.is_(False)
        )
        newest = statement.order_by(ContributionMessage.created_at.desc(), ContributionMessage.id).limit(1)
        return await self.session.scalar(newest)

    async def delete(self, contribution: UUID) -> None:
        """Delete a contribution with its messages."""
        # The tables would do so by themselves, but not within a restore on SQLite.
        mine = ContributionMessage.contribution_id == contribution
        await self.session.execute(delete(ContributionMessage).where(mine))
        await self.session.execute(delete(Contribution).where(Contribution.id == contribution))

    async def delete_messages(self, contribution: UUID) -> None:
        """Delete what was written about a contribution."""
        mine = ContributionMessage.contribution_id == contribution
        await self.session.execute(delete(ContributionMessage).where(mine))

    async def sent_since(self, moment: datetime, *, member: UUID) -> Sequence[datetime]:
        """Return when a member has sent something since a moment."""
        return await self._sent(moment, Contribution.member_id == member)

    async def house_sent_since(self, moment: datetime, *, organisation: UUID) -> Sequence[datetime]:
        """Return when an organisation's people have sent something since a moment."""
        return await self._sent(moment, Contribution.organisation_id == organisation)

    async def _sent(self, since: datetime, by: ColumnElement[bool]) -> list[datetime]:
        sent = await self.session.scalars(
            select(Contribution.submitted_at).where(Contribution.submitted_at > since, by)
        )
        return [moment for moment in sent if moment is not None]

    async def drafts(self, member: UUID) -> int:
        """Count a member's drafts."""
        mine = (Contribution.state == ContributionState.DRAFT, Contribution.member_id == member)
        return await self.session.scalar(select(func.count()).select_from(Contribution).where(*mine)) or 0

    async def published_as(self, document: UUID) -> Sequence[Contribution]:
        """Return the experiences and corrections that went into a document, the newest first."""
        statement = select(Contribution).where(
            Contribution.document_id == document, Contribution.state == ContributionState.PUBLISHED
        )
        moment = func.coalesce(Contribution.decided_at, Contribution.updated_at)
        return (await self.session.scalars(statement.order_by(moment.desc(), Contribution.id))).all()

    async def document(self, document: UUID) -> Document | None:
        """Return a document as the database has it now."""
        statement = select(Document).where(Document.id == document)
        return await self.session.scalar(statement.execution_options(populate_existing=True))

    async def known_circles(self, circles: Collection[UUID]) -> set[UUID]:
        """Return those of the circles that there are."""
        return set((await self.session.scalars(select(Circle.id).where(Circle.id.in_(circles)))).all())


class HouseRepository:
    """What contributions need of organisations: their own say, and how many are alike."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, organisation: UUID) -> Organisation | None:
        """Return an organisation."""
        statement = select(Organisation).where(Organisation.id == organisation)
        return await self._session.scalar(statement.execution_options(populate_existing=True))

    async def releasing(self, organisation: UUID) -> Sequence[UUID]:
        """Return the members who release for an organisation."""
        may = (Member.releases.is_(True), Member.active.is_(True), Member.suspended_at.is_(None))
        statement = select(Member.id).where(Member.organisation_id == organisation, *may)
        return (await self._session.scalars(statement.order_by(Member.created_at, Member.id))).all()

    async def administrators(self) -> Sequence[UUID]:
        """Return the administrators."""
        there = (Member.active.is_(True), Member.suspended_at.is_(None))
        statement = select(Member.id).where(Member.role == Role.ADMINISTRATOR, *there)
        return (await self._session.scalars(statement)).all()

    async def alike(self, kind: OrganisationKind) -> dict[tuple[str, int], int]:
        """Count the register's organisations of a kind by Land and size class (its place in the list of classes)."""
        size = case(*((Organisation.population <= upper, place) for place, upper in enumerate(SIZES)), else_=len(SIZES))
        there = (
            Organisation.kind == kind,
            Organisation.register_date.is_not(None),
            Organisation.dissolved_on.is_(None),
            Organisation.same_as_key.is_(None),
            Organisation.unincorporated.is_(False),
            Organisation.population > 0,
            Organisation.state_key.is_not(None),
        )
        statement = (
            select(Organisation.state_key, size, func.count()).where(*there).group_by(Organisation.state_key, size)
        )
        return {(state or "", int(place)): count for state, place, count in await self._session.execute(statement)}
