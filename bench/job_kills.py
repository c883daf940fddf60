"""The process with the worker, killed in the midst of a job of every kind.

A job that is done but not yet noted as done is the worst moment, as it will be done again: the database is made to
take its time with that note, for one kind after the other, and the process is killed meanwhile.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from bench.load import mails_to, upload
from bench.parts import LONGEST_CATCH_UP, World, until
from knowledge.chats.service import ChatService
from knowledge.digests.jobs import DIGEST_JOB
from knowledge.digests.repository import DigestRepository
from knowledge.gaps.jobs import GAP_JOB, look_at_gaps
from knowledge.jobs.repository import JobRepository
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.indexes.jobs import VECTORS_JOB
from knowledge.members.jobs import SEND_CODE, ask_to_send
from knowledge.members.schemas import IssuedCode
from knowledge.models.answer import Question
from knowledge.models.chat import Network
from knowledge.models.question import OpenQuestion, ReleasedAs
from knowledge.notices.jobs import NOTICE_JOB
from knowledge.questions.jobs import QUESTIONS_JOB
from knowledge.topics.jobs import LINK_JOB
from knowledge.watches.jobs import WATCH_JOB
from knowledge.watches.service import WatchService
from tests.knowledge.mailing.people import BEN, make_member, subscribe

# Seconds that the note of a job takes, and between two looks whether one is at work.
NOTED_AFTER, GLANCE_EVERY = 3, 0.01
CODE_ADDRESS = "neu@lindenau.de"
WATCHED = "Kiebitzglocke"
WAITED_FOR = f"# {WATCHED}\n\nDie {WATCHED} hängt am alten Stadttor von Lindenau.\n".encode()
SLOW_NOTE = f"""
CREATE OR REPLACE FUNCTION note_slowly() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN PERFORM pg_sleep({NOTED_AFTER}); RETURN OLD; END $$
"""
SLOWLY = """
CREATE TRIGGER note_slowly BEFORE DELETE ON jobs FOR EACH ROW WHEN (OLD.kind = '{kind}') EXECUTE FUNCTION note_slowly()
"""
AS_EVER = "DROP TRIGGER note_slowly ON jobs"
AT_WORK = "SELECT count(*) FROM jobs WHERE kind = $1 AND state = 'running'"
GIVEN_UP = "SELECT count(*) FROM jobs WHERE state = 'dead'"

Cause = Callable[[AsyncSession], Awaitable[None]]


class JobKills:
    """Kills in every kind of job, and an account of what each of them was to bring about once.

    What people do all the time causes most kinds of jobs; the rest is caused here.
    """

    def __init__(self, *, vectors: bool) -> None:
        self._causes: dict[str, Callable[[World], None]] = {
            NOTICE_JOB: _nothing_more,
            LINK_JOB: _nothing_more,
            **({VECTORS_JOB: _nothing_more} if vectors else {}),
            QUESTIONS_JOB: _nothing_more,
            WATCH_JOB: _publish_what_is_waited_for,
            GAP_JOB: _begun_by(look_at_gaps),
            DIGEST_JOB: _begun_by(self._digest),
            SEND_CODE: _begun_by(_ask_for_code),
        }
        self._reader: UUID | None = None
        self.unmet: list[str] = []

    def kill_in_each(self, world: World, _seconds: float) -> None:
        """Kill in one kind after the other, and start again each time."""
        self._prepare(world)
        for kind, cause in self._causes.items():
            with _slowly_noted(world, kind):
                cause(world)
                if not _comes_to_work(world, kind):
                    self.unmet.append(kind)
                world.north.kill()
            world.north.start()
            until(world.north.is_ready, "a host does not come back")

    def account(self, world: World) -> tuple[Counter[str], Counter[str]]:
        """Return what was lost, and what came twice, of what the jobs were for.

        A kind in which nothing was killed, and a job that was given up, count as lost.
        """
        counts = {
            "codes": mails_to(world, CODE_ADDRESS),
            "digests": mails_to(world, BEN),
            "news": _told_of_it(world),
        }
        lost = Counter({name: int(not count) for name, count in counts.items()})
        lost.update({"kinds": len(self.unmet), "jobs": asyncio.run(_ask(world, GIVEN_UP))})
        return lost, Counter({name: int(count > 1) for name, count in counts.items()})

    def _prepare(self, world: World) -> None:
        """Let somebody want digests by mail, an open question be there, and somebody wait for what is not there yet."""
        person = world.side.people[0]
        person.writes(None, "/hilfe")
        until(lambda: any(message.by_bot for message in person.direct.shown()), "the bot does not answer")
        self._reader = asyncio.run(_make_reader(world))
        _begun_by(_open_question)(world)
        _begun_by(lambda session: _wait(session, str(person.id)))(world)
        asyncio.run(_execute(world, SLOW_NOTE))

    async def _digest(self, session: AsyncSession) -> None:
        assert self._reader is not None
        digests, due = DigestRepository(session), now()
        since = due - timedelta(days=1)
        await digests.add([{"circle_id": None, "member_id": self._reader, "due_at": due, "since": since}])
        key, _due = (await digests.waiting())[self._reader]
        await JobRepository(session).ask_many(DIGEST_JOB, [key.hex])


@contextmanager
def _slowly_noted(world: World, kind: str) -> Iterator[None]:
    """Let the note that a job of a kind is done take seconds."""
    asyncio.run(_execute(world, SLOWLY.format(kind=kind)))
    try:
        yield
    finally:
        asyncio.run(_execute(world, AS_EVER))


def _comes_to_work(world: World, kind: str) -> bool:
    """Wait until a job of a kind has been at work for a moment; ``False`` where none is."""
    end = time.monotonic() + LONGEST_CATCH_UP
    while time.monotonic() < end:
        if asyncio.run(_ask(world, AT_WORK, kind)):
            # Long enough for what it does, not for the note.
            time.sleep(NOTED_AFTER / 3)
            return True
        time.sleep(GLANCE_EVERY)
    return False


async def _execute(world: World, statement: str) -> None:
    connection = await asyncpg.connect(_plain(world))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _ask(world: World, statement: str, *values: str) -> int:
    connection = await asyncpg.connect(_plain(world))
    try:
        return int(await connection.fetchval(statement, *values))
    finally:
        await connection.close()


def _plain(world: World) -> str:
    return world.database_url.replace("+asyncpg", "")


def _told_of_it(world: World) -> int:
    """Count the messages to whoever waited."""
    return sum(WATCHED in one.text for one in world.side.people[0].direct.shown() if one.by_bot)


# What causes jobs


def _nothing_more(_world: World) -> None:
    """People do it all the time."""


def _begun_by(cause: Cause) -> Callable[[World], None]:
    async def work(world: World) -> None:
        database = Database(world.database_url)
        try:
            async with unit_of_work(database) as unit:
                await cause(unit.session)
        finally:
            await database.close()

    return lambda world: asyncio.run(work(world))


async def _make_reader(world: World) -> UUID:
    database = Database(world.database_url)
    try:
        member = await make_member(database, "Ben")
        await subscribe(database, member, BEN)
    finally:
        await database.close()
    return member


async def _open_question(session: AsyncSession) -> None:
    session.add(OpenQuestion(text="Wer kennt den Turmfalken?", released_as=ReleasedAs.ORGANISATION))


async def _wait(session: AsyncSession, address: str) -> None:
    asked = Question(id=uuid4(), text=f"Wo hängt die {WATCHED}?", language="de", created_at=now())
    session.add(asked)
    await session.flush()
    chats = ChatService(session)
    person = await chats.keep_person(await chats.look_up_person(Network.TELEGRAM, address))
    await WatchService(session).remember(asked.id, person.id, chat_id=None, days=1)


def _publish_what_is_waited_for(world: World) -> None:
    until(lambda: upload(world.south.hub, f"{WATCHED}.md", WAITED_FOR), "nothing can be published")


async def _ask_for_code(session: AsyncSession) -> None:
    code = IssuedCode(uuid4(), "K1E2B3", now() + timedelta(minutes=30))
    await ask_to_send(session, code, CODE_ADDRESS, uuid4())
