"""Putting questions without a good answer into gaps: some at a time, each once, and from where a kill left off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from knowledge.gaps.collected.repository import CollectedRepository
from knowledge.gaps.erasing import tidy_gaps
from knowledge.gaps.likeness import UNRELATED, Neighbours, Wording, kept_vector, read_wording, scale_start
from knowledge.gaps.repository import GapRepository
from knowledge.gaps.states import GapStates
from knowledge.gaps.words import says_something
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.models.gap import GapQuestion, GapState

# Questions taken in one transaction.
TOGETHER = 64


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that belongs into a gap: one that was asked, or one that was released."""

    id: UUID
    text: str
    asked_at: datetime
    released: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A question and the gap that it goes into."""

    candidate: Candidate
    gap: UUID
    wording: Wording


class Collector:
    """Collects for the length of one run.

    Args:
        answers: embeds the questions, where there is a model.
        database: where they are.
    """

    def __init__(self, answers: AnswerService, database: Database) -> None:
        self._answers = answers
        self._database = database
        self._neighbours: Neighbours | None = None
        self._dismissed: set[UUID] = set()

    async def run(self) -> int:
        """Put all that waits into gaps; returns how many questions that were. Raises ``Unavailable``."""
        async with unit_of_work(self._database) as unit:
            await tidy_gaps(unit.session)
        taken = 0
        after: tuple[datetime, UUID] | None = None
        while batch := await self._released():
            taken += await self._take(batch)
        while found := await self._asked(after):
            after = (found[-1].asked_at, found[-1].id)
            batch = [item for item in found if says_something(item.text)]
            taken += await self._take(batch) if batch else 0
        if taken:
            get_logger().info("gaps_collected", questions=taken)
        return taken

    async def _released(self) -> list[Candidate]:
        async with unit_of_work(self._database, writes=False) as unit:
            rows = await CollectedRepository(unit.session).released(TOGETHER)
        return [Candidate(*row, released=True) for row in rows]

    async def _asked(self, after: tuple[datetime, UUID] | None) -> list[Candidate]:
        async with unit_of_work(self._database, writes=False) as unit:
            rows = await CollectedRepository(unit.session).asked(after, TOGETHER)
        return [Candidate(*row) for row in rows]

    async def _take(self, batch: Sequence[Candidate]) -> int:
        embedded = await self._answers.embed([item.text for item in batch])
        if embedded is None:
            wordings = [read_wording(item.text) for item in batch]
        else:
            vectors = [kept_vector(vector) for vector in embedded.vectors]
            pairs = zip(batch, vectors, strict=True)
            wordings = [read_wording(item.text, vector=vector, model=embedded.model) for item, vector in pairs]
        neighbours = self._neighbours = self._neighbours or await self._load()
        placed = [self._place(neighbours, item, wording) for item, wording in zip(batch, wordings, strict=True)]
        return await self._write(placed)

    def _place(self, neighbours: Neighbours, item: Candidate, wording: Wording) -> Placed:
        # What was released is always shown, so it does not go where nobody looks.
        without = frozenset(self._dismissed) if item.released else frozenset()
        gap = neighbours.nearest(wording, without=without) or new_id()
        neighbours.add(gap, wording)
        return Placed(item, gap, wording)

    async def _load(self) -> Neighbours:
        """Read the questions of all gaps, once a run; those that another model embedded are embedded anew."""
        unrelated = await self._answers.embed(UNRELATED)
        if unrelated is None:
            neighbours = Neighbours()
        else:
            await self._embed_anew(unrelated.model)
            neighbours = Neighbours(unrelated.model, scale_start(unrelated.vectors))
        async with unit_of_work(self._database, writes=False) as unit:
            rows = await CollectedRepository(unit.session).all_words()
        for gap, state, text, vector, model in rows:
            neighbours.add(gap, read_wording(text or "", vector=vector, model=model))
            if state is GapState.DISMISSED:
                self._dismissed.add(gap)
        return neighbours

    async def _embed_anew(self, model: str) -> None:
        while True:
            async with unit_of_work(self._database, writes=False) as unit:
                rows = await CollectedRepository(unit.session).of_other_models(model, TOGETHER)
            embedded = await self._answers.embed([text for _key, text in rows]) if rows else None
            if embedded is None or embedded.model != model:
                return
            async with unit_of_work(self._database) as unit:
                collected = CollectedRepository(unit.session)
                for (key, _text), vector in zip(rows, embedded.vectors, strict=True):
                    await collected.keep_vector(key, kept_vector(vector), model)

    async def _write(self, placed: Sequence[Placed]) -> int:
        """Write what was found while nobody was kept waiting; what was erased meanwhile is left out."""
        asked = [item.candidate.id for item in placed if not item.candidate.released]
        released = [item.candidate.id for item in placed if item.candidate.released]
        async with unit_of_work(self._database) as unit:
            gaps, states = GapRepository(unit.session), GapStates(unit.session)
            there = await CollectedRepository(unit.session).still_there(asked, released)
            subjects = {**await gaps.subjects(asked), **await gaps.releasers(released)}
            for item in placed:
                if item.candidate.id in there:
                    row, key = _row(item), item.candidate.id
                    await states.take_in(row, subjects.get(key), asked_at=item.candidate.asked_at)
        return len(there)


def _row(item: Placed) -> GapQuestion:
    key, wording = item.candidate.id, item.wording
    return GapQuestion(
        gap_id=item.gap,
        question_id=None if item.candidate.released else key,
        open_question_id=key if item.candidate.released else None,
        vector=None if wording.vector is None else kept_vector(wording.vector),
        model=wording.model,
    )
