"""An academy that publishes trainings, a town whose staff take part, and a clock that is set by hand."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from knowledge.access.visibility import network_member
from knowledge.contributions.schemas import Author
from knowledge.kit.clock import use_clock
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.models.member import Member, Role
from knowledge.models.notice import Notice
from knowledge.models.organisation import Organisation
from knowledge.models.training import Registration, RegistrationState, Training
from knowledge.trainings.registering import RegistrationService
from knowledge.trainings.schemas import (
    DateDraft,
    Publisher,
    RegistrationEntry,
    TrainingDraft,
    TrainingEntry,
    TrainingReader,
)
from knowledge.trainings.service import TrainingService
from knowledge.trainings.settling import settle_trainings
from tests.knowledge.peers.towns import add_member, add_topics, town

# A Monday in winter, ten o'clock in Germany.
MOMENT = datetime(2027, 1, 11, 9, tzinfo=UTC)
STARTS = MOMENT + timedelta(days=14)
DRAFT = TrainingDraft(
    title="Erste Schritte mit KI",
    summary="Ein Vormittag zum Ausprobieren.",
    place="Kreishaus Lindenau, Saal 2",
    region="Lindenau",
    state_key="12",
    capacity=2,
    dates=(DateDraft(STARTS, STARTS + timedelta(hours=2)),),
)


@dataclass
class Academy:
    """The academy with its publisher Pia, and Anna, Ben and Cem of Lindenau."""

    database: Database
    house: Organisation
    lindenau: Organisation
    pia: Member
    anna: Member
    ben: Member
    cem: Member
    topics: Mapping[str, UUID]
    moment: datetime = field(default=MOMENT)

    @property
    def by(self) -> Publisher:
        """Pia, as who she manages trainings."""
        return Publisher(self.pia.id, self.house.id)

    def author(self, member: Member, identity: UUID | None = None) -> Author:
        """Somebody, as who they register."""
        return Author(member.id, member.organisation_id, identity)

    def reader(self, member: Member) -> TrainingReader:
        """Somebody, as who they read in the hub."""
        return TrainingReader(member.id, network_member(member.organisation_id), member.organisation_id)

    @asynccontextmanager
    async def trainings(self) -> AsyncIterator[TrainingService]:
        """Open the service in a transaction."""
        async with unit_of_work(self.database) as unit:
            yield TrainingService(unit)

    @asynccontextmanager
    async def registrations(self) -> AsyncIterator[RegistrationService]:
        """Open the service in a transaction."""
        async with unit_of_work(self.database) as unit:
            yield RegistrationService(unit)

    async def draft(self, **values: Any) -> TrainingEntry:
        """Let Pia make a draft."""
        async with self.trainings() as trainings:
            return await trainings.create(replace(DRAFT, **values), self.by)

    async def offer(self, **values: Any) -> TrainingEntry:
        """Let Pia publish a training."""
        entry = await self.draft(**values)
        async with self.trainings() as trainings:
            return await trainings.publish(entry.id, self.by)

    async def change(self, entry: TrainingEntry, **values: Any) -> TrainingEntry:
        """Let Pia change a training as it is now."""
        async with self.trainings() as trainings:
            current = await trainings.get_managed(entry.id, self.by)
            draft = replace(await trainings.draft(entry.id, self.by), **values)
            return await trainings.change(entry.id, draft, self.by, current.revision)

    async def register(self, training: TrainingEntry, member: Member, **answers: str) -> RegistrationEntry:
        """Let somebody register."""
        async with self.registrations() as registrations:
            return await registrations.register(training.id, self.author(member), answers)

    async def do(self, deed: str, entry: RegistrationEntry, member: Member) -> RegistrationEntry:
        """Let somebody cancel, accept or decline."""
        async with self.registrations() as registrations:
            done: RegistrationEntry = await getattr(registrations, deed)(entry.id, member.id)
            return done

    async def states(self, training: TrainingEntry) -> dict[str, RegistrationState]:
        """Return the states of all registrations, by whose they are."""
        statement = select(Member.name, Registration.state).join(Member, Member.id == Registration.member_id)
        ordered = statement.where(Registration.training_id == training.id).order_by(Registration.number)
        async with self.database.session(writes=False) as session:
            return dict((await session.execute(ordered)).all())

    async def taken(self, training: TrainingEntry) -> int:
        """Return how many places the training counts as taken, after checking that against the registrations."""
        holds = Registration.state.in_((RegistrationState.REGISTERED, RegistrationState.OFFERED))
        async with self.database.session(writes=False) as session:
            row = await session.get_one(Training, training.id)
            held = await session.scalars(select(Registration.id).where(Registration.training_id == row.id, holds))
            assert len(held.all()) == row.taken
            return row.taken

    async def told(self, kind: str) -> list[tuple[UUID | None, dict[str, Any]]]:
        """Return who is told a kind of thing, with what the text needs."""
        async with self.database.session(writes=False) as session:
            rows = await session.scalars(select(Notice).where(Notice.kind == kind).order_by(Notice.created_at))
            return [(row.member_id or row.identity_id, row.data) for row in rows]

    async def whom(self, kind: str) -> set[UUID | None]:
        """Return who is told a kind of thing; each once."""
        told = [key for key, _data in await self.told(kind)]
        assert len(told) == len(set(told))
        return set(told)

    def set_clock(self, moment: datetime) -> None:
        """Let it be another time, without doing what is due."""
        self.moment = moment
        use_clock(lambda: self.moment)

    async def pass_by(self, **more: float) -> int:
        """Let time pass, and do what is due."""
        self.set_clock(self.moment + timedelta(**more))
        return await settle_trainings(self.database)


async def add_person(unit: UnitOfWork, name: str, house: Organisation | None, role: Role = Role.MEMBER) -> Member:
    """Add somebody."""
    return await add_member(unit.session, house, name=name, search_name=name.casefold(), role=role)


async def open_academy(database: Database) -> Academy:
    """Make the academy with its people; it is ``MOMENT``."""
    async with unit_of_work(database) as unit:
        house, lindenau = town("090000001", "Akademie für Kommunen"), town("120610001001", "Lindenau")
        unit.session.add_all([house, lindenau])
        await unit.session.flush()
        academy = Academy(
            database,
            house,
            lindenau,
            pia=await add_person(unit, "Pia", house, Role.PUBLISHER),
            anna=await add_person(unit, "Anna", lindenau),
            ben=await add_person(unit, "Ben", lindenau),
            cem=await add_person(unit, "Cem", lindenau),
            topics=await add_topics(unit.session),
        )
    academy.set_clock(MOMENT)
    return academy
