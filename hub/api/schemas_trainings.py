"""Trainings, registrations and certificates, as they are sent and read."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from hub.api.schemas import Sent, Shown
from hub.api.schemas_network import (
    EXAMPLE_ID,
    EXAMPLE_TIME,
    Flag,
    Moment,
    Number,
    Topic,
    topic_of,
)
from knowledge.certificates.schemas import CertificateEntry
from knowledge.kit.language import LANGUAGES
from knowledge.models.certificate import CertificateKind
from knowledge.models.document import Visibility
from knowledge.models.training import Level, RegistrationState, TrainingState
from knowledge.trainings.checking import (
    LONGEST,
    LONGEST_ANSWER,
    LONGEST_LINK,
    LONGEST_QUESTION,
    LONGEST_REASON,
    MOST_OFFER_HOURS,
    MOST_PLACES,
    MOST_QUESTIONS,
    MOST_TOPICS,
)
from knowledge.trainings.schemas import (
    DateDraft,
    ParticipantEntry,
    QuestionDraft,
    RegistrationEntry,
    TrainingDraft,
    TrainingEntry,
)
from knowledge.trainings.times import MOST_DATES

TITLE_EXAMPLE, SUMMARY_EXAMPLE = "Texte mit KI prüfen", "Zwei Stunden üben an eigenen Texten."
TEXTS = tuple(LONGEST)
# Whose attendance is noted at once.
MOST_NOTED = 1000
NOTED_EXAMPLE = {"registration_id": EXAMPLE_ID, "attended": True}


class TrainingDate(Shown):
    """One date."""

    id: UUID = Field(description="Also the UID in calendars.", examples=[EXAMPLE_ID])
    starts_at: datetime = Field(examples=[EXAMPLE_TIME])
    ends_at: datetime = Field(examples=["2026-11-22T11:00:00Z"])


class TrainingQuestion(Shown):
    """What is asked at registration."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    text: str = Field(examples=["Welches Programm nutzen Sie?"])
    required: bool = Field(examples=[True])


class Registration(Shown):
    """One's own registration."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    training_id: UUID = Field(examples=[EXAMPLE_ID])
    state: RegistrationState = Field(
        description="`offered`: a place became free; it is kept for you until `offered_until`.", examples=["registered"]
    )
    position: int | None = Field(description="On the waiting list, from 1.", examples=[None])
    offered_until: datetime | None = Field(examples=[None])
    answers: dict[str, str] = Field(description="By the question's id.", examples=[{EXAMPLE_ID: "Keines"}])
    attended: bool | None = Field(description="Whether you were there, once that was noted.", examples=[None])
    created_at: datetime = Field(examples=[EXAMPLE_TIME])


class TrainingFields(Shown):
    """What a training says of itself."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    title: str = Field(examples=[TITLE_EXAMPLE])
    summary: str = Field(examples=[SUMMARY_EXAMPLE])
    outcomes: str = Field(description="What you can do afterwards.", examples=["Sie prüfen Entwürfe einer KI."])
    audience: str = Field(examples=["Alle, die Bescheide schreiben"])
    level: Level = Field(examples=["beginner"])
    trainers: str = Field(examples=["Kompetenzzentrum Musterland"])
    online: bool = Field(examples=[False])
    region: str = Field(description="The town or region.", examples=["Musterau"])
    state_key: str | None = Field(description="The Land.", examples=["12"])
    district_key: str | None = Field(examples=[None])
    capacity: int | None = Field(description="`null`: as many as want to.", examples=[20])
    waiting_list: bool = Field(examples=[True])
    offer_hours: int = Field(description="How long a place that became free is kept for somebody.", examples=[24])
    deadline: datetime | None = Field(description="`null`: until it begins.", examples=[None])
    costs: str = Field(examples=["kostenlos"])
    accessibility: str = Field(examples=["Stufenfrei erreichbar"])
    language: str = Field(examples=["de"])
    organisation: str | None = Field(description="Who offers it.", examples=["Kompetenzzentrum Musterland"])
    visibility: Visibility = Field(examples=["network"])
    state: TrainingState = Field(examples=["published"])
    cancel_reason: str = Field(examples=[""])
    dates: list[TrainingDate]
    topics: list[Topic]
    questions: list[TrainingQuestion] = Field(description="What is asked at registration.")
    place: str | None = Field(
        description="For those who have a place in it and those who run it; `null` for others.", examples=[None]
    )
    link: str | None = Field(description="As `place`.", examples=[None])


