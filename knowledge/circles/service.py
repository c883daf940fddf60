"""Circles: groups with a name, topics and settings, and with documents that are for them alone."""

import re
import unicodedata
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.chats.repository import ChatRepository, OutboxRepository
from knowledge.chats.schemas import ChatEntry
from knowledge.circles.repository import CircleRepository, CircleRow, GroupRepository
from knowledge.circles.schemas import CircleStatus, Linked
from knowledge.digests.schedule import check_time
from knowledge.kit.clock import now, today
from knowledge.kit.errors import Conflict, InvalidInput, NotFound
from knowledge.kit.language import LANGUAGES, _
from knowledge.kit.logs import get_logger
from knowledge.members.invitations import CodeRefused
from knowledge.members.repository import InvitationRepository
from knowledge.models.chat import Circle
from knowledge.models.invitation import Invitation, Purpose

LONGEST_NAME = 120
MOST_TOPICS, LONGEST_TOPIC = 30, 60
_APART = re.compile(r"[,;\n]")
# What a circle without a group is like.
UNLINKED = {"chat_id": None, "vouched_at": None, "vouched_by": None, "recognises_since": None}


class CircleNotFound(NotFound):
    """No circle is meant."""

    code = "circles.not_found"


class CircleExists(Conflict):
    """There already is a circle of this name."""

    code = "circles.exists"


