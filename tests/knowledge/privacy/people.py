"""People who have left something in every table in which people can."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.conversations.schemas import Anchor, ExchangeEntry
from knowledge.conversations.service import ConversationService
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.library.answers.schemas import PreparedAnswer, Reply
from knowledge.members.jobs import SEND_CODE
from knowledge.models import (
    Base,
    Chat,
    ChatIdentity,
    Circle,
    Dialogue,
    IncomingEvent,
    Invitation,
    Job,
    Member,
    OutgoingMessage,
    SentMessage,
    Watch,
)
from knowledge.models.chat import ChatKind, Network
from knowledge.models.invitation import Purpose
from knowledge.models.job import JobState
from knowledge.models.member import Role

MOMENT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
LATER = timedelta(days=14)
SHOWN = {
    "document": "0" * 32,
    "source": "a.md",
    "title": "Leitfaden",
    "locator": "S. 3",
    "quote": "39 Euro.",
    "notes": [],
}


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person with what a test needs to find them again; ``words`` are in all that they said."""

    identity: UUID
    address: str
    direct: UUID
    words: str
    exchanges: tuple[ExchangeEntry, ...]
    member: UUID | None = None


async def add_group(session: AsyncSession, name: str = "!group:ort") -> UUID:
    """Keep a group with a circle."""
    group = Chat(network=Network.MATRIX, address=name, kind=ChatKind.GROUP)
    session.add(group)
    await session.flush()
    session.add(Circle(name=f"Kreis {name}", search_name=f"kreis {name}", chat_id=group.id))
    await session.flush()
    return group.id


async def add_member(session: AsyncSession, name: str = "Ada Özdemir") -> UUID:
    """Keep a member, with the used code that made them one, and vouching for all circles."""
    member = Member(name=name, search_name=name.casefold(), role=Role.MODERATOR)
    session.add(member)
    await session.flush()
    session.add(make_invitation(name=name, used_at=now()))
    for circle in (await session.scalars(select(Circle))).all():
        circle.vouched_at, circle.vouched_by = now(), member.id
    await session.flush()
    return member.id


def make_invitation(**overrides: Any) -> Invitation:
    """Return a one-time code."""
    values = {"purpose": Purpose.MEMBER, "digest": new_id().hex * 2, "expires_at": now() + LATER}
    return Invitation(**{**values, **overrides})


async def add_person(
    session: AsyncSession, name: str, *, group: UUID, member: UUID | None = None, network: Network = Network.MATRIX
) -> Somebody:
    """Keep somebody who has asked in a group and directly, waits for an answer, and is in the middle of a dialogue."""
    address, words = f"@{name}:ort", f"words of {name}"
    identity = ChatIdentity(network=network, address=address, member_id=member, language="en", introduced_at=now())
    session.add(identity)
    await session.flush()
    direct = Chat(network=network, address=f"!direct-{name}", kind=ChatKind.DIRECT, identity_id=identity.id)
    session.add(direct)
    await session.flush()
    asked = [await ask(session, chat, identity.id, words) for chat in (group, direct.id)]
    person = Somebody(identity.id, address, direct.id, words, tuple(asked), member)
    await _add_rest(session, person, network)
    return person


async def ask(session: AsyncSession, chat: UUID, asker: UUID | None, words: str, *, days: int = 14) -> ExchangeEntry:
    """Keep a question and its answer, with the bot's message."""
    reply = Reply(True, 0.9, "„39 Euro.“ [1]", [], [], answer_id="a", took_ms=1.0, hints=[])
    prepared = PreparedAnswer(words, reply, {"shown": [SHOWN]}, new_id(), new_id())
    anchor = Anchor(chat, None, f"${new_id().hex}")
    entry = await ConversationService(session).keep(prepared, anchor, asker_id=asker, days=days)
    session.add(
        SentMessage(
            network=Network.MATRIX,
            event=f"$answer-{entry.id.hex}",
            chat_id=chat,
            exchange_id=entry.id,
            position=0,
            choices=[["vote:yes", "👍"]],
            expires_at=entry.expires_at,
        )
    )
    await session.flush()
    return entry


def to_send(chat: str, words: str) -> dict[str, Any]:
    """Return a message of the bot as it waits."""
    message = {"place": {"network": "matrix", "chat": chat, "kind": "direct"}}
    return {"message": message | {"text": [["paragraph", [[words, "plain", None]]]]}, "language": "de"}


async def _add_rest(session: AsyncSession, person: Somebody, network: Network) -> None:
    chat = (await session.get_one(Chat, person.direct)).address
    in_group = person.exchanges[0]
    sender = {"network": network.value, "address": person.address}
    said = {"kind": "message", "event": "$e", "place": {"network": network.value, "chat": chat, "kind": "direct"}}
    said |= {"sender": sender, "sent_at": now().isoformat(), "text": person.words}
    # Telegram counts messages per chat.
    prefix = f"{chat}/" if network is Network.TELEGRAM else "$"
    invited = make_invitation(purpose=Purpose.MAIL, identity_id=person.identity)
    session.add_all(
        [
            Watch(question_id=in_group.question_id, identity_id=person.identity, expires_at=now() + LATER),
            Dialogue(
                identity_id=person.identity,
                chat_id=person.direct,
                name="join",
                step="name",
                data={"said": person.words},
                expires_at=now() + LATER,
            ),
            IncomingEvent(network=network, event=f"{prefix}{new_id().hex}", payload=said),
            IncomingEvent(network=network, event=f"{prefix}{new_id().hex}", handled_at=now()),
            OutgoingMessage(network=network, chat=chat, payload=to_send(chat, person.words)),
            OutgoingMessage(network=network, chat="!group:ort", payload={}, exchange_id=in_group.id),
            OutgoingMessage(network=network, chat=f"identity:{person.identity.hex}", payload={"x": person.words}),
            invited,
        ]
    )
    await session.flush()
    job = {"address": f"{person.words}@ort.example"}
    session.add(make_job(kind=SEND_CODE, key=str(invited.id), payload=job))
    await session.flush()


def make_job(**values: Any) -> Job:
    """Return a job that waits."""
    return Job(**{"state": JobState.WAITING, "run_at": now(), "created_at": now(), **values})


async def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Return all rows of all tables by the name of the table."""
    found = {}
    async with database.session(writes=False) as session:
        for table in Base.metadata.sorted_tables:
            rows = (await session.execute(select(table))).mappings()
            found[table.name] = [dict(row) for row in rows]
    return found


async def traces_of(database: Database, *marks: object) -> list[str]:
    """Return where in the database a mark stands: an identifier, an address, a word."""
    wanted = {mark.hex if isinstance(mark, UUID) else str(mark).casefold() for mark in marks}
    return sorted(
        f"{table}.{column}"
        for table, rows in (await everything(database)).items()
        for row in rows
        for column, value in row.items()
        if any(mark in _readable(value) for mark in wanted)
    )


def _readable(value: object) -> str:
    return value.hex if isinstance(value, UUID) else str(value).casefold()
