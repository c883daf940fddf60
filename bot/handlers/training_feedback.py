"""How a training was: a tap, and a few words for those who like to."""

from uuid import UUID

from bot.core.dialogue import Dialogue, Draft, Prompt, Step
from bot.core.dialogues import begin_dialogue
from bot.core.messages import Choice
from bot.core.text import bold, note, paragraph, rich
from bot.core.turn import ChoiceHandler, Handler, Turn
from bot.handlers.experience_draft import help_blocks, note_miss
from bot.handlers.open_question_draft import STOP, given_back, split_key, stop_choice, take_text, text_of
from bot.handlers.training_text import member_of
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.trainings.errors import UnknownRegistration
from knowledge.trainings.feedback import LONGEST_COMMENT, FeedbackService

# What a choice does, behind „fb:" and before the registration's identifier.
HELPED, NOT_HELPED, WORDS = "h", "n", "w"
# Keys of choices begin with a colon, so that no word that somebody writes can be one.
YES, NO = ":helped", ":not"


async def choose(turn: Turn) -> None:
    """Take what somebody says of a training with a tap, or let them say it in words."""
    mark, key = split_key(turn.glance.choice)
    if not turn.glance.is_direct:
        return
    if key is None or mark not in (HELPED, NOT_HELPED, WORDS):
        raise UnknownRegistration
    if mark == WORDS:
        await begin_dialogue(turn, TELLING, {"registration": key.hex})
        return
    await FeedbackService(turn.unit).give(key, member_of(turn).member_id, helped=mark == HELPED)
    thanks = _("Good to hear. Thank you!") if mark == HELPED else _("Thank you for saying so.")
    more = note(_("What was good, what was missing? Some words help the next ones, and name nobody."))
    words = Choice(f"fb:{WORDS}{key.hex}", _("In my words"), "💬")
    turn.say(rich(paragraph(bold(thanks)), more), choices=(words,))


async def take_reply(turn: Turn) -> None:
    """Take a reply to the question how it was as the words."""
    key = split_key(turn.glance.choice)[1]
    if key is None or not turn.glance.is_direct:
        return
    draft = Draft({"registration": key.hex})
    if not take_text(draft, turn.glance.argument, LONGEST_COMMENT):
        turn.say(rich(draft.data["problem"]))
    elif await _following(turn, draft) is not None:
        await begin_dialogue(turn, TELLING, draft.data, step="helped")


async def _ask_words(turn: Turn, draft: Draft) -> Prompt:
    blocks = help_blocks(turn, draft) or [
        paragraph(bold(_("What was good, what was missing?"))),
        note(_("The organiser reads it among what others say, without a name, once three people have said something.")),
    ]
    return Prompt(rich(*blocks), (stop_choice(),))


async def _take_words(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == STOP:
        turn.say(rich(_("Cancelled. Nothing was sent.")))
        return None
    return await _following(turn, draft) if take_text(draft, answer, LONGEST_COMMENT) else "words"


async def _following(turn: Turn, draft: Draft) -> str | None:
    """Keep the words; where nobody knows yet whether it helped, that is asked first."""
    key, member = UUID(draft.data["registration"]), member_of(turn).member_id
    try:
        known = await FeedbackService(turn.unit).of_registration(key, member)
        if known.helped is None:
            return "helped"
        await FeedbackService(turn.unit).give(key, member, comment=text_of(draft))
    except AllmendeError as error:
        turn.say(given_back(error, text_of(draft)))
        return None
    turn.say(rich(_("Noted. Thank you!")))
    return None


async def _ask_helped(turn: Turn, draft: Draft) -> Prompt:
    blocks = help_blocks(turn, draft) or [paragraph(bold(_("And in a word: did it help you?")))]
    choices = (Choice(YES, _("Helped"), "👍"), Choice(NO, _("Did not help"), "👎"), stop_choice())
    return Prompt(rich(*blocks), choices)


async def _take_helped(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == STOP:
        turn.say(rich(_("Cancelled. Nothing was sent.")))
        return None
    if answer not in (YES, NO):
        note_miss(draft, _("Please choose one of the two."))
        return "helped"
    key, words = UUID(draft.data["registration"]), text_of(draft)
    try:
        await FeedbackService(turn.unit).give(key, member_of(turn).member_id, helped=answer == YES, comment=words)
    except AllmendeError as error:
        turn.say(given_back(error, words))
        return None
    turn.say(rich(_("Noted. Thank you!")))
    return None


TELLING = Dialogue(
    "training_feedback",
    "words",
    {"words": Step(_ask_words, _take_words), "helped": Step(_ask_helped, _take_helped)},
    keep_days=7,
)
CHOICES = (ChoiceHandler("fb", Handler(choose), replied=Handler(take_reply)),)
DIALOGUES = (TELLING,)