class Training(TrainingFields):
    """A training as its reader may see it."""

    free: int | None = Field(description="Free places; `null` where there is no limit.", examples=[4])
    is_open: bool = Field(description="One may register now, for a place or the waiting list.", examples=[True])
    registration: Registration | None = Field(description="Your own.", examples=[None])


class ManagedTraining(TrainingFields):
    """A training as whoever runs it sees it; how many registered is in its participants."""

    revision: int = Field(description="Counts its changes.", examples=[3])
    created_at: datetime = Field(examples=[EXAMPLE_TIME])
    published_at: datetime | None = Field(examples=[None])
    cancelled_at: datetime | None = Field(examples=[None])


class Answers(Sent):
    """What is answered at registration."""

    answers: dict[str, str] = Field(
        default={},
        max_length=MOST_QUESTIONS,
        description=f"By the question's id, each at most {LONGEST_ANSWER} characters.",
        examples=[{EXAMPLE_ID: "Keines"}],
    )


class OfferReply(Sent):
    """Whether a place that is offered is taken."""

    accept: Flag = Field(examples=[True])


class DateWanted(Sent):
    """One date as it is to be."""

    id: UUID | None = Field(default=None, description="Of the date that it changes.", examples=[None])
    starts_at: Moment = Field(examples=[EXAMPLE_TIME])
    ends_at: Moment = Field(examples=["2026-11-22T11:00:00Z"])


class QuestionWanted(Sent):
    """What is to be asked at registration."""

    id: UUID | None = Field(default=None, description="Of the question that it changes.", examples=[None])
    text: str = Field(min_length=1, max_length=LONGEST_QUESTION, examples=["Welches Programm nutzen Sie?"])
    required: Flag = Field(default=False)


class TrainingWanted(Sent):
    """All of what a training is to be; what is left out is as when it is left empty."""

    title: str = Field(min_length=1, max_length=LONGEST["title"], examples=[TITLE_EXAMPLE])
    summary: str = Field(default="", max_length=LONGEST["summary"], examples=[SUMMARY_EXAMPLE])
    outcomes: str = Field(default="", max_length=LONGEST["outcomes"])
    audience: str = Field(default="", max_length=LONGEST["audience"])
    level: Level = Field(default=Level.BEGINNER, examples=["beginner"])
    trainers: str = Field(default="", max_length=LONGEST["trainers"])
    online: Flag = Field(default=False)
    place: str = Field(default="", max_length=LONGEST["place"], examples=["Rathaus, Raum 2.04"])
    link: str | None = Field(default=None, max_length=LONGEST_LINK, examples=["https://treffen.example/musterau"])
    region: str = Field(default="", max_length=LONGEST["region"], examples=["Musterau"])
    state_key: str | None = Field(default=None, pattern="^[0-9]{2}$", examples=["12"])
    district_key: str | None = Field(
        default=None, pattern="^[0-9]{5}$", description="Brings its Land with it.", examples=[None]
    )
    capacity: Number | None = Field(default=None, ge=1, le=MOST_PLACES, examples=[20])
    waiting_list: Flag = Field(default=True)
    offer_hours: Number = Field(default=24, ge=1, le=MOST_OFFER_HOURS)
    deadline: Moment | None = Field(default=None, examples=[None])
    costs: str = Field(default="", max_length=LONGEST["costs"])
    accessibility: str = Field(default="", max_length=LONGEST["accessibility"])
    language: str = Field(default="de", pattern=f"^({'|'.join(LANGUAGES)})$")
    visibility: Visibility = Field(
        default=Visibility.NETWORK, description="`house`, `network` or `public`; not `circle`."
    )
    dates: list[DateWanted] = Field(default=[], max_length=MOST_DATES)
    topics: list[UUID] = Field(default=[], max_length=MOST_TOPICS, examples=[[EXAMPLE_ID]])
    questions: list[QuestionWanted] = Field(default=[], max_length=MOST_QUESTIONS)


class CancelReason(Sent):
    """Why a training is cancelled."""

    reason: str = Field(
        min_length=1,
        max_length=LONGEST_REASON,
        description="Everybody who registered reads it.",
        examples=["Die Referentin ist erkrankt."],
    )


class Participant(Shown):
    """Somebody who registered, as whoever runs the training sees them: for running it, and for nothing else."""

    registration_id: UUID = Field(examples=[EXAMPLE_ID])
    name: str | None = Field(examples=["Kim Beispiel"])
    organisation: str | None = Field(examples=["Stadt Musterau"])
    state: RegistrationState = Field(description="`registered`, `offered` or `waiting`.", examples=["registered"])
    answers: dict[str, str] = Field(description="By the question's id.", examples=[{EXAMPLE_ID: "Keines"}])
    attended: bool | None = Field(examples=[None])
    created_at: datetime = Field(examples=[EXAMPLE_TIME])


