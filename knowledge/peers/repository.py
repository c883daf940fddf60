"""The statements about peers: who is near whom, who published and who offers what."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import Viewer
from knowledge.models.document import Document, Kind, Status
from knowledge.models.member import Findable, Member
from knowledge.models.organisation import Organisation, OrganisationKind
from knowledge.models.peer import Block
from knowledge.models.topic import DocumentTopic, MemberTopic, Stance
from knowledge.peers import likeness as near

# What each experience adds to an organisation's points, and how many count at most.
EXPERIENCE_POINTS, MOST_COUNTED = 15, 3
# So many organisations, the ones most like the asker's, are looked at first; the others where those have too little.
NEAREST = 500
# What it adds to a person's points that they declared the very topic, one below it, or one above it.
EXACT_POINTS, NARROWER_POINTS, BROADER_POINTS = 30, 20, 10


@dataclass(frozen=True, slots=True)
class TopicsWanted:
    """The topic that is asked for, with those below and above it."""

    topic: UUID
    below: frozenset[UUID]
    above: frozenset[UUID]

    @property
    def all(self) -> frozenset[UUID]:
        """All of them."""
        return self.below | self.above | {self.topic}


@dataclass(frozen=True, slots=True)
class Seeker:
    """Who looks for peers, and their organisation."""

    member_id: UUID | None
    organisation: Organisation | None


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An organisation with how many experiences speak for it, and its points in all."""

    organisation: Organisation
    experiences: int
    points: int


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A member who may be found, with what they declared that fits, and their points in all."""

    member: Member
    organisation: Organisation | None
    topic_id: UUID | None
    points: int


@dataclass(frozen=True, slots=True)
class Published:
    """Which experiences count: what the viewer may find, of those on topics or among documents, where either is set."""

    viewer: Viewer
    topics: frozenset[UUID] | None = None
    documents: frozenset[UUID] | None = None

    def conditions(self, *, of_few: bool = False) -> list[ColumnElement[bool]]:
        """Return the conditions on documents; anonymous experiences have no organisation, so they lead to none.

        ``of_few`` says that only a few organisations are looked at: then each document is asked for its topics, not
        each topic for its documents.
        """
        conditions = [
            Document.kind == Kind.EXPERIENCE,
            Document.status == Status.PUBLISHED,
            Document.organisation_id.is_not(None),
        ]
        if self.viewer.access is not None:
            conditions.append(Document.access.in_(self.viewer.access))
        wanted: list[ColumnElement[bool]] = []
        if self.topics is not None:
            on_topic = DocumentTopic.topic_id.in_(self.topics)
            if of_few:
                wanted.append(exists().where(DocumentTopic.document_id == Document.id, on_topic))
            else:
                wanted.append(Document.id.in_(select(DocumentTopic.document_id).where(on_topic)))
        if self.documents is not None:
            wanted.append(Document.id.in_(self.documents))
        return [*conditions, or_(*wanted)] if wanted else conditions


def likeness_points(one: Organisation) -> ColumnElement[int]:
    """Return ``likeness(one, …)`` of the table's organisations in points, for ranking in the database."""
    other, kind = Organisation, OrganisationKind
    cases: list[tuple[ColumnElement[bool], int]] = [
        (func.coalesce(other.same_as_key, other.key) == near.body_key(one), near.SAME)
    ]
    if one.kind is kind.MUNICIPALITY and one.association_key is not None:
        is_mine = and_(other.kind == kind.ASSOCIATION, other.key == one.association_key)
        cases.append((is_mine, near.YOUR_ASSOCIATION))
    if one.district_key is not None:
        cases.append((and_(other.kind == kind.DISTRICT, other.key == one.district_key), near.YOUR_DISTRICT))
    if one.kind is kind.ASSOCIATION:
        is_theirs = and_(other.kind == kind.MUNICIPALITY, other.association_key == one.key)
        cases.append((is_theirs, near.IN_YOUR_ASSOCIATION))
    if one.kind is kind.DISTRICT:
        cases.append((other.district_key == one.key, near.IN_YOUR_DISTRICT))
    return case(*cases, else_=_size(one) + _place(one) + _kind(one))


def _size(one: Organisation) -> ColumnElement[int]:
    if not one.population:
        return literal(0)
    bounds = near.size_bounds(one.population)
    return case(*((Organisation.population.between(low, high), points) for low, high, points in bounds), else_=0)