class CircleService:
    """Everything about circles, within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self.repository = CircleRepository(session)
        self.groups = GroupRepository(session)
        self.chats = ChatRepository(session)
        self.outbox = OutboxRepository(session)
        self.invitations = InvitationRepository(session)

    async def add(self, name: str) -> CircleStatus:
        """Add a circle. Raises InvalidInput, CircleExists."""
        name = _check_name(name)
        if await self.repository.named(fold_circle(name)) is not None:
            raise CircleExists(_("There already is a circle “{name}”.").format(name=name))
        circle = Circle(name=name, search_name=fold_circle(name), topics=[])
        await self.repository.add(circle)
        return _status((circle, None, 0))

    async def list(self) -> Sequence[CircleStatus]:
        """Return all circles by name."""
        return [_status(row) for row in await self.repository.all()]

    async def get(self, name: str) -> CircleStatus:
        """Return the circle of this name; capitals make no difference. Raises CircleNotFound."""
        row = await self.repository.named(fold_circle(name))
        if row is None:
            problem = _("There is no circle “{name}”. “allmende circle list” shows all.")
            raise CircleNotFound(problem.format(name=name.strip()[:LONGEST_NAME]))
        return _status(row)

    async def get_or_add(self, name: str) -> CircleStatus:
        """Return the circle of this name, made if need be. Raises InvalidInput."""
        row = await self.repository.named(fold_circle(name))
        return _status(row) if row else await self.add(name)

    async def by_id(self, circle_id: UUID) -> CircleStatus | None:
        """Return the circle with this identifier."""
        row = await self.repository.by_id(circle_id)
        return _status(row) if row else None

    async def link(self, invitation: Invitation, chat: ChatEntry, identity_id: UUID) -> Linked:
        """Link a group to the circle that a code is for.

        Vouching and question recognition were for the people of another group, so they start anew. Raises CodeRefused.
        """
        row = await self.repository.by_id(invitation.circle_id) if invitation.circle_id else None
        if invitation.purpose is not Purpose.CIRCLE or row is None:
            raise CodeRefused
        if not await self.invitations.spend(invitation.id, now(), identity=identity_id):
            raise CodeRefused
        circle, before = row[0], row[0].chat_id
        replaced = await self._unlink_other(chat.id, but=circle.id)
        if before != chat.id:
            await self.repository.change(circle.id, **UNLINKED)
        await self.repository.change(circle.id, chat_id=chat.id)
        get_logger().info("circle_linked", circle=str(circle.id), chat=str(chat.id), identity=str(identity_id))
        return Linked(circle.id, circle.name, moved=before not in (None, chat.id), replaced=replaced)

    async def _unlink_other(self, chat_id: UUID, *, but: UUID) -> str | None:
        row = await self.repository.of_chat(chat_id)
        if row is None or row[0].id == but:
            return None
        await self.repository.change(row[0].id, **UNLINKED)
        return row[0].name

    async def linked_by(self, circle_id: UUID) -> UUID | None:
        """Return the identity that linked the circle's group, as long as the note of the code's use is kept."""
        return await self.invitations.last_user(Purpose.CIRCLE, circle=circle_id)

    async def vouch(self, circle_id: UUID, *, by: UUID | None) -> None:
        """Note that a moderator vouches for all of the group (``by`` is empty for the administrator's shell)."""
        await self.repository.change(circle_id, vouched_at=now(), vouched_by=by)
        get_logger().info("circle_vouched", circle=str(circle_id), member=str(by))

    async def set_digest(self, circle_id: UUID, day: int | None, hour: int) -> None:
        """Set when a circle's digest comes (no day: never). Raises DigestTimeInvalid."""
        check_time(day, hour)
        await self.repository.change(circle_id, digest_day=day, digest_hour=hour)
        get_logger().info("circle_digest", circle=str(circle_id), day=day, hour=hour)

    async def withdraw_vouching(self, circle_id: UUID) -> None:
        """Nobody vouches for the group any more."""
        await self.repository.change(circle_id, vouched_at=None, vouched_by=None)
        get_logger().info("circle_not_vouched", circle=str(circle_id))

    async def recognise(self, circle_id: UUID, *, on: bool) -> None:
        """Let the bot offer answers to what is clearly a question, or not."""
        await self.repository.change(circle_id, recognises_since=now() if on else None)

    async def set_language(self, circle_id: UUID, language: str) -> None:
        """Choose the language that the bot speaks in the group."""
        await self.repository.change(circle_id, language=language if language in LANGUAGES else None)

    async def set_topics(self, circle_id: UUID, text: str) -> Sequence[str]:
        """Set a circle's topics, parted by commas, and return them. Raises InvalidInput."""
        topics = read_topics(text)
        await self.repository.change(circle_id, topics=topics)
        return topics

    async def pause(self, chat_id: UUID, *, on: bool) -> None:
        """Keep the bot silent in a group, or let it speak again."""
        await self.chats.change_chat(chat_id, paused=on)

    async def introduce(self, chat_id: UUID) -> bool:
        """Note that the bot introduces itself to a group; returns whether it is the first time."""
        return await self.groups.claim_introduction(chat_id, now())

    async def tell_newcomers(self, chat_id: UUID) -> bool:
        """Note that newcomers are told in the group; returns whether nobody was told today."""
        return await self.groups.claim_newcomers(chat_id, today())

    async def forget_group(self, chat: ChatEntry) -> None:
        """Forget a chat that the bot was removed from; a circle stays, with its documents, without a group."""
        if chat.circle is not None:
            await self.repository.change(chat.circle.id, **UNLINKED)
        await self.outbox.fail_all(chat.network, chat.address, error="removed")
        await self.chats.delete_chat(chat.network, chat.address)
        get_logger().info("chat_forgotten", chat=str(chat.id))

    async def move_group(self, chat: ChatEntry, address: str) -> None:
        """Follow a chat to its new address; where the bot knows that chat already, the two become one."""
        known = await self.chats.chat(chat.network, address)
        if known is None:
            await self.chats.change_chat(chat.id, address=address)
        elif known[0].id != chat.id:
            await self._join_groups(chat, known[0].id)
        await self.outbox.redirect(chat.network, chat.address, to=address)
        get_logger().info("chat_moved", chat=str(chat.id))

    async def _join_groups(self, chat: ChatEntry, other: UUID) -> None:
        if chat.circle is not None:
            await self.repository.change(chat.circle.id, chat_id=None)
            await self._unlink_other(other, but=chat.circle.id)
            await self.repository.change(chat.circle.id, chat_id=other)
        await self.chats.change_chat(other, introduced_at=chat.introduced_at or now(), paused=chat.paused)
        await self.chats.delete_chat(chat.network, chat.address)


def read_topics(text: str) -> list[str]:
    """Return topics that somebody wrote, parted by commas, each once. Raises InvalidInput."""
    topics: dict[str, str] = {}
    for part in _APART.split(text):
        topic = _tidy(part)
        if topic:
            topics.setdefault(topic.casefold(), topic)
    if len(topics) > MOST_TOPICS or any(len(topic) > LONGEST_TOPIC for topic in topics.values()):
        problem = _("Please give at most {count} topics of at most {letters} letters, parted by commas.")
        raise InvalidInput(problem.format(count=MOST_TOPICS, letters=LONGEST_TOPIC))
    return list(topics.values())


def fold_circle(name: str) -> str:
    """Return a circle's name for comparing."""
    return _tidy(name).casefold()


def _check_name(name: str) -> str:
    name = _tidy(name)
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidInput(_("Please give a name of 1 to {count} letters.").format(count=LONGEST_NAME))
    return name


def _tidy(text: str) -> str:
    """Return a text without spare spaces and what cannot be seen (PostgreSQL takes no zero characters)."""
    spaced = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(letter for letter in spaced if letter.isprintable())


def _status(row: CircleRow) -> CircleStatus:
    circle, chat, documents = row
    return CircleStatus(
        id=circle.id,
        name=circle.name,
        network=chat.network if chat else None,
        language=circle.language,
        topics=tuple(circle.topics),
        vouched_at=circle.vouched_at,
        recognises_since=circle.recognises_since,
        paused=chat.paused if chat else False,
        documents=documents,
        created_at=circle.created_at,
        digest_day=circle.digest_day,
        digest_hour=circle.digest_hour,
    )
