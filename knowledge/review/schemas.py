"""What the review takes and gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from knowledge.access.rights import Scope
from knowledge.access.visibility import Viewer
from knowledge.models.contribution import Attribution, ContributionKind, ContributionState, ReportReason
from knowledge.models.document import Status, Visibility

# What has been sent and is not decided.
OPEN = (ContributionState.WAITING, ContributionState.ASKED, ContributionState.POSTPONED)
DECIDED = (ContributionState.PUBLISHED, ContributionState.REJECTED, ContributionState.WITHDRAWN)
PAGE_SIZE = 50


class Tab(StrEnum):
    """The parts of the queue."""

    WAITING = "waiting"
    ASKED = "asked"
    POSTPONED = "postponed"
    REPORTS = "reports"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who reviews: what they look after, and what they may find beside it."""

    member_id: UUID
    scope: Scope
    viewer: Viewer


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which contributions of the queue are wanted; ``page`` counts from 1."""

    tab: Tab = Tab.WAITING
    kind: ContributionKind | None = None
    organisation_id: UUID | None = None
    topic: str | None = None
    visibility: Visibility | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A contribution in the queue; ``title`` may be empty."""

    id: UUID
    revision: int
    kind: ContributionKind
    title: str
    organisation_name: str | None
    topics: tuple[str, ...]
    visibility: Visibility
    attribution: Attribution
    waiting_since: datetime | None
    postponed_until: datetime | None
    is_own: bool


@dataclass(frozen=True, slots=True)
class ReportLine:
    """An open report, with the document that it is about."""

    id: UUID
    document_id: UUID
    document_title: str
    document_status: Status
    reason: ReportReason
    text: str
    created_at: datetime
    from_member: bool


@dataclass(frozen=True, slots=True)
class DueLine:
    """A document whose review date is past."""

    id: UUID
    title: str
    organisation_name: str | None
    review_by: date


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How much a reviewer has to look at."""

    waiting: int
    asked: int
    postponed: int
    reports: int
    due: int

    def of(self, tab: Tab) -> int:
        """Return the number of one part."""
        return int(getattr(self, tab.value))


@dataclass(frozen=True, slots=True)
class QueueView:
    """One page of the queue: the lines of its part, how many there are in all, and what can be filtered by."""

    wanted: QueueFilter
    counts: QueueCounts
    total: int
    lines: Sequence[QueueLine] = ()
    reports: Sequence[ReportLine] = ()
    due: Sequence[DueLine] = ()
    organisations: Sequence[tuple[UUID, str]] = ()

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.total // PAGE_SIZE))


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was done to a contribution: when, by whom where that is known, as ``area:action``."""

    at: datetime
    by: str | None
    action: str


@dataclass(frozen=True, slots=True)
class MergeTarget:
    """The document that a contribution is folded into, and which of its versions the moderator worked from."""

    document_id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one of several contributions: ``problem`` says why nothing did."""

    id: UUID
    title: str
    problem: str | None = None
