"""What comes out of the circles service."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from knowledge.models.chat import Network


@dataclass(frozen=True, slots=True)
class CircleStatus:
    """A circle with its settings and the network of the group that it is linked to, if any."""

    id: UUID
    name: str
    network: Network | None
    language: str | None
    topics: tuple[str, ...]
    vouched_at: datetime | None
    recognises_since: datetime | None
    paused: bool
    documents: int
    created_at: datetime
    # When its digest comes: the day of the week (0 is Monday; ``None``: never) and the hour.
    digest_day: int | None = None
    digest_hour: int = 8

    @property
    def linked(self) -> bool:
        """Whether there is a group."""
        return self.network is not None


@dataclass(frozen=True, slots=True)
class Linked:
    """What linking a group changed.

    ``moved``: the circle had another group, which sees only what is public from now on. ``replaced`` names the circle
    that this group belonged to before.
    """

    circle: UUID
    name: str
    moved: bool = False
    replaced: str | None = None
