"""Answering an open question, alone or by replying in the group; and whether the answer may become knowledge."""

from uuid import UUID

from bot.core.answer_text import echo
from bot.core.dialogue import Dialogue, Draft, Prompt, Step
from bot.core.dialogues import begin_dialogue
from bot.core.messages import Choice
from bot.core.replies import not_for_groups
from bot.core.text import Block, bold, note, paragraph, quote, rich
from bot.core.turn import ChoiceHandler, Handler, Turn
from bot.handlers.experience import begin_with
from bot.handlers.experience_draft import help_blocks, note_hit
from bot.handlers.experience_review import sent_text
from bot.handlers.filling import filled
from bot.handlers.open_question_draft import (
    ANEW,
    STOP,
    ask_personal,
    given_back,
    mask_blocks,
    mask_choices,
    masks_of,
    member_of,
    open_findings,
    reaches,
    split_key,
    stop_choice,
    take_mask,
    take_personal,
    take_text,
    text_of,
)
from bot.handlers.open_question_release import may_use_network
from bot.handlers.open_question_text import (
    BY_NAME,
    LATER,
    LONGEST_LINE,
    NO,
    YES,
    know_blocks,
    know_choices,
    question_blocks,
    reader_of,
    service_of,
)
from bot.handlers.profile import warn_once
from bot.handlers.wording import command
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.models.document import Visibility
from knowledge.models.question import OpenQuestionState, ReleasedAs
from knowledge.questions.base import LONGEST_ANSWER
from knowledge.questions.errors import OwnQuestion, TakesNoAnswers, UnknownOpenAnswer, UnknownOpenQuestion
from knowledge.questions.schemas import OpenAnswerEntry, OpenQuestionEntry

# How the word of a link begins that brings somebody from a group to answering.
ANSWER_WORD = "antwort-"


def question_key(turn: Turn) -> UUID:
    """Return the question that a choice names. Raises ``UnknownOpenQuestion``."""
    key = split_key(turn.glance.choice)[1]
    if key is None:
        raise UnknownOpenQuestion
    return key


# Beginning


async def choose_answer(turn: Turn) -> None:
    """Begin to answer; from a group, in the person's own chat."""
    if not await _may_answer(turn):
        return
    if turn.glance.is_direct:
        await begin_answering(turn, await _readable(turn, question_key(turn)))
        return
    entry = await service_of(turn).get(question_key(turn), reader_of(turn))
    if not entry.mine:
        await _invite(turn, await _readable(turn, entry.id))
    elif not await say_own_alone(turn):
        await _invite(turn, entry)  # by a link, as everybody else


async def say_own_alone(turn: Turn) -> bool:
    """Tell somebody that a question is their own, where nobody else hears it; returns whether there is a way to."""
    if not await reaches(turn):
        return False
    turn.say_privately(rich(OwnQuestion().message))
    return True


async def _may_answer(turn: Turn) -> bool:
    if turn.incoming.sender.anonymous:
        turn.say(not_for_groups())
        return False
    return await may_use_network(turn)


async def _readable(turn: Turn, key: UUID, text: str = "") -> OpenQuestionEntry:
    """Return a question that the person may answer.

    Raises ``UnknownOpenQuestion``, ``OwnQuestion``, ``TakesNoAnswers``.
    """
    entry = await service_of(turn).get(key, reader_of(turn))
    if entry.mine:
        raise OwnQuestion
    if not entry.takes_answers:
        raise TakesNoAnswers(text, withdrawn=entry.state is OpenQuestionState.WITHDRAWN)
    return entry


async def begin_answering(turn: Turn, entry: OpenQuestionEntry, text: str = "") -> None:
    """Begin the dialogue, with the answer where it was given already."""
    abroad = entry.visibility is Visibility.PUBLIC
    draft = Draft({"question": entry.id.hex, "asked": echo(entry.text, LONGEST_LINE), "abroad": abroad})
    if text:
        draft.data["group"] = not turn.glance.is_direct
        take_text(draft, text, LONGEST_ANSWER)
    else:
        turn.say(rich(*question_blocks(entry)))
    if turn.glance.is_direct:
        await warn_once(turn)
    await begin_dialogue(turn, ANSWERING, draft.data, step=_following(draft))


