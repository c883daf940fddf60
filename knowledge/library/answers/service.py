"""Asking the library: quotations with their sources, or an honest abstention; and searching it."""

import asyncio
import time
from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from knowledge.access.visibility import Viewer
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.language import _, current_language
from knowledge.kit.measures import note_answer
from knowledge.kit.settings import AnswerSettings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.addresses import HubAddress
from knowledge.library.answers.citations import cite, passage_locator
from knowledge.library.answers.confidence import ANSWER_LINE, confidence, confidence_features
from knowledge.library.answers.followups import Before, asked_state, understand
from knowledge.library.answers.quoting import LOOKED_AT, Quoted, quote
from knowledge.library.answers.ranking import RERANKED, VECTOR_WEIGHT
from knowledge.library.answers.retrieval import Around, RankedPassage, Retrieved, Retriever, covered_by
from knowledge.library.answers.schemas import Citation, PreparedAnswer, Reply, SearchReply, SearchResult
from knowledge.library.answers.traces import keep_answer, shown_citation
from knowledge.library.indexes.port import Embedded, Indexes, VectorsState
from knowledge.library.repository import DocumentRepository

# Documents shown with an abstention.
SUGGESTIONS = 3
# Passages whose scores are kept in a trace.
TRACED = 20


class AnswerService:
    """Answers questions from the library.

    Args:
        database: holds the documents and keeps the traces.
        indexes: where passages are looked up.
        settings: the confidence from which on an answer is given, where an administrator set one.
        hub: the hub's address, where people can reach one: citations of what has no other address lead there.
    """

    def __init__(
        self, database: Database, indexes: Indexes, settings: AnswerSettings, *, hub: str | None = None
    ) -> None:
        self._database = database
        self._indexes = indexes
        self._retriever = Retriever(database, indexes, thesaurus=settings.thesaurus)
        self._hub = hub
        self._line = ANSWER_LINE if settings.answer_line is None else settings.answer_line

    def inside(self, hub: str) -> "AnswerService":
        """Return the same answers for readers who are in the hub of this address: every citation leads to its page."""
        answers = copy(self)
        answers._hub = HubAddress(hub)
        return answers

    async def embed(self, texts: Sequence[str]) -> Embedded | None:
        """Return vectors of texts, read as questions, which can be compared with each other; ``None`` without a model.

        To be called outside a transaction. Raises ``Unavailable`` where the holder of the model does not answer.
        """
        return await self._indexes.embed(texts)

    async def words_waiting(self) -> int:
        """Count the documents that cannot be found by their words yet. Raises ``Unavailable``."""
        return await self._indexes.words_waiting()

    async def search(self, query: str, viewer: Viewer, *, limit: int) -> SearchReply:
        """Return the best passages that ``viewer`` may find.

        Raises ``EmptyQuestion``, ``QuestionTooLong``, and ``Unavailable`` where the words index cannot be asked.
        """
        retrieved = await self._retriever.retrieve(query, viewer, limit=limit)
        results = [_result(item) for item in retrieved.passages[:limit]]
        return SearchReply(query, round(retrieved.confidence, 4), results)

    async def find(self, query: str, viewer: Viewer, *, limit: int) -> list[RankedPassage]:
        """Return the best passages that ``viewer`` may find, with their documents. Raises what ``search`` raises."""
        return (await self._retriever.retrieve(query, viewer, limit=limit)).passages[:limit]

    async def ask(self, question: str, viewer: Viewer) -> Reply:
        """Answer with quotations, or abstain with what may help; either way a trace is kept, without the person.

        Raises ``EmptyQuestion``, ``QuestionTooLong``, and ``Unavailable`` where the words index cannot be asked.
        """
        prepared = await self.prepare(question, viewer)
        async with unit_of_work(self._database) as unit:
            await keep_answer(unit.session, prepared)
        return prepared.reply

    async def prepare(self, question: str, viewer: Viewer, before: Before | None = None) -> PreparedAnswer:
        """Make an answer without keeping anything of it; ``keep_answer`` keeps it in a transaction of the caller's.

        ``before`` is what was asked and cited before, which the question may go on from. Raises what ``ask`` raises.
        """
        began = time.perf_counter()
        alone = await self._retriever.retrieve(question, viewer, limit=RERANKED)
        going_on = await understand(self._retriever, alone, before, viewer=viewer)
        if going_on and (state_key := asked_state(question)):
            viewer = replace(viewer, state_key=state_key)
        prepared = await self._prepared(question, going_on or alone, viewer, began=began)
        if not going_on:
            return prepared
        return replace(prepared, trace={"follows": True, **prepared.trace}, follows=True)

    async def look_up(self, question: str, viewer: Viewer) -> tuple[PreparedAnswer, list[RankedPassage]]:
        """Make an answer, as ``prepare`` does, and return all passages that were found beside it, best first.

        Raises what ``ask`` raises.
        """
        prepared, found = await self._look(question, viewer)
        return prepared, found.passages

    async def look_around(self, question: str, viewer: Viewer) -> tuple[PreparedAnswer, Around]:
        """Make an answer, as ``prepare`` does, and return all that was found, for a look from another side.

        Raises what ``ask`` raises.
        """
        prepared, found = await self._look(question, viewer)
        shares = await asyncio.to_thread(covered_by, found)
        return prepared, Around(found, shares, self._hub)

    async def _look(self, question: str, viewer: Viewer) -> tuple[PreparedAnswer, Retrieved]:
        began = time.perf_counter()
        found = await self._retriever.retrieve(question, viewer)
        best = found.passages[:RERANKED]
        sure = confidence(confidence_features(found.question, [item.rank for item in best]))
        prepared = await self._prepared(question, replace(found, passages=best, confidence=sure), viewer, began=began)
        return prepared, found

    async def covering(self, text: str, viewer: Viewer) -> dict[UUID, float]:
        """Return documents that ``viewer`` may find, with the share of the text's words, 0 to 1, that each has.

        Raises what ``ask`` raises.
        """
        retrieved = await self._retriever.retrieve(text, viewer)
        return await asyncio.to_thread(covered_by, retrieved)

    async def _prepared(self, question: str, retrieved: Retrieved, viewer: Viewer, *, began: float) -> PreparedAnswer:
        quoted = await self._quote(retrieved) if retrieved.confidence >= self._line else []
        citations = [cite(item, viewer, hub=self._hub) for item in quoted]
        suggestions = [] if quoted else self._suggest(retrieved, viewer)
        trace = {
            **self._trace(retrieved),
            "shown": [shown_citation(item) for item in citations or suggestions],
        }
        answer_id, question_id = new_id(), new_id()
        took = time.perf_counter() - began
        note_answer(took, answered=bool(quoted), indexed=retrieved.hits.total)
        reply = Reply(
            answered=bool(quoted),
            confidence=round(retrieved.confidence, 4),
            text=_quotations(citations) if quoted else _nothing_found(bool(suggestions)),
            citations=citations,
            suggestions=suggestions,
            answer_id=str(answer_id),
            took_ms=round(took * 1000, 1),
            hints=_hints(retrieved.hits.vectors_state),
        )
        return PreparedAnswer(question, reply, trace, answer_id, question_id)

    def _suggest(self, retrieved: Retrieved, viewer: Viewer) -> list[Citation]:
        """Return the nearest documents, each once, the reader's language first, without a claim that they answer."""
        nearest: dict[str, RankedPassage] = {}
        for item in retrieved.passages:
            if item.found.passage.quotable:
                nearest.setdefault(item.found.document.id.hex, item)
        # What is there in two languages, as the lessons are, would otherwise stand twice among the few.
        foreign = partial(_is_foreign, language=current_language())
        first = sorted(nearest.values(), key=foreign)[:SUGGESTIONS]
        return [cite(Quoted(item, ""), viewer, hub=self._hub) for item in first]

    async def _quote(self, retrieved: Retrieved) -> list[Quoted]:
        async with unit_of_work(self._database, writes=False) as unit:
            documents = {item.found.document.id for item in retrieved.passages[:LOOKED_AT]}
            fingerprints = await DocumentRepository(unit.session).fingerprints(documents)
        return await asyncio.to_thread(quote, retrieved.text, retrieved.question, retrieved.passages, fingerprints)

    def _trace(self, retrieved: Retrieved) -> dict[str, Any]:
        hits = retrieved.hits
        return {
            "line": self._line,
            "index_version": hits.index_version,
            "model": hits.model,
            "vectors_state": hits.vectors_state,
            "vector_weight": VECTOR_WEIGHT,
            "indexed_passages": hits.total,
            "expansions": {item.stands_for: list(item.terms) for item in retrieved.expansions},
            "passages": [
                _traced(item, hits.words[0].score if hits.words else 0.0) for item in retrieved.passages[:TRACED]
            ],
        }


