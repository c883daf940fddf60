"""The moment at which thousands are reminded of a training: ``python -m bench.training_reminders``.

Everybody is registered for the same date, a day from now. Reminders are noted and written, kept in the outbox and
handed to a network that takes everything at once, without limits, by a process of its own. A second run is killed with
SIGKILL when half of the messages have been taken, and goes on in a new process: in the end everybody must have their
reminder, and nobody two. (Like Matrix, the network knows a message that it is handed again by its key; how many were is
printed, too.)
"""

import argparse
import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from bench.figures import print_table
from bench.filling import read_settings
from bench.handing import Handed, copied, insert_all, run_to_end, work
from bench.runs import Library, scratch_library
from bot.core.running import Bot
from bot.core.turn import Services
from bot.handlers.notices import notice_job
from knowledge.jobs.worker import JobKind
from knowledge.kit.clock import HOME, now
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.models.chat import Chat, ChatIdentity, ChatKind, Network
from knowledge.models.document import Visibility
from knowledge.models.member import Member
from knowledge.models.training import (
    Registration,
    RegistrationState,
    Training,
    TrainingDate,
    TrainingReminder,
    TrainingState,
)
from knowledge.notices.jobs import NOTICE_JOB
from knowledge.operations.migrating import migrate
from knowledge.trainings.reminding import remind

PEOPLE = 5_000
GOAL_SECONDS = 300
MODULE = "bench.training_reminders"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the network took (see ``Handed``), and how many reminders the database has noted."""

    handed: Handed
    noted: int


def fill(library: Library, people: int) -> None:
    """Fill a library's database with a training that begins in a day, and people who are registered for it."""
    asyncio.run(_fill(library, people))


async def _fill(library: Library, people: int) -> None:
    settings = read_settings(library)
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    try:
        await migrate(database)
        training = await _training(database, people)
        members = [_member(number) for number in range(people)]
        identities = [_identity(row["id"], number) for number, row in enumerate(members)]
        await insert_all(database, Member, members)
        await insert_all(database, ChatIdentity, identities)
        await insert_all(database, Chat, [_chat(row) for row in identities])
        await insert_all(
            database, Registration, [_registration(training, row, n + 1) for n, row in enumerate(identities)]
        )
    finally:
        await database.close()


async def _training(database: Database, people: int) -> UUID:
    """Publish a training whose first reminder is due now: tomorrow, at the time that the clocks show."""
    local = now().astimezone(HOME).replace(tzinfo=None, fold=0) + timedelta(days=1)
    starts, published = local.replace(tzinfo=HOME), now() - timedelta(days=7)
    ends, key = starts + timedelta(hours=2), new_id()
    row = {
        "id": key,
        "title": "KI im Rathaus: Grundlagen für alle",
        "place": "Stadthalle, großer Saal",
        "visibility": Visibility.NETWORK,
        "access": "network",
        "state": TrainingState.PUBLISHED,
        "taken": people,
        "last_number": people,
        "starts_at": starts,
        "ends_at": ends,
        "published_at": published,
    }
    await insert_all(database, Training, [row])
    date = {"id": new_id(), "training_id": key, "starts_at": starts, "ends_at": ends, "changed_at": published}
    await insert_all(database, TrainingDate, [date])
    return key


def _member(number: int) -> dict[str, Any]:
    return {"id": new_id(), "name": f"Person {number}", "search_name": f"person {number}"}


def _identity(member: UUID, number: int) -> dict[str, Any]:
    return {"id": new_id(), "network": Network.MATRIX, "address": f"@person{number}:bench", "member_id": member}


def _chat(identity: dict[str, Any]) -> dict[str, Any]:
    address = f"!{identity['address']}"
    return {
        "id": new_id(),
        "network": Network.MATRIX,
        "address": address,
        "kind": ChatKind.DIRECT,
        "identity_id": identity["id"],
    }


def _registration(training: UUID, identity: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "id": new_id(),
        "training_id": training,
        "member_id": identity["member_id"],
        "identity_id": identity["id"],
        "state": RegistrationState.REGISTERED,
        "number": number,
        "changed_at": now() - timedelta(days=3),
    }


async def _work() -> None:
    """Have everybody reminded, until nothing waits any more; prints how long that took."""

    def kinds(services: Services, bot: Bot) -> dict[str, JobKind]:
        return {NOTICE_JOB: notice_job(services, bot.post)}

    await work(kinds, lambda database: remind(database, now()))


def measure(library: Library, *, kill_at: int | None = None) -> Outcome:
    """Have everybody reminded from a copy of a library, and count what the network took.

    Args:
        library: made by ``fill``.
        kill_at: after so many messages the process is killed, and another one goes on.
    """
    with copied(library) as own:
        handed = run_to_end(own, MODULE, kill_at=kill_at)
        return Outcome(handed, asyncio.run(_noted(own)))


async def _noted(library: Library) -> int:
    database = Database(read_settings(library).database_url)
    try:
        async with database.session(writes=False) as session:
            return await session.scalar(select(func.count()).select_from(TrainingReminder)) or 0
    finally:
        await database.close()


def main() -> None:
    """Fill, remind, remind once more with a kill in between, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--work", action="store_true", help="be the process that reminds (used by the measurement)")
    arguments = parser.parse_args()
    if arguments.work:
        asyncio.run(_work())
        return
    with scratch_library(ALLMENDE_EMBEDDING_MODEL="none") as library:
        fill(library, arguments.people)
        whole = measure(library)
        resumed = measure(library, kill_at=arguments.people // 2)
    rows = [
        ["all reminders out after", f"{whole.handed.seconds:.0f} s", f"≤ {GOAL_SECONDS} s"],
        ["people reminded", f"{whole.handed.told} of {arguments.people}", "all"],
        ["reminded twice", str(whole.handed.twice), "0"],
        ["killed halfway and resumed: all out after", f"{resumed.handed.seconds:.0f} s", f"≤ {GOAL_SECONDS} s"],
        ["… people reminded", f"{resumed.handed.told} of {arguments.people}", "all"],
        ["… reminded twice", str(resumed.handed.twice), "0"],
        ["… messages handed over again with the same key", str(resumed.handed.again), ""],
    ]
    print_table(f"Reminders: {arguments.people} at one moment", rows, head=["what", "figure", "goal"])


if __name__ == "__main__":
    main()
