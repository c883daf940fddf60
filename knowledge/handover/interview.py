"""The interview with somebody who leaves: each thing that they look after becomes a draft of their house."""

from uuid import UUID

from knowledge.contributions.fields import BY_NAME
from knowledge.contributions.schemas import Author, ContributionEntry, Wishes
from knowledge.contributions.service import ContributionService
from knowledge.handover.schemas import Area
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.document import Visibility

LONGEST_TITLE = BY_NAME["title"].longest


async def draft_of(unit: UnitOfWork, author: Author, area: Area) -> ContributionEntry:
    """Make a draft of what the interview asked about one thing; for the own house alone, until its author opens it.

    Raises ``FieldInvalid``, ``TooMany``, ``OrganisationNeeded``.
    """
    service = ContributionService(unit)
    title = _("Handover: {area}").format(area=area.name)[:LONGEST_TITLE]
    fields = {"title": title, "situation": area.name, "done": area.needs, "outcome": area.stands}
    entry = await service.start(author, fields=fields)
    if author.organisation_id is None:
        return entry
    return await service.change(entry.id, author, wishes=Wishes(visibility=Visibility.HOUSE))


async def send_drafts(unit: UnitOfWork, author: Author, drafts: list[UUID]) -> int:
    """Send the drafts of an interview to be reviewed; returns how many. Raises what ``submit`` raises."""
    service = ContributionService(unit)
    for draft in drafts:
        await service.submit(draft, author)
    return len(drafts)
