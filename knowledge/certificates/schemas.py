"""What a certificate says, and what one could be made for."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from knowledge.models.certificate import CertificateKind


@dataclass(frozen=True, slots=True)
class Achievement:
    """Something that was attended or completed, and that a certificate can be made for.

    ``subject_id`` is the training's or the path's; ``learned`` has a line for each thing that one can do afterwards.
    ``until`` is the last day on which it can be made: who was at a training is not kept for good.
    """

    kind: CertificateKind
    subject_id: UUID
    title: str
    learned: str
    publisher: str
    minutes: int
    language: str
    completed_on: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class CertificateEntry:
    """A certificate as its holder sees it; ``code`` is what verifies it."""

    id: UUID
    kind: CertificateKind
    subject_id: UUID | None
    name: str
    title: str
    learned: str
    publisher: str
    minutes: int
    language: str
    completed_on: date
    issued_at: datetime
    code: str
