"""The statements about what was taken back."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.clock import now
from knowledge.models.contribution import Contribution, ContributionState
from knowledge.models.erasure import Erasure
from knowledge.models.lesson import SelfCheck
from knowledge.models.question import OpenAnswer, OpenQuestion, OpenQuestionState
from knowledge.models.token import ApiToken
from knowledge.models.training import Registration, RegistrationState
from knowledge.privacy.taken_back.kinds import TakenBack

# A place that somebody has, or waits for.
WANTED = (RegistrationState.REGISTERED, RegistrationState.OFFERED, RegistrationState.WAITING)


class TakenBackRepository:
    """What was taken back, over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def newest_key(self) -> str | None:
        """Return the key of the newest record."""
        return await self._session.scalar(select(Erasure.key).order_by(Erasure.erased_at.desc()).limit(1))

    async def keep(self, digest: str, key: str) -> None:
        """Keep a record; one that is there gets its latest moment."""
        known = await self._session.get(Erasure, digest)
        if known is None:
            self._session.add(Erasure(digest=digest, key=key))
        else:
            known.erased_at = now()
        await self._session.flush()

    async def standing(self, what: TakenBack) -> Sequence[UUID]:
        """Return the keys of the rows of a kind that are not taken back."""
        return (await self._session.scalars(_standing(what))).all()

    async def registration(self, row: UUID) -> Registration | None:
        """Return somebody's registration for a training."""
        return await self._session.get(Registration, row)

    async def contribution(self, row: UUID) -> Contribution | None:
        """Return a contribution."""
        return await self._session.get(Contribution, row)

    async def question(self, row: UUID) -> OpenQuestion | None:
        """Return an open question."""
        return await self._session.get(OpenQuestion, row)

    async def answers(self, question: UUID) -> Sequence[UUID]:
        """Return the keys of the answers to an open question."""
        return (await self._session.scalars(select(OpenAnswer.id).where(OpenAnswer.open_question_id == question))).all()

    async def empty_answer(self, row: UUID) -> None:
        """Erase the words of an answer to an open question."""
        gone = {"text": "", "withdrawn_at": now(), "helped": None, "described_as": None}
        await self._session.execute(update(OpenAnswer).where(OpenAnswer.id == row).values(gone))

    async def revoke_token(self, row: UUID) -> None:
        """End a program's token."""
        await self._session.execute(update(ApiToken).where(ApiToken.id == row).values(revoked_at=now()))


def _standing(what: TakenBack) -> Select[UUID]:
    rows: Mapping[TakenBack, tuple[Any, ColumnElement[bool] | None]] = {
        TakenBack.CONTRIBUTION: (Contribution.id, Contribution.state != ContributionState.WITHDRAWN),
        TakenBack.REGISTRATION: (Registration.id, Registration.state.in_(WANTED)),
        TakenBack.QUESTION: (OpenQuestion.id, OpenQuestion.state != OpenQuestionState.WITHDRAWN),
        TakenBack.ANSWER: (OpenAnswer.id, OpenAnswer.withdrawn_at.is_(None)),
        TakenBack.TOKEN: (ApiToken.id, ApiToken.revoked_at.is_(None)),
        TakenBack.SELF_CHECK: (SelfCheck.id, None),
    }
    column, condition = rows[what]
    return select(column) if condition is None else select(column).where(condition)
