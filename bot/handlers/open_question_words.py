"""Between asker and answerer, through the bot: whether it helped, asking back, reporting, and wanting no more."""

from uuid import UUID

from bot.core.answer_text import echo
from bot.core.commands import says_something
from bot.core.dialogue import Dialogue, Draft, Prompt, Step
from bot.core.dialogues import begin_dialogue
from bot.core.messages import Choice
from bot.core.text import bold, note, paragraph, quote, rich
from bot.core.turn import ChoiceHandler, Handler, Turn
from bot.handlers.experience_draft import help_blocks, note_hit, note_miss
from bot.handlers.open_question_draft import (
    ANEW,
    STOP,
    ask_personal,
    given_back,
    member_of,
    open_findings,
    split_key,
    stop_choice,
    take_personal,
    take_text,
    text_of,
)
from bot.handlers.open_question_text import ANSWER, CONTACT, LONGEST_LINE, MESSAGE, QUESTION, reader_of, service_of
from knowledge.kit.cleaning import clean_text
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.models.contribution import ReportReason
from knowledge.questions.base import LONGEST_MESSAGE
from knowledge.questions.errors import QuestionInvalid, UnknownOpenAnswer, UnknownOpenQuestion
from knowledge.questions.schemas import ReportedKind

KINDS = {
    QUESTION: ReportedKind.QUESTION,
    ANSWER: ReportedKind.ANSWER,
    MESSAGE: ReportedKind.MESSAGE,
    CONTACT: ReportedKind.CONTACT,
}
_BECAUSE = ":r-"


def _answer_key(turn: Turn) -> UUID:
    key = split_key(turn.glance.choice)[1]
    if key is None:
        raise UnknownOpenAnswer
    return key


# Whether it helped


async def choose_helped(turn: Turn) -> None:
    """Note whether an answer helped."""
    if not turn.glance.is_direct:
        return
    key, helped = _answer_key(turn), turn.glance.choice.startswith("+")
    await service_of(turn).mark_helped(key, member_of(turn), helped)
    if helped:
        turn.say(rich(paragraph(bold(_("Good to hear."))), paragraph(_("I tell the colleague that it helped."))))
        return
    back = Choice(f"word:{key.hex}", _("Ask back"), "💬")
    turn.say(rich(_("Noted. Your question stays open, and you can ask the colleague back.")), choices=(back,))


async def take_helped_back(turn: Turn) -> None:
    """Forget what was said of an answer."""
    if turn.glance.is_direct:
        await service_of(turn).mark_helped(_answer_key(turn), member_of(turn), None)


# A word more, either way


async def begin_writing(turn: Turn) -> None:
    """Begin to write to the other side of an answer."""
    if not turn.glance.is_direct:
        return
    entry = await service_of(turn).find_answer(_answer_key(turn), reader_of(turn))
    await begin_dialogue(turn, WRITING, {"answer": entry.id.hex, "asked": echo(entry.question_text, LONGEST_LINE)})


async def write_by_reply(turn: Turn) -> None:
    """Take a reply to the message that shows what the other side wrote."""
    if not turn.glance.is_direct:
        return
    draft = Draft({"answer": _answer_key(turn).hex})
    if not take_text(draft, turn.glance.argument, LONGEST_MESSAGE):
        turn.say(rich(draft.data["problem"]))
    elif open_findings(draft):
        await begin_dialogue(turn, WRITING, draft.data, step="personal")
    else:
        await _write(turn, draft)


async def _ask_word(turn: Turn, draft: Draft) -> Prompt:
    asked = draft.data.get("asked")
    blocks = help_blocks(turn, draft) or [
        *([quote(asked)] if asked else []),
        paragraph(bold(_("What shall I pass on?"))),
        note(_("It goes to the other side only, and names you no more than before.")),
    ]
    return Prompt(rich(*blocks), (stop_choice(),))


