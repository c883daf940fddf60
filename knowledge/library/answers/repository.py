"""The statements about questions and answers."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models.answer import Answer, Question

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

    async def by_prefix(self, reference: str) -> Sequence[Answer]:
        """Return the answers whose key begins with ``reference`` (hex digits, with or without hyphens)."""
        digits = reference.strip().lower().replace("-", "")
        if not SHORTEST_PREFIX <= len(digits) <= HEX_DIGITS or not set(digits) <= set("0123456789abcdef"):
            return []
        first, last = UUID(digits.ljust(HEX_DIGITS, "0")), UUID(digits.ljust(HEX_DIGITS, "f"))
        return (await self._session.scalars(select(Answer).where(Answer.id.between(first, last)).limit(2))).all()

    async def question(self, key: UUID | None) -> Question | None:
        """Return the words of a question, unless they were erased."""
        return await self._session.get(Question, key) if key else None
