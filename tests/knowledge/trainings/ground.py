"""Trainings as they lie in the database, to test what goes on around them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.clock import HOME
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.models.chat import Chat, ChatIdentity, ChatKind, Network
from knowledge.models.document import Visibility
from knowledge.models.notice import Notice
from knowledge.models.training import Registration, RegistrationState, Training, TrainingDate, TrainingState

# When everything here was published and people registered, long before it takes place.
LONG_AGO = datetime(2026, 1, 7, 9, tzinfo=UTC)


def berlin(text: str) -> datetime:
    """Return a moment by what the clocks show, such as ``2026-03-29 10:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=HOME).astimezone(UTC)


async def add_training(session: AsyncSession, *starts: datetime, **values: Any) -> Training:
    """Publish a training for the network with dates of two hours each; ``values`` are columns of it."""
    known: dict[str, Any] = {
        "id": new_id(),
        "title": "KI im Rathaus",
        "place": "Stadthalle, Saal 2",
        "link": "https://treffen.example/geheim",
        "region": "Kranichhorst",
        "visibility": Visibility.NETWORK,
        "access": "network",
        "state": TrainingState.PUBLISHED,
        "created_at": LONG_AGO,
        "published_at": LONG_AGO,
        "starts_at": min(starts, default=None),
        "ends_at": max(starts) + timedelta(hours=2) if starts else None,
    }
    training = Training(**known | values)
    session.add(training)
    await session.flush()
    for start in starts:
        await add_date(session, training, start)
    return training


async def add_date(session: AsyncSession, training: Training, start: datetime, **values: Any) -> TrainingDate:
    """Add a date of two hours."""
    known = {"ends_at": start + timedelta(hours=2), "changed_at": LONG_AGO}
    date = TrainingDate(id=new_id(), training_id=training.id, starts_at=start, **known | values)
    session.add(date)
    await session.flush()
    return date


async def dates_of(session: AsyncSession, training: Training) -> Sequence[TrainingDate]:
    """Return the dates of a training, in order."""
    statement = select(TrainingDate).where(TrainingDate.training_id == training.id)
    return (await session.scalars(statement.order_by(TrainingDate.starts_at))).all()


async def register(session: AsyncSession, training: Training, member: UUID, **values: Any) -> Registration:
    """Register a member, long before it begins; ``values`` are columns of the registration."""
    training.last_number += 1
    known: dict[str, Any] = {
        "state": RegistrationState.REGISTERED,
        "number": training.last_number,
        "created_at": LONG_AGO,
        "changed_at": LONG_AGO,
    }
    row = Registration(id=new_id(), training_id=training.id, member_id=member, **known | values)
    session.add(row)
    await session.flush()
    return row


async def add_identity(session: AsyncSession, member: UUID, name: str = "ada") -> ChatIdentity:
    """Give a member an address with a direct chat."""
    identity = ChatIdentity(id=new_id(), network=Network.MATRIX, address=f"@{name}:ort", member_id=member)
    session.add(identity)
    await session.flush()
    session.add(Chat(network=Network.MATRIX, address=f"!{name}:ort", kind=ChatKind.DIRECT, identity_id=identity.id))
    await session.flush()
    return identity


async def notices_of(database: Database, kind: str) -> list[Notice]:
    """Return what is to be told of a kind, in the order in which it was written."""
    async with database.session(writes=False) as session:
        statement = select(Notice).where(Notice.kind == kind).order_by(Notice.created_at)
        return list((await session.scalars(statement)).all())
