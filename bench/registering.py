"""A rush for the places of a training: ``python -m bench.registering``.

A thousand people register for a hundred places within ten seconds, at random moments or (``--at-once``) all in the
same one, through the service that chats and hub use, in two processes with PostgreSQL (one that the tests would use).
The target: exactly a hundred have a place, nine hundred are on the list in the order in which they came, and 95 of 100
knew within two seconds.
"""

import argparse
import asyncio
import logging
import multiprocessing
import random
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from bench.figures import print_table
from bench.routing import databases
from bench.timing import Timings
from knowledge.contributions.schemas import Author
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.chat import ChatIdentity, Network
from knowledge.models.member import Member, Role
from knowledge.models.training import RegistrationState
from knowledge.trainings.registering import RegistrationService
from knowledge.trainings.schemas import DateDraft, Publisher, TrainingDraft
from knowledge.trainings.service import TrainingService

PEOPLE, PLACES, SECONDS, PROCESSES, SEED = 1_000, 100, 10.0, 2, 20_270_111
TARGET = 2_000.0
# Everybody waits so long for the processes to be there before the first one comes.
GET_READY = 3.0


@dataclass(frozen=True, slots=True)
class Hall:
    """A published training and the people who want to go there, with their chat accounts."""

    training: UUID
    people: Sequence[tuple[UUID, UUID]]


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who comes, and how many seconds after the beginning."""

    member: UUID
    identity: UUID
    after: float


@dataclass(frozen=True, slots=True)
class Admission:
    """What somebody was told, and on the clock that all processes share when they asked and when they knew."""

    member: UUID
    state: RegistrationState
    number: int
    asked: float
    knew: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a rush ended."""

    admissions: Sequence[Admission]
    taken: int
    listed: Sequence[UUID]

    @property
    def admitted(self) -> int:
        """How many have a place."""
        return sum(one.state is RegistrationState.REGISTERED for one in self.admissions)

    @property
    def in_order(self) -> bool:
        """Whether the first ones have the places, all numbers are there once, and the list follows them."""
        ordered = sorted(self.admissions, key=lambda one: one.number)
        numbers = [one.number for one in ordered] == list(range(1, len(ordered) + 1))
        places = all(one.state is RegistrationState.REGISTERED for one in ordered[: self.admitted])
        return numbers and places and [one.member for one in ordered[self.admitted :]] == list(self.listed)

    @property
    def overtaken(self) -> int:
        """How many knew their number before somebody asked who got a smaller one."""
        latest, count = float("-inf"), 0
        for one in sorted(self.admissions, key=lambda one: one.number):
            count += one.knew < latest
            latest = max(latest, one.asked)
        return count

    @property
    def seconds(self) -> float:
        """From the first who asked to the last who knew."""
        return max(one.knew for one in self.admissions) - min(one.asked for one in self.admissions)

    @property
    def timings(self) -> Timings:
        """How long each took."""
        return Timings([(one.knew - one.asked) * 1000 for one in self.admissions])


async def prepare(database: Database, *, people: int, places: int) -> Hall:
    """Fill a database with people, and publish a training."""
    async with unit_of_work(database) as unit:
        pia = Member(id=new_id(), name="Pia", search_name="pia", role=Role.PUBLISHER)
        members = [Member(id=new_id(), name=f"Person {n}", search_name=f"person {n}") for n in range(people)]
        unit.session.add_all([pia, *members])
        await unit.session.flush()
        chats = [
            ChatIdentity(id=new_id(), network=Network.MATRIX, address=f"@person{n}:haus", member_id=member.id)
            for n, member in enumerate(members)
        ]
        unit.session.add_all(chats)
        await unit.session.flush()
    async with unit_of_work(database) as unit:
        trainings, begins = TrainingService(unit), now() + timedelta(days=14)
        dates = (DateDraft(begins, begins + timedelta(hours=2)),)
        draft = TrainingDraft(title="KI für alle", online=True, capacity=places, dates=dates)
        entry = await trainings.create(draft, Publisher(pia.id))
        await trainings.publish(entry.id, Publisher(pia.id))
    return Hall(entry.id, [(member.id, chat.id) for member, chat in zip(members, chats, strict=True)])


