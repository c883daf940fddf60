"""A large hub that runs in a process of its own, and people who are signed in to it."""

import asyncio
import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from bench.chatting import Served
from bench.filling import Shape, fill, read_settings
from bench.runs import Library
from bench.synthetic import TextMaker
from hub.auth.visiting import COOKIE
from knowledge.access.sessions import Sessions
from knowledge.audit.service import record
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.logs import configure_logs
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.service import MemberService
from knowledge.models.contribution import Attribution, Contribution, ContributionKind, ContributionState
from knowledge.models.document import Visibility
from knowledge.models.member import Role
from tests.hub.browser.stage import Stage

WAITING, ACTS, MEMBERS = 2_000, 20_000, 100
TOGETHER = 500
SHAPE = Shape(100_000, per_document=10)


@dataclass(frozen=True, slots=True)
class BigHub:
    """A library with what waits in it; ``stage`` knows an example of everything, ``people`` are plain members."""

    library: Library
    stage: Stage
    people: list[UUID]


def fill_hub(library: Library, shape: Shape = SHAPE, *, waiting: int = WAITING, acts: int = ACTS) -> BigHub:
    """Put documents, contributions that wait, people and privileged acts into an empty library."""
    configure_logs(level="warning")
    fill(library, shape, vectors=False)
    stage = Stage()
    people = asyncio.run(_fill(library, stage, waiting=waiting, acts=acts))
    return BigHub(library, stage, people)


async def _fill(library: Library, stage: Stage, *, waiting: int, acts: int) -> list[UUID]:
    database = Database(read_settings(library).database_url)
    try:
        stage.key_path = read_settings(library).hub_key_path
        await stage.build(database)
        async with unit_of_work(database) as unit:
            members = MemberService(unit.session)
            entries = [await members.add(f"Person {number}", "kleinow", Role.MEMBER) for number in range(MEMBERS)]
        people = [entry.id for entry in entries]
        await _contribute(database, stage, people, waiting)
        await _act(database, stage, acts)
        return people
    finally:
        await database.close()


async def _contribute(database: Database, stage: Stage, people: list[UUID], count: int) -> None:
    maker, chance = TextMaker(2), random.Random(2)
    for start in range(0, count, TOGETHER):
        async with unit_of_work(database) as unit:
            for number in range(start, min(start + TOGETHER, count)):
                since = now() - timedelta(hours=number)
                fields = {
                    "title": maker.heading(),
                    "done": maker.passage(),
                    "outcome": maker.passage(),
                    "topics": [maker.words(1)[0]],
                }
                unit.session.add(
                    Contribution(
                        id=new_id(),
                        kind=ContributionKind.EXPERIENCE,
                        state=ContributionState.WAITING,
                        member_id=chance.choice(people),
                        organisation_id=stage.organisations["kleinow"],
                        fields=fields,
                        visibility=Visibility.NETWORK,
                        attribution=Attribution.ORGANISATION,
                        submitted_at=since,
                        waiting_since=since,
                        # Long ago told about, or the first look would tell about all of them.
                        alerted_at=now(),
                    )
                )


async def _act(database: Database, stage: Stage, count: int) -> None:
    for start in range(0, count, TOGETHER):
        async with unit_of_work(database) as unit:
            for _each in range(start, min(start + TOGETHER, count)):
                thing = ("contribution", new_id())
                await record(unit.session, "review:publish", thing, by=stage.members["moderator"])


def sign_in(library: Library, members: list[UUID], *, second_factor: bool = True) -> list[dict[str, str]]:
    """Begin a session for each member; returns their cookies."""
    return asyncio.run(_sign_in(library, members, second_factor=second_factor))


async def _sign_in(library: Library, members: list[UUID], *, second_factor: bool) -> list[dict[str, str]]:
    database = Database(read_settings(library).database_url)
    try:
        async with unit_of_work(database) as unit:
            sessions = Sessions(unit.session)
            opened = [await sessions.open(member, second_factor=second_factor) for member in members]
        return [{COOKIE: session.token} for session in opened]
    finally:
        await database.close()


@contextmanager
def serving_hub(library: Library, words: str = "Allmende is running.") -> Iterator[str]:
    """Have ``allmende serve`` run for the length of a block; yields the hub's address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    served = Served(Library(library.folder, {**library.settings, "ALLMENDE_HUB_PORT": str(port)}))
    try:
        served.until(words)
        yield f"http://127.0.0.1:{port}"
    finally:
        if served.process.poll() is None:
            served.end()