class Noted(Sent):
    """Whether somebody was there."""

    registration_id: UUID = Field(description="As the list of who takes part tells it.", examples=[EXAMPLE_ID])
    attended: bool | None = Field(description="`null` takes the note back.", examples=[True])


class AttendanceWanted(Sent):
    """Who was there; of those who are not named, nothing changes."""

    items: list[Noted] = Field(
        min_length=1, max_length=MOST_NOTED, description="Each registration once.", examples=[[NOTED_EXAMPLE]]
    )


class Attendance(Shown):
    """Who takes part, with what is noted."""

    items: list[Participant] = Field(description="Those who were named, in the order in which they registered.")


class Certificate(Shown):
    """One's own certificate."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    kind: CertificateKind = Field(examples=["training"])
    name: str = Field(description="What it is made out to.", examples=["Kim Beispiel"])
    title: str = Field(examples=[TITLE_EXAMPLE])
    publisher: str = Field(examples=["Kompetenzzentrum Musterland"])
    minutes: int = Field(examples=[120])
    language: str = Field(examples=["de"])
    completed_on: date = Field(examples=["2026-11-22"])
    issued_at: datetime = Field(examples=[EXAMPLE_TIME])
    verify_at: str = Field(
        description="Where anybody sees whether it holds.", examples=["https://hub.example/bescheinigung/K7QM-42XD"]
    )


# Only from here on: what there is becomes what is sent, and the other way round.


def training_of(entry: TrainingEntry) -> Training:
    """Return a training as its reader may see it."""
    registration = registration_of(entry.registration) if entry.registration else None
    return Training(**_fields(entry), free=entry.free, is_open=entry.is_open, registration=registration)


def managed_of(entry: TrainingEntry) -> ManagedTraining:
    """Return a training as whoever runs it sees it."""
    same = ("revision", "created_at", "published_at", "cancelled_at")
    return ManagedTraining(**_fields(entry), **{name: getattr(entry, name) for name in same})


def _fields(entry: TrainingEntry) -> dict[str, Any]:
    own = {"organisation", "dates", "topics", "questions", "place", "link"}
    return {
        **{name: getattr(entry, name) for name in TrainingFields.model_fields if name not in own},
        "organisation": entry.organisation_name,
        "dates": [TrainingDate(id=one.id, starts_at=one.starts_at, ends_at=one.ends_at) for one in entry.dates],
        "topics": [topic_of(topic) for topic in entry.topics],
        "questions": [TrainingQuestion(id=one.id, text=one.text, required=one.required) for one in entry.questions],
        "place": entry.place if entry.shows_place else None,
        "link": entry.link if entry.shows_place else None,
    }


def registration_of(entry: RegistrationEntry) -> Registration:
    """Return somebody's own registration as it is sent."""
    same = ("id", "training_id", "state", "position", "offered_until", "answers", "attended", "created_at")
    return Registration(**{name: getattr(entry, name) for name in same})


def participant_of(entry: ParticipantEntry) -> Participant:
    """Return somebody who takes part as it is sent."""
    return Participant(
        registration_id=entry.registration_id,
        name=entry.name,
        organisation=entry.organisation_name,
        state=entry.state,
        answers={str(question): text for question, text in entry.answers.items()},
        attended=entry.attended,
        created_at=entry.created_at,
    )


def draft_of(wanted: TrainingWanted) -> TrainingDraft:
    """Return a training as it is to be."""
    parts = {"dates", "topics", "questions"}
    values: dict[str, Any] = {name: getattr(wanted, name) for name in TrainingWanted.model_fields if name not in parts}
    return TrainingDraft(
        **values,
        dates=tuple(DateDraft(one.starts_at, one.ends_at, one.id) for one in wanted.dates),
        topics=tuple(wanted.topics),
        questions=tuple(QuestionDraft(one.text, one.required, one.id) for one in wanted.questions),
    )


def certificate_of(entry: CertificateEntry, verify_at: str) -> Certificate:
    """Return somebody's own certificate as it is sent."""
    same = ("id", "kind", "name", "title", "publisher", "minutes", "language", "completed_on", "issued_at")
    return Certificate(**{name: getattr(entry, name) for name in same}, verify_at=verify_at)