def arrivals(hall: Hall, *, within: float, seed: int = SEED) -> list[Arrival]:
    """Return who comes when, at random moments."""
    dice = random.Random(seed)
    people = dice.sample(list(hall.people), len(hall.people))
    return [Arrival(member, identity, dice.uniform(0, within)) for member, identity in people]


async def register_all(url: str, training: UUID, coming: Sequence[Arrival], begins: float) -> list[Admission]:
    """Let people register, each at their moment, whoever else does so; ``begins`` is on the clock of all processes."""
    database = Database(url)
    try:
        return list(await asyncio.gather(*(_register(database, training, one, begins) for one in coming)))
    finally:
        await database.close()


async def _register(database: Database, training: UUID, one: Arrival, begins: float) -> Admission:
    await asyncio.sleep(max(0.0, begins + one.after - time.monotonic()))
    asked = time.monotonic()
    async with unit_of_work(database) as unit:
        entry = await RegistrationService(unit).register(training, Author(one.member, None, one.identity))
    return Admission(one.member, entry.state, entry.number, asked, time.monotonic())


async def judge(database: Database, hall: Hall, admissions: Sequence[Admission]) -> Outcome:
    """Say how a rush ended, as the database has it."""
    async with unit_of_work(database, writes=False) as unit:
        trainings, registrations = TrainingService(unit), RegistrationService(unit)
        administrator = Publisher(new_id(), administrator=True)
        entry = await trainings.get_managed(hall.training, administrator)
        rows = await registrations.participants(hall.training, administrator)
    listed = [row.member_id for row in rows if row.state is RegistrationState.WAITING and row.member_id is not None]
    return Outcome(admissions, entry.taken, listed)


def _in_a_process(url: str, training: UUID, coming: Sequence[Arrival], begins: float) -> list[Admission]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    return asyncio.run(register_all(url, training, coming, begins))


async def _prepared(url: str, people: int, places: int) -> Hall:
    database = Database(url)
    try:
        return await prepare(database, people=people, places=places)
    finally:
        await database.close()


async def _judged(url: str, hall: Hall, admissions: Sequence[Admission]) -> Outcome:
    database = Database(url)
    try:
        return await judge(database, hall, admissions)
    finally:
        await database.close()


def measure(url: str, *, people: int, places: int, within: float) -> Outcome:
    """Let people come to a fresh database, in several processes."""
    hall = asyncio.run(_prepared(url, people, places))
    coming = arrivals(hall, within=within)
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as processes:
        begins = time.monotonic() + GET_READY
        parts = [
            processes.submit(_in_a_process, url, hall.training, coming[first::PROCESSES], begins)
            for first in range(PROCESSES)
        ]
        admissions = [one for part in parts for one in part.result()]
    return asyncio.run(_judged(url, hall, admissions))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("both", "sqlite", "postgresql"), default="postgresql")
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--places", type=int, default=PLACES)
    parser.add_argument("--at-once", action="store_true", help="all come in the same moment")
    chosen = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    within = 0.0 if chosen.at_once else SECONDS
    lines = []
    with databases(chosen.database) as found:
        for name, url in found.items():
            outcome = measure(url, people=chosen.people, places=chosen.places, within=within)
            times = (f"{value:.0f} ms" for value in (outcome.timings.middle, outcome.timings.slow))
            order = "in order" if outcome.in_order and not outcome.overtaken else "NOT IN ORDER"
            held = "yes" if outcome.timings.slow <= TARGET else "NO"
            places = f"{outcome.admitted} in, {outcome.taken} taken"
            lines.append((name, places, f"{len(outcome.listed)} {order}", f"{outcome.seconds:.1f} s", *times, held))
    title = f"{chosen.people:,} registrations for {chosen.places:,} places within {within:.0f} s"
    head = ("database", "places", "on the list", "took", "median", "p95", f"p95 at most {TARGET:.0f} ms")
    print_table(title, lines, head=head)


if __name__ == "__main__":
    main()
