"""Trainings for tests of the hub's pages: published ones, registrations, and moments that lie ahead."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from knowledge.contributions.schemas import Author
from knowledge.kit.clock import HOME, now, today
from knowledge.models.member import Role
from knowledge.models.training import Training, TrainingDate
from knowledge.trainings.registering import RegistrationService
from knowledge.trainings.schemas import (
    DateDraft,
    Publisher,
    QuestionDraft,
    RegistrationEntry,
    TrainingDraft,
    TrainingEntry,
)
from knowledge.trainings.service import TrainingService
from knowledge.trainings.times import local_moment
from tests.hub.pages.network_world import author
from tests.hub.signed_in import Hub

TITLE = "Texte mit KI prüfen"
PLACE = "Rathaus Lindenau, Raum 2.04"
LINK = "https://treffen.example/lindenau"


def publisher(hub: Hub, who: str = "publisher") -> Publisher:
    """Return somebody as one who runs trainings."""
    member = hub.people[who]
    return Publisher(member.id, member.organisation_id, administrator=member.role is Role.ADMINISTRATOR)


def date(days: int = 14, *, hours: int = 2) -> DateDraft:
    """Return a date so many days ahead, at nine in the morning."""
    starts = local_moment(today() + timedelta(days=days), time(9))
    return DateDraft(starts, starts + timedelta(hours=hours))


def draft(**more: Any) -> TrainingDraft:
    """Return what somebody may enter."""
    values: dict[str, Any] = {
        "title": TITLE,
        "summary": "Zwei Stunden üben an eigenen Texten.",
        "outcomes": "Sie prüfen Entwürfe einer KI.",
        "place": PLACE,
        "link": LINK,
        "region": "Lindenau",
        "capacity": 2,
        "dates": (date(),),
    }
    return TrainingDraft(**(values | more))


async def drafted(hub: Hub, who: str = "publisher", **more: Any) -> TrainingEntry:
    """Keep a draft."""
    async with hub.writing() as unit:
        return await TrainingService(unit).create(draft(**more), publisher(hub, who))


async def published(hub: Hub, who: str = "publisher", **more: Any) -> TrainingEntry:
    """Publish a training."""
    made = await drafted(hub, who, **more)
    async with hub.writing() as unit:
        return await TrainingService(unit).publish(made.id, publisher(hub, who))


async def asking(hub: Hub, text: str = "Welches Programm nutzen Sie?") -> TrainingEntry:
    """Publish a training that asks something at registration."""
    return await published(hub, questions=(QuestionDraft(text, required=True),))


async def registered(
    hub: Hub, training: UUID, who: str = "member", answers: Mapping[str, str] | None = None
) -> RegistrationEntry:
    """Register somebody."""
    by: Author = author(hub, who)
    async with hub.writing() as unit:
        return await RegistrationService(unit).register(training, by, answers)


async def managed(hub: Hub, training: UUID, who: str = "publisher") -> TrainingEntry:
    """Return a training as whoever runs it sees it."""
    async with hub.writing() as unit:
        return await TrainingService(unit).get_managed(training, publisher(hub, who))


async def let_pass(hub: Hub, training: UUID, *, days: int = 1) -> None:
    """Let a training be over, so many days ago."""

    entry = await managed(hub, training)
    ends = now() - timedelta(days=days)
    async with hub.writing() as unit:
        row = await unit.session.get_one(Training, training)
        row.starts_at, row.ends_at = ends - timedelta(hours=2), ends
        for one in entry.dates:
            dated = await unit.session.get_one(TrainingDate, one.id)
            dated.starts_at, dated.ends_at = row.starts_at, row.ends_at


def local(moment: datetime) -> datetime:
    """Return a moment on the clocks of the municipalities."""
    return moment.astimezone(HOME)
