"""The statements about questions and answers."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models.answer import Answer, AnswerDocument, Question
from knowledge.models.chat import ChatIdentity
from knowledge.models.conversation import Exchange
from knowledge.models.document import Document

SHORTEST_PREFIX = 4
HEX_DIGITS = 32


class AnswerRepository:
    """Traces of answers over one session; whoever opened the session commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, question: Question, answer: Answer) -> None:
        """Keep a question and, apart from it, the trace of its answer."""
        self._session.add(question)
        await self._session.flush()  # the answer refers to it
        self._session.add(answer)

    async def note_cited(self, answer: UUID, documents: Collection[UUID]) -> None:
        """Note which documents an answer cited, as far as they are still there."""
        await self._session.flush()  # the notes refer to the answer
        chosen = select(literal(answer, AnswerDocument.answer_id.type), Document.id).where(Document.id.in_(documents))
        await self._session.execute(insert(AnswerDocument).from_select(["answer_id", "document_id"], chosen))

    async def citing(self, document: UUID) -> Sequence[Answer]:
        """Return the answers that cited a document."""
        cited = select(AnswerDocument.answer_id).where(AnswerDocument.document_id == document)
        return (await self._session.scalars(select(Answer).where(Answer.id.in_(cited)))).all()

    async def by_prefix(self, reference: str) -> Sequence[Answer]:
        """Return the answers whose key begins with ``reference`` (hex digits, with or without hyphens)."""
        digits = reference.strip().lower().replace("-", "")
        if not SHORTEST_PREFIX <= len(digits) <= HEX_DIGITS or not set(digits) <= set("0123456789abcdef"):
            return []
        first, last = UUID(digits.ljust(HEX_DIGITS, "0")), UUID(digits.ljust(HEX_DIGITS, "f"))
        return (await self._session.scalars(select(Answer).where(Answer.id.between(first, last)).limit(2))).all()

    async def get(self, key: UUID) -> Answer | None:
        """Return an answer."""
        return await self._session.get(Answer, key)

    async def is_asker(self, answer: UUID, member: UUID, moment: datetime) -> bool:
        """Whether a member asked for this answer, as long as the link between the two lives."""
        statement = (
            select(Exchange.id)
            .join(ChatIdentity, ChatIdentity.id == Exchange.asker_id)
            .where(Exchange.answer_id == answer, Exchange.expires_at > moment, ChatIdentity.member_id == member)
        )
        return (await self._session.scalars(statement.limit(1))).first() is not None

    async def documents(self, keys: Collection[UUID]) -> Sequence[Document]:
        """Return the documents with these keys."""
        return (await self._session.scalars(select(Document).where(Document.id.in_(keys)))).all()

    async def question(self, key: UUID | None) -> Question | None:
        """Return the words of a question, unless they were erased."""
        return await self._session.get(Question, key) if key else None