async def _take_word(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == STOP:
        turn.say(rich(_("Cancelled. Nothing was sent.")))
        return None
    if not take_text(draft, answer, LONGEST_MESSAGE):
        return "text"
    if open_findings(draft):
        return "personal"
    return await _write(turn, draft)


async def _ask_personal(turn: Turn, draft: Draft) -> Prompt:
    return await ask_personal(turn, draft)


async def _take_personal(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == ANEW:
        note_hit(draft)
        return "text"
    return await _write(turn, draft) if take_personal(draft, answer) else "personal"


async def _write(turn: Turn, draft: Draft) -> str | None:
    """Pass it on; what cannot be passed on is given back."""
    try:
        await service_of(turn).write(UUID(draft.data["answer"]), member_of(turn), text_of(draft), knows_findings=True)
    except AllmendeError as error:
        turn.say(given_back(error, text_of(draft)))
        return None
    turn.say(rich(_("Passed on. I tell you what comes back.")))
    return None


# Reporting


def _about(turn: Turn) -> tuple[ReportedKind, UUID]:
    mark, key = split_key(turn.glance.choice)
    if key is None or mark not in KINDS:
        raise UnknownOpenQuestion
    return KINDS[mark], key


async def begin_reporting(turn: Turn) -> None:
    """Ask what is wrong with what somebody wrote."""
    if turn.glance.is_direct:
        member_of(turn)
        kind, key = _about(turn)
        await begin_dialogue(turn, REPORTING, {"kind": kind.value, "about": key.hex})


def _reasons() -> dict[ReportReason, str]:
    return {
        ReportReason.OFFENSIVE: _("It is insulting"),
        ReportReason.PERSONAL_DATA: _("Personal data"),
        ReportReason.OTHER: _("Something else"),
    }


async def _ask_reason(turn: Turn, draft: Draft) -> Prompt:
    blocks = help_blocks(turn, draft) or [
        paragraph(bold(_("What is wrong with it?"))),
        note(_("Choose, or say it in your words. The moderators read it; whoever wrote it does not learn of you.")),
    ]
    choices = [
        Choice(f"{_BECAUSE}{reason.value}", word, emoji)
        for (reason, word), emoji in zip(_reasons().items(), ("😡", "👤", "❓"), strict=True)
    ]
    return Prompt(rich(*blocks), (*choices, stop_choice()))


async def _take_reason(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == STOP:
        turn.say(rich(_("Cancelled. Nothing was sent.")))
        return None
    reason, words = ReportReason.OTHER, ""
    if answer.startswith(_BECAUSE):
        reason = ReportReason(answer.removeprefix(_BECAUSE))
        words = _reasons()[reason]
    elif says_something(answer):
        words = clean_text(answer)
    else:
        note_miss(draft, _("I see no word in that."))
        return "reason"
    kind, about = ReportedKind(draft.data["kind"]), UUID(draft.data["about"])
    try:
        await service_of(turn).report(reader_of(turn), kind, about, reason, words)
    except QuestionInvalid as error:
        note_miss(draft, error.message)
        return "reason"
    turn.say(rich(paragraph(bold(_("Reported."))), paragraph(_("The moderators look at it."))))
    return None


# Wanting no more


async def ask_to_block(turn: Turn) -> None:
    """Ask whether nothing more of somebody shall come."""
    if not turn.glance.is_direct:
        return
    member_of(turn)
    _about(turn)
    text = rich(
        paragraph(bold(_("Shall nothing more from this person come to you?"))),
        note(_("They do not learn of it, and you do not learn who it is. In the hub you can change it again.")),
    )
    yes = Choice(f"nomore:{turn.glance.choice}", _("Yes, nothing more"), "🚫")
    turn.say(text, choices=(yes, Choice("nomore:no", _("Leave it as it is"), "↩️")))


async def block(turn: Turn) -> None:
    """Want nothing more of whoever wrote something."""
    if not turn.glance.is_direct:
        return
    if turn.glance.choice == "no":
        turn.say(rich(_("Everything stays as it is.")))
        return
    kind, key = _about(turn)
    await service_of(turn).block_author(reader_of(turn), kind, key)
    turn.say(rich(_("Noted. Nothing more from this person comes to you.")))


WRITING = Dialogue(
    "open_word",
    "text",
    {"text": Step(_ask_word, _take_word), "personal": Step(_ask_personal, _take_personal)},
    keep_days=14,
)
REPORTING = Dialogue("open_report", "reason", {"reason": Step(_ask_reason, _take_reason)}, keep_days=7)
CHOICES = (
    ChoiceHandler("good", Handler(choose_helped), Handler(take_helped_back)),
    ChoiceHandler("word", Handler(begin_writing), replied=Handler(write_by_reply)),
    ChoiceHandler("flag", Handler(begin_reporting)),
    ChoiceHandler("block", Handler(ask_to_block)),
    ChoiceHandler("nomore", Handler(block)),
)
DIALOGUES = (WRITING, REPORTING)
