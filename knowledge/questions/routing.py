"""Bringing an open question to circles with its topic, and to at most three members who offered help on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import NETWORK, PUBLIC
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.document import Visibility
from knowledge.models.question import OpenQuestion, OpenQuestionState
from knowledge.notices.service import tell_each
from knowledge.questions.reaching.repository import Page, ReachRepository, Wanted
from knowledge.questions.repository import QuestionRepository
from knowledge.questions.schemas import Routed
from knowledge.topics.tree import TopicTree, load_tree

WEEK, DAY = timedelta(days=7), timedelta(days=1)
MOST_HELPERS = 3
# How often one person is asked within a week, whoever asks, and how often a circle gets a question in its group.
MOST_ASKED, MOST_POSTS = 3, 5
# Circles that get one question in their groups; more get it with their digest.
MOST_CIRCLES = 20
# More than are asked, because others may be about to ask the same people.
CANDIDATES = 12
# Members who are looked at together, and how often, until there are so many to whom the bot can write.
LOOKED_AT, MOST_PAGES = 60, 5
# How long a question looks for people who come later, and how many are looked at in one go.
LOOKS_FOR, TOGETHER = timedelta(days=90), 100


@dataclass(frozen=True, slots=True)
class _Route:
    """What one look for people works with."""

    session: AsyncSession
    question: OpenQuestion
    topics: frozenset[UUID]
    tree: TopicTree
    abroad: bool
    moment: datetime

    def to(self, topic: UUID | None, **whom: object) -> dict[str, object]:
        """Return the row that says that the question was brought to somebody."""
        question = self.question.id
        return {"id": new_id(), "open_question_id": question, "topic_id": topic, "created_at": self.moment, **whom}

    @property
    def data(self) -> dict[str, str]:
        """What a notice needs to know."""
        return {"question": str(self.question.id)}


@dataclass(frozen=True, slots=True)
class _Fitting:
    """A circle that a question is for: by which of its topics, and how many steps that lies above the question's."""

    circle: UUID
    topic: UUID
    distance: int


async def route(
    session: AsyncSession, question: OpenQuestion, *, abroad: str = PUBLIC, moment: datetime | None = None
) -> Routed:
    """Bring a question to those who did not get it yet, within the caps, and have them told.

    Args:
        session: the transaction.
        question: locked by the caller.
        abroad: what may be shown on Telegram at most.
        moment: now, unless a test says otherwise.
    """
    question.routed_at = moment = moment or now()
    topics = frozenset((await QuestionRepository(session).topics([question.id])).get(question.id, ()))
    if not topics:
        return Routed()
    everywhere = question.visibility is Visibility.PUBLIC or abroad == NETWORK
    work = _Route(session, question, topics, await load_tree(session), everywhere, moment)
    circles, by_digest = await _to_circles(work)
    members = await _to_helpers(work)
    await session.flush()
    get_logger().info(
        "question_routed",
        question=str(question.id),
        circles=len(circles),
        by_digest=len(by_digest),
        members=len(members),
    )
    return Routed(circles, by_digest, members)


async def _to_circles(work: _Route) -> tuple[tuple[UUID, ...], tuple[UUID, ...]]:
    """Post the question to circles; whoever had enough that week gets it with the digest."""
    reach = ReachRepository(work.session)
    found = _fitting(work, await reach.circles(work.question, abroad=work.abroad))
    if not found:
        return (), ()
    posts = await reach.posts([one.circle for one in found], since=work.moment - WEEK)
    free = max(0, MOST_CIRCLES - await reach.posted(work.question.id))
    # The nearest topic first, then who got the least.
    found.sort(key=lambda one: (one.distance, posts.get(one.circle, 0), one.circle))
    able = [one.circle for one in found if posts.get(one.circle, 0) < MOST_POSTS]
    chosen = set(able[:free])
    await reach.note([work.to(one.topic, circle_id=one.circle, by_digest=one.circle not in chosen) for one in found])
    await tell_each(work.session, "question.posted", [{"circle_id": circle} for circle in able[:free]], work.data)
    return tuple(able[:free]), tuple(one.circle for one in found if one.circle not in chosen)


def _fitting(work: _Route, circles: Sequence[tuple[UUID, list[str]]]) -> list[_Fitting]:
    """Return the circles with a topic of the question, or one above it: their nearest."""
    distances: dict[UUID, int] = {}
    for topic in work.topics:
        for distance, above in enumerate(work.tree.above(topic)):
            distances[above] = min(distance, distances.get(above, distance))
    # Each word is looked up once: there are thousands of circles, and they share their words.
    meant = {word: work.tree.resolve([word]) for word in {word for _circle, words in circles for word in words}}
    near = {
        word: min(((distances[topic], topic) for topic in topics if topic in distances), default=None)
        for word, topics in meant.items()
    }
    found = []
    for circle, words in circles:
        best = min((hit for hit in map(near.get, words) if hit is not None), default=None)
        if best is not None:
            found.append(_Fitting(circle, best[1], best[0]))
    return found


async def _to_helpers(work: _Route) -> tuple[UUID, ...]:
    """Ask members who offered help, one message each, as long as fewer than three were asked who could still help."""
    reach, question = ReachRepository(work.session), work.question
    free = MOST_HELPERS - await reach.standing(question.id)
    if free <= 0:
        return ()
    above = frozenset(step for topic in work.topics for step in work.tree.above(topic))
    wanted = Wanted(question, above, work.abroad, work.moment - WEEK, MOST_ASKED)
    members = (await _found(reach, wanted))[:free]
    if not members:
        return ()
    offered = await reach.offered(members)
    await reach.note([work.to(work.tree.matches(work.topics, offered[member]), member_id=member) for member in members])
    await tell_each(work.session, "question.routed", [await _way(reach, work, member) for member in members], work.data)
    return tuple(members)


async def _found(reach: ReachRepository, wanted: Wanted) -> list[UUID]:
    """Return whom to ask, the best first, locked so that nobody else asks them in this moment."""
    house, found = await reach.house(wanted.question.organisation_id), list[UUID]()
    for number in range(MOST_PAGES):
        page = await reach.helpers(wanted, house, Page(LOOKED_AT, number * LOOKED_AT))
        found += await reach.reachable(page, abroad=wanted.abroad)
        if len(found) >= CANDIDATES or len(page) < LOOKED_AT:
            break
    candidates = found[:CANDIDATES]
    allowed = await reach.lock_free(candidates, wanted) if candidates else set()
    return [member for member in candidates if member in allowed]


async def _way(reach: ReachRepository, work: _Route, member: UUID) -> dict[str, UUID]:
    """Return whom to tell: what may not go to a foreign house is told at another address of the person."""
    identity = None if work.abroad else await reach.way_at_home(member)
    return {"identity_id": identity} if identity is not None else {"member_id": member}


async def route_again(database: Database, moment: datetime, *, abroad: str = PUBLIC) -> int:
    """Bring open questions to whom they fit since they were brought last, each once a day; returns how many."""
    looked = 0
    while True:
        async with unit_of_work(database, writes=False) as unit:
            reach = ReachRepository(unit.session)
            due = await reach.to_route(since=moment - LOOKS_FOR, before=moment - DAY, limit=TOGETHER)
        for key in due:
            async with unit_of_work(database) as unit:
                question = await QuestionRepository(unit.session).locked(key)
                if question is not None and question.state is OpenQuestionState.OPEN:
                    await route(unit.session, question, abroad=abroad, moment=moment)
                    looked += 1
        if len(due) < TOGETHER:
            return looked
