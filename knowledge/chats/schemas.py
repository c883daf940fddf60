"""What the rest of the system knows of people and chats."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from knowledge.models.chat import ChatKind, Network
from knowledge.models.member import Role


@dataclass(frozen=True, slots=True)
class IdentityEntry:
    """Somebody on a chat network; ``member_id`` and ``role`` are empty while the person is not verified.

    ``organisation_id`` and ``state_key`` are the member's, or else what an unverified person said; only a verified
    member's organisation counts for what may be found. ``is_new``: nothing of this person is stored yet.
    """

    id: UUID
    network: Network
    address: str
    language: str | None = None
    member_id: UUID | None = None
    role: Role | None = None
    organisation_id: UUID | None = None
    state_key: str | None = None
    introduced_at: datetime | None = None
    warned_at: datetime | None = None
    is_new: bool = False

    @property
    def verified(self) -> bool:
        """Whether this is a member of the network."""
        return self.member_id is not None

    @property
    def moderates(self) -> bool:
        """Whether this person may decide for groups: moderators and administrators."""
        return self.role in (Role.MODERATOR, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class CircleEntry:
    """The settings of the circle that a group is linked to; ``audiences``: sets of circles that it belongs to."""

    id: UUID
    name: str
    language: str | None = None
    topics: tuple[str, ...] = ()
    vouched: bool = False
    recognises: bool = False
    audiences: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatEntry:
    """A chat that the bot is in; ``is_new``: nothing of it is stored yet."""

    id: UUID
    network: Network
    address: str
    kind: ChatKind
    circle: CircleEntry | None = None
    paused: bool = False
    introduced_at: datetime | None = None
    is_new: bool = False