async def answer_by_reply(turn: Turn) -> None:
    """Take a reply to the message that shows the question; in a group after the person has said so."""
    text = turn.glance.argument
    if not await _may_answer(turn):
        return
    try:
        entry = await _readable(turn, question_key(turn), text)
    except OwnQuestion as error:
        if turn.glance.is_direct:
            turn.say(given_back(error, text))
        else:
            await say_own_alone(turn)
        return
    except AllmendeError as error:
        turn.say(given_back(error, text))
        return
    await begin_answering(turn, entry, text)


async def _invite(turn: Turn, entry: OpenQuestionEntry) -> None:
    if await reaches(turn):
        text = rich(*question_blocks(entry), note(_("Choose “Answer”, or simply reply to this message.")))
        turn.say_privately(text, choices=(Choice(f"reply:{entry.id.hex}", _("Answer"), "💬"),))
        return
    link = turn.services.direct_link(turn.glance.network, f"{ANSWER_WORD}{entry.id.hex}")
    choices = (Choice("reply:chat", _("To our chat"), None, link),) if link else ()
    turn.say(rich(_("Let us do this in our own chat, or simply reply to the question here.")), choices=choices)


async def continue_answering(turn: Turn, word: str) -> bool:
    """Go on in the direct chat with what was begun in a group; ``False`` for any other word."""
    key = split_key(word)[1] if word.startswith(ANSWER_WORD) else None
    if key is None:
        return False
    if await _may_answer(turn):
        await begin_answering(turn, await _readable(turn, key))
    return True


# The dialogue


def _following(draft: Draft) -> str:
    if not text_of(draft):
        return "text"
    return "personal" if open_findings(draft) else "whom"


async def _ask_text(turn: Turn, draft: Draft) -> Prompt:
    blocks = help_blocks(turn, draft) or [
        paragraph(bold(_("What do you answer?"))),
        note(_("What did you do, and what came of it? A few sentences help already.")),
    ]
    return Prompt(rich(*blocks), (stop_choice(),))


