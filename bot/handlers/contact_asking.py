"""Asking one person for contact: whom, in whose own words, and what looks like personal data in them."""

from uuid import UUID

from bot.core.dialogue import Dialogue, Draft, Prompt, Step
from bot.core.dialogues import begin_dialogue
from bot.core.text import bold, note, paragraph, rich
from bot.core.turn import ChoiceHandler, Handler, Turn
from bot.handlers.answers import too_old
from bot.handlers.experience_draft import help_blocks, note_hit
from bot.handlers.filling import filled
from bot.handlers.open_question_draft import (
    ANEW,
    STOP,
    ask_personal,
    given_back,
    member_of,
    open_findings,
    stop_choice,
    take_personal,
    take_text,
    text_of,
)
from bot.handlers.open_question_release import may_use_network
from bot.handlers.peers import ASK, read_ask_key
from bot.handlers.profile import warn_once
from bot.handlers.wording import command, shows_public_only
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.organisations.service import OrganisationService
from knowledge.peers.contacts import ContactService
from knowledge.peers.requests.words import LONGEST
from knowledge.topics.tree import load_tree


async def begin_asking(turn: Turn) -> None:
    """Begin to ask the person of a choice."""
    known = read_ask_key(turn.glance.choice)
    if not turn.glance.is_direct or not await may_use_network(turn):
        return
    if known is None or shows_public_only(turn.glance):
        turn.say(too_old())
        return
    person, beginning = known
    await warn_once(turn)
    data = {"person": person.hex, "topic": None, "words": ""}
    if beginning:
        entries = (await load_tree(turn.unit.session)).entries
        topic = next((entry for entry in entries if entry.id.bytes.startswith(beginning)), None)
        data |= {"topic": topic.id.hex, "words": topic.name} if topic else {}
    await begin_dialogue(turn, ASKING, data)


async def _ask_words(turn: Turn, draft: Draft) -> Prompt:
    blocks = help_blocks(turn, draft)
    if not blocks:
        about = draft.data.get("words")
        lead = _("What would you like to talk about? Please write it in your own words.")
        blocks = [
            paragraph(bold(f"{about}: {lead}" if about else lead)),
            note(_("It goes to one person, with the name of your organisation: {name}.").format(name=await _own(turn))),
            note(
                _(
                    "They may accept, decline without a reason, or name a colleague of their house. Only with a yes, "
                    "each of you gets the other's name and address."
                )
            ),
        ]
    return Prompt(rich(*blocks), (stop_choice(),))


async def _own(turn: Turn) -> str:
    key = turn.identity.organisation_id
    found = await OrganisationService(turn.unit.session).repository.get(key) if key else None
    return found.name if found else _("none is known")


async def _take_words(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == STOP:
        turn.say(rich(_("Cancelled. Nothing was sent.")))
        return None
    if not take_text(draft, answer, LONGEST):
        return "words"
    return "personal" if open_findings(draft) else await _send(turn, draft)


async def _ask_personal(turn: Turn, draft: Draft) -> Prompt:
    return await ask_personal(turn, draft)


async def _take_personal(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == ANEW:
        note_hit(draft)
        return "words"
    return await _send(turn, draft) if take_personal(draft, answer) else "personal"


async def _send(turn: Turn, draft: Draft) -> str | None:
    topic = UUID(draft.data["topic"]) if draft.data.get("topic") else None
    try:
        await ContactService(turn.unit).ask(member_of(turn), UUID(draft.data["person"]), text_of(draft), topic)
    except AllmendeError as error:
        turn.say(given_back(error, text_of(draft)))
        return None
    sentence = _("{command} shows where it stands, and takes it back.")
    turn.say(
        rich(
            paragraph(bold(_("Sent."))),
            paragraph(_("I tell you what comes of it. That may take some days, two weeks at most.")),
            note(*filled(sentence, command=command(turn.glance, "kontakte", "contacts"))),
        )
    )
    return None


ASKING = Dialogue(
    "contact_asking",
    "words",
    {"words": Step(_ask_words, _take_words), "personal": Step(_ask_personal, _take_personal)},
    keep_days=7,
)
CHOICES = (ChoiceHandler(ASK, Handler(begin_asking)),)
DIALOGUES = (ASKING,)
