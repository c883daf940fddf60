"""From a question to ranked passages and how sure they are: what asking and searching share."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import Viewer
from knowledge.kit.database import Database
from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.confidence import confidence, confidence_features
from knowledge.library.answers.coverage import Question, read_question
from knowledge.library.answers.fields import asked_words
from knowledge.library.answers.ranking import CANDIDATES, RERANKED, PassageText, Ranked, by_document, fuse, rerank
from knowledge.library.answers.thesaurus import NONE, load_thesaurus, stems_of
from knowledge.library.indexes.port import Indexes, IndexHits, IndexQuery
from knowledge.library.indexes.queries import Expansion, WordsQuery
from knowledge.library.indexes.schemas import Hit
from knowledge.library.repository import DocumentRepository, FoundPassage
from knowledge.library.text.analysis import is_function_word, words_of
from knowledge.library.text.sentences import split_sentences
from knowledge.synonyms.service import SynonymService

LONGEST_QUESTION = 20_000
# Other wordings may have several words; longer names are not looked for.
LONGEST_WORDING = 4
# Words of a question for which other wordings are looked up.
LOOKED_UP = 100
# Another wording counts a little less than the person's own.
WORDING_WEIGHT = 0.8
# A general list knows nothing of this library; its words count less.
THESAURUS_WEIGHT = 0.5


class EmptyQuestion(InvalidInput):
    """There is nothing to look for."""

    code = "answers.empty_question"

    def __init__(self) -> None:
        super().__init__(_("Please write a question or a few words."))


class QuestionTooLong(InvalidInput):
    """Nobody asks that much at once."""

    code = "answers.question_too_long"

    def __init__(self) -> None:
        super().__init__(
            _("The question is longer than {limit} characters; please shorten it.").format(limit=LONGEST_QUESTION)
        )


@dataclass(frozen=True, slots=True)
class RankedPassage:
    """A passage that may be shown to the viewer, with its place-giving scores."""

    found: FoundPassage
    rank: Ranked


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What was found for a question, best first, and the probability that it holds the answer."""

    text: str
    question: Question
    passages: list[RankedPassage]
    confidence: float
    hits: IndexHits
    expansions: tuple[Expansion, ...]


@dataclass(frozen=True, slots=True)
class Around:
    """All that was found for a question, with the share of its words that each document has, and the hub's address."""

    retrieved: Retrieved
    shares: Mapping[UUID, float]
    hub: str | None = None


@dataclass(frozen=True, slots=True)
class Within:
    """Where to look once more: in these documents, for further wordings, and with the words of earlier questions."""

    documents: frozenset[UUID]
    wordings: tuple[Expansion, ...] = ()
    earlier: Expansion | None = None


class Retriever:
    """Asks the indexes, checks each passage against the database, ranks, and judges."""

    def __init__(self, database: Database, indexes: Indexes, *, thesaurus: str = NONE) -> None:
        self._database = database
        self._indexes = indexes
        self._thesaurus = thesaurus

    async def retrieve(self, text: str, viewer: Viewer, *, limit: int = CANDIDATES) -> Retrieved:
        """Return the passages that ``viewer`` may find, best first, at most ``limit``.

        Raises ``EmptyQuestion``, ``QuestionTooLong``, and ``Unavailable`` where the words index cannot be asked.
        """
        text = check_question(text)
        async with unit_of_work(self._database, writes=False) as unit:
            expansions = await _other_wordings(unit.session, text, viewer, self._thesaurus)
        hits = await self._indexes.find(IndexQuery(text, CANDIDATES, viewer.access, expansions))
        question = read_question(WordsQuery(text, expansions), hits.frequencies, hits.total)
        fused = fuse(hits.words, hits.vectors, limit=CANDIDATES)
        async with unit_of_work(self._database, writes=False) as unit:
            found = await DocumentRepository(unit.session).found(
                [hit.id for hit in fused[: max(limit, RERANKED)]], viewer
            )
        kept = [hit for hit in fused if hit.id in found]
        # In a thread, so that the process goes on hearing others meanwhile.
        ranked = await asyncio.to_thread(_rank, question, kept, found, hits)
        return Retrieved(
            text,
            question,
            [RankedPassage(found[item.id], item) for item in ranked[:limit]],
            confidence(confidence_features(question, ranked)),
            hits,
            expansions,
        )

    async def retrieve_within(self, alone: Retrieved, within: Within, viewer: Viewer) -> Retrieved:
        """Look once more for a question, in some documents alone.

        What a passage is worth is judged by the question's own words in all their wordings; those of earlier questions
        only bring up more passages to look at. The confidence stays that of ``alone``.
        """
        expansions = (*alone.expansions, *within.wordings)
        besides = (within.earlier,) if within.earlier else ()
        hits = await self._indexes.find(IndexQuery(alone.text, CANDIDATES, viewer.access, (*expansions, *besides)))
        question = read_question(WordsQuery(alone.text, expansions), hits.frequencies, hits.total)
        fused = fuse(hits.words, hits.vectors, limit=CANDIDATES)
        async with unit_of_work(self._database, writes=False) as unit:
            found = await DocumentRepository(unit.session).found([hit.id for hit in fused], viewer)
        kept = [hit for hit in fused if hit.id in found and found[hit.id].document.id in within.documents]
        ranked = await asyncio.to_thread(_rank, question, kept, found, hits)
        passages = [RankedPassage(found[item.id], item) for item in ranked]
        return replace(alone, question=question, passages=passages, hits=hits)


