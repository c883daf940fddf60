"""What a dialogue about a contribution knows so far, and the choices that stand below every question of it.

``data`` holds: ``fields``; ``tour`` (which questions are being asked); ``wishes``; ``kept`` (findings that stay);
``contribution`` (the draft that it began from); ``corrects`` (the document that it corrects); ``changing`` (the field
that is being changed); ``missed`` and ``problem`` (answers in a row that did not fit, and why).
"""

from typing import Any
from uuid import UUID

from bot.core.dialogue import Draft
from bot.core.messages import Choice
from bot.core.text import Block, note, paragraph, rich
from bot.core.turn import Turn
from bot.handlers.filling import filled
from bot.handlers.wording import command
from knowledge.circles.service import CircleService
from knowledge.contributions.schemas import Author, ContributionEntry, Wishes
from knowledge.kit.language import _
from knowledge.models.contribution import Attribution
from knowledge.models.document import Visibility

# Keys of choices begin with a colon, so that no word that somebody writes can be one.
BACK, SKIP, LATER, PREVIEW, CLEAR, SEND, MORE = ":back", ":skip", ":later", ":view", ":clear", ":send", ":more"
# Which questions are being asked: the needed ones, all others, or one.
FIRST_TOUR, SECOND_TOUR, ONE = "needed", "more", "one"
# From this miss on, more help is given.
HELPS_FROM = 3


def fields_of(draft: Draft) -> dict[str, Any]:
    """Return the fields, which may be changed."""
    fields: dict[str, Any] = draft.data.setdefault("fields", {})
    return fields


def note_miss(draft: Draft, problem: str) -> None:
    """Note that an answer did not fit; the next question says why."""
    draft.data["missed"] = int(draft.data.get("missed", 0)) + 1
    draft.data["problem"] = problem


def note_hit(draft: Draft) -> None:
    """Note that an answer fitted."""
    draft.data.pop("missed", None)
    draft.data.pop("problem", None)


def missed(draft: Draft) -> int:
    """Return how many answers in a row did not fit."""
    return int(draft.data.get("missed", 0))


def help_blocks(turn: Turn, draft: Draft) -> list[Block]:
    """Return why the last answer did not fit; from the third time on, what can be done at all."""
    count = missed(draft)
    if not count:
        return []
    blocks = [paragraph(str(draft.data.get("problem", "")))]
    if count >= HELPS_FROM:
        sentence = _(
            "You can press what stands below, or write its words or its number. “Go on later” puts everything aside "
            "for 30 days, {cancel} drops it. Nothing that you entered so far is lost."
        )
        blocks.append(note(*filled(sentence, cancel=command(turn.glance, "abbrechen", "cancel"))))
    return blocks


def back_choice() -> Choice:
    """Return the way back."""
    return Choice(BACK, _("Back"), "⬅️")


def later_choice() -> Choice:
    """Return the way out, with all that was entered kept."""
    return Choice(LATER, _("Go on later"), "💤")


def author_of(turn: Turn) -> Author | None:
    """Return the member who contributes; ``None`` for others."""
    identity = turn.identity
    if identity.member_id is None:
        return None
    return Author(identity.member_id, identity.organisation_id, identity.id)


def default_wishes() -> dict[str, Any]:
    """Return whom a contribution is for, and whose it is, as long as its author says nothing else."""
    return {"visibility": Visibility.NETWORK.value, "attribution": Attribution.ORGANISATION.value, "circles": {}}


def wishes_of(draft: Draft) -> dict[str, Any]:
    """Return the wishes, which may be changed; ``circles`` is by identifier."""
    wishes: dict[str, Any] = draft.data.setdefault("wishes", default_wishes())
    return wishes


def read_wishes(draft: Draft) -> Wishes:
    """Return the wishes as the service takes them."""
    wishes = wishes_of(draft)
    circles = tuple(UUID(key) for key in wishes["circles"])
    return Wishes(Visibility(wishes["visibility"]), circles, Attribution(wishes["attribution"]))


async def draft_data(turn: Turn, entry: ContributionEntry) -> dict[str, Any]:
    """Return a contribution as the data of its dialogue."""
    circles = [await CircleService(turn.unit.session).by_id(key) for key in entry.circles]
    wishes = {
        "visibility": entry.visibility.value,
        "attribution": entry.attribution.value,
        "described": entry.described_as,
        "circles": {circle.id.hex: circle.name for circle in circles if circle is not None},
    }
    return {"fields": dict(entry.fields), "contribution": entry.id.hex, "wishes": wishes}


def put_aside(turn: Turn, draft: Draft) -> None:
    """Say that everything is kept, and how to go on."""
    note_hit(draft)
    sentence = _("Put aside. {command} goes on with it, within 30 days.")
    turn.say(rich(paragraph(*filled(sentence, command=command(turn.glance, "erfahrung", "experience")))))
