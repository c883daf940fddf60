"""A Monday morning on which all circles get their digest: ``python -m bench.digests``.

Thousands of circles, documents of the last weeks and open questions; each digest is put together, kept in the outbox
and handed to a network that takes everything at once, by a process of its own. A second run is killed with SIGKILL when
half of the messages have been taken, and goes on in a new process: in the end every circle must have its digest, and
none two. (Like Matrix, the network knows a message that it is handed again by its key; how many were is printed, too.)
"""

import argparse
import asyncio
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from bench.figures import print_table
from bench.filling import read_settings
from bench.handing import copied, insert_all, run_to_end, work
from bench.runs import Library, scratch_library
from bot.core.running import Bot
from bot.core.turn import Services
from bot.handlers.digests import digest_job
from knowledge.digests.jobs import DIGEST_JOB
from knowledge.digests.keeping import plan_digests
from knowledge.jobs.worker import JobKind
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.models.chat import Chat, ChatKind, Circle, Network
from knowledge.models.digest import Digest, DigestState
from knowledge.models.document import Document, Kind, Rights, Status, Visibility
from knowledge.models.question import OpenQuestion, OpenQuestionTopic, ReleasedAs
from knowledge.operations.migrating import migrate
from knowledge.topics.linking import link_all_documents
from knowledge.topics.tree import TopicTree, load_tree

CIRCLES, DOCUMENTS, QUESTIONS = 2_000, 10_000, 500
GOAL_SECONDS = 300
# A Monday at eight where the municipalities are, and a moment in the week before.
DUE = datetime(2026, 11, 23, 7, tzinfo=UTC)
BEFORE = DUE - timedelta(days=3)
# How old the oldest documents are, in days; a third of them is from the last week.
OLDEST = 21
# One circle in ten names no topics.
WITHOUT_TOPICS = 0.1


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is."""

    circles: int = CIRCLES
    documents: int = DOCUMENTS
    questions: int = QUESTIONS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the network took in the end.

    ``seconds`` is how long the processes worked, ``sent`` how many circles the database says to have told, ``empty``
    for how many there was nothing, ``told`` how many the network's messages reach, ``twice`` how many messages
    there were beyond one for each, and ``again`` how many were handed over a second time, and known by their key.
    """

    seconds: float
    sent: int
    empty: int
    told: int
    twice: int
    again: int


# What there is


async def _fill(library: Library, size: Size, seed: int) -> None:
    settings = read_settings(library)
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    chance = random.Random(seed)
    try:
        await migrate(database)
        async with database.session(writes=False) as session:
            tree = await load_tree(session)
        await insert_all(database, Document, _documents(size.documents, tree, chance))
        await link_all_documents(database)
        questions = _questions(size.questions)
        await insert_all(database, OpenQuestion, questions)
        links = [{"open_question_id": row["id"], "topic_id": _topic(tree, chance)} for row in questions]
        await insert_all(database, OpenQuestionTopic, links)
        chats = [_chat(number) for number in range(size.circles)]
        await insert_all(database, Chat, chats)
        await insert_all(database, Circle, [_circle(row, number, tree, chance) for number, row in enumerate(chats)])
        await plan_digests(database, BEFORE)
    finally:
        await database.close()


def _topic(tree: TopicTree, chance: random.Random) -> UUID:
    return chance.choice(tree.entries).id


def _documents(count: int, tree: TopicTree, chance: random.Random) -> list[dict[str, Any]]:
    rows = []
    for number in range(count):
        created = DUE - timedelta(minutes=chance.randrange(1, OLDEST * 24 * 60))
        visibility = chance.choice((Visibility.PUBLIC, Visibility.NETWORK))
        topics = [entry.name_de for entry in chance.sample(tree.entries, chance.randint(1, 3))]
        rows.append(
            {
                "id": new_id(),
                "source": f"digests/{number}",
                "kind": Kind.TRAINING if number % 20 == 0 else Kind.EXPERIENCE,
                "title": f"Erfahrung {number} mit {topics[0]}",
                "rights": Rights.FULL,
                "visibility": visibility,
                "access": visibility.value,
                "status": Status.PUBLISHED,
                "topics": topics,
                "details": {},
                "added_by": "bench",
                "created_at": created,
                "updated_at": created,
            }
        )
    return rows


