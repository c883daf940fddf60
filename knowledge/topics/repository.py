"""The statements on topics, their words, and the topics of documents."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.ids import new_id
from knowledge.kit.inserting import insert_into
from knowledge.models.base import Base
from knowledge.models.document import Document
from knowledge.models.topic import DocumentTopic, Topic, TopicKind, TopicWord

# Rows in one statement; SQLite allows 32,766 variables.
CHUNK = 500


class TopicRepository:
    """Topics and their words over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock(self) -> None:
        """Keep others from changing topics until the transaction ends (on SQLite, a writer is alone anyway)."""
        await self._session.execute(select(Topic.id).order_by(Topic.id).with_for_update())

    async def topics(self) -> Sequence[Topic]:
        """Return all topics, fields before goals, siblings in their order."""
        kinds = sorted(TopicKind)
        order = (Topic.position, Topic.name_de, Topic.id)
        found = await self._session.scalars(select(Topic).order_by(*order).execution_options(populate_existing=True))
        return sorted(found, key=lambda topic: kinds.index(topic.kind))

    async def words(self) -> dict[UUID, list[str]]:
        """Return the words by topic."""
        words: defaultdict[UUID, list[str]] = defaultdict(list)
        statement = select(TopicWord.topic_id, TopicWord.word).order_by(TopicWord.folded)
        for topic_id, word in await self._session.execute(statement):
            words[topic_id].append(word)
        return dict(words)

    async def folded_words(self) -> dict[str, UUID]:
        """Return the topic by folded word."""
        return dict((await self._session.execute(select(TopicWord.folded, TopicWord.topic_id))).all())

    async def keys(self) -> dict[str, UUID]:
        """Return the topics by key."""
        return dict((await self._session.execute(select(Topic.key, Topic.id))).all())

    async def add(self, rows: Sequence[dict[str, Any]]) -> None:
        """Take in topics; those whose key is there are left as they are."""
        await insert_new(self._session, Topic, rows, unique=["key"])

    async def add_words(self, topic_id: UUID, words: dict[str, str]) -> None:
        """Let words, by their folded form, stand for a topic."""
        await self.add_word_rows((topic_id, folded, word) for folded, word in words.items())

    async def add_word_rows(self, rows: Iterable[tuple[UUID, str, str]]) -> None:
        """Let words stand for topics: the topic, the folded word, the word."""
        values = [
            {"id": new_id(), "topic_id": topic_id, "folded": folded, "word": word} for topic_id, folded, word in rows
        ]
        await insert_new(self._session, TopicWord, values, unique=["topic_id", "folded"])

    async def remove_words(self, topic_id: UUID, folded: Collection[str]) -> None:
        """Let words no longer stand for a topic."""
        statement = delete(TopicWord).where(TopicWord.topic_id == topic_id, TopicWord.folded.in_(folded))
        await self._session.execute(statement)

    async def change(self, topic_id: UUID, **values: Any) -> None:
        """Set columns of a topic."""
        await self._session.execute(update(Topic).where(Topic.id == topic_id).values(**values))

    async def retire(self, topics: Collection[UUID], moment: datetime | None) -> None:
        """Offer topics no longer, or (without a moment) again."""
        await self._session.execute(update(Topic).where(Topic.id.in_(topics)).values(retired_at=moment))


class DocumentTopicRepository:
    """The topics of documents over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def named(self, documents: Collection[UUID]) -> dict[UUID, list[str]]:
        """Return the words that documents name their topics with."""
        statement = select(Document.id, Document.topics).where(Document.id.in_(documents))
        return {key: list(topics) for key, topics in await self._session.execute(statement)}

    async def next_documents(self, after: UUID | None, limit: int) -> Sequence[UUID]:
        """Return the documents that follow one in the order of their identifiers."""
        statement = select(Document.id).order_by(Document.id).limit(limit)
        if after is not None:
            statement = statement.where(Document.id > after)
        return (await self._session.scalars(statement)).all()

    async def linked(self, documents: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
        """Return the topics of documents; those without any are left out."""
        links: defaultdict[UUID, set[UUID]] = defaultdict(set)
        statement = select(DocumentTopic.document_id, DocumentTopic.topic_id)
        for document, topic in await self._session.execute(statement.where(DocumentTopic.document_id.in_(documents))):
            links[document].add(topic)
        return {document: frozenset(topics) for document, topics in links.items()}

    async def link(self, document: UUID, *, to: Collection[UUID], no_longer: Collection[UUID]) -> None:
        """Let a document be about topics, and no longer about others."""
        if no_longer:
            own = DocumentTopic.document_id == document
            await self._session.execute(delete(DocumentTopic).where(own, DocumentTopic.topic_id.in_(no_longer)))
        if to:
            rows = [{"document_id": document, "topic_id": topic} for topic in sorted(to)]
            await insert_new(self._session, DocumentTopic, rows, unique=["document_id", "topic_id"])


async def insert_new(
    session: AsyncSession, table: type[Base], rows: Sequence[dict[str, Any]], *, unique: list[str]
) -> None:
    """Insert rows; those that are there by their unique columns are left as they are."""
    for start in range(0, len(rows), CHUNK):
        statement = insert_into(session, table).values(list(rows[start : start + CHUNK]))
        await session.execute(statement.on_conflict_do_nothing(index_elements=unique))
