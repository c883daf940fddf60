"""Questions to whoever runs a training, and their answers; both can be written as a reply."""

from uuid import UUID

from bot.core.dialogue import Dialogue, Draft, Prompt, Step
from bot.core.dialogues import begin_dialogue
from bot.core.text import bold, note, paragraph, quote, rich
from bot.core.turn import ChoiceHandler, Handler, Turn
from bot.handlers.experience_draft import help_blocks
from bot.handlers.open_question_draft import STOP, given_back, split_key, stop_choice, take_text, text_of
from bot.handlers.profile import warn_once
from bot.handlers.training_registration import go_on_alone, may_take_part
from bot.handlers.training_text import member_of, publisher_of, reader_of, title_line
from bot.handlers.wording import shows_public_only
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.trainings.checking import LONGEST_INQUIRY
from knowledge.trainings.errors import UnknownInquiry
from knowledge.trainings.registering import RegistrationService
from knowledge.trainings.service import TrainingService

# Asking


async def begin_asking(turn: Turn, key: UUID) -> None:
    """Begin to ask whoever runs a training something."""
    if not await may_take_part(turn):
        return
    if not turn.glance.is_direct:
        await go_on_alone(turn, key)
        return
    await warn_once(turn)
    entry = await TrainingService(turn.unit).get(key, reader_of(turn))
    await begin_dialogue(turn, ASKING, {"training": key.hex, "title": title_line(entry)})


async def _ask_words(turn: Turn, draft: Draft) -> Prompt:
    head = _("What would you like to know about “{title}”?").format(title=draft.data["title"])
    blocks = help_blocks(turn, draft) or [
        paragraph(bold(head)),
        note(_("It goes to whoever runs the training, with your name. The answer comes here.")),
    ]
    return Prompt(rich(*blocks), (stop_choice(),))


async def _take_words(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == STOP:
        turn.say(rich(_("Cancelled. Nothing was sent.")))
        return None
    if not take_text(draft, answer, LONGEST_INQUIRY):
        return "words"
    service, viewer = RegistrationService(turn.unit), turn.glance.viewer
    try:
        await service.ask(UUID(draft.data["training"]), member_of(turn), text_of(draft), viewer=viewer)
    except AllmendeError as error:
        turn.say(given_back(error, text_of(draft)))
        return None
    turn.say(rich(_("Sent. I tell you as soon as there is an answer.")))
    return None


# Answering


async def begin_answering(turn: Turn) -> None:
    """Begin to answer a question about a training that somebody runs."""
    key, by = split_key(turn.glance.choice)[1], await publisher_of(turn.unit, turn.identity)
    if not turn.glance.is_direct:
        return
    if key is None or by is None:
        raise UnknownInquiry
    entry = await RegistrationService(turn.unit).inquiry(key, by)
    if shows_public_only(turn.glance):
        turn.say(rich(_("It may not be written on Telegram; everything about it stands in the hub.")))
        return
    await begin_dialogue(turn, ANSWERING, {"inquiry": key.hex, "asked": entry.text})


async def answer_by_reply(turn: Turn) -> None:
    """Take a reply to the message that tells of a question as its answer."""
    if not turn.glance.is_direct:
        return
    key, draft = split_key(turn.glance.choice)[1], Draft()
    if key is None:
        raise UnknownInquiry
    if not take_text(draft, turn.glance.argument, LONGEST_INQUIRY):
        turn.say(rich(draft.data["problem"]))
        return
    await _answer(turn, key, text_of(draft))


async def _ask_answer(turn: Turn, draft: Draft) -> Prompt:
    blocks = help_blocks(turn, draft) or [
        quote(draft.data["asked"]),
        paragraph(bold(_("What do you answer?"))),
        note(_("It goes to whoever asked, in the name of the organiser.")),
    ]
    return Prompt(rich(*blocks), (stop_choice(),))


async def _take_answer(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == STOP:
        turn.say(rich(_("Cancelled. Nothing was sent.")))
        return None
    if not take_text(draft, answer, LONGEST_INQUIRY):
        return "words"
    await _answer(turn, UUID(draft.data["inquiry"]), text_of(draft))
    return None


async def _answer(turn: Turn, key: UUID, text: str) -> None:
    by = await publisher_of(turn.unit, turn.identity)
    if by is None:
        raise UnknownInquiry
    try:
        await RegistrationService(turn.unit).answer(key, by, text)
    except AllmendeError as error:
        turn.say(given_back(error, text))
        return
    turn.say(rich(_("Passed on. Thank you!")))


ASKING = Dialogue("training_question", "words", {"words": Step(_ask_words, _take_words)}, keep_days=7)
ANSWERING = Dialogue("training_answer", "words", {"words": Step(_ask_answer, _take_answer)}, keep_days=7)
CHOICES = (ChoiceHandler("trainq", Handler(begin_answering), replied=Handler(answer_by_reply)),)
DIALOGUES = (ASKING, ANSWERING)
