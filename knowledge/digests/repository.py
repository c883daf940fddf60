"""The statements of digests: when they are due, and what there is to tell."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from knowledge.digests.schemas import DigestDocument, DigestQuestion, DigestScope, DigestTraining, DigestWish
from knowledge.kit.ids import new_id
from knowledge.kit.inserting import insert_into
from knowledge.models.chat import Chat, Circle
from knowledge.models.digest import Digest, DigestState
from knowledge.models.document import Document, Kind, Status, Visibility
from knowledge.models.member import Member
from knowledge.models.peer import Block
from knowledge.models.question import OpenQuestion, OpenQuestionFollower, OpenQuestionRoute, OpenQuestionState
from knowledge.models.question import OpenQuestionTopic as QuestionTopic
from knowledge.models.topic import DocumentTopic, MemberTopic, Stance
from knowledge.models.training import Training, TrainingState, TrainingTopic

# Rows in one statement; SQLite allows 32,766 variables.
CHUNK = 500
# How far off a training may be to be told of more than once.
SOON = timedelta(weeks=6)


class DigestRepository:
    """When digests are due, over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def wishes(self) -> Sequence[DigestWish]:
        """Return who wants a digest: circles whose group the bot may speak in, and members."""
        circles = (
            select(Circle.id, Circle.digest_day, Circle.digest_hour)
            .join(Chat, Chat.id == Circle.chat_id)
            .where(Circle.digest_day.is_not(None), Chat.paused.is_(False))
        )
        members = select(Member.id, Member.digest_day, Member.digest_hour).where(
            Member.digest_day.is_not(None), Member.active.is_(True), Member.suspended_at.is_(None)
        )
        return [
            DigestWish(owner, is_circle, day or 0, hour)
            for is_circle, statement in ((True, circles), (False, members))
            for owner, day, hour in await self._session.execute(statement)
        ]

    async def waiting(self) -> dict[UUID, tuple[UUID, datetime]]:
        """Return the digests that are still to come, by whose they are: the digest and when it is due."""
        statement = select(Digest.circle_id, Digest.member_id, Digest.id, Digest.due_at)
        rows = await self._session.execute(statement.where(Digest.state == DigestState.WAITING).order_by(Digest.due_at))
        return {owner: (key, due) for circle, member, key, due in rows if (owner := circle or member) is not None}

    async def last_sent(self) -> dict[UUID, datetime]:
        """Return until when everybody was told, by whose digests they are."""
        owner = func.coalesce(Digest.circle_id, Digest.member_id)
        statement = select(owner, func.max(Digest.due_at)).where(Digest.state == DigestState.SENT).group_by(owner)
        return dict((await self._session.execute(statement)).all())

    async def add(self, rows: Sequence[dict[str, Any]]) -> None:
        """Take in digests; one that is there for the same owner and time is left as it is."""
        for start in range(0, len(rows), CHUNK):
            part = [{"id": new_id(), "state": DigestState.WAITING, **row} for row in rows[start : start + CHUNK]]
            statement = insert_into(self._session, Digest).values(part)
            await self._session.execute(statement.on_conflict_do_nothing())

    async def move(self, digest_id: UUID, due_at: datetime) -> None:
        """Let a digest come at another time, unless its owner has one for that time."""
        other = aliased(Digest)
        same = or_(other.circle_id == Digest.circle_id, other.member_id == Digest.member_id)
        taken = exists().where(same, other.due_at == due_at)
        await self._session.execute(update(Digest).where(Digest.id == digest_id, ~taken).values(due_at=due_at))

    async def remove(self, digests: Collection[UUID]) -> None:
        """Let digests not come."""
        waits = (Digest.id.in_(digests), Digest.state == DigestState.WAITING)
        await self._session.execute(delete(Digest).where(*waits))

    async def forget(self, before: datetime) -> None:
        """Forget digests that were done long ago, but for the last one that each owner got."""
        later = select(
            Digest.id.label("id"), Digest.due_at, Digest.circle_id, Digest.member_id, Digest.state
        ).subquery()
        same = or_(later.c.circle_id == Digest.circle_id, later.c.member_id == Digest.member_id)
        newer = exists().where(same, later.c.state == DigestState.SENT, later.c.due_at > Digest.due_at)
        useless = or_(Digest.state == DigestState.EMPTY, newer)
        await self._session.execute(delete(Digest).where(Digest.done_at < before, useless))

    async def claim(self, digest_id: UUID, moment: datetime) -> Digest | None:
        """Note that a digest goes out in this transaction; ``None`` where it went out, or is not to come any more."""
        waits = (Digest.id == digest_id, Digest.state == DigestState.WAITING)
        done = update(Digest).where(*waits).values(state=DigestState.SENT, done_at=moment)
        if (await self._session.execute(done.returning(Digest.id))).first() is None:
            return None
        return await self._session.get(Digest, digest_id, populate_existing=True)

    async def mark_empty(self, digest_id: UUID) -> None:
        """Note that there was nothing to tell, or no way to tell it."""
        await self._session.execute(update(Digest).where(Digest.id == digest_id).values(state=DigestState.EMPTY))

    async def told_until(self, digest: Digest) -> datetime | None:
        """Return until when the owner of a digest was told by other ones."""
        same = Digest.circle_id == digest.circle_id if digest.circle_id else Digest.member_id == digest.member_id
        sent = (same, Digest.state == DigestState.SENT, Digest.id != digest.id)
        return await self._session.scalar(select(func.max(Digest.due_at)).where(*sent))

    async def circle(self, circle_id: UUID) -> tuple[Circle, Chat] | None:
        """Return a circle that wants its digest, with its group."""
        statement = select(Circle, Chat).join(Chat, Chat.id == Circle.chat_id)
        wanted = (Circle.id == circle_id, Circle.digest_day.is_not(None), Chat.paused.is_(False))
        row = (await self._session.execute(statement.where(*wanted))).first()
        return None if row is None else (row[0], row[1])

    async def member(self, member_id: UUID) -> Member | None:
        """Return a member who wants a digest."""
        wanted = (Member.digest_day.is_not(None), Member.active.is_(True), Member.suspended_at.is_(None))
        return await self._session.scalar(select(Member).where(Member.id == member_id, *wanted))

    async def declared(self, member_id: UUID) -> dict[Stance, set[UUID]]:
        """Return the topics that a member declared."""
        topics: dict[Stance, set[UUID]] = {stance: set() for stance in Stance}
        statement = select(MemberTopic.stance, MemberTopic.topic_id).where(MemberTopic.member_id == member_id)
        for stance, topic in await self._session.execute(statement):
            topics[stance].add(topic)
        return topics


