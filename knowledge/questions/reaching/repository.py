"""The statements about whom an open question can be brought to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, Subquery, and_, case, exists, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.inserting import insert_into
from knowledge.models.chat import Chat, ChatIdentity, ChatKind, Circle, Network
from knowledge.models.document import Visibility
from knowledge.models.mail import MailSubscription
from knowledge.models.member import Findable, Member
from knowledge.models.organisation import Organisation
from knowledge.models.peer import Block
from knowledge.models.question import (
    OpenAnswer,
    OpenQuestion,
    OpenQuestionFollower,
    OpenQuestionRoute,
    OpenQuestionState,
)
from knowledge.models.topic import MemberTopic, Stance
from knowledge.peers.repository import likeness_points

# What makes somebody a part of a question.
_TAKING_PART: tuple[Any, ...] = (OpenQuestionRoute, OpenQuestionFollower, OpenAnswer)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What kind of helpers a question needs.

    ``topics`` are its topics and all above them. ``abroad``: whether it may go to Telegram. Whoever was asked
    ``most`` times since ``since`` is left in peace.
    """

    question: OpenQuestion
    topics: frozenset[UUID]
    abroad: bool
    since: datetime
    most: int


@dataclass(frozen=True, slots=True)
class Page:
    """Which of those found are wanted."""

    limit: int
    offset: int = 0