def _place(one: Organisation) -> ColumnElement[int]:
    shared = [
        (Organisation.association_key, one.association_key, near.SAME_ASSOCIATION),
        (Organisation.district_key, one.district_key, near.SAME_DISTRICT),
        (Organisation.state_key, one.state_key, near.SAME_STATE),
    ]
    cases = [(column == key, points) for column, key, points in shared if key is not None]
    return case(*cases, else_=0) if cases else literal(0)


def _kind(one: Organisation) -> ColumnElement[int]:
    if one.kind not in near.LEVELS:
        return literal(0)
    return case((Organisation.kind == one.kind, near.SAME_KIND), else_=0)


class PeerRepository:
    """Peers over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def organisation(self, key: UUID | None) -> Organisation | None:
        """Return an organisation."""
        return await self._session.get(Organisation, key) if key is not None else None

    async def nearest(self, one: Organisation) -> Sequence[UUID]:
        """Return the organisations most like one, whether they take part or not."""
        order = (likeness_points(one).desc(), *_steady())
        statement = select(Organisation.id).where(*_others(one)).order_by(*order).limit(NEAREST)
        return (await self._session.scalars(statement)).all()

    async def organisations(
        self, one: Organisation | None, published: Published, *, among: Sequence[UUID] | None = None, limit: int
    ) -> list[OrganisationRow]:
        """Return the organisations (of some, or of all) with experiences that count, most points first.

        The asker's own is never among them.
        """
        conditions = published.conditions(of_few=among is not None)
        if among is not None:
            conditions.append(Document.organisation_id.in_(among))
        counted = (
            select(Document.organisation_id.label("organisation_id"), func.count().label("experiences"))
            .where(*conditions)
            .group_by(Document.organisation_id)
            .subquery()
        )
        counting = case((counted.c.experiences > MOST_COUNTED, MOST_COUNTED), else_=counted.c.experiences)
        evidence = EXPERIENCE_POINTS * counting
        points = (likeness_points(one) if one else literal(0)) + evidence
        statement = (
            select(Organisation, counted.c.experiences, points.label("points"))
            .join(counted, counted.c.organisation_id == Organisation.id)
            .where(*_others(one))
            .order_by(points.desc(), counted.c.experiences.desc(), *_steady())
            .limit(limit)
        )
        return [OrganisationRow(*row) for row in await self._session.execute(statement)]

    async def alike(
        self,
        one: Organisation,
        viewer: Viewer,
        *,
        among: Sequence[UUID] | None = None,
        with_people: bool,
        limit: int,
    ) -> list[OrganisationRow]:
        """Return the organisations (of some, or of all) most like one that take part.

        They published something, or, ``with_people``, have people to be found.
        """
        published = Published(viewer).conditions()
        taking_part: ColumnElement[bool] = exists().where(Document.organisation_id == Organisation.id, *published)
        if with_people:
            taking_part = or_(taking_part, exists().where(Member.organisation_id == Organisation.id, *_findable()))
        points = likeness_points(one)
        conditions = [taking_part, *_others(one), points > near.SAME_KIND]
        if among is not None:
            conditions.append(Organisation.id.in_(among))
        statement = select(Organisation, literal(0), points.label("points")).where(*conditions)
        found = await self._session.execute(statement.order_by(points.desc(), *_steady()).limit(limit))
        return [OrganisationRow(*row) for row in found]

    async def experiences(self, organisations: Collection[UUID], published: Published) -> Sequence[Document]:
        """Return the experiences of organisations that count, the newest first."""
        mine = Document.organisation_id.in_(organisations)
        statement = select(Document).where(mine, *published.conditions(of_few=True))
        return (await self._session.scalars(statement.order_by(Document.updated_at.desc(), Document.id))).all()

    async def helpers(
        self,
        seeker: Seeker,
        wanted: TopicsWanted,
        *,
        among: Sequence[UUID] | None = None,
        limit: int,
    ) -> list[PersonRow]:
        """Return members of other houses (of some, or of all) who offered help with a topic, most points first."""
        one = seeker.organisation
        fit = case(
            (MemberTopic.topic_id == wanted.topic, EXACT_POINTS),
            (MemberTopic.topic_id.in_(wanted.below), NARROWER_POINTS),
            else_=BROADER_POINTS,
        )
        points = (likeness_points(one) if one else literal(0)) + fit
        statement = (
            select(Member, Organisation, MemberTopic.topic_id, points.label("points"))
            .join(MemberTopic, MemberTopic.member_id == Member.id)
            .outerjoin(Organisation, Organisation.id == Member.organisation_id)
            .where(MemberTopic.topic_id.in_(wanted.all), MemberTopic.stance == Stance.HELPS, *_people(seeker))
            # Some may have declared several topics that fit.
            .order_by(points.desc(), Member.created_at, Member.id, MemberTopic.topic_id)
            .limit(limit * 4)
        )
        if among is not None:
            statement = statement.where(Member.organisation_id.in_(among))
        return _each_once(await self._session.execute(statement))[:limit]

    async def helpers_in(self, organisations: Collection[UUID], seeker: Seeker, *, limit: int) -> list[PersonRow]:
        """Return members of these organisations who offered help with anything, those nearest first, each once."""
        one = seeker.organisation
        points = likeness_points(one) if one else literal(0)
        statement = (
            select(Member, Organisation, MemberTopic.topic_id, points.label("points"))
            .join(MemberTopic, MemberTopic.member_id == Member.id)
            .join(Organisation, Organisation.id == Member.organisation_id)
            .where(Organisation.id.in_(organisations), MemberTopic.stance == Stance.HELPS, *_people(seeker))
            .order_by(points.desc(), Member.created_at, Member.id, MemberTopic.created_at, MemberTopic.topic_id)
        )
        return _each_once(await self._session.execute(statement))[:limit]

    async def readable(self, documents: Collection[UUID], viewer: Viewer) -> Sequence[tuple[Document, Organisation]]:
        """Return those of the documents that are experiences of a named organisation and may be found now."""
        statement = (
            select(Document, Organisation)
            .join(Organisation, Organisation.id == Document.organisation_id)
            .where(Document.id.in_(documents), *Published(viewer).conditions())
        )
        return [(row[0], row[1]) for row in await self._session.execute(statement)]


def _each_once(rows: Iterable[Any]) -> list[PersonRow]:
    found: dict[UUID, PersonRow] = {}
    for row in rows:
        found.setdefault(row[0].id, PersonRow(*row))
    return list(found.values())


def _findable() -> tuple[ColumnElement[bool], ...]:
    return Member.findable == Findable.ON, Member.active.is_(True), Member.suspended_at.is_(None)


def _people(seeker: Seeker) -> list[ColumnElement[bool]]:
    """Return the conditions on members who may be found: of other houses, and not blocked by who looks for them."""
    conditions = [*_findable()]
    if seeker.organisation is not None:
        conditions.append(or_(Organisation.id.is_(None), _is_other(seeker.organisation)))
    if seeker.member_id is not None:
        # Whoever was blocked for what they wrote stays: that they were missing here would tell who wrote it.
        blocked = select(Block.blocked_id).where(Block.member_id == seeker.member_id, Block.by_contact.is_(True))
        conditions += [Member.id != seeker.member_id, Member.id.not_in(blocked)]
    return conditions


def _others(one: Organisation | None) -> tuple[ColumnElement[bool], ...]:
    there = Organisation.dissolved_on.is_(None)
    return (there, _is_other(one)) if one is not None else (there,)


def _is_other(one: Organisation) -> ColumnElement[bool]:
    return func.coalesce(Organisation.same_as_key, Organisation.key) != near.body_key(one)


def _steady() -> tuple[Any, ...]:
    """Return an order for those with equal points that is the same each time."""
    return Organisation.search_name, Organisation.key


class ProfileRepository:
    """What members say of themselves, over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def member(self, member_id: UUID, *, locked: bool = False) -> Member | None:
        """Return a member as the database has it now, perhaps so that nobody else changes it meanwhile."""
        statement = select(Member).where(Member.id == member_id).execution_options(populate_existing=True)
        return await self._session.scalar(statement.with_for_update() if locked else statement)

    async def topics(self, member_id: UUID) -> Sequence[MemberTopic]:
        """Return the topics that a member declared, in the order in which they did."""
        statement = select(MemberTopic).where(MemberTopic.member_id == member_id)
        ordered = statement.order_by(MemberTopic.created_at, MemberTopic.topic_id)
        return (await self._session.scalars(ordered)).all()

    async def add_topics(self, rows: Sequence[dict[str, Any]]) -> None:
        """Take in declared topics."""
        if rows:
            await self._session.execute(insert(MemberTopic), list(rows))

    async def remove_topics(self, member_id: UUID, stance: Stance, topics: Collection[UUID]) -> None:
        """Take declared topics away."""
        mine = (MemberTopic.member_id == member_id, MemberTopic.stance == stance)
        await self._session.execute(delete(MemberTopic).where(*mine, MemberTopic.topic_id.in_(topics)))

    async def change(self, member_id: UUID, **values: Any) -> bool:
        """Set columns of a member; ``False`` where there is none."""
        statement = update(Member).where(Member.id == member_id).values(**values).returning(Member.id)
        return (await self._session.execute(statement)).first() is not None
