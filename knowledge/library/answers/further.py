"""„Mehr dazu": more of what was quoted, and further sources, from the passages that an answer's trace names.

Everything is checked again against what may be shown now: what was withdrawn since is gone here too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import Viewer
from knowledge.library.answers.citations import cite
from knowledge.library.answers.quotation import GAP
from knowledge.library.answers.quoting import Quoted
from knowledge.library.answers.ranking import Ranked
from knowledge.library.answers.retrieval import RankedPassage
from knowledge.library.answers.schemas import Citation
from knowledge.library.repository import DocumentRepository, FoundPassage
from knowledge.library.text.analysis import grams_in
from knowledge.library.text.sentences import split_sentences
from knowledge.models.document import Rights

# Passages shown around what was quoted, and further sources.
MOST_AROUND, MOST_OTHERS = 2, 3
# Characters of one of each.
LONGEST_AROUND, LONGEST_OTHER = 900, 320
# Whoever asks for more wants to read at least so many characters more.
WORTH_IT = 60
# A further passage must come near the best one; its score of the best one's.
NEAR = 0.6


@dataclass(frozen=True, slots=True)
class Further:
    """Longer quotations around what was shown, and further sources with what they say."""

    around: list[Citation]
    others: list[Citation]

    def __bool__(self) -> bool:
        return bool(self.around or self.others)


async def find_further(
    session: AsyncSession, trace: Mapping[str, Any], question: str, viewer: Viewer, *, hub: str | None = None
) -> Further:
    """Return what ``viewer`` may read beyond what the answer of this trace has shown.

    ``hub`` is the hub's address, where people can reach one.
    """
    scores = {item["passage"]: float(item["score"]) for item in trace.get("passages", ())}
    found = await DocumentRepository(session).found(list(scores), viewer)
    passages = [_ranked(found[key], score) for key, score in scores.items() if key in found]
    shown = _shown(trace.get("shown", ()), passages)
    around = [cite(Quoted(item, _more_of(item)), viewer, hub=hub) for item, quoted in shown if _has_more(item, quoted)]
    best = max(scores.values(), default=0.0)
    seen = {item.found.passage.id for item, _quoted in shown}
    others = [
        cite(Quoted(item, _best_part(item.found.passage.text, question)), viewer, hub=hub)
        for item in passages
        if item.found.passage.id not in seen and item.found.passage.quotable and item.rank.score >= NEAR * best
    ]
    return Further(around[:MOST_AROUND], _distinct(others)[:MOST_OTHERS])


def _ranked(found: FoundPassage, score: float) -> RankedPassage:
    return RankedPassage(found, Ranked(found.passage.id, score, lexical=0.0, cosine=None, sentence=0.0, passage=0.0))


def _shown(shown: Sequence[Mapping[str, Any]], passages: Sequence[RankedPassage]) -> list[tuple[RankedPassage, str]]:
    """Return the passages that were quoted, with the quotations."""
    pairs = []
    for said in shown:
        document, quoted = UUID(said["document"]), said["quote"] or ""
        beginning = _plain(quoted.split(GAP.strip())[0])
        of_document = [item for item in passages if item.found.document.id == document]
        pairs += [(item, quoted) for item in of_document if beginning in _plain(item.found.passage.text)][:1]
    return pairs


def _plain(text: str) -> str:
    return " ".join(text.split())


def _has_more(item: RankedPassage, quoted: str) -> bool:
    """Whether the passage around a quotation may be shown, and holds more than the quotation."""
    if item.found.document.rights is not Rights.FULL or not item.found.passage.quotable:
        return False
    return len(_more_of(item)) >= len(quoted) + WORTH_IT


def _more_of(item: RankedPassage) -> str:
    text = item.found.passage.text
    return text if len(text) <= LONGEST_AROUND else _window(text, 0, LONGEST_AROUND)


def _best_part(text: str, question: str) -> str:
    """Return the sentences from the one on that has most of the question."""
    wanted = grams_in(question)
    spans = split_sentences(text)
    if not spans:
        return text[:LONGEST_OTHER]
    best = max(range(len(spans)), key=lambda place: len(wanted & grams_in(text[spans[place].start : spans[place].end])))
    return _window(text, best, LONGEST_OTHER)


def _window(text: str, first: int, limit: int) -> str:
    """Return whole sentences from the given one on, at least that one."""
    spans = split_sentences(text)
    start, end = spans[first].start, spans[first].end
    for span in spans[first + 1 :]:
        if span.end - start > limit:
            break
        end = span.end
    return text[start:end]


def _distinct(citations: Sequence[Citation]) -> list[Citation]:
    """Keep one citation of each place, and none that says what an earlier one says."""
    kept: dict[str, Citation] = {}
    for citation in citations:
        kept.setdefault(_plain(citation.quote or citation.document), citation)
    return list(kept.values())