def _rank(question: Question, kept: Sequence[Hit], found: Mapping[int, FoundPassage], hits: IndexHits) -> list[Ranked]:
    texts = {hit.id: _text(found[hit.id]) for hit in kept[:RERANKED]}
    return rerank(question, kept, texts, lexical=hits.words, vectors=hits.vectors)


def covered_by(retrieved: Retrieved) -> dict[UUID, float]:
    """Return which share of a question's words each document covers with all of its passages that were found."""
    texts = {item.found.passage.id: _text(item.found) for item in retrieved.passages}
    shares = by_document(retrieved.question, texts)
    return {UUID(document): share for document, share in shares.items()}


def check_question(text: str) -> str:
    """Return the question without what nobody sees. Raises ``EmptyQuestion`` or ``QuestionTooLong``."""
    if len(text) > LONGEST_QUESTION:
        raise QuestionTooLong
    cleaned = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    if not cleaned:
        raise EmptyQuestion
    return cleaned


async def _other_wordings(session: AsyncSession, text: str, viewer: Viewer, thesaurus: str) -> tuple[Expansion, ...]:
    """Return other words for those of a question: what moderators keep, what texts that the viewer may read explain
    as abbreviations, and what the thesaurus knows.
    """
    wordings = _wordings(words_of(text)[:LOOKED_UP])
    kept = await _kept_wordings(session, wordings, viewer)
    shipped = load_thesaurus(thesaurus)
    known = {wording: shipped[stems] for wording in wordings if (stems := stems_of(wording)) in shipped}
    return (
        *(Expansion(others, WORDING_WEIGHT, wording) for wording, others in kept.items()),
        *(Expansion(others, THESAURUS_WEIGHT, wording) for wording, others in known.items() if wording not in kept),
    )


async def _kept_wordings(session: AsyncSession, wordings: Sequence[str], viewer: Viewer) -> dict[str, tuple[str, ...]]:
    alternatives = await SynonymService(session).lookup(wordings)
    mentioned = {key for others in alternatives.values() for other in others for key in other.documents}
    readable = await DocumentRepository(session).readable(mentioned, viewer) if mentioned else set()
    kept = {
        wording: tuple(other.text for other in others if not other.documents or other.documents & readable)
        for wording, others in alternatives.items()
    }
    return {wording: others for wording, others in kept.items() if others}


def _wordings(words: Sequence[str]) -> list[str]:
    """Return the words and the runs of up to four of them, without those that are function words alone."""
    runs = (
        " ".join(words[start : start + length])
        for length in range(1, LONGEST_WORDING + 1)
        for start in range(len(words) - length + 1)
        if not all(is_function_word(word) for word in words[start : start + length])
    )
    return list(dict.fromkeys(runs))


def _text(found: FoundPassage) -> PassageText:
    text = found.passage.text
    sentences = tuple(text[span.start : span.end] for span in split_sentences(text, found.document.language))
    context = " ".join((found.document.title, *found.document.topics, *found.passage.headings, asked_words(found)))
    return PassageText(sentences, context, found.document.id.hex)
