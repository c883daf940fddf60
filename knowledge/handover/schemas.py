"""What handing over takes and gives."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from knowledge.access.visibility import Viewer
from knowledge.kit.language import _
from knowledge.models.handover import HandoverReason, HandoverState
from knowledge.models.member import Role


@dataclass(frozen=True, slots=True)
class DutyDocument:
    """A document that somebody looks after; ``shared``: its house is named, so a colleague can take it over.

    ``access`` is the token of who may find it.
    """

    id: UUID
    title: str
    review_by: date | None
    shared: bool
    access: str

    def shown_to(self, viewer: Viewer) -> "DutyDocument":
        """Return it as somebody may see it: without its title where they may not find it, such as a circle's."""
        if viewer.access is None or self.access in viewer.access:
            return self
        return replace(self, title=_("A document of your organisation"))


@dataclass(frozen=True, slots=True)
class Duties:
    """What a member looks after: documents, and offices that only an administrator can give to somebody else."""

    documents: tuple[DutyDocument, ...]
    role: Role
    releases: bool

    @property
    def shared(self) -> tuple[DutyDocument, ...]:
        """The documents that a colleague can take over."""
        return tuple(document for document in self.documents if document.shared)

    @property
    def has_office(self) -> bool:
        """Whether there is an office that somebody else has to be given."""
        return self.releases or self.role is not Role.MEMBER


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the same house."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class HandoverEntry:
    """A handover as the house sees it; names are those of colleagues, who know each other."""

    id: UUID
    state: HandoverState
    reason: HandoverReason
    member_id: UUID | None
    member_name: str | None
    organisation_id: UUID | None
    organisation_name: str | None
    successor_id: UUID | None
    successor_name: str | None
    documents: tuple[DutyDocument, ...]
    created_at: datetime

    def shown_to(self, viewer: Viewer) -> "HandoverEntry":
        """Return it as somebody of the house may see it."""
        return replace(self, documents=tuple(document.shown_to(viewer) for document in self.documents))


@dataclass(frozen=True, slots=True)
class Area:
    """What the interview asks about one thing that somebody looks after."""

    name: str
    needs: str
    stands: str
