"""Trainings around the desk: Zoe of „Lindenau" publishes them; Anna and Ben learn on Matrix, Tina on Telegram."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update

from bot.core.messages import Person
from knowledge.contributions.schemas import Author
from knowledge.kit.clock import HOME, now
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.document import Visibility
from knowledge.models.member import Role
from knowledge.models.training import Registration, Training, TrainingDate
from knowledge.trainings.registering import RegistrationService
from knowledge.trainings.schemas import DateDraft, Publisher, QuestionDraft, TrainingDraft, TrainingEntry
from knowledge.trainings.service import TrainingService
from tests.bot.handlers.contributing_world import ZOE, Desk

TITLE, PLACE, LINK = "KI im Bürgerbüro", "Rathaus, Saal 3", "https://treffen.example/ki"
# So far ahead that no reminder is due, and no test runs that long.
AHEAD = timedelta(days=40)


def morning(ahead: timedelta = AHEAD) -> DateDraft:
    """Return a date from nine to twelve where the municipalities are."""
    day = (now() + ahead).astimezone(HOME).date()
    starts, ends = (datetime.combine(day, time(hour), HOME).astimezone(UTC) for hour in (9, 12))
    return DateDraft(starts, ends)


def draft(**more: Any) -> TrainingDraft:
    """Return a training on site for the network, with ``more`` of its fields."""
    plain = TrainingDraft(
        title=TITLE,
        summary="Wie Chatbots Auskunft geben, und wo sie irren.",
        outcomes="Anfragen stellen, ohne Personendaten preiszugeben.",
        place=PLACE,
        link=LINK,
        region="Lindenau",
        state_key="12",
        capacity=10,
        dates=(morning(),),
    )
    return replace(plain, **more)


async def publisher(desk: Desk, person: Person = ZOE) -> Publisher:
    """Make somebody a publisher who has written to the bot."""
    member = await desk.make_member(person, role=Role.PUBLISHER)
    await desk.write(person, "/help")
    async with unit_of_work(desk.database) as unit:
        return await TrainingService(unit).publisher(member)


async def publish(desk: Desk, by: Publisher, **more: Any) -> TrainingEntry:
    """Publish a training."""
    async with unit_of_work(desk.database) as unit:
        made = await TrainingService(unit).create(draft(**more), by)
        return await TrainingService(unit).publish(made.id, by)


async def open_training(desk: Desk, **more: Any) -> TrainingEntry:
    """Publish a training of Zoe's that everybody may find."""
    return await publish(desk, await publisher(desk), **{"visibility": Visibility.PUBLIC, **more})


async def change(desk: Desk, entry: TrainingEntry, by: Publisher, **more: Any) -> None:
    """Change some fields of a training."""
    async with unit_of_work(desk.database) as unit:
        service = TrainingService(unit)
        known = await service.get_managed(entry.id, by)
        await service.change(entry.id, replace(await service.draft(entry.id, by), **more), by, known.revision)


async def cancel(desk: Desk, entry: TrainingEntry, by: Publisher, reason: str) -> None:
    """Cancel a training."""
    async with unit_of_work(desk.database) as unit:
        await TrainingService(unit).cancel(entry.id, by, reason)


async def register(desk: Desk, entry: TrainingEntry, member: UUID, identity: UUID | None = None) -> UUID:
    """Register a member, in the hub where no chat is named."""
    async with unit_of_work(desk.database) as unit:
        return (await RegistrationService(unit).register(entry.id, Author(member, None, identity))).id


async def registration(desk: Desk) -> Registration:
    """Return the only registration."""
    [row] = await desk.rows(Registration)
    assert isinstance(row, Registration)
    return row


async def move_back(desk: Desk, entry: TrainingEntry, by: timedelta, *, attended: bool | None = None) -> None:
    """Let a training have been earlier, those who registered have done so long ago, and have been there."""
    long_ago = now() - timedelta(days=90)
    async with unit_of_work(desk.database) as unit:
        moved = {"starts_at": entry.dates[0].starts_at - by, "ends_at": entry.dates[0].ends_at - by}
        await unit.session.execute(update(Training).where(Training.id == entry.id).values(**moved))
        of_training = update(TrainingDate).where(TrainingDate.training_id == entry.id)
        await unit.session.execute(of_training.values(**moved, changed_at=long_ago))
        await unit.session.execute(update(Registration).values(attended=attended, changed_at=long_ago))


QUESTIONS = (QuestionDraft("Was erwarten Sie?"), QuestionDraft("Wie viele kommen mit?", required=True))
