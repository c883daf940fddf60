"""The statements of the review: the queue, single items, reports, and who else could decide."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, case, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models.access import ModeratorScope
from knowledge.models.audit import AuditEntry
from knowledge.models.contribution import Contribution, ContributionMessage, ContributionState, Report
from knowledge.models.document import Document, Kind, Status
from knowledge.models.member import Member, Role
from knowledge.models.notice import Notice
from knowledge.models.organisation import Organisation
from knowledge.review.schemas import OPEN, QueueFilter, Tab

# Values of one statement; SQLite allows 32,766 in all.
CHUNK = 500
# Topics by the key of what has them.
Topics = Sequence[tuple[UUID, list[str]]]
_TITLE = Contribution.fields["title"].as_string()
_TOPICS = Contribution.fields["topics"]


@dataclass(frozen=True, slots=True)
class Office:
    """What somebody looks after, for one kind of thing: all of some organisations, and single ones by key."""

    organisations: frozenset[UUID] = frozenset()
    keys: tuple[UUID, ...] = ()


class ReviewRepository:
    """The review over one session; whoever opened it commits. An office of ``None`` is everything."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    # The queue

    async def count_by_tab(self, moment: datetime, office: Office | None) -> dict[Tab, int]:
        """Count the open contributions by part of the queue."""
        counts = [func.sum(case((_in_tab(tab, moment), 1), else_=0)) for tab in _STATES]
        statement = select(*counts).where(Contribution.state.in_(OPEN), *_open_in(office))
        row = (await self._session.execute(statement)).one()
        return {tab: count or 0 for tab, count in zip(_STATES, row, strict=True)}

    async def open_topics(self, office: Office | None, *, but: Collection[UUID] = ()) -> Topics:
        """Return the topics of open contributions by key, but those of some organisations."""
        statement = select(Contribution.id, _TOPICS).where(Contribution.state.in_(OPEN), *_open_in(office))
        return _topics(await self._session.execute(statement.where(_not_of(Contribution.organisation_id, but))))

    async def count_queue(self, wanted: QueueFilter, moment: datetime, office: Office | None) -> int:
        """Count the contributions that match."""
        statement = select(func.count()).select_from(Contribution)
        return await self._session.scalar(statement.where(*_wanted(wanted, moment), *_open_in(office))) or 0

    async def queue(
        self, wanted: QueueFilter, moment: datetime, office: Office | None, *, offset: int = 0, limit: int = 50
    ) -> Sequence[Row[Any]]:
        """Return the contributions that match, the longest waiting first."""
        statement = (
            select(
                Contribution.id,
                Contribution.revision,
                Contribution.kind,
                Contribution.visibility,
                Contribution.attribution,
                Contribution.member_id,
                Contribution.waiting_since,
                Contribution.postponed_until,
                Contribution.corrects_id,
                _TITLE.label("title"),
                _TOPICS.label("topics"),
                Organisation.name.label("organisation_name"),
            )
            .outerjoin(Organisation, Organisation.id == Contribution.organisation_id)
            .where(*_wanted(wanted, moment), *_open_in(office))
            .order_by(Contribution.waiting_since, Contribution.id)
            .offset(offset)
            .limit(limit)
        )
        return (await self._session.execute(statement)).all()

    async def next_after(
        self, after: tuple[datetime, UUID] | None, wanted: QueueFilter, moment: datetime, office: Office | None
    ) -> UUID | None:
        """Return the contribution that comes next in the queue."""
        conditions = _wanted(wanted, moment)
        if after is not None:
            since, key = after
            same = and_(Contribution.waiting_since == since, Contribution.id > key)
            conditions.append(or_(Contribution.waiting_since > since, same))
        statement = select(Contribution.id).where(*conditions, *_open_in(office))
        return await self._session.scalar(statement.order_by(Contribution.waiting_since, Contribution.id).limit(1))

    async def organisations(self, office: Office | None) -> Sequence[tuple[UUID, str]]:
        """Return the organisations that open contributions come from, by name."""
        statement = (
            select(Organisation.id, Organisation.name)
            .join(Contribution, Contribution.organisation_id == Organisation.id)
            .where(Contribution.state.in_(OPEN), *_open_in(office))
            .group_by(Organisation.id, Organisation.name)
            .order_by(Organisation.name)
        )
        return [(row[0], row[1]) for row in await self._session.execute(statement)]

    async def documents(self, keys: Collection[UUID]) -> dict[UUID, Document]:
        """Return documents by key."""
        rows = await self._session.scalars(select(Document).where(Document.id.in_(keys)))
        return {document.id: document for document in rows}

    # Documents that are due, and reports

    async def due_topics(self, day: date, *, but: Collection[UUID]) -> Topics:
        """Return the topics of the documents that are due by key, but those of some organisations."""
        statement = select(Document.id, Document.topics).where(*_due(day), _not_of(Document.organisation_id, but))
        return _topics(await self._session.execute(statement))

    async def count_due(self, day: date, office: Office | None) -> int:
        """Count the published documents whose review date is past."""
        statement = select(func.count()).select_from(Document)
        among = _among(Document.id, Document.organisation_id, office)
        return await self._session.scalar(statement.where(*_due(day), *among)) or 0

    async def due(
        self, moment: date, office: Office | None, *, offset: int, limit: int
    ) -> Sequence[tuple[UUID, str, str | None, date]]:
        """Return key, title, organisation and review date of the documents that are due, the longest first."""
        statement = (
            select(Document.id, Document.title, Organisation.name, Document.review_by)
            .outerjoin(Organisation, Organisation.id == Document.organisation_id)
            .where(*_due(moment), *_among(Document.id, Document.organisation_id, office))
            .order_by(Document.review_by, Document.id)
            .offset(offset)
            .limit(limit)
        )
        rows = await self._session.execute(statement)
        return [(key, title, name, day) for key, title, name, day in rows if day is not None]

    async def report_topics(self, *, but: Collection[UUID]) -> Topics:
        """Return the topics of reported documents by the report's key, but those of some organisations."""
        statement = select(Report.id, Document.topics).join(Document, Document.id == Report.document_id)
        conditions = Report.closed_at.is_(None), _not_of(Document.organisation_id, but)
        return _topics(await self._session.execute(statement.where(*conditions)))

    async def count_reports(self, office: Office | None) -> int:
        """Count the open reports."""
        statement = select(func.count()).select_from(Report).join(Document, Document.id == Report.document_id)
        among = _among(Report.id, Document.organisation_id, office)
        return await self._session.scalar(statement.where(Report.closed_at.is_(None), *among)) or 0

    async def open_reports(
        self, office: Office | None, *, offset: int, limit: int
    ) -> Sequence[tuple[Report, Document]]:
        """Return the open reports with their documents, oldest first."""
        statement = (
            select(Report, Document)
            .join(Document, Document.id == Report.document_id)
            .where(Report.closed_at.is_(None), *_among(Report.id, Document.organisation_id, office))
            .order_by(Report.created_at, Report.id)
            .offset(offset)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in await self._session.execute(statement)]

    async def report(self, report: UUID) -> tuple[Report, Document] | None:
        """Return a report with its document, as the database has it now."""
        statement = select(Report, Document).join(Document, Document.id == Report.document_id)
        fresh = statement.where(Report.id == report).execution_options(populate_existing=True)
        row = (await self._session.execute(fresh)).first()
        return (row[0], row[1]) if row else None

    async def close_report(self, report: UUID, **values: Any) -> bool:
        """Close a report that is open; returns whether it was."""
        statement = update(Report).where(Report.id == report, Report.closed_at.is_(None)).values(**values)
        return (await self._session.execute(statement.returning(Report.id))).first() is not None

    # One contribution

    async def get(self, contribution: UUID) -> Contribution | None:
        """Return a contribution as the database has it now."""
        statement = select(Contribution).where(Contribution.id == contribution)
        return await self._session.scalar(statement.execution_options(populate_existing=True))

    async def change(self, contribution: UUID, revision: int, **values: Any) -> Contribution | None:
        """Change an open contribution that nobody else changed since ``revision``; ``None`` where somebody did."""
        statement = (
            update(Contribution)
            .where(Contribution.id == contribution, Contribution.revision == revision, Contribution.state.in_(OPEN))
            .values(revision=revision + 1, **values)
            .returning(Contribution.id)
            .execution_options(synchronize_session=False)
        )
        changed = (await self._session.execute(statement)).first()
        return await self.get(contribution) if changed else None

    async def messages(self, contribution: UUID) -> Sequence[ContributionMessage]:
        """Return what moderator and author wrote to each other, oldest first."""
        statement = select(ContributionMessage).where(ContributionMessage.contribution_id == contribution)
        ordered = statement.order_by(ContributionMessage.created_at, ContributionMessage.id)
        return (await self._session.scalars(ordered)).all()

    async def add(self, row: ContributionMessage) -> None:
        """Take in a message."""
        self._session.add(row)
        await self._session.flush()

    async def flush(self) -> None:
        """Write what was changed so far."""
        await self._session.flush()

    async def organisation(self, key: UUID | None) -> Organisation | None:
        """Return an organisation."""
        return await self._session.get(Organisation, key) if key else None

    async def acts(self, contribution: UUID) -> Sequence[tuple[AuditEntry, str | None]]:
        """Return what was done to a contribution with the names of who did it, oldest first."""
        statement = (
            select(AuditEntry, Member.name)
            .outerjoin(Member, Member.id == AuditEntry.actor_id)
            .where(AuditEntry.object_kind == "contribution", AuditEntry.object_id == str(contribution))
            .order_by(AuditEntry.id)
        )
        return [(row[0], row[1]) for row in await self._session.execute(statement)]

    # Merging

    async def experiences(self, text: str, *, limit: int) -> Sequence[Document]:
        """Return published experiences with this text in their title, newest first."""
        statement = (
            select(Document)
            .where(Document.kind == Kind.EXPERIENCE, Document.status == Status.PUBLISHED)
            .where(Document.title.icontains(text, autoescape=True))
            .order_by(Document.created_at.desc(), Document.id)
            .limit(limit)
        )
        return (await self._session.scalars(statement)).all()

    async def hold_version(self, document: UUID, version: int, moment: datetime) -> bool:
        """Keep a document from being changed by others until the end of the transaction; ``False`` where it was."""
        statement = update(Document).where(Document.id == document, Document.version == version)
        held = statement.values(updated_at=moment).returning(Document.id)
        return (await self._session.execute(held)).first() is not None

    # Reviewers, and what waits too long

    async def reviewers(self, roles: Collection[Role]) -> Sequence[Member]:
        """Return the members of these roles who can act."""
        statement = select(Member).where(Member.role.in_(roles), Member.active.is_(True), Member.suspended_at.is_(None))
        return (await self._session.scalars(statement.order_by(Member.id))).all()

    async def scope_rows(self, members: Collection[UUID]) -> Sequence[ModeratorScope]:
        """Return what members look after, where it is not everything."""
        return (await self._session.scalars(select(ModeratorScope).where(ModeratorScope.member_id.in_(members)))).all()

    async def waiting_since(self, moment: datetime, present: datetime) -> Sequence[Row[Any]]:
        """Return key, organisation, topics, since when it waits and whether that was said, of what waits longer."""
        statement = (
            select(
                Contribution.id,
                Contribution.organisation_id,
                _TOPICS.label("topics"),
                Contribution.waiting_since,
                Contribution.alerted_at,
            )
            .where(_in_tab(Tab.WAITING, present), Contribution.waiting_since <= moment)
            .order_by(Contribution.waiting_since)
        )
        return (await self._session.execute(statement)).all()

    async def mark_alerted(self, keys: Sequence[UUID], moment: datetime) -> int:
        """Note that moderators were told; returns of how many that was not noted before."""
        noted = 0
        for start in range(0, len(keys), CHUNK):
            some = keys[start : start + CHUNK]
            statement = update(Contribution).where(Contribution.id.in_(some), Contribution.alerted_at.is_(None))
            result = await self._session.execute(statement.values(alerted_at=moment).returning(Contribution.id))
            noted += len(result.all())
        return noted

    async def told_since(self, kind: str, moment: datetime) -> set[UUID]:
        """Return the members who were told something of a kind lately."""
        statement = select(Notice.member_id).where(Notice.kind == kind, Notice.created_at > moment)
        return {key for key in await self._session.scalars(statement) if key is not None}


