"""The topics that come with the program: brought into a database that does not have them."""

import csv
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.clock import now
from knowledge.models.topic import TopicKind
from knowledge.topics.repository import TopicRepository
from knowledge.topics.words import check_words

FILES = {TopicKind.FIELD: "fields.csv", TopicKind.GOAL: "goals.csv"}
# A topic that comes with the program has the same identifier in every database.
_OURS = UUID("7f0f4a53-6f0c-4c66-9a0e-0d5f2f5b6c11")


@dataclass(frozen=True, slots=True)
class SeededTopic:
    """A topic as the program brings it. What stands before the last dot of its key is the key of the one above it."""

    key: str
    kind: TopicKind
    position: int
    name_de: str
    name_en: str
    words: tuple[str, ...]

    @property
    def id(self) -> UUID:
        """The topic's identifier."""
        return uuid5(_OURS, self.key)

    @property
    def above(self) -> str | None:
        """The key of the topic above it."""
        return self.key.rpartition(".")[0] or None


def read_topics_file(kind: TopicKind) -> list[SeededTopic]:
    """Return the topics of one kind that come with the program, each after the one above it."""
    path = Path(__file__).with_name(FILES[kind])
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        SeededTopic(row["key"], kind, number, row["de"], row["en"], tuple(filter(None, row["words"].split(";"))))
        for number, row in enumerate(rows, start=1)
    ]


async def seed_topics(session: AsyncSession) -> int:
    """Bring the topics that a database lacks; returns how many there were.

    A topic is known by its key: what moderators renamed, moved, retired or gave other words stays as they left it. A
    topic that they made themselves under one of its names is not made a second time.
    """
    repository = TopicRepository(session)
    topics = [topic for kind in FILES for topic in read_topics_file(kind)]
    known = await repository.keys()
    missing = [topic for topic in topics if topic.key not in known]
    if not missing:
        return 0
    taken = await repository.folded_words()
    rows, words = [], []
    for topic in missing:
        names = check_words([topic.name_de, topic.name_en])
        own = next((taken[name] for name in names if name in taken), None)
        if own is not None:
            known[topic.key] = own
            continue
        known[topic.key] = topic.id
        rows.append(_row(topic, known.get(topic.above or "")))
        for folded, word in check_words([topic.name_de, topic.name_en, *topic.words]).items():
            if taken.setdefault(folded, topic.id) == topic.id:
                words.append((topic.id, folded, word))
    await repository.add(rows)
    await repository.add_word_rows(words)
    return len(rows)


def _row(topic: SeededTopic, parent: UUID | None) -> dict[str, object]:
    return {
        "id": topic.id,
        "key": topic.key,
        "kind": topic.kind,
        "parent_id": parent,
        "name_de": topic.name_de,
        "name_en": topic.name_en,
        "position": topic.position,
        "created_at": now(),
    }