async def _take_text(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == STOP:
        return _stop(turn)
    return _following(draft) if take_text(draft, answer, LONGEST_ANSWER) else "text"


def _stop(turn: Turn) -> str | None:
    turn.say(rich(_("Cancelled. Nothing was sent.")))
    return None


async def _ask_personal(turn: Turn, draft: Draft) -> Prompt:
    return await ask_personal(turn, draft)


async def _take_personal(_turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == ANEW:
        note_hit(draft)
        draft.data["text"] = ""
        return "text"
    if not take_personal(draft, answer):
        return "personal"
    draft.data["changed"] = True
    return _following(draft)


async def _ask_whom(turn: Turn, draft: Draft) -> Prompt:
    masks = await masks_of(turn)
    blocks = help_blocks(turn, draft) or [*_head(draft), paragraph(bold(_("As whom shall it be sent?")))]
    # In a group nobody's name is said; who replied is seen there anyway.
    named: list[Block] = [] if draft.data.get("group") else mask_blocks(masks)
    if draft.data.get("abroad"):
        named.append(note(_("The question was asked on Telegram, so your answer is shown there, too.")))
    return Prompt(rich(*blocks, *named), (*mask_choices(masks), stop_choice()))


def _head(draft: Draft) -> list[Block]:
    if draft.data.get("group"):
        said = _("Shall your reply go to the asker as an answer? Here in the group it is seen anyway that it is yours.")
        return [paragraph(said), quote(draft.data["asked"])]
    if draft.data.get("changed"):
        return [paragraph(_("Your answer:")), quote(text_of(draft))]
    return []


async def _take_whom(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == STOP:
        return _stop(turn)
    chosen = take_mask(draft, answer)
    if chosen is None:
        return "whom"
    try:
        entry = await _send(turn, draft, chosen)
    except AllmendeError as error:
        turn.say(given_back(error, text_of(draft)))
        return None
    await _thank(turn, entry)
    return None


async def _send(turn: Turn, draft: Draft, chosen: ReleasedAs) -> OpenAnswerEntry:
    return await service_of(turn).answer(
        UUID(draft.data["question"]),
        member_of(turn),
        text_of(draft),
        answered_as=chosen,
        knows_findings=True,
    )


async def _thank(turn: Turn, entry: OpenAnswerEntry) -> None:
    thanks = [paragraph(bold(_("Thank you! Your answer is on its way."))), note(_("I tell you if it helped."))]
    choices = know_choices(entry.id)
    if turn.glance.is_direct:
        turn.say(rich(*thanks, *know_blocks()), choices=choices)
        return
    turn.say(rich(*thanks))
    if await reaches(turn):
        about = paragraph(_("Your answer to “{question}”:").format(question=echo(entry.question_text, LONGEST_LINE)))
        turn.say_privately(rich(about, quote(entry.text), *know_blocks()), choices=choices)


# Not this one


async def choose_decline(turn: Turn) -> None:
    """Note that somebody cannot help with a question that was brought to them."""
    if turn.glance.is_direct:
        await service_of(turn).decline(question_key(turn), member_of(turn).member_id)
        turn.say(rich(_("Thank you for saying so. Nobody learns that it was you.")))


# What becomes of it


async def choose_knowledge(turn: Turn) -> None:
    """Make a contribution of an answer, or not."""
    mark, key = split_key(turn.glance.choice)
    if key is None:
        raise UnknownOpenAnswer
    if not turn.glance.is_direct:
        return
    if mark == YES:
        await _contribute(turn, key)
    elif mark == BY_NAME:
        await _tell_by_name(turn, key)
    elif mark == NO:
        turn.say(rich(_("Gladly. Only the asker and those who have the same question can read it.")))
    elif mark == LATER:
        sentence = _("Gladly. I ask again when it helped; {command} lists what you answered.")
        turn.say(rich(paragraph(*filled(sentence, command=command(turn.glance, "fragen", "questions")))))


async def _contribute(turn: Turn, key: UUID) -> None:
    answer = await service_of(turn).find_answer(key, reader_of(turn))
    hidden = answer.answered_as is ReleasedAs.ANONYMOUS and not answer.contributed
    if hidden and (await masks_of(turn)).described is None:
        text = _("Your house cannot be described so that it stays unknown. It could only become an entry in its name.")
        choice = Choice(f"know:{BY_NAME}{key.hex}", _("Write it in our name"), "🏛️")
        turn.say(rich(text), choices=(choice, Choice(f"know:{NO}{key.hex}", _("Better not"), "✖️")))
        return
    entry = await service_of(turn).contribute(key, member_of(turn))
    turn.say(sent_text(turn, entry.state))


async def _tell_by_name(turn: Turn, key: UUID) -> None:
    """Begin an experience with the words of an answer; its author sees everything before it is sent."""
    entry = await service_of(turn).find_answer(key, reader_of(turn))
    if not entry.mine:
        raise UnknownOpenAnswer
    title = echo(entry.question_text, LONGEST_LINE)
    await begin_with(turn, {"fields": {"title": title, "done": entry.text}})


ANSWERING = Dialogue(
    "open_answer",
    "text",
    {
        "text": Step(_ask_text, _take_text),
        "personal": Step(_ask_personal, _take_personal),
        "whom": Step(_ask_whom, _take_whom),
    },
    keep_days=14,
)
CHOICES = (
    ChoiceHandler("reply", Handler(choose_answer), replied=Handler(answer_by_reply)),
    ChoiceHandler("pass", Handler(choose_decline)),
    ChoiceHandler("know", Handler(choose_knowledge)),
)
DIALOGUES = (ANSWERING,)
