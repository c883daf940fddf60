"""For whom an experience is, and in whose name: each asked only of those who want something else than usual."""

from typing import Any

from bot.core.dialogue import Draft, Prompt
from bot.core.messages import Choice
from bot.core.text import Block, item, note, paragraph, rich
from bot.core.turn import Turn
from bot.handlers.experience_draft import BACK, back_choice, help_blocks, note_hit, note_miss, wishes_of
from bot.handlers.experience_review import organisation_name, review
from knowledge.circles.service import CircleNotFound, CircleService, read_topics
from knowledge.contributions.service import ContributionService
from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _
from knowledge.models.contribution import Attribution
from knowledge.models.document import Visibility

_VALUE = ":v-"


async def visibility(turn: Turn, draft: Draft) -> Prompt:
    """Ask who may see it."""
    choices = [
        Choice(f"{_VALUE}{Visibility.NETWORK.value}", _("The network"), "🤝"),
        Choice(f"{_VALUE}{Visibility.CIRCLE.value}", _("Certain circles"), "⭕"),
        Choice(f"{_VALUE}{Visibility.PUBLIC.value}", _("Everybody"), "🌍"),
        back_choice(),
    ]
    if turn.identity.organisation_id is not None:
        choices.insert(0, Choice(f"{_VALUE}{Visibility.HOUSE.value}", _("Our own house"), "🏠"))
    blocks = help_blocks(turn, draft) or [paragraph(_("Who may see it once it is published?"))]
    return Prompt(rich(*blocks), tuple(choices))


async def decide_visibility(_turn: Turn, draft: Draft, answer: str) -> str | None:
    """Note who may see it."""
    wishes, chosen = wishes_of(draft), answer.removeprefix(_VALUE)
    if answer == BACK:
        note_hit(draft)
        return review(draft)
    if chosen == Visibility.CIRCLE.value:
        note_hit(draft)
        return "circles"
    if chosen not in [known.value for known in Visibility]:
        note_miss(draft, _("This is none of the choices."))
        return "visibility"
    note_hit(draft)
    wishes["visibility"], wishes["circles"] = chosen, {}
    if chosen == Visibility.HOUSE.value:
        wishes["attribution"] = Attribution.ORGANISATION.value
    return review(draft)


async def circles(turn: Turn, draft: Draft) -> Prompt:
    """Ask for which circles it is."""
    blocks = help_blocks(turn, draft) or [
        paragraph(_("For which circles? Please write their names, parted by commas."))
    ]
    return Prompt(rich(*blocks), (back_choice(),))


async def decide_circles(turn: Turn, draft: Draft, answer: str) -> str | None:
    """Note for which circles it is."""
    if answer == BACK:
        note_hit(draft)
        return "visibility"
    found: dict[str, str] = {}
    try:
        for name in read_topics(answer):
            circle = await CircleService(turn.unit.session).get(name)
            found[circle.id.hex] = circle.name
    except CircleNotFound:
        note_miss(draft, _("I do not know one of these circles. Please write the names as the circles have them."))
        return "circles"
    except InvalidInput as error:
        note_miss(draft, error.message)
        return "circles"
    if not found:
        note_miss(draft, _("I see no word in that."))
        return "circles"
    note_hit(draft)
    wishes_of(draft).update(visibility=Visibility.CIRCLE.value, circles=found)
    return review(draft)


async def attribution(turn: Turn, draft: Draft) -> Prompt:
    """Ask whose it shall be said to be, and show the description first that would stand there instead."""
    wishes = wishes_of(draft)
    wishes["described"] = described = await _description(turn, wishes)
    name = await organisation_name(turn)
    choices = [Choice(f"{_VALUE}{Attribution.ORGANISATION.value}", _("Name my organisation"), "🏛️")]
    blocks: list[Block] = [item(_("Named: {name}").format(name=name or _("without an organisation")))]
    if described:
        choices.append(Choice(f"{_VALUE}{Attribution.ANONYMOUS.value}", _("Describe it coarsely"), "🎭"))
        blocks.append(item(_("Anonymised: {description}").format(description=described)))
        blocks.append(note(_("So coarsely that at least five municipalities fit.")))
    elif wishes["visibility"] == Visibility.HOUSE.value:
        blocks.append(note(_("What only your own house sees cannot be anonymised; the house is known.")))
    else:
        blocks.append(note(_("Too few municipalities are like yours to describe it without giving it away.")))
    head = help_blocks(turn, draft) or [paragraph(_("Whose shall it be said to be?"))]
    return Prompt(rich(*head, *blocks), (*choices, back_choice()))


async def _description(turn: Turn, wishes: dict[str, Any]) -> str | None:
    organisation = turn.identity.organisation_id
    if organisation is None or wishes["visibility"] == Visibility.HOUSE.value:
        return None
    return await ContributionService(turn.unit).describe_coarsely(organisation)


async def decide_attribution(_turn: Turn, draft: Draft, answer: str) -> str | None:
    """Note whose it shall be said to be."""
    wishes, chosen = wishes_of(draft), answer.removeprefix(_VALUE)
    if answer == BACK:
        note_hit(draft)
        return review(draft)
    possible = [Attribution.ORGANISATION.value, *([Attribution.ANONYMOUS.value] if wishes.get("described") else [])]
    if chosen not in possible:
        note_miss(draft, _("This is none of the choices."))
        return "attribution"
    note_hit(draft)
    wishes["attribution"] = chosen
    return review(draft)