class ReachRepository:
    """Circles and helpers over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def circles(self, question: OpenQuestion, *, abroad: bool) -> Sequence[tuple[UUID, list[str]]]:
        """Return the circles that may get a question in their group and did not yet, with their topics in words."""
        brought = exists().where(
            OpenQuestionRoute.open_question_id == question.id, OpenQuestionRoute.circle_id == Circle.id
        )
        conditions: list[ColumnElement[bool]] = [Chat.paused.is_(False), ~brought]
        if question.visibility is not Visibility.PUBLIC:
            conditions.append(Circle.vouched_at.is_not(None))
        if not abroad:
            conditions.append(Chat.network != Network.TELEGRAM)
        statement = select(Circle.id, Circle.topics).join(Chat, Chat.id == Circle.chat_id).where(*conditions)
        return [(row[0], list(row[1])) for row in await self._session.execute(statement.order_by(Circle.id))]

    async def posts(self, circles: Collection[UUID], *, since: datetime) -> dict[UUID, int]:
        """Count what was posted to circles since a moment."""
        posted = (OpenQuestionRoute.created_at > since, OpenQuestionRoute.by_digest.is_(False))
        statement = select(OpenQuestionRoute.circle_id, func.count()).where(*posted)
        mine = statement.where(OpenQuestionRoute.circle_id.in_(circles)).group_by(OpenQuestionRoute.circle_id)
        return {circle: count for circle, count in await self._session.execute(mine) if circle is not None}

    async def note(self, routes: Sequence[dict[str, Any]]) -> None:
        """Note that a question was brought to circles or members; a digest may have brought it there meanwhile."""
        if routes:
            statement = insert_into(self._session, OpenQuestionRoute)
            await self._session.execute(statement.on_conflict_do_nothing(), routes)

    async def posted(self, question: UUID) -> int:
        """Count the circles that got a question in their group."""
        statement = select(func.count()).where(
            OpenQuestionRoute.open_question_id == question,
            OpenQuestionRoute.circle_id.is_not(None),
            OpenQuestionRoute.by_digest.is_(False),
        )
        return await self._session.scalar(statement) or 0

    async def standing(self, question: UUID) -> int:
        """Count those who were asked and could still help."""
        statement = (
            select(func.count())
            .select_from(OpenQuestionRoute)
            .join(Member, Member.id == OpenQuestionRoute.member_id)
            .where(OpenQuestionRoute.open_question_id == question, OpenQuestionRoute.declined_at.is_(None), *_there())
        )
        return await self._session.scalar(statement) or 0

    async def helpers(self, wanted: Wanted, house: Organisation | None, page: Page) -> Sequence[UUID]:
        """Return members who offered help, the nearest first, then who was asked longest ago.

        Whether the bot can write to them is not looked at: see ``reachable``.
        """
        question = wanted.question
        points = likeness_points(house) if house is not None else literal(0)
        if question.organisation_id is not None:
            # The network is asked because the own house does not know; its people come last.
            points = case((Member.organisation_id == question.organisation_id, -1), else_=points)
        asked = _asked(wanted.since)
        statement = (
            select(Member.id)
            .outerjoin(Organisation, Organisation.id == Member.organisation_id)
            .outerjoin(asked, asked.c.member_id == Member.id)
            .where(Member.id.in_(_offering(wanted.topics)), *_there(), *_free(question))
            .where(func.coalesce(asked.c.lately, 0) < wanted.most)
            .order_by(points.desc(), asked.c.last.is_not(None), asked.c.last, Member.id)
            .limit(page.limit)
            .offset(page.offset)
        )
        return (await self._session.scalars(statement)).all()

    async def reachable(self, members: Sequence[UUID], *, abroad: bool) -> list[UUID]:
        """Return those of the members to whom the bot can write by itself, in the same order."""
        statement = select(ChatIdentity.member_id).where(ChatIdentity.member_id.in_(members), _reachable(abroad=abroad))
        found = set((await self._session.scalars(statement)).all())
        return [member for member in members if member in found]

    async def lock_free(self, members: Sequence[UUID], wanted: Wanted) -> set[UUID]:
        """Lock members that no other transaction is about to ask; returns those who may still be asked."""
        mine = select(Member.id).where(Member.id.in_(members)).order_by(Member.id)
        locked = (await self._session.scalars(mine.with_for_update(key_share=True, skip_locked=True))).all()
        lately = (OpenQuestionRoute.member_id == Member.id, OpenQuestionRoute.created_at > wanted.since)
        count = select(func.count()).select_from(OpenQuestionRoute).where(*lately).correlate(Member).scalar_subquery()
        statement = select(Member.id).where(Member.id.in_(locked), count < wanted.most)
        return set((await self._session.scalars(statement)).all())

    async def offered(self, members: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
        """Return the topics that members offered help on."""
        statement = select(MemberTopic.member_id, MemberTopic.topic_id).where(
            MemberTopic.member_id.in_(members), MemberTopic.stance == Stance.HELPS
        )
        found: dict[UUID, set[UUID]] = {}
        for member, topic in await self._session.execute(statement):
            found.setdefault(member, set()).add(topic)
        return {member: frozenset(topics) for member, topics in found.items()}

    async def way_at_home(self, member: UUID) -> UUID | None:
        """Return the identity by which a member is reached anywhere but on Telegram, in the browser last."""
        is_web = ChatIdentity.network == Network.WEB
        direct, is_mail = _has_chat(), ChatIdentity.network == Network.MAIL
        statement = select(ChatIdentity.id).where(ChatIdentity.member_id == member, _reachable(abroad=False))
        ordered = statement.order_by(is_web, is_mail, direct.desc(), ChatIdentity.seen_at.desc(), ChatIdentity.id)
        return await self._session.scalar(ordered.limit(1))

    async def house(self, organisation: UUID | None) -> Organisation | None:
        """Return an organisation."""
        return await self._session.get(Organisation, organisation) if organisation is not None else None

    async def to_route(self, *, since: datetime, before: datetime, limit: int) -> Sequence[UUID]:
        """Return open questions that were released since a moment and brought to nobody after ``before``."""
        statement = select(OpenQuestion.id).where(
            OpenQuestion.state == OpenQuestionState.OPEN,
            OpenQuestion.created_at > since,
            or_(OpenQuestion.routed_at.is_(None), OpenQuestion.routed_at <= before),
        )
        return (await self._session.scalars(statement.order_by(OpenQuestion.created_at).limit(limit))).all()


def _there() -> tuple[ColumnElement[bool], ...]:
    """The conditions for members who take part and want to be found."""
    return Member.findable == Findable.ON, Member.active.is_(True), Member.suspended_at.is_(None)


def _offering(topics: Collection[UUID]) -> Any:
    offers = (MemberTopic.topic_id.in_(topics), MemberTopic.stance == Stance.HELPS)
    return select(MemberTopic.member_id).where(*offers)


def _asked(since: datetime) -> Subquery:
    """Return by member how often they were asked since a moment, and when last."""
    lately = func.sum(case((OpenQuestionRoute.created_at > since, 1), else_=0))
    last = func.max(OpenQuestionRoute.created_at)
    statement = select(OpenQuestionRoute.member_id, lately.label("lately"), last.label("last"))
    counted = statement.where(OpenQuestionRoute.member_id.is_not(None)).group_by(OpenQuestionRoute.member_id)
    return counted.subquery("asked")


def _free(question: OpenQuestion) -> tuple[ColumnElement[bool], ...]:
    """The conditions for members who have nothing to do with a question, and whom no block keeps from its asker."""
    conditions: list[ColumnElement[bool]] = [
        Member.id.not_in(
            select(table.member_id).where(table.open_question_id == question.id, table.member_id.is_not(None))
        )
        for table in _TAKING_PART
    ]
    if question.member_id is not None:
        asker = question.member_id
        conditions += [
            Member.id != asker,
            Member.id.not_in(select(Block.member_id).where(Block.blocked_id == asker)),
            Member.id.not_in(select(Block.blocked_id).where(Block.member_id == asker)),
        ]
    return tuple(conditions)


def _has_chat() -> Exists:
    return exists().where(Chat.identity_id == ChatIdentity.id, Chat.kind == ChatKind.DIRECT)


def _reachable(*, abroad: bool) -> ColumnElement[bool]:
    """The condition for identities where the bot can say something by itself."""
    mail = exists().where(
        MailSubscription.identity_id == ChatIdentity.id,
        MailSubscription.confirmed_at.is_not(None),
        MailSubscription.unsubscribed_at.is_(None),
        MailSubscription.bounced_at.is_(None),
        MailSubscription.answers.is_(True),
    )
    network = ChatIdentity.network
    chats = or_(network == Network.MATRIX, and_(network != Network.MAIL, _has_chat()))
    if not abroad:
        chats = and_(network != Network.TELEGRAM, chats)
    return or_(chats, and_(network == Network.MAIL, mail))
