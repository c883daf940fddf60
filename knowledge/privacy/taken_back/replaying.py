"""Taking back again, after a backup was restored, what was taken back since it was made."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.contributions.schemas import Author
from knowledge.contributions.service import ContributionService
from knowledge.kit.clock import now
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.contribution import Contribution, ContributionState
from knowledge.models.lesson import SelfCheck
from knowledge.models.question import OpenAnswerMessage
from knowledge.privacy.repository import EraseRepository
from knowledge.privacy.schemas import ErasureRecord
from knowledge.privacy.taken_back.kinds import TakenBack, digest_of_row
from knowledge.privacy.taken_back.repository import TakenBackRepository
from knowledge.questions.privacy import take_question_back
from knowledge.trainings.places import leave
from knowledge.trainings.registrations.repository import RegistrationRepository
from knowledge.trainings.repository import TrainingRepository


async def take_back_again(session: AsyncSession, records: Collection[ErasureRecord]) -> int:
    """Take back what the records know and is still, or again, there; returns how much that was."""
    moments: Mapping[str, datetime] = {record.digest: record.erased_at for record in records}
    keys = {record.key for record in records}
    repository, count = TakenBackRepository(session), 0
    for what in TakenBack:
        for row in await repository.standing(what):
            known = [moments.get(digest_of_row(what, row, key)) for key in keys]
            moment = max((moment for moment in known if moment is not None), default=None)
            if moment is not None and await _take_back(session, what, row, moment):
                count += 1
    await session.flush()
    return count


async def _take_back(session: AsyncSession, what: TakenBack, row: UUID, moment: datetime) -> bool:
    repository, erasing = TakenBackRepository(session), EraseRepository(session)
    match what:
        case TakenBack.CONTRIBUTION:
            await _take_contribution_back(session, row)
        case TakenBack.QUESTION:
            await _take_question_back(session, row)
        case TakenBack.ANSWER:
            await erasing.delete_rows(OpenAnswerMessage.open_answer_id, row)
            await repository.empty_answer(row)
        case TakenBack.REGISTRATION:
            return await _leave_training(session, row, moment)
        case TakenBack.SELF_CHECK:
            await erasing.delete_rows(SelfCheck.id, row)
        case TakenBack.TOKEN:
            await repository.revoke_token(row)
    return True


async def _leave_training(session: AsyncSession, row: UUID, moment: datetime) -> bool:
    """Cancel a registration, unless somebody registered again since."""
    registration = await TakenBackRepository(session).registration(row)
    if registration is None or registration.changed_at > moment:
        return False
    training = await TrainingRepository(session).locked(registration.training_id)
    if training is not None:
        await leave(RegistrationRepository(session), training, [row], now())
    return training is not None


async def _take_question_back(session: AsyncSession, row: UUID) -> None:
    repository, erasing = TakenBackRepository(session), EraseRepository(session)
    question = await repository.question(row)
    if question is not None:
        # With what refers to them, which the tables do not do by themselves within a restore.
        for answer in await repository.answers(row):
            await erasing.delete_rows(OpenAnswerMessage.open_answer_id, answer)
        await take_question_back(session, question)


async def _take_contribution_back(session: AsyncSession, row: UUID) -> None:
    """As its author did; one that has lost its author since stays as others know it."""
    contribution = await TakenBackRepository(session).contribution(row)
    if contribution is None or contribution.member_id is None:
        return
    if contribution.state is not ContributionState.PUBLISHED:
        await EraseRepository(session).delete_rows(Contribution.id, row)
        return
    # Those that went into documents of others are reported once more, which is for moderators to settle.
    author = Author(contribution.member_id, contribution.organisation_id)
    await ContributionService(UnitOfWork(session)).withdraw(row, author)