def _questions(count: int) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id(),
            "text": f"Wer hat Erfahrung mit Vorhaben Nummer {number}?",
            "released_as": ReleasedAs.ORGANISATION,
            "created_at": BEFORE - timedelta(minutes=number),
            "news_since": BEFORE,
        }
        for number in range(count)
    ]


def _chat(number: int) -> dict[str, Any]:
    return {"id": new_id(), "network": Network.MATRIX, "address": f"!{number}", "kind": ChatKind.GROUP}


def _circle(chat: dict[str, Any], number: int, tree: TopicTree, chance: random.Random) -> dict[str, Any]:
    chosen = chance.sample(tree.entries, chance.randint(1, 4))
    topics = [] if chance.random() < WITHOUT_TOPICS else [entry.name_de for entry in chosen]
    name = f"Kreis {number}"
    known = {"id": new_id(), "name": name, "search_name": name.casefold(), "chat_id": chat["id"]}
    return {**known, "topics": topics, "vouched_at": BEFORE}


# The process that works


async def _work() -> None:
    """Have what is due sent, until nothing waits any more; prints how long that took."""

    def kinds(services: Services, bot: Bot) -> dict[str, JobKind]:
        return {DIGEST_JOB: digest_job(services, bot.post)}

    await work(kinds, lambda database: plan_digests(database, DUE))


# Measuring


def measure(library: Library, *, kill_at: int | None = None) -> Outcome:
    """Have all digests sent from a copy of a library, and count what the network took.

    Args:
        library: made by ``fill``.
        kill_at: after so many messages the process is killed, and another one goes on.
    """
    with copied(library) as own:
        handed = run_to_end(own, "bench.digests", kill_at=kill_at)
        states = asyncio.run(_states(own))
    sent, empty = states.get(DigestState.SENT, 0), states.get(DigestState.EMPTY, 0)
    return Outcome(handed.seconds, sent, empty, handed.told, handed.twice, handed.again)


async def _states(library: Library) -> dict[DigestState, int]:
    database = Database(read_settings(library).database_url)
    try:
        async with database.session(writes=False) as session:
            counted = select(Digest.state, func.count()).where(Digest.due_at == DUE).group_by(Digest.state)
            return dict((await session.execute(counted)).all())
    finally:
        await database.close()


def fill(library: Library, size: Size, *, seed: int = 1) -> None:
    """Fill a library's database with circles, documents and open questions, and note that digests are due."""
    asyncio.run(_fill(library, size, seed))


def main() -> None:
    """Fill, send, send once more with a kill in between, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--circles", type=int, default=CIRCLES)
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", action="store_true", help="be the process that sends (used by the measurement)")
    arguments = parser.parse_args()
    if arguments.work:
        asyncio.run(_work())
        return
    size = Size(arguments.circles, arguments.documents, arguments.questions)
    with scratch_library(ALLMENDE_EMBEDDING_MODEL="none") as library:
        fill(library, size, seed=arguments.seed)
        whole = measure(library)
        resumed = measure(library, kill_at=whole.sent // 2)
    title = f"Digests: {size.circles} circles, {size.documents} documents, {size.questions} open questions"
    rows = [
        ["all digests sent after", f"{whole.seconds:.0f} s", f"≤ {GOAL_SECONDS} s"],
        ["circles told", f"{whole.told} of {whole.sent}", "all"],
        ["nothing to tell", str(whole.empty), ""],
        ["circles told twice", str(whole.twice), "0"],
        ["killed halfway and resumed: all sent after", f"{resumed.seconds:.0f} s", f"≤ {GOAL_SECONDS} s"],
        ["… circles told", f"{resumed.told} of {resumed.sent}", "all"],
        ["… circles told twice", str(resumed.twice), "0"],
        ["… messages handed over again with the same key", str(resumed.again), ""],
    ]
    print_table(title, rows, head=["what", "figure", "goal"])


if __name__ == "__main__":
    main()