class NewsRepository:
    """What is new, over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def documents(
        self, scope: DigestScope, *, trainings: bool, limit: int
    ) -> tuple[tuple[DigestDocument, ...], int]:
        """Return the newest documents of a digest, and how many there are."""
        conditions = _is_news(scope, trainings=trainings)
        newest = select(Document.id, Document.title).where(*conditions)
        ordered = newest.order_by(Document.created_at.desc(), Document.id).limit(limit)
        found = tuple(DigestDocument(key, title) for key, title in await self._session.execute(ordered))
        if len(found) < limit:
            return found, len(found)
        counted = await self._session.scalar(select(func.count()).select_from(Document).where(*conditions))
        return found, counted or 0

    async def trainings(self, scope: DigestScope, *, limit: int) -> tuple[tuple[DigestTraining, ...], int]:
        """Return the trainings that one can register for, the new ones and then the next ones first, and how many."""
        conditions = _is_coming(scope)
        is_new = (Training.published_at > scope.since).label("is_new")
        rows = select(Training.id, Training.title, Training.starts_at, Training.online, is_new).where(*conditions)
        ordered = rows.order_by(is_new.desc(), Training.starts_at, Training.id).limit(limit)
        found = tuple(
            DigestTraining(key, title, starts, online, bool(new))
            for key, title, starts, online, new in await self._session.execute(ordered)
            if starts is not None
        )
        if len(found) < limit:
            return _by_time(found), len(found)
        counted = await self._session.scalar(select(func.count()).select_from(Training).where(*conditions))
        return _by_time(found), counted or 0

    async def questions(self, scope: DigestScope, *, limit: int) -> tuple[DigestQuestion, ...]:
        """Return open questions that could be answered there, the newest first."""
        own = _for_circle(scope) if scope.circle_id is not None else _for_member(scope)
        statement = select(OpenQuestion.id, OpenQuestion.text).where(*_is_open(scope), *own)
        ordered = statement.order_by(OpenQuestion.created_at.desc(), OpenQuestion.id).limit(limit)
        return tuple(DigestQuestion(key, text) for key, text in await self._session.execute(ordered))

    async def note_brought(self, scope: DigestScope, questions: Collection[UUID]) -> None:
        """Note that a circle's digest brought questions, so that none comes a second time.

        What was kept for this digest and did not fit into it is kept for the next one.
        """
        route = OpenQuestionRoute
        left = [*_kept(scope), route.circle_id == scope.circle_id, route.open_question_id.not_in(questions)]
        later = scope.until + timedelta(microseconds=1)
        await self._session.execute(update(route).where(*left).values(created_at=later))
        same = {"circle_id": scope.circle_id, "created_at": scope.until, "by_digest": True}
        rows = [{"id": new_id(), "open_question_id": key, **same} for key in questions]
        if rows:
            unique = ["open_question_id", "circle_id"]
            statement = insert_into(self._session, route).values(rows)
            await self._session.execute(statement.on_conflict_do_nothing(index_elements=unique))


def _is_news(scope: DigestScope, *, trainings: bool) -> list[ColumnElement[bool]]:
    """What is new is little, so it is to be looked up by its time: SQLite would take the columns that rule out next to
    nothing, status and access, if it could use their indexes.
    """
    is_training = Document.kind == Kind.TRAINING
    conditions: list[ColumnElement[bool]] = [
        Document.created_at > scope.since,
        Document.created_at <= scope.until,
        Document.status != Status.WITHDRAWN,
        is_training if trainings else ~is_training,
    ]
    if scope.viewer.access is not None:
        conditions.append(func.coalesce(Document.access, "").in_(sorted(scope.viewer.access)))
    if scope.topics is not None:
        about = (DocumentTopic.document_id == Document.id, DocumentTopic.topic_id.in_(sorted(scope.topics)))
        conditions.append(exists().where(*about))
    return conditions


def _is_coming(scope: DigestScope) -> list[ColumnElement[bool]]:
    """What was published up to the digest and has not begun then, soon or told of for the first time."""
    new = Training.published_at > scope.since
    conditions: list[ColumnElement[bool]] = [
        Training.state == TrainingState.PUBLISHED,
        Training.published_at <= scope.until,
        Training.starts_at > scope.until,
        or_(Training.deadline.is_(None), Training.deadline > scope.until),
        or_(new, Training.starts_at <= scope.until + SOON),
    ]
    if scope.viewer.access is not None:
        conditions.append(Training.access.in_(sorted(scope.viewer.access)))
    if scope.topics is not None:
        about = (TrainingTopic.training_id == Training.id, TrainingTopic.topic_id.in_(sorted(scope.topics)))
        conditions.append(exists().where(*about))
    return conditions


def _by_time(found: Sequence[DigestTraining]) -> tuple[DigestTraining, ...]:
    return tuple(sorted(found, key=lambda training: training.starts_at))


def _is_open(scope: DigestScope) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        OpenQuestion.state == OpenQuestionState.OPEN,
        OpenQuestion.created_at <= scope.until,
    ]
    if scope.viewer.access is not None:
        shown = [visibility for visibility in Visibility if visibility.value in scope.viewer.access]
        conditions.append(OpenQuestion.visibility.in_(shown))
    if scope.answers is not None:
        about = select(QuestionTopic.open_question_id).where(QuestionTopic.topic_id.in_(sorted(scope.answers)))
        conditions.append(OpenQuestion.id.in_(about))
    return conditions


def _for_circle(scope: DigestScope) -> list[ColumnElement[bool]]:
    """A circle: what was not brought there yet, and what was kept for just this digest."""
    route = OpenQuestionRoute
    same = (route.open_question_id == OpenQuestion.id, route.circle_id == scope.circle_id)
    return [~exists().where(*same, ~and_(*_kept(scope)))]


def _kept(scope: DigestScope) -> list[ColumnElement[bool]]:
    route = OpenQuestionRoute
    return [route.by_digest.is_(True), route.created_at > scope.since, route.created_at <= scope.until]


def _for_member(scope: DigestScope) -> list[ColumnElement[bool]]:
    """A member: what is new, not their own or brought to them before, and from nobody whom they blocked."""
    member = scope.member_id
    route, follower = OpenQuestionRoute, OpenQuestionFollower
    brought = exists().where(route.open_question_id == OpenQuestion.id, route.member_id == member)
    joined = exists().where(follower.open_question_id == OpenQuestion.id, follower.member_id == member)
    blocked = exists().where(Block.member_id == member, Block.blocked_id == OpenQuestion.member_id)
    own = func.coalesce(OpenQuestion.member_id == member, False)
    return [OpenQuestion.created_at > scope.since, ~own, ~brought, ~joined, ~blocked]
