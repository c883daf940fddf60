"""Gaps as those who look after the library see them, and what they do about them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from knowledge.access.rights import Visitor
from knowledge.access.visibility import PUBLIC
from knowledge.audit.service import record
from knowledge.contributions.schemas import Author
from knowledge.gaps.jobs import look_at_gaps
from knowledge.gaps.likeness import Wording, read_wording
from knowledge.gaps.repository import GapRepository
from knowledge.gaps.schemas import (
    FEWEST,
    GapDetail,
    GapDocument,
    GapDraft,
    GapEntry,
    GapFilter,
    GapOpenQuestion,
    GapPage,
    step_of,
)
from knowledge.gaps.states import GapStates
from knowledge.gaps.words import best_first, shown
from knowledge.kit.clock import now
from knowledge.kit.errors import Conflict, NotFound
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.document import Document
from knowledge.models.gap import Gap, GapQuestion, GapState
from knowledge.models.question import OpenQuestion, OpenQuestionState, ReleasedAs
from knowledge.questions.schemas import PreparedQuestion, ReleaseWishes
from knowledge.questions.service import QuestionService
from knowledge.topics.tree import TopicEntry, TopicTree, load_tree

# Wordings that are compared to find the one that speaks for a gap, and those that are shown.
COMPARED, SHOWN = 8, 5
# Answers whose nearest documents are shown, and how many of these.
TRACED, NEAR = 20, 5
PER_PAGE = 25


class UnknownGap(NotFound):
    """There is no such gap, or it is not for this reader."""

    code = "gaps.unknown"

    def __init__(self) -> None:
        super().__init__(_("There is no such gap, or not any more."))


class GapMovedOn(Conflict):
    """A gap is not open any more, so nothing can be done about it."""

    code = "gaps.moved_on"

    def __init__(self) -> None:
        super().__init__(_("This gap is not open any more. Somebody else, or something published, was quicker."))


class GapService:
    """Gaps within one unit of work, for one visitor: a moderator sees those that their topics cover.

    Args:
        unit: the transaction.
        visitor: who looks; they need the right to read gaps, which the caller checks.
        abroad: what may be shown on Telegram at most (``ALLMENDE_TELEGRAM_VISIBILITY``).
    """

    def __init__(self, unit: UnitOfWork, visitor: Visitor, *, abroad: str = PUBLIC) -> None:
        self._unit = unit
        self._abroad = abroad
        self._visitor = visitor
        self._gaps = GapRepository(unit.session)
        self._states = GapStates(unit.session)

    # Reading

    async def open_gaps(self, wanted: GapFilter, *, page: int = 1) -> GapPage:
        """Return a page of the gaps in a state: what is overdue first, then what most people asked."""
        tree = await load_tree(self._unit.session)
        gaps = [gap for gap in await self._gaps.in_state([wanted.state]) if _was_shown(gap)]
        topics = await self._topics(gaps, tree)
        seen = [gap for gap in gaps if self._covers(topics[gap.id], tree)]
        offered = {topic.id: topic for gap in seen for topic in topics[gap.id]}
        below = tree.below(wanted.topic) if wanted.topic else None
        chosen = [gap for gap in seen if below is None or any(topic.id in below for topic in topics[gap.id])]
        overdue = await self._gaps.overdue()
        chosen.sort(key=lambda gap: gap.id not in overdue)
        part = chosen[(page - 1) * PER_PAGE : page * PER_PAGE]
        entries = await self._entries(part, topics)
        return GapPage(entries, len(chosen), [topic for topic in tree.entries if topic.id in offered])

    async def get(self, gap_id: UUID) -> GapDetail:
        """Return a gap. Raises ``UnknownGap``, also for one that too few asked or that the visitor does not cover."""
        gap, topics = await self._find(gap_id)
        (entry,) = await self._entries([gap], {gap.id: topics})
        if gap.state is not GapState.OPEN:
            return GapDetail(entry, (), (), ())
        waiting = [question for _gap, question in await self._gaps.waiting([gap.id])]
        return GapDetail(
            entry,
            wordings=await self._wordings(gap.id),
            open_questions=[GapOpenQuestion(one.id, shown(one.text), _is_overdue(one)) for one in waiting],
            near=await self._near(gap.id) if gap.askers >= FEWEST else (),
        )

    # Acting

    async def dismiss(self, gap_id: UUID) -> None:
        """Say that an open gap is none. Raises ``UnknownGap``, ``GapMovedOn``."""
        gap = await self._open(gap_id)
        await self._states.dismiss(gap, self._visitor.member_id)
        await self._record("dismiss", gap.id)

    async def restore(self, gap_id: UUID) -> None:
        """Take a dismissal back, or the closing of a gap that is not answered after all.

        Raises ``UnknownGap``, ``GapMovedOn``.
        """
        gap, _topics = await self._find(gap_id, for_change=True)
        if gap.state not in (GapState.DISMISSED, GapState.CLOSED):
            raise GapMovedOn
        await self._states.restore(gap)
        await self._record("restore", gap.id)

    async def start_document(self, gap_id: UUID) -> GapDraft:
        """Return what a document on a gap may begin with. Raises ``UnknownGap``, ``GapMovedOn``."""
        gap = await self._open(gap_id)
        wordings = await self._wordings(gap.id)
        topics = await self._gaps.topics([gap.id])
        tree = await load_tree(self._unit.session)
        names = [topic.name for _gap, key in topics if (topic := tree.get(key)) is not None]
        return GapDraft(wordings[0][:200] if wordings else "", tuple(names))

    async def ask_network(
        self, gap_id: UUID, by: Author, prepared: PreparedQuestion, *, knows_findings: bool = False
    ) -> UUID:
        """Release an open question on a gap, as the organisation of whoever asks; returns its key.

        Args:
            gap_id: the gap, which then holds the question.
            by: the signed-in member.
            prepared: the words, looked at before (``prepare_question``), outside of the transaction.
            knows_findings: what looks like personal data may stay.

        Raises ``UnknownGap``, ``GapMovedOn``, and what ``QuestionService.release`` raises.
        """
        gap = await self._open(gap_id)
        topics = tuple(key for _gap, key in await self._gaps.topics([gap.id]))
        wishes = ReleaseWishes(ReleasedAs.ORGANISATION, topics=topics or None, knows_findings=knows_findings)
        entry = await QuestionService(self._unit, abroad=self._abroad).release(by, prepared, wishes)
        if not await self._gaps.holds(entry.id):
            row = GapQuestion(gap_id=gap.id, open_question_id=entry.id, vector=prepared.vector, model=prepared.model)
            await self._states.take_in(row, by.member_id, asked_at=now())
        await self._record("ask", gap.id, question=str(entry.id))
        return entry.id

    async def look_now(self) -> None:
        """Have the gaps looked at as soon as possible."""
        await look_at_gaps(self._unit.session)

    # Within

    async def _find(self, gap_id: UUID, *, for_change: bool = False) -> tuple[Gap, tuple[TopicEntry, ...]]:
        gap = await (self._gaps.locked(gap_id) if for_change else self._gaps.get(gap_id))
        if gap is None or not _was_shown(gap):
            raise UnknownGap
        tree = await load_tree(self._unit.session)
        topics = (await self._topics([gap], tree))[gap.id]
        if not self._covers(topics, tree):
            raise UnknownGap
        return gap, topics

    async def _open(self, gap_id: UUID) -> Gap:
        gap, _topics = await self._find(gap_id, for_change=True)
        if gap.state is not GapState.OPEN:
            raise GapMovedOn
        return gap

    async def _record(self, act: str, gap: UUID, **details: str) -> None:
        await record(self._unit.session, f"gaps:{act}", ("gap", gap), by=self._visitor.member_id, **details)

    async def _topics(self, gaps: Sequence[Gap], tree: TopicTree) -> dict[UUID, tuple[TopicEntry, ...]]:
        found: defaultdict[UUID, list[TopicEntry]] = defaultdict(list)
        for gap, key in await self._gaps.topics([gap.id for gap in gaps]):
            if (topic := tree.get(key)) is not None:
                found[gap].append(topic)
        return {gap.id: tuple(sorted(found[gap.id], key=lambda topic: topic.name)) for gap in gaps}

    def _covers(self, topics: Iterable[TopicEntry], tree: TopicTree) -> bool:
        """Whether the visitor looks after a gap with these topics, or with what they lie below."""
        keys = [key for topic in topics for key in tree.above(topic.id)]
        return self._visitor.scope.covers(None, [word for key in keys for word in _words_of(key, tree)])

    async def _entries(self, gaps: Sequence[Gap], topics: dict[UUID, tuple[TopicEntry, ...]]) -> list[GapEntry]:
        keys = [gap.id for gap in gaps if gap.state is GapState.OPEN]
        headings = await self._headings(keys)
        released: defaultdict[UUID, list[OpenQuestion]] = defaultdict(list)
        for key, question in await self._gaps.waiting(keys):
            released[key].append(question)
        closed_with = await self._findable({gap.document_id for gap in gaps if gap.document_id})
        return [
            GapEntry(
                id=gap.id,
                state=gap.state,
                heading=headings.get(gap.id, ""),
                at_least=step_of(gap.askers),
                released=bool(released[gap.id]),
                overdue=any(_is_overdue(question) for question in released[gap.id]),
                since=gap.created_at,
                topics=topics[gap.id],
                document=closed_with.get(gap.document_id) if gap.document_id else None,
            )
            for gap in gaps
        ]

    async def _headings(self, gaps: Collection[UUID]) -> dict[UUID, str]:
        wordings: defaultdict[UUID, list[Wording]] = defaultdict(list)
        for gap, text, vector, model in await self._gaps.words(gaps, COMPARED):
            wordings[gap].append(read_wording(text, vector=vector, model=model))
        return {gap: shown(some[best_first(some)[0]].text) for gap, some in wordings.items()}

    async def _wordings(self, gap: UUID) -> list[str]:
        rows = await self._gaps.words([gap], COMPARED)
        wordings = [read_wording(text, vector=vector, model=model) for _gap, text, vector, model in rows]
        return list(dict.fromkeys(shown(wordings[number].text) for number in best_first(wordings)))[:SHOWN]

    async def _near(self, gap: UUID) -> list[GapDocument]:
        """Return the documents that were shown with answers that were not good enough, the most often shown first."""
        shown_with: defaultdict[UUID, int] = defaultdict(int)
        for trace in await self._gaps.traces(gap, TRACED):
            for item in trace.get("shown", ()):
                shown_with[UUID(item["document"])] += 1
        found = await self._findable(shown_with)
        return sorted(found.values(), key=lambda document: (-shown_with[document.id], document.title))[:NEAR]

    async def _findable(self, keys: Collection[UUID]) -> dict[UUID, GapDocument]:
        rows = (await self._gaps.documents(keys)).values() if keys else ()
        return {row.id: GapDocument(row.id, row.title) for row in rows if self._may_find(row)}

    def _may_find(self, document: Document) -> bool:
        return self._visitor.viewer.may_find(document)


def _was_shown(gap: Gap) -> bool:
    """Whether a gap is there for anybody: enough people asked, or something was released, now or before it closed."""
    return gap.state is not GapState.FORMING and gap.opened_at is not None


def _is_overdue(question: OpenQuestion) -> bool:
    return question.state is OpenQuestionState.OPEN and question.overdue_at is not None


def _words_of(key: UUID, tree: TopicTree) -> list[str]:
    topic = tree.get(key)
    return [topic.name_de, topic.name_en, *tree.words(key)] if topic else []
