"""Registering for a training: a place or the waiting list, accepting, cancelling, asking whoever runs it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from knowledge.access.visibility import Viewer, network_member
from knowledge.contributions.schemas import Author
from knowledge.kit.clock import now
from knowledge.kit.errors import AllmendeError
from knowledge.kit.ids import new_id
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.often import room_in
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.training import Registration, RegistrationState, Training, TrainingInquiry, TrainingState
from knowledge.notices.service import tell, tell_each
from knowledge.privacy.taken_back.kinds import TakenBack
from knowledge.privacy.taken_back.noting import note_taken_back
from knowledge.trainings.checking import checked_answers, checked_inquiry
from knowledge.trainings.errors import (
    NothingOffered,
    RegistrationClosed,
    TooLateToCancel,
    TooManyInquiries,
    TrainingFull,
    TrainingMovedOn,
    UnknownInquiry,
    UnknownRegistration,
    UnknownTraining,
)
from knowledge.trainings.places import leave
from knowledge.trainings.queueing import wait_for_turn
from knowledge.trainings.registrations.repository import RegistrationRepository
from knowledge.trainings.repository import TrainingRepository
from knowledge.trainings.schemas import (
    HOLDING,
    LIVE,
    InquiryEntry,
    ParticipantEntry,
    Publisher,
    RegistrationEntry,
    TrainingEntry,
)
from knowledge.trainings.showing import Showing, may_find, question_entry, registration_entry

# So many people are told of a question to whoever runs a training.
MOST_ASKED = 3
MOST_INQUIRIES, DAY = 10, timedelta(days=1)
# Within this time, the same words are the same question also where it is answered already.
SAME_WITHIN = timedelta(minutes=1)
MOST_SHOWN = 200


class RegistrationService:
    """Registrations, within the caller's unit of work.

    A registration takes the training's row for as long as its transaction lasts, so callers keep that short.
    """

    def __init__(self, unit: UnitOfWork) -> None:
        self._unit = unit
        self._trainings = TrainingRepository(unit.session)
        self._registrations = RegistrationRepository(unit.session)
        self._showing = Showing(self._trainings, self._registrations)

    async def register(
        self,
        training_id: UUID,
        author: Author,
        answers: Mapping[str, str] | None = None,
        *,
        viewer: Viewer | None = None,
    ) -> RegistrationEntry:
        """Register somebody: for a place as long as there is one, then for the waiting list. Twice is once.

        Whoever is offered a place, or waits while one is free, gets it. Somebody who registers without a chat (in the
        hub) is told in theirs (``training.registered``, ``training.waiting``).

        Args:
            training_id: for what.
            author: who, and where they are told of it.
            answers: to what is asked at registration, by the question's id.
            viewer: what they may find where they are; without it, what a member may.

        Raises ``UnknownTraining``, ``AnswersInvalid``, ``RegistrationClosed``, ``TrainingFull``.
        """
        await wait_for_turn(self._unit.session, training_id)
        training = await self._trainings.get(training_id)
        viewer = viewer or network_member(author.organisation_id)
        if training is None or training.state is TrainingState.DRAFT or not may_find(viewer, training):
            raise UnknownTraining
        known = await self._registrations.of_member_in(training_id, author.member_id)
        if known is not None and known.state in (RegistrationState.REGISTERED, RegistrationState.OFFERED):
            return await self._again(known, author)
        questions = [question_entry(row) for row in await self._trainings.questions(training_id)]
        given = checked_answers(questions, answers if answers is not None else _known_answers(known))
        if known is not None and known.state is RegistrationState.WAITING:
            return await self._take_free(training, known, given)
        return await self._new(training, author, given)

    async def _again(self, known: Registration, author: Author) -> RegistrationEntry:
        """Return a registration that holds a place; one that is offered is accepted by registering again."""
        if known.state is RegistrationState.OFFERED:
            return await self.accept_offer(known.id, author.member_id)
        return await self._showing.registration(known)

    async def _new(self, training: Training, author: Author, answers: Mapping[str, str]) -> RegistrationEntry:
        moment = now()
        number, state = await self._number(training, moment)
        row = Registration(
            id=new_id(),
            training_id=training.id,
            member_id=author.member_id,
            identity_id=author.identity_id,
            state=state,
            number=number,
            answers=dict(answers),
            offered_until=None,
            attended=None,
            created_at=moment,
            changed_at=moment,
        )
        places = 1 if state is RegistrationState.REGISTERED else 0
        kept = await self._registrations.put(row)
        if kept is None:  # the same person was faster elsewhere
            await self._registrations.give_back_number(training.id, places=places)
            return await self._showing.registration(await self._mine(training.id, author.member_id))
        row.id, before = kept
        if author.identity_id is None:
            kind = "training.registered" if places else "training.waiting"
            await tell(self._unit.session, kind, member_id=author.member_id, data={"registration": str(row.id)})
        get_logger().info("registered", registration=str(row.id), state=state.value)
        return registration_entry(row, None if places else before + 1)

    async def _number(self, training: Training, moment: datetime) -> tuple[int, RegistrationState]:
        """Take a place or a number on the waiting list. Raises as ``register`` does where neither is to be had.

        What is likelier is tried first, as others wait meanwhile. Who misses both, as a place became free in between,
        tries once more.
        """
        place = (self._registrations.take_place, RegistrationState.REGISTERED)
        waits = (self._registrations.take_number, RegistrationState.WAITING)
        is_full = training.capacity is not None and training.taken >= training.capacity
        for take, state in (waits, place) * 2 if is_full else (place, waits) * 2:
            number = await take(training.id, moment)
            if number is not None:
                return number, state
        raise await self._refusal(training.id)

    async def _take_free(self, training: Training, known: Registration, answers: dict[str, str]) -> RegistrationEntry:
        """Give somebody who waits a place that is free, which only happens when it is too late to offer it."""
        row = await self._locked(known)
        if row is not None and row.state is RegistrationState.WAITING:
            number = await self._registrations.take_place(training.id, now())
            values = {"answers": answers, "changed_at": now()}
            if number is not None:
                values |= {"state": RegistrationState.REGISTERED, "number": number}
            await self._registrations.move([row.id], (RegistrationState.WAITING,), **values)
        return await self._showing.registration(await self._registration(known.id, known.member_id))

    async def _refusal(self, training_id: UUID) -> AllmendeError:
        """Say why nobody can register any more."""
        training = await self._trainings.get(training_id)
        if training is None:
            return UnknownTraining()
        if training.state is TrainingState.CANCELLED:
            return RegistrationClosed(_("This training was cancelled."))
        moment = now()
        if training.starts_at is None or training.starts_at <= moment:
            return RegistrationClosed(_("This training has already begun. You cannot register any more."))
        if training.deadline is not None and training.deadline <= moment:
            return RegistrationClosed(_("The deadline for registering is past."))
        return TrainingFull()

    async def get(self, registration_id: UUID, member_id: UUID) -> RegistrationEntry:
        """Return one's own registration. Raises ``UnknownRegistration``."""
        return await self._showing.registration(await self._registration(registration_id, member_id))

    async def of_member(self, member_id: UUID, *, viewer: Viewer | None = None) -> list[TrainingEntry]:
        """Return the trainings in which a member has or hopes for a place, in the order in which they begin.

        Each holds the member's ``registration``. With ``viewer``, only what may be shown there.
        """
        rows = await self._trainings.of_member(member_id)
        if viewer is not None:
            rows = [row for row in rows if may_find(viewer, row)]
        return await self._showing.entries(rows, member_id)

    async def cancel(self, registration_id: UUID, member_id: UUID) -> RegistrationEntry:
        """Cancel one's registration; the place goes to whoever waits. Twice is once.

        Raises ``UnknownRegistration``, ``TooLateToCancel`` once the last date began.
        """
        row, training = await self._held(registration_id, member_id)
        if row.state in (*HOLDING, RegistrationState.WAITING):
            moment = now()
            if not await self._registrations.has_dates_to_come(training.id, moment):
                raise TooLateToCancel
            await leave(self._registrations, training, [row.id], moment)
            await note_taken_back(self._unit.session, TakenBack.REGISTRATION, row.id)
            get_logger().info("registration_cancelled", registration=str(row.id))
        return await self.get(row.id, member_id)

    async def decline_offer(self, registration_id: UUID, member_id: UUID) -> RegistrationEntry:
        """Decline a place from the waiting list, which ends the registration. Twice is once.

        Raises ``UnknownRegistration``; ``NothingOffered`` where the place was accepted already.
        """
        row, training = await self._held(registration_id, member_id)
        if row.state is RegistrationState.OFFERED:
            await leave(self._registrations, training, [row.id], now())
            await note_taken_back(self._unit.session, TakenBack.REGISTRATION, row.id)
        elif row.state not in (RegistrationState.CANCELLED, RegistrationState.LAPSED):
            raise NothingOffered
        return await self.get(row.id, member_id)

    async def accept_offer(self, registration_id: UUID, member_id: UUID) -> RegistrationEntry:
        """Accept a place from the waiting list, as long as it is kept. Twice is once.

        Raises ``UnknownRegistration``, ``NothingOffered``; ``RegistrationClosed`` where the training was cancelled.
        """
        row, training = await self._held(registration_id, member_id)
        if training.state is TrainingState.CANCELLED:
            raise RegistrationClosed(_("This training was cancelled."))
        if row.state is not RegistrationState.REGISTERED:
            moment = now()
            if not _is_kept(row, moment):
                raise NothingOffered
            values = {"state": RegistrationState.REGISTERED, "offered_until": None, "changed_at": moment}
            await self._registrations.move([row.id], (RegistrationState.OFFERED,), **values)
            get_logger().info("offer_accepted", registration=str(row.id))
        return await self.get(row.id, member_id)

    async def _held(self, registration_id: UUID, member_id: UUID) -> tuple[Registration, Training]:
        """Return one's registration and its training, whose places nobody else changes now."""
        row = await self._registration(registration_id, member_id)
        training = await self._trainings.locked(row.training_id)
        if training is None:
            raise UnknownRegistration
        return await self._registration(registration_id, member_id), training

    async def _locked(self, known: Registration) -> Registration | None:
        await self._trainings.locked(known.training_id)
        return await self._registrations.get(known.id)

    async def _registration(self, registration_id: UUID, member_id: UUID | None) -> Registration:
        row = await self._registrations.get(registration_id)
        if row is None or member_id is None or row.member_id != member_id:
            raise UnknownRegistration
        return row

    async def _mine(self, training_id: UUID, member_id: UUID) -> Registration:
        row = await self._registrations.of_member_in(training_id, member_id)
        if row is None:
            raise UnknownRegistration
        return row

    # For whoever runs the training

    async def _managed(self, training_id: UUID, by: Publisher) -> Training:
        training = await self._trainings.get(training_id)
        if training is None or not by.manages(training.organisation_id, training.created_by):
            raise UnknownTraining
        return training

    async def participants(self, training_id: UUID, by: Publisher) -> list[ParticipantEntry]:
        """Return all who registered, in the order in which they came. Raises ``UnknownTraining``."""
        await self._managed(training_id, by)
        questions = await self._trainings.questions(training_id)
        return [
            ParticipantEntry(
                registration_id=row.id,
                member_id=row.member_id,
                name=name,
                organisation_name=house,
                state=row.state,
                number=row.number,
                answers={
                    question.id: str(row.answers[str(question.id)])
                    for question in questions
                    if str(question.id) in row.answers
                },
                offered_until=row.offered_until,
                attended=row.attended,
                created_at=row.created_at,
            )
            for row, name, house in await self._registrations.participants(training_id)
        ]

    async def note_attendance(
        self, training_id: UUID, by: Publisher, present: Mapping[UUID, bool | None]
    ) -> list[ParticipantEntry]:
        """Note who of those with a place was there, by registration; ``None`` takes the note back.

        Raises ``UnknownTraining``; ``TrainingMovedOn`` before the training begins, or where names are cleared.
        """
        training = await self._managed(training_id, by)
        if training.state is not TrainingState.PUBLISHED or training.starts_at is None or training.starts_at > now():
            raise TrainingMovedOn(_("Who was there can be noted once the training has begun."))
        if training.cleared_at is not None:
            raise TrainingMovedOn(_("The names of those who took part are deleted already."))
        for value in (True, False, None):
            chosen = [key for key, was_there in present.items() if was_there is value]
            if chosen:
                await self._registrations.note_attended(training_id, chosen, attended=value)
        return await self.participants(training_id, by)

    # Questions to whoever runs it

    async def ask(self, training_id: UUID, author: Author, text: str, *, viewer: Viewer | None = None) -> InquiryEntry:
        """Ask whoever runs a training something; they are told (``training.asked``). The same words twice are once,
        as long as the first ones wait for their answer, and for a minute in any case.

        Raises ``UnknownTraining``, ``TrainingInvalid``, ``TooManyInquiries``.
        """
        training = await self._trainings.get(training_id)
        viewer = viewer or network_member(author.organisation_id)
        if (
            training is None
            or training.state is TrainingState.DRAFT
            or not await self._may_ask(training, author, viewer)
        ):
            raise UnknownTraining
        words = checked_inquiry(text)
        await self._trainings.one_at_a_time(author.member_id)
        same = await self._trainings.same_inquiry(training_id, author.member_id, words, since=now() - SAME_WITHIN)
        if same is not None:
            return _inquiry(same, training, None)
        asked = await self._trainings.inquiries_since(author.member_id, now() - DAY)
        if len(asked) >= MOST_INQUIRIES:
            raise TooManyInquiries(room_in(asked, DAY, MOST_INQUIRIES))
        row = TrainingInquiry(
            id=new_id(),
            training_id=training_id,
            member_id=author.member_id,
            identity_id=author.identity_id,
            text=words,
            created_at=now(),
        )
        await self._trainings.add(row)
        data = {"inquiry": str(row.id), "training": str(training_id)}
        runs = [{"member_id": key} for key in await self._trainings.who_runs(training, most=MOST_ASKED)]
        if runs:
            await tell_each(self._unit.session, "training.asked", runs, data)
        get_logger().info("training_asked", training=str(training_id), inquiry=str(row.id))
        return _inquiry(row, training, None)

    async def _may_ask(self, training: Training, author: Author, viewer: Viewer) -> bool:
        """Whether somebody may find a training here, or has or hopes for a place in it."""
        if may_find(viewer, training):
            return True
        known = await self._registrations.of_member_in(training.id, author.member_id)
        return known is not None and known.state in LIVE

    async def answer(self, inquiry_id: UUID, by: Publisher, text: str) -> InquiryEntry:
        """Answer a question about a training; whoever asked is told (``training.answered``).

        Raises ``UnknownInquiry``, ``TrainingInvalid``; ``TrainingMovedOn`` where somebody else answered already.
        """
        row, training, name = await self._asked(inquiry_id, by)
        words = checked_inquiry(text)
        if row.answer == words:
            return _inquiry(row, training, name)
        if not await self._trainings.answer_inquiry(inquiry_id, words, by.member_id, now()):
            raise TrainingMovedOn(_("Somebody else has answered this question already."))
        await self._unit.session.refresh(row)
        await self._tell_answered(row)
        return _inquiry(row, training, name)

    async def _tell_answered(self, row: TrainingInquiry) -> None:
        data = {"inquiry": str(row.id)}
        if row.identity_id is not None and await self._trainings.speaks_for(row.identity_id, row.member_id):
            await tell(self._unit.session, "training.answered", identity_id=row.identity_id, data=data)
        else:
            await tell(self._unit.session, "training.answered", member_id=row.member_id, data=data)

    async def inquiry(self, inquiry_id: UUID, by: Publisher) -> InquiryEntry:
        """Return a question for whoever runs its training. Raises ``UnknownInquiry``."""
        return _inquiry(*await self._asked(inquiry_id, by))

    async def own_inquiry(self, inquiry_id: UUID, member_id: UUID) -> InquiryEntry:
        """Return one's own question. Raises ``UnknownInquiry``."""
        row = await self._trainings.inquiry(inquiry_id)
        if row is None or row[0].member_id != member_id:
            raise UnknownInquiry
        return _inquiry(*row)

    async def own_inquiries(self, training_id: UUID, member_id: UUID) -> list[InquiryEntry]:
        """Return what a member asked about a training themselves; what waits for an answer comes first."""
        training = await self._trainings.get(training_id)
        rows = await self._trainings.inquiries(training_id, MOST_SHOWN, member=member_id)
        return [] if training is None else [_inquiry(row, training, name) for row, name in rows]

    async def inquiries(self, training_id: UUID, by: Publisher) -> list[InquiryEntry]:
        """Return what was asked about a training; what waits for an answer comes first. Raises ``UnknownTraining``."""
        training = await self._managed(training_id, by)
        rows: Sequence[tuple[TrainingInquiry, str]] = await self._trainings.inquiries(training_id, MOST_SHOWN)
        return [_inquiry(row, training, name) for row, name in rows]

    async def _asked(self, inquiry_id: UUID, by: Publisher) -> tuple[TrainingInquiry, Training, str]:
        row = await self._trainings.inquiry(inquiry_id)
        if row is None or not by.manages(row[1].organisation_id, row[1].created_by):
            raise UnknownInquiry
        return row


def _known_answers(known: Registration | None) -> Mapping[str, str]:
    return {} if known is None else {key: str(text) for key, text in known.answers.items()}


def _is_kept(row: Registration, moment: datetime) -> bool:
    """Whether a place is kept for somebody; to the last minute, because it is given on by the clock only then."""
    return row.state is RegistrationState.OFFERED and row.offered_until is not None and row.offered_until > moment


def _inquiry(row: TrainingInquiry, training: Training, name: str | None) -> InquiryEntry:
    return InquiryEntry(
        id=row.id,
        training_id=row.training_id,
        training_title=training.title,
        member_id=row.member_id,
        member_name=name,
        text=row.text,
        answer=row.answer,
        created_at=row.created_at,
        answered_at=row.answered_at,
    )
