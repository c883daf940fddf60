"""The tree of topics in memory: which topic a word means, and what lies above and below it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.language import current_language
from knowledge.models.topic import TopicKind
from knowledge.topics.repository import TopicRepository
from knowledge.topics.words import fold_topic


@dataclass(frozen=True, slots=True)
class TopicEntry:
    """A topic. ``retired``: no longer offered, but words still lead to it."""

    id: UUID
    key: str
    kind: TopicKind
    parent_id: UUID | None
    name_de: str
    name_en: str
    retired: bool

    @property
    def name(self) -> str:
        """The name in the language that is spoken."""
        return self.name_de if current_language() == "de" else self.name_en


class TopicTree:
    """All topics, also retired ones, in the order in which they are shown: each followed by what lies below it.

    Args:
        entries: the topics, siblings in their order.
        words: the words of each topic by its identifier, as written; its names are among them.
    """

    def __init__(self, entries: Sequence[TopicEntry], words: Mapping[UUID, Sequence[str]]) -> None:
        self._by_id = {entry.id: entry for entry in entries}
        self._children: defaultdict[UUID | None, list[TopicEntry]] = defaultdict(list)
        for entry in entries:
            parent = entry.parent_id if entry.parent_id in self._by_id else None
            self._children[parent].append(entry)
        self._words = words
        self._by_word: dict[str, TopicEntry] = {}
        self.entries: tuple[TopicEntry, ...] = tuple(self._walk(None))
        # What is offered goes before what is not, where both go by a word.
        for entry in sorted(self.entries, key=lambda entry: entry.retired):
            for word in (entry.name_de, entry.name_en, *words.get(entry.id, ())):
                self._by_word.setdefault(fold_topic(word), entry)

    def _walk(self, parent: UUID | None) -> Iterable[TopicEntry]:
        for entry in self._children.get(parent, ()):
            yield entry
            yield from self._walk(entry.id)

    @property
    def offered(self) -> tuple[TopicEntry, ...]:
        """The topics that people may choose."""
        return tuple(entry for entry in self.entries if not entry.retired)

    def get(self, topic_id: UUID) -> TopicEntry | None:
        """Return a topic."""
        return self._by_id.get(topic_id)

    def find(self, word: str) -> TopicEntry | None:
        """Return the topic that goes by a word, in whatever spelling."""
        return self._by_word.get(fold_topic(word))

    def resolve(self, words: Iterable[str]) -> frozenset[UUID]:
        """Return the topics that words mean; words that mean none are left out."""
        found = (self.find(word) for word in words)
        return frozenset(entry.id for entry in found if entry is not None)

    def words(self, topic_id: UUID) -> tuple[str, ...]:
        """Return the other words of a topic, without its names, in the order of the alphabet."""
        entry = self._by_id.get(topic_id)
        if entry is None:
            return ()
        names = {fold_topic(entry.name_de), fold_topic(entry.name_en)}
        others = [word for word in self._words.get(topic_id, ()) if fold_topic(word) not in names]
        return tuple(sorted(others, key=str.casefold))

    def above(self, topic_id: UUID) -> tuple[UUID, ...]:
        """Return a topic and what it lies below, nearest first; nothing for one that is not there."""
        path: list[UUID] = []
        entry = self._by_id.get(topic_id)
        while entry is not None and entry.id not in path:
            path.append(entry.id)
            entry = self._by_id.get(entry.parent_id) if entry.parent_id is not None else None
        return tuple(path)

    def below(self, topic_id: UUID) -> frozenset[UUID]:
        """Return a topic with all that lies below it; nothing for one that is not there."""
        if topic_id not in self._by_id:
            return frozenset()
        return frozenset({topic_id, *(entry.id for entry in self._walk(topic_id))})

    def matches(self, topics: frozenset[UUID], of: frozenset[UUID]) -> UUID | None:
        """Return the topic of ``of`` that is one of ``topics`` or lies above one, the nearest first.

        Whoever knows their way in „Digitalisierung" is told of „E-Akte", not the other way round.
        """
        steps = [
            (distance, str(found), found)
            for topic in topics
            for distance, found in enumerate(self.above(topic))
            if found in of
        ]
        return min(steps)[2] if steps else None

    def path(self, topic_id: UUID) -> str:
        """Return the names from the top down to a topic, as in „Digitalisierung und IT › E-Akte"."""
        entries = [self._by_id[key] for key in reversed(self.above(topic_id))]
        return " › ".join(entry.name for entry in entries)


async def load_tree(session: AsyncSession) -> TopicTree:
    """Read the tree."""
    repository = TopicRepository(session)
    entries = [
        TopicEntry(
            id=topic.id,
            key=topic.key,
            kind=topic.kind,
            parent_id=topic.parent_id,
            name_de=topic.name_de,
            name_en=topic.name_en,
            retired=topic.retired_at is not None,
        )
        for topic in await repository.topics()
    ]
    return TopicTree(entries, await repository.words())