_STATES = {
    Tab.WAITING: ContributionState.WAITING,
    Tab.ASKED: ContributionState.ASKED,
    Tab.POSTPONED: ContributionState.POSTPONED,
}


def _in_tab(tab: Tab, moment: datetime) -> ColumnElement[bool]:
    """Tell what belongs to a part of the queue; what was put off waits again from its day on."""
    if tab is Tab.WAITING:
        back = and_(Contribution.state == ContributionState.POSTPONED, Contribution.postponed_until <= moment)
        return or_(Contribution.state == ContributionState.WAITING, back)
    if tab is Tab.POSTPONED:
        return and_(Contribution.state == ContributionState.POSTPONED, Contribution.postponed_until > moment)
    return Contribution.state == _STATES[tab]


def _wanted(wanted: QueueFilter, moment: datetime) -> list[ColumnElement[bool]]:
    conditions = [_in_tab(wanted.tab, moment)]
    if wanted.kind is not None:
        conditions.append(Contribution.kind == wanted.kind)
    if wanted.organisation_id is not None:
        conditions.append(Contribution.organisation_id == wanted.organisation_id)
    if wanted.visibility is not None:
        conditions.append(Contribution.visibility == wanted.visibility)
    return conditions


def _due(day: date) -> list[ColumnElement[bool]]:
    return [Document.status == Status.PUBLISHED, Document.review_by < day]


def _open_in(office: Office | None) -> list[ColumnElement[bool]]:
    return _among(Contribution.id, Contribution.organisation_id, office)


def _among(key: Any, organisation: Any, office: Office | None) -> list[ColumnElement[bool]]:
    """Return the condition that something is of an office."""
    if office is None:
        return []
    return [or_(organisation.in_(office.organisations), key.in_(office.keys))]


def _not_of(organisation: Any, but: Collection[UUID]) -> ColumnElement[bool]:
    return or_(organisation.is_(None), organisation.not_in(but)) if but else true()


def _topics(rows: Iterable[Any]) -> Topics:
    """Return lists of words by key, whatever was stored."""
    return [(row[0], [str(item) for item in row[1]] if isinstance(row[1], list) else []) for row in rows]