def _traced(item: RankedPassage, best: float) -> dict[str, Any]:
    return {
        "passage": item.found.passage.id,
        "document": str(item.found.document.id),
        "source": item.found.document.source,
        "version": item.found.document.version,
        "score": round(item.rank.score, 4),
        "words": round(item.rank.lexical / best, 4) if best else None,
        "cosine": None if item.rank.cosine is None else round(item.rank.cosine, 4),
        "sentence": round(item.rank.sentence, 4),
    }


def _is_foreign(item: RankedPassage, *, language: str) -> bool:
    return item.found.document.language != language


def _result(item: RankedPassage) -> SearchResult:
    document = item.found.document
    return SearchResult(
        document=str(document.id),
        source=document.source,
        title=document.title,
        locator=passage_locator(item.found.passage),
        passage=item.found.passage.text,
        score=round(item.rank.score, 4),
    )


def _quotations(citations: Sequence[Citation]) -> str:
    return "\n\n".join(
        f"„{citation.quote}“ [{number}]" if citation.quote else _("See [{number}].").format(number=number)
        for number, citation in enumerate(citations, start=1)
    )


def _nothing_found(has_suggestions: bool) -> str:
    if not has_suggestions:
        return _(
            "The library does not know anything about this yet. Please try other words, or ask a colleague and add "
            "what you learn: it will be found by the next person."
        )
    return _(
        "The library has no answer that is certain enough. Please look at what comes near, try other words, or ask a "
        "colleague and add what you learn."
    )


def _hints(state: VectorsState) -> list[str]:
    if state == "away":
        return [_("The vector index is away; this was found by words alone.")]
    if state == "other_model":
        return [_("The vector index was built with another model; this was found by words alone.")]
    return []
