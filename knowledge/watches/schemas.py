"""Questions that people want to hear about when something fitting is published."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class WatchEntry:
    """A question that somebody wants to hear about; ``asked_at`` is when it had no answer yet."""

    id: UUID
    identity_id: UUID
    chat_id: UUID | None
    question: str
    language: str
    asked_at: datetime
    expires_at: datetime
