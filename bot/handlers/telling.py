"""What a teller gets to know, and what it returns: the words of a notice, made at the moment when it is told."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bot.core.messages import Choice
from bot.core.text import Block, RichText, link, paragraph
from bot.core.turn import Services
from knowledge.access.visibility import Viewer, network_member
from knowledge.chats.schemas import ChatEntry, IdentityEntry
from knowledge.circles.audience import viewer_for
from knowledge.contributions.errors import UnknownContribution
from knowledge.contributions.schemas import ContributionEntry
from knowledge.contributions.service import ContributionService
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.chat import ChatKind
from knowledge.models.contribution import ContributionState


@dataclass(frozen=True, slots=True)
class Telling:
    """A notice that is being told: in which transaction, what it knows, and to whom.

    ``group`` is set where it is said in a circle's group; ``to`` is nobody in particular then, and no member.
    ``at_home``: as if it were told where our own rules hold, to find out whether the person may see it there.
    """

    unit: UnitOfWork
    services: Services
    data: Mapping[str, Any]
    to: IdentityEntry
    group: ChatEntry | None = None
    at_home: bool = False

    def key(self, name: str) -> UUID | None:
        """Return an identifier that the notice knows."""
        return as_key(self.data.get(name))

    @property
    def viewer(self) -> Viewer:
        """What may be shown where it is told."""
        if self.at_home and self.to.verified:
            return network_member(self.to.organisation_id)
        place = self.group or ChatEntry(new_id(), self.to.network, "", ChatKind.DIRECT)
        return viewer_for(place, self.to, telegram_visibility=self.services.settings.telegram.telegram_visibility)

    async def contribution(self, *states: ContributionState) -> ContributionEntry | None:
        """Return the contribution that the notice is about, if it still stands where it stood."""
        key = self.key("contribution")
        if key is None:
            return None
        try:
            entry = await ContributionService(self.unit).find(key)
        except UnknownContribution:
            return None
        return entry if entry.state in states else None

    async def own(self, *states: ContributionState) -> ContributionEntry | None:
        """Return it only where it is the person's own."""
        entry = await self.contribution(*states)
        return entry if entry is not None and entry.member_id == self.to.member_id else None

    def hub(self, path: str, label: str) -> list[Block]:
        """Return a link into the hub, where its address is set."""
        settings = self.services.settings.hub
        return [paragraph(link(label, f"{settings.address}{path}"))] if settings.hub_url is not None else []


Words = tuple[RichText, tuple[Choice, ...]]
# Returns ``None`` where it does not hold any more, or where its person may not see it any more.
Teller = Callable[[Telling], Awaitable[Words | None]]


def as_key(value: Any) -> UUID | None:
    """Return an identifier that was kept as text; ``None`` for anything else."""
    try:
        return UUID(str(value))
    except ValueError:
        return None


def as_number(value: Any) -> int:
    """Return a number that was kept; 0 for anything else."""
    return value if isinstance(value, int) else 0
