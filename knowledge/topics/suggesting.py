"""Suggesting topics for a text: from what the library holds near it, and from the words in it."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from knowledge.access.visibility import Viewer
from knowledge.kit.database import Database
from knowledge.kit.errors import InvalidInput, Unavailable
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.library.text.analysis import analyse, is_light_word, words_of
from knowledge.topics.repository import DocumentTopicRepository
from knowledge.topics.tree import TopicEntry, TopicTree, load_tree

# Passages that are looked at, and how many characters of a text are enough to search with, and to look for words in.
PASSAGES, LONGEST_SEARCHED, LONGEST_READ = 12, 2_000, 6_000
# A name that stands in the text says more than all that was found near it.
IN_TEXT, COMPOUND, NEAR = 1.0, 0.6, 0.8
# How much of that what was found counts at least, however unlikely it is that it has to do with the text.
UNSURE = 0.25
# Stems so long may be the beginning of a compound: „Hundesteuersatzung" is about „Hundesteuer".
SHORTEST_COMPOUND = 5
# Topics with less weight are not suggested, nor those with less than this share of the best one's.
FAINT, WORTH_IT = 0.18, 0.3

_Weights = dict[UUID, float]


async def suggest_topics(
    answers: AnswerService, database: Database, text: str, viewer: Viewer, *, limit: int = 3
) -> list[TopicEntry]:
    """Return the topics that a text seems to be about, the likeliest first; perhaps none.

    Outside a transaction: it searches.

    Args:
        answers: what searches the library.
        database: where the topics are.
        text: a question, an experience, a title.
        viewer: only what this viewer may find speaks for a topic.
        limit: how many at most.
    """
    nearness = await _nearness(answers, text, viewer)
    async with unit_of_work(database, writes=False) as unit:
        tree = await load_tree(unit.session)
        named = await DocumentTopicRepository(unit.session).named(nearness)
    weights = _weigh_words(tree, text[:LONGEST_READ])
    for topic, weight in _weigh_near(tree, nearness, named).items():
        weights[topic] = weights.get(topic, 0.0) + weight
    return _best(tree, weights, limit)


def said_in(fields: Mapping[str, Any]) -> str:
    """Return what the fields of a contribution say about its subject, as a text to suggest topics for."""
    return "\n".join(str(fields[name]) for name in ("title", "done", "outcome", "situation") if fields.get(name))


async def _nearness(answers: AnswerService, text: str, viewer: Viewer) -> dict[UUID, float]:
    """Return the documents near a text, each with its share of all nearness, which grows with how sure that is."""
    try:
        found = await answers.search(text[:LONGEST_SEARCHED], viewer, limit=PASSAGES)
    except (InvalidInput, Unavailable):
        return {}  # nothing to look for, or nobody to ask: the words in the text remain
    best: dict[UUID, float] = {}
    for result in found.results:
        document = UUID(result.document)
        best[document] = max(best.get(document, 0.0), result.score)
    total = sum(best.values())
    sure = UNSURE + (1 - UNSURE) * found.confidence
    return {document: sure * score / total for document, score in best.items()} if total > 0 else {}


def _weigh_near(tree: TopicTree, nearness: Mapping[UUID, float], named: Mapping[UUID, Sequence[str]]) -> _Weights:
    weights: defaultdict[UUID, float] = defaultdict(float)
    for document, share in nearness.items():
        for topic in tree.resolve(named.get(document, ())):
            weights[topic] += NEAR * share
    return weights


def _weigh_words(tree: TopicTree, text: str) -> _Weights:
    """Return what the words in the text say: for each topic, its best word counts, others a little."""
    spoken = [word for word in words_of(text) if not is_light_word(word)]
    stems = analyse(" ".join(spoken)).stems
    known, beginnings = " ".join(["", *stems, ""]), {stem for stem in stems if len(stem) > SHORTEST_COMPOUND}
    weights: _Weights = {}
    for entry in tree.offered:
        found = [
            _weigh_word(analyse(word).stems, known, beginnings)
            for word in (entry.name_de, entry.name_en, *tree.words(entry.id))
        ]
        best = max(found)
        if best > 0:
            weights[entry.id] = best + 0.1 * (sum(found) - best)
    return weights


def _weigh_word(stems: Sequence[str], known: str, beginnings: set[str]) -> float:
    if not stems:
        return 0.0
    if f" {' '.join(stems)} " in known:
        return IN_TEXT * math.sqrt(len(stems))
    [stem, *others] = stems
    if others or len(stem) < SHORTEST_COMPOUND:
        return 0.0
    return COMPOUND if any(spoken.startswith(stem) or spoken.endswith(stem) for spoken in beginnings) else 0.0


def _best(tree: TopicTree, weights: Mapping[UUID, float], limit: int) -> list[TopicEntry]:
    """Return the heaviest topics that are offered; what lies above one of them says nothing more."""
    line = max(FAINT, WORTH_IT * max(weights.values(), default=0.0))
    chosen: list[TopicEntry] = []
    for topic, weight in sorted(weights.items(), key=lambda pair: (-pair[1], str(pair[0]))):
        entry = tree.get(topic)
        if entry is None or entry.retired or weight < line:
            continue
        if any(topic in tree.above(other.id) for other in chosen):
            continue
        chosen = [other for other in chosen if other.id not in tree.above(topic)] + [entry]
        if len(chosen) == limit:
            break
    return chosen
