"""Sessions in the hub: kept by the server, listed to their owner, over when they say so or when nobody came back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.repository import SessionRepository, SessionRow
from knowledge.access.rights import Scope, Visitor, rights_of
from knowledge.access.schemas import OpenedSession, SessionEntry
from knowledge.access.secrets import LONGEST_TOKEN, make_token, token_digest
from knowledge.access.visibility import network_member
from knowledge.kit.clock import now
from knowledge.kit.errors import NotFound
from knowledge.kit.ids import new_id
from knowledge.kit.language import _
from knowledge.members.schemas import MemberEntry
from knowledge.models.access import HubSession
from knowledge.models.member import Member, Role

# When a session was last used is written at most this often.
SEEN_EVERY = timedelta(minutes=5)
# How long a session that is over is still known: what was typed in it comes back to whose it was.
KNOWN_AFTERWARDS = timedelta(days=1)
# How long after a recovery link password and second factor may be set without the old ones.
RECOVERY_LASTS = timedelta(hours=1)
LONGEST_DEVICE = 80
# What browsers call themselves; the first that fits counts, because most also name others.
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrom", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone|iPad", "iOS"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


class SessionNotFound(NotFound):
    """No such session of this member."""

    code = "access.session_not_found"


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lasts at most, and how long when nobody comes back."""

    longest: timedelta = timedelta(days=7)
    idle: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Presence:
    """What a cookie says: whose session it is or was, and as whom it is good now (``None``: no longer)."""

    session_id: UUID
    member_id: UUID
    visitor: Visitor | None = None
    # Whether it is time to note that the session was used.
    is_stale: bool = False
    # Whether password and second factor may be set without the old ones.
    recovers: bool = False


class Sessions:
    """Everything about sessions, within the caller's transaction.

    Args:
        session: the transaction.
        lifetime: how long sessions last.
    """

    def __init__(self, session: AsyncSession, lifetime: Lifetime | None = None) -> None:
        self._repository = SessionRepository(session)
        self._lifetime = lifetime or Lifetime()

    async def open(
        self, member_id: UUID, *, device: str = "", second_factor: bool = False, recovery: bool = False
    ) -> OpenedSession:
        """Begin a session.

        Args:
            member_id: whose.
            device: what the browser calls itself; two words of it are kept.
            second_factor: whether one was given.
            recovery: whether it begins with a recovery link.
        """
        token, moment = make_token(), now()
        opened = HubSession(
            id=new_id(),
            digest=token_digest(token),
            member_id=member_id,
            device=describe_device(device),
            second_factor=second_factor,
            recovery=recovery,
            created_at=moment,
            seen_at=moment,
            expires_at=moment + self._lifetime.longest + KNOWN_AFTERWARDS,
        )
        await self._repository.add(opened)
        return OpenedSession(opened.id, member_id, token, moment + self._lifetime.longest)

    async def find(self, token: str) -> Presence | None:
        """Return what a cookie says; ``None`` where there is, or was, no such session."""
        if not 0 < len(token) <= LONGEST_TOKEN:
            return None
        row = await self._repository.find(token_digest(token))
        if row is None:
            return None
        session, member, moment = row[0], row[1], now()
        if self._is_over(session, moment) or not member.active or member.suspended_at is not None:
            return Presence(session.id, member.id)
        recovers = session.recovery and moment < session.created_at + RECOVERY_LASTS
        stale = session.seen_at < moment - SEEN_EVERY
        return Presence(session.id, member.id, await self._visitor(row), is_stale=stale, recovers=recovers)

    async def mark_seen(self, session_id: UUID) -> None:
        """Note that a session was used, unless that was noted just now."""
        moment = now()
        await self._repository.mark_seen(session_id, moment, before=moment - SEEN_EVERY)

    async def strengthen(self, session_id: UUID) -> str:
        """Note that a second factor was given; returns what the browser keeps from now on, in place of what it had."""
        token = make_token()
        await self._repository.change(session_id, digest=token_digest(token), second_factor=True)
        return token

    async def of_member(self, member_id: UUID) -> Sequence[SessionEntry]:
        """Return a member's sessions that are not over, the one used last first."""
        moment = now()
        rows = [row for row in await self._repository.of_member(member_id, moment) if not self._is_over(row, moment)]
        return [SessionEntry(row.id, row.device, row.second_factor, row.created_at, row.seen_at) for row in rows]

    async def end(self, member_id: UUID, session_id: UUID) -> None:
        """End one session of a member. Raises ``SessionNotFound``."""
        if not await self._repository.end(member_id, now(), only=session_id):
            raise SessionNotFound(_("This session is over already."))

    async def end_all(self, member_id: UUID, *, but: UUID | None = None) -> int:
        """End all sessions of a member, or all but one; returns how many."""
        return await self._repository.end(member_id, now(), but=but)

    def _is_over(self, session: HubSession, moment: datetime) -> bool:
        too_old = session.created_at <= moment - self._lifetime.longest
        return too_old or session.expires_at <= moment or session.seen_at <= moment - self._lifetime.idle

    async def _visitor(self, row: SessionRow) -> Visitor:
        session, member, *organisation = row
        way = WayIn(second_factor=session.second_factor, session_id=session.id)
        return await member_visitor(self._repository, member, Organised(*organisation), way)


@dataclass(frozen=True, slots=True)
class Organised:
    """The organisation of a member: its key, name and Land."""

    key: str | None = None
    name: str | None = None
    state_key: str | None = None


@dataclass(frozen=True, slots=True)
class WayIn:
    """How a member came: whether a second factor was given, and in which session of the hub."""

    second_factor: bool = False
    session_id: UUID | None = None


async def member_visitor(repository: SessionRepository, member: Member, organisation: Organised, way: WayIn) -> Visitor:
    """Return what a member may do and find now, however they came."""
    return Visitor(
        rights_of(member.role, releases=member.releases, second_factor=way.second_factor),
        network_member(member.organisation_id, state_key=organisation.state_key),
        member=_entry(member, organisation.key, organisation.name),
        session_id=way.session_id,
        second_factor=way.second_factor,
        scope=await _scope(repository, member),
    )


async def _scope(repository: SessionRepository, member: Member) -> Scope:
    if member.role is not Role.MODERATOR:
        return Scope()
    rows = await repository.scopes(member.id)
    return Scope(
        frozenset(row.organisation_id for row in rows if row.organisation_id),
        frozenset(row.topic.casefold() for row in rows if row.topic),
    )


def describe_device(agent: str) -> str:
    """Return the kind of browser and system in two words, as far as the browser says."""
    words = [next((name for mark, name in known if re.search(mark, agent)), "") for known in (_BROWSERS, _SYSTEMS)]
    return ", ".join(word for word in words if word)[:LONGEST_DEVICE]


def _entry(member: Member, key: str | None, name: str | None) -> MemberEntry:
    return MemberEntry(
        id=member.id,
        name=member.name,
        role=member.role,
        organisation_id=member.organisation_id,
        organisation_key=key,
        organisation_name=name,
        created_at=member.created_at,
        active=member.active,
    )
