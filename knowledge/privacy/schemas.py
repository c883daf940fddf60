"""What privacy gives back: everything about one person, and what erasing them did."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from knowledge.models.chat import ChatKind, Network
from knowledge.models.contribution import Attribution, ContributionKind, ContributionState, ReportReason
from knowledge.models.document import Visibility
from knowledge.models.invitation import Purpose
from knowledge.models.member import Role
from knowledge.privacy.network import StoredNetwork
from knowledge.privacy.trainings import StoredLearning


@dataclass(frozen=True, slots=True)
class StoredMail:
    """What is wanted at an e-mail address, and since when mail from there came back."""

    answers: bool
    reminders: bool
    digests: bool
    preferred: bool
    created_at: datetime
    confirmed_at: datetime | None
    unsubscribed_at: datetime | None
    bounces: int
    last_bounce_at: datetime | None
    bounced_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredIdentity:
    """Somebody's address on a chat network and what was noted with it; ``is_current``: the one that is asking.

    ``mail`` is what is wanted there, where it is an e-mail address.
    """

    id: UUID
    network: Network
    address: str
    organisation: str | None
    language: str | None
    introduced_at: datetime | None
    warned_at: datetime | None
    created_at: datetime
    seen_at: datetime
    direct_chats: tuple[str, ...]
    is_current: bool
    mail: StoredMail | None = None


@dataclass(frozen=True, slots=True)
class StoredMember:
    """The membership; ``vouches_for`` names the circles whose members this person has vouched for."""

    name: str
    role: Role
    organisation: str | None
    active: bool
    created_at: datetime
    vouches_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredExchange:
    """A question that is still linked to the person; ``shown`` holds title, place and quotation of each source."""

    asked_at: datetime
    network: Network
    kind: ChatKind
    question: str | None
    answered: bool | None
    shown: tuple[Mapping[str, Any], ...]
    found_helpful: bool | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StoredWatch:
    """A question that the person wants to hear about."""

    question: str
    created_at: datetime
    expires_at: datetime
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A guided dialogue with what was said in it."""

    name: str
    step: str
    data: Mapping[str, Any]
    updated_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StoredInvitation:
    """A one-time code that was made for this person."""

    purpose: Purpose
    name: str | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message that waits: one of the person's to be handled, or one of the bot's to be sent."""

    incoming: bool
    created_at: datetime
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredWebMessage:
    """A message of the person's conversation in the browser; ``mine``: the person said it."""

    mine: bool
    created_at: datetime
    text: str
    file: str | None
    kept_until: datetime


@dataclass(frozen=True, slots=True)
class StoredContribution:
    """Something that the person contributed; ``messages``: whether they wrote it, when, and what."""

    kind: ContributionKind
    state: ContributionState
    organisation: str | None
    fields: Mapping[str, Any]
    visibility: Visibility
    attribution: Attribution
    described_as: str | None
    created_at: datetime
    submitted_at: datetime | None
    decided_at: datetime | None
    reason: str | None
    messages: tuple[tuple[bool, datetime, str], ...]


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A document that the person reported, and what was done about it."""

    reason: ReportReason
    text: str
    created_at: datetime
    closed_at: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class StoredSignIn:
    """The name that the person signs in with; password and second factor are kept so that nobody can read them."""

    login: str
    second_factor: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class StoredDirectory:
    """An account in an organisation's directory that the person signs in with; a mark of it is kept, nothing else."""

    name: str
    issuer: str
    linked_at: datetime
    last_used: date | None


@dataclass(frozen=True, slots=True)
class StoredSession:
    """Where the person is signed in."""

    device: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A token by which the person's programs use the API; ``answers``: creations of it that are still remembered."""

    name: str
    hint: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    used_on: date | None
    revoked_at: datetime | None
    answers: int


@dataclass(frozen=True, slots=True)
class StoredKeepRequest:
    """A request to keep a group's message; ``asked``: the person asked, else they are whose message it is."""

    asked: bool
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Everything that is kept about one person."""

    made_at: datetime
    identities: tuple[StoredIdentity, ...]
    member: StoredMember | None
    exchanges: tuple[StoredExchange, ...]
    watches: tuple[StoredWatch, ...]
    drafts: tuple[StoredDraft, ...]
    invitations: tuple[StoredInvitation, ...]
    messages: tuple[StoredMessage, ...]
    # How many answers to others' questions the person has judged, while that can still be told.
    votes_elsewhere: int
    contributions: tuple[StoredContribution, ...] = ()
    reports: tuple[StoredReport, ...] = ()
    sign_in: StoredSignIn | None = None
    directories: tuple[StoredDirectory, ...] = ()
    sessions: tuple[StoredSession, ...] = ()
    tokens: tuple[StoredToken, ...] = ()
    keep_requests: tuple[StoredKeepRequest, ...] = ()
    network: StoredNetwork | None = None
    learning: StoredLearning | None = None
    said_in_browser: tuple[StoredWebMessage, ...] = ()


@dataclass(frozen=True, slots=True)
class ErasureRecord:
    """That somebody was erased, without who."""

    digest: str
    key: str
    erased_at: datetime


@dataclass(frozen=True, slots=True)
class Erased:
    """What erasing did: which people's records it left, and whether the membership went, too."""

    records: tuple[ErasureRecord, ...]
    membership: bool


@dataclass(frozen=True, slots=True)
class Overdue:
    """Something that should have been deleted by itself and was not."""

    name: str
    since: datetime
