"""What the pages of members, organisations, circles and the audit log have in common."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.rights import Visitor
from knowledge.chats.inbox import Inbox
from knowledge.kit.language import _
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.members.directory.schemas import MemberState
from knowledge.models.chat import Network
from knowledge.models.member import Role

LONGEST_FILTER = 100


@dataclass(frozen=True, slots=True)
class StartLink:
    """A link that opens a chat with the bot; ``says_code`` where it hands over the code by itself."""

    network: str
    address: str
    says_code: bool


@dataclass(frozen=True, slots=True)
class CodePage:
    """A code or link that is shown once, with the words to pass on."""

    heading: str
    secret: str
    words: Sequence[str]
    links: Sequence[StartLink]
    expires_at: datetime
    back: str


def role_name(role: Role) -> str:
    """Return what a role is called."""
    names = {
        Role.MEMBER: _("Member"),
        Role.MODERATOR: _("Moderator"),
        Role.PUBLISHER: _("Publisher"),
        Role.ADMINISTRATOR: _("Administrator"),
    }
    return names[role]


def state_name(state: MemberState) -> str:
    """Return what a member's state is called."""
    names = {
        MemberState.ACTIVE: _("takes part"),
        MemberState.SUSPENDED: _("suspended"),
        MemberState.LEFT: _("has left"),
    }
    return names[state]


def houses_of(visitor: Visitor) -> frozenset[UUID] | None:
    """Return the organisations that a moderator looks after; ``None`` for all of them."""
    return None if visitor.scope.is_everything else visitor.scope.organisations


def typed_filter(text: str) -> str:
    """Return what somebody looks for: not too long, and without what cannot be seen (PostgreSQL takes no zeros)."""
    return "".join(letter for letter in text.strip()[:LONGEST_FILTER] if letter.isprintable())


def page_number(text: str) -> int:
    """Return which part of a list is wanted; the first for what is no number."""
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 8 else 1


def page_address(path: str, values: Mapping[str, str], *, number: str = "seite") -> str:
    """Return the address of a list with these filters, up to the page's number."""
    chosen = {name: value for name, value in values.items() if value}
    return f"{path}?{urlencode([*chosen.items(), (number, '')])}"


def taken_back(unit: UnitOfWork) -> AbstractAsyncContextManager[object]:
    """Open a part of the transaction whose writing is taken back where it fails, before the form is shown again."""
    return unit.session.begin_nested()


async def start_links(session: AsyncSession, settings: Settings, code: str) -> list[StartLink]:
    """Return links that open a chat with the bot, for whoever is to use a code."""
    links = []
    telegram, _cursor = await Inbox(session).newest_cursor(Network.TELEGRAM)
    if settings.telegram.telegram_token is not None and len(telegram) > 1:
        links.append(StartLink("Telegram", f"https://t.me/{telegram.removeprefix('@')}?start={code}", True))
    matrix = settings.matrix.matrix_user or (await Inbox(session).newest_cursor(Network.MATRIX))[0]
    if settings.matrix.matrix_homeserver is not None and matrix.startswith("@") and ":" in matrix:
        links.append(StartLink("Matrix", f"https://matrix.to/#/{matrix}", False))
    return links
