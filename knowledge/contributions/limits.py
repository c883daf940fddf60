"""How much may be sent within a day: as much as anybody can look at, and a flood is refused with a clear answer."""

from datetime import timedelta

from knowledge.contributions.errors import TooMany
from knowledge.contributions.repository import ContributionRepository
from knowledge.contributions.schemas import Author
from knowledge.kit.clock import now
from knowledge.kit.language import _
from knowledge.kit.often import room_for_house_in, room_in

DAY = timedelta(days=1)
MOST_BY_PERSON = 20
MOST_BY_HOUSE = 60
MOST_DRAFTS = 100


async def check_sending(repository: ContributionRepository, author: Author) -> None:
    """Raise ``TooMany`` where a person or their house has sent too much within a day."""
    since = now() - DAY
    sent = await repository.sent_since(since, member=author.member_id)
    if len(sent) >= MOST_BY_PERSON:
        problem = _("You have sent {count} contributions within a day. Your draft is kept; please send it tomorrow.")
        raise TooMany(problem.format(count=MOST_BY_PERSON), wait=room_in(sent, DAY, MOST_BY_PERSON))
    if author.organisation_id is None:
        return
    sent = await repository.house_sent_since(since, organisation=author.organisation_id)
    if len(sent) >= MOST_BY_HOUSE:
        problem = _(
            "Your organisation has sent {count} contributions within a day. Your draft is kept; please send it later."
        )
        raise TooMany(problem.format(count=MOST_BY_HOUSE), wait=room_for_house_in(sent, DAY, MOST_BY_HOUSE))


async def check_drafts(repository: ContributionRepository, author: Author) -> None:
    """Raise ``TooMany`` where a person has too many drafts."""
    if await repository.drafts(author.member_id) >= MOST_DRAFTS:
        problem = _("You have {count} drafts. Please send or delete some of them first.")
        raise TooMany(problem.format(count=MOST_DRAFTS))
