"""What goes in and out of the services about peers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from knowledge.access.visibility import Viewer
from knowledge.models.chat import Network
from knowledge.models.member import Findable
from knowledge.peers.likeness import Likeness
from knowledge.topics.tree import TopicEntry


@dataclass(frozen=True, slots=True)
class Profile:
    """What a member says of themselves; never inferred.

    ``digest_day`` (0 is Monday) is empty where they want no digest of their own.
    """

    member_id: UUID
    helps: tuple[TopicEntry, ...]
    seeks: tuple[TopicEntry, ...]
    # Two-letter codes, in the order in which they were given.
    languages: tuple[str, ...]
    findable: Findable
    digest_day: int | None
    digest_hour: int


@dataclass(frozen=True, slots=True)
class PeerAsker:
    """Who looks for peers: what they may find where they ask, and the organisation that others are compared with.

    ``with_people``: whether people may be named at all in this place; never in groups, nor in a foreign house.
    """

    member_id: UUID | None
    organisation_id: UUID | None
    viewer: Viewer
    with_people: bool = True


@dataclass(frozen=True, slots=True)
class PeerDocument:
    """A published experience that the asker may find."""

    id: UUID
    title: str


@dataclass(frozen=True, slots=True)
class PeerOrganisation:
    """An organisation to talk to. ``reason`` says why, in words of the current language.

    ``experiences`` counts what the asker may find; ``documents`` holds the newest of it, at most three.
    """

    id: UUID
    name: str
    # Its legal form („Amt", „Stadt").
    label: str
    state: str | None
    experiences: int
    documents: tuple[PeerDocument, ...]
    likeness: Likeness
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class PeerPerson:
    """A person who offered help and may be asked for contact; never shown by name, ``member_id`` is for the request.

    ``topic`` is what they declared. ``reason`` says why, in words of the current language.
    """

    member_id: UUID
    organisation_id: UUID | None
    organisation_name: str | None
    topic: TopicEntry | None
    languages: tuple[str, ...]
    likeness: Likeness
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class PeerFinds:
    """Whom to talk to, best first; ``topic`` is what the words were understood as, where they are one."""

    organisations: tuple[PeerOrganisation, ...]
    people: tuple[PeerPerson, ...]
    topic: TopicEntry | None = None

    @property
    def nothing(self) -> bool:
        """Whether nobody was found."""
        return not self.organisations and not self.people


class Outlook(StrEnum):
    """Where a contact request stands, as far as whoever looks may know."""

    # For the asker: sent. For the one who is asked: to be decided.
    WAITING = "waiting"
    # Both said yes.
    EXCHANGED = "exchanged"
    # For the asker alone: declined, expired, blocked, away … all the same.
    NOT_AVAILABLE = "not_available"
    WITHDRAWN = "withdrawn"
    # For the one who was asked alone: they said no, named a colleague, or let it be.
    DECLINED = "declined"
    PASSED_ON = "passed_on"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class ContactEntry:
    """A contact request as one of the two sides may see it.

    ``organisation`` is the other side's. ``text`` holds the asker's words for the one who is asked, while it waits.
    """

    id: UUID
    is_mine: bool
    outlook: Outlook
    organisation_id: UUID | None
    organisation: str | None
    topic: TopicEntry | None
    text: str
    created_at: datetime
    # Until when it may be decided.
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ContactBook:
    """A member's requests, the newest first: those that they made, and those that were made to them."""

    mine: tuple[ContactEntry, ...]
    to_me: tuple[ContactEntry, ...]


@dataclass(frozen=True, slots=True)
class ContactCard:
    """What is exchanged once both said yes: name, organisation, and where the person can be written to.

    ``addresses`` holds addresses on Matrix and confirmed ones for mail; others say nothing to people.
    """

    name: str
    organisation: str | None
    addresses: tuple[tuple[Network, str], ...]


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of the same house, as whoever passes a request on sees them."""

    member_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """Somebody from whom a member wants nothing; ``key`` stands for it, and tells nothing of who it is.

    ``organisation`` is known where they were blocked by their contact request, ``name`` where the two have exchanged
    names, too. Of whoever was blocked for a question or an answer neither is told: it may have been anonymous.
    """

    key: UUID
    organisation: str | None
    name: str | None
    created_at: datetime
