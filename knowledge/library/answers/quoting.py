"""From ranked passages to what is quoted of them, a text that stands in several documents once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from knowledge.library.answers.coverage import Question
from knowledge.library.answers.fields import asked_words
from knowledge.library.answers.quotation import Candidate, choose_quotations
from knowledge.library.answers.retrieval import RankedPassage
from knowledge.library.text.duplicates import is_near_duplicate

# Passages that are looked at for quotations; the answer is hardly ever further down.
LOOKED_AT = 8


@dataclass(frozen=True, slots=True)
class Quoted:
    """A passage and what is quoted of it, whole sentences; empty for a mere pointer."""

    passage: RankedPassage
    text: str


def quote(
    text: str, question: Question, passages: Sequence[RankedPassage], fingerprints: Mapping[UUID, bytes]
) -> list[Quoted]:
    """Choose what to quote, best first.

    Args:
        text: the question.
        question: the same, with the weight of each word.
        passages: what was found, best first.
        fingerprints: of the documents of the first passages, to recognise near-duplicates.
    """
    looked_at = {item.found.passage.id: item for item in passages[:LOOKED_AT]}
    groups = group_duplicates([item.found.document.id for item in looked_at.values()], fingerprints)
    candidates = [
        Candidate(
            id=key,
            document=item.found.document.id.hex,
            position=item.found.passage.position,
            text=item.found.passage.text,
            score=item.rank.score,
            quotable=item.found.passage.quotable,
            group=groups[item.found.document.id],
            context=" ".join((item.found.document.title, *item.found.passage.headings, asked_words(item.found))),
        )
        for key, item in looked_at.items()
    ]
    return [Quoted(looked_at[chosen.id], chosen.text) for chosen in choose_quotations(text, question, candidates)]


def group_duplicates(documents: Sequence[UUID], fingerprints: Mapping[UUID, bytes]) -> dict[UUID, str]:
    """Return for each document the name of its group: near-duplicates share the name of the first of them."""
    groups: dict[UUID, str] = {}
    for document in documents:
        mark = fingerprints.get(document, b"")
        alike = (other for other in groups if is_near_duplicate(mark, fingerprints.get(other, b"")))
        groups.setdefault(document, groups.get(next(alike, document), document.hex))
    return groups
