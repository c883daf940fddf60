"""``/erfahrung``: telling what was learned, by dialogue, as one pasted text, or as a file."""

from functools import partial
from typing import Any

from bot.core.dialogue import ASIDE, Dialogue, Draft, Prompt, Step
from bot.core.dialogues import begin_dialogue
from bot.core.messages import Choice
from bot.core.text import bold, note, paragraph, rich
from bot.core.turn import Command, Glance, Handler, Turn
from bot.handlers import experience_review as reviewing
from bot.handlers import experience_wishes as wishing
from bot.handlers.experience_draft import (
    BACK,
    FIRST_TOUR,
    LATER,
    PREVIEW,
    SECOND_TOUR,
    SKIP,
    author_of,
    back_choice,
    default_wishes,
    fields_of,
    help_blocks,
    later_choice,
    note_hit,
    note_miss,
    put_aside,
)
from bot.handlers.experience_questions import (
    MORE_STEPS,
    NEEDED_STEPS,
    QUESTIONS,
    Question,
    is_whole_text,
    read_answer,
)
from bot.handlers.experience_review import review
from bot.handlers.experience_text import choice_word, experience_blocks, has_value, missing, value_text
from bot.handlers.experience_topics import look_for_topics, suggested_blocks, suggested_choices, words_of
from bot.handlers.filling import filled
from bot.handlers.profile import warn_once
from bot.handlers.wording import command, whom_to_ask
from knowledge.chats.dialogues import DialogueBook
from knowledge.contributions.splitting import split_into_fields
from knowledge.kit.language import _
from knowledge.models.chat import ChatKind

NAMES = ("erfahrung", "experience")
_VALUE = ":v-"
TOPICS = "topics"
CONTINUE, ANEW, YES, NO = ":old", ":new", ":yes", ":no"


# The command


async def tell(turn: Turn) -> None:
    """Begin to tell, go on with what was begun, or take the text that came with the command."""
    if not await may_contribute(turn):
        return
    await warn_once(turn)
    if turn.glance.argument:
        await begin_with(turn, {"fields": fields_from(turn.glance.argument)})
        return
    await begin_dialogue(turn, EXPERIENCE)


async def may_contribute(turn: Turn) -> bool:
    """Whether this is a member; others are told, in a friendly way, how to become one."""
    if turn.identity.verified:
        return True
    sentence = _(
        "How good that you want to share what you learned! For that you need to belong to the network: {join}. It "
        "takes a minute, with a code or an official mail address."
    )
    join = command(turn.glance, "beitreten", "join")
    turn.say(rich(paragraph(*filled(sentence, join=join)), note(whom_to_ask(turn.glance))))
    return False


def fields_from(text: str) -> dict[str, Any]:
    """Return the fields of a text: of a line its title, of more what can be told apart in it."""
    if not is_whole_text(text):
        title, problem = read_answer(QUESTIONS[0], text)
        if not problem:
            return title
    return split_into_fields(text) or {"done": text.strip()}


async def begin_with(turn: Turn, data: dict[str, Any], *, step: str | None = None) -> None:
    """Begin with what is known already; somebody who has begun something else is asked which of the two it shall be.

    Args:
        turn: the event that begins it.
        data: the draft, as ``experience_draft`` describes it.
        step: where it begins, if not with what is missing.
    """
    draft = Draft({"tour": FIRST_TOUR, "wishes": default_wishes(), **data})
    step = step or review(draft)
    left = await DialogueBook(turn.unit.session, turn.identity.id, turn.chat.id).named(EXPERIENCE.name)
    if left is not None and left.step == "which":
        for one in left.data.values():
            await _keep(turn, one["data"])
        left = None
    if left is None or not _has_words(left.data):
        await begin_dialogue(turn, EXPERIENCE, draft.data, step=step)
    elif left.data.get("contribution") and left.data["contribution"] == draft.data.get("contribution"):
        await begin_dialogue(turn, EXPERIENCE)
    else:
        both = {"old": {"step": left.step, "data": left.data}, "new": {"step": step, "data": draft.data}}
        await begin_dialogue(turn, EXPERIENCE, both, step="which")


def _has_words(data: dict[str, Any]) -> bool:
    fields = data.get("fields", {})
    return any(has_value(fields, name) for name in fields)


async def _keep(turn: Turn, data: dict[str, Any]) -> None:
    """Keep what somebody does not go on with now as a draft of theirs."""
    author = author_of(turn)
    if author is not None and _has_words(data):
        await reviewing.keep_as_draft(turn, Draft(dict(data)), author)


async def _ask_which(turn: Turn, draft: Draft) -> Prompt:
    title = draft.data["old"]["data"].get("fields", {}).get("title") or _("without a title")
    blocks = help_blocks(turn, draft) or [
        paragraph(_("You have begun another one: “{title}”. Which one shall we go on with?").format(title=title)),
        note(_("The other one is kept as a draft.")),
    ]
    choices = (Choice(CONTINUE, _("The one I had begun"), "⏪"), Choice(ANEW, _("The new one"), "🆕"))
    return Prompt(rich(*blocks), choices)


async def _take_which(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer not in (CONTINUE, ANEW):
        note_miss(draft, _("Please choose one of the two."))
        return "which"
    names = ("old", "new") if answer == CONTINUE else ("new", "old")
    wanted, other = (draft.data[name] for name in names)
    await _keep(turn, other["data"])
    draft.data = dict(wanted["data"])
    return str(wanted["step"]) if wanted["step"] in EXPERIENCE.steps else review(draft)


# A text from elsewhere, such as a file


async def _ask_offer(turn: Turn, draft: Draft) -> Prompt:
    name = str(draft.data.get("source", ""))
    blocks = help_blocks(turn, draft) or [
        paragraph(_("I have read “{name}”. Shall it become a lesson learned for the network?").format(name=name)),
        *experience_blocks(fields_of(draft), shortened=True),
        note(_("Nothing of it is kept if you say no. You can change everything before it is sent.")),
    ]
    return Prompt(rich(*blocks), (Choice(YES, _("Yes, go on"), "✅"), Choice(NO, _("No, forget it"), "🗑️")))


async def _take_offer(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == NO:
        turn.say(rich(_("Forgotten.")))
        return None
    if answer != YES:
        note_miss(draft, _("Please say first what shall become of the text."))
        return "offer"
    note_hit(draft)
    draft.data.pop("source", None)
    return review(draft)


# The questions


async def _ask(question: Question, turn: Turn, draft: Draft) -> Prompt:
    blocks = help_blocks(turn, draft)
    if blocks:
        blocks.append(paragraph(bold(question.words())))
    else:
        blocks = [*_introduction(draft, question), paragraph(bold(question.words())), note(question.hint())]
        known = [value_text(name, value) for name, value in _known(question, draft).items()]
        if known:
            blocks.append(note(_("So far: {text}").format(text=" · ".join(known))))
        if question.name == TOPICS:
            blocks += suggested_blocks(turn, draft)
    return Prompt(rich(*blocks), tuple(_choices(question, draft)))


def _introduction(draft: Draft, question: Question) -> list[Any]:
    if question.name != NEEDED_STEPS[0] or fields_of(draft):
        return []
    return [
        paragraph(
            _(
                "Let us write down what you learned. Three questions are enough; then you see everything before it is "
                "sent."
            )
        )
    ]


def _known(question: Question, draft: Draft) -> dict[str, Any]:
    fields = fields_of(draft)
    return {name: fields[name] for name in question.fields if has_value(fields, name)}


def _choices(question: Question, draft: Draft) -> list[Choice]:
    choices: list[Choice] = []
    field = question.choices
    if field is not None:
        choices += [Choice(f"{_VALUE}{value.value}", choice_word(field, value)) for value in field.values or ()]
    if question.name == TOPICS:
        choices += suggested_choices(draft)
    if question.name != NEEDED_STEPS[0]:
        choices.append(back_choice())
    if not question.needed or has_value(fields_of(draft), question.name):
        choices.append(Choice(SKIP, _("Skip"), "⏭️"))
    choices.append(later_choice())
    if fields_of(draft):
        choices.append(Choice(PREVIEW, _("Preview"), "📖"))
    return choices


async def _take(question: Question, turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == LATER:
        put_aside(turn, draft)
        return ASIDE
    if answer == PREVIEW:
        note_hit(draft)
        turn.say(rich(*experience_blocks(fields_of(draft))))
        return question.name
    if answer == BACK and question.name != NEEDED_STEPS[0]:
        note_hit(draft)
        return _before(question, draft)
    if answer != SKIP or (question.needed and not has_value(fields_of(draft), question.name)):
        problem = _fill(question, turn, draft, answer)
        if problem:
            note_miss(draft, problem)
            return question.name
    note_hit(draft)
    return _after(question, draft)


def _fill(question: Question, turn: Turn, draft: Draft, answer: str) -> str | None:
    """Put an answer into its fields; returns what is wrong with it, if anything."""
    if question.name == NEEDED_STEPS[0] and is_whole_text(answer):
        fields_of(draft).update(fields_from(answer))
        if missing(fields_of(draft)):
            text = _("I have sorted your text like this; you can change everything later. Something is still missing.")
            turn.say(rich(note(text), *experience_blocks(fields_of(draft), shortened=True)))
        return None
    words = words_of(draft, answer) if question.name == TOPICS else answer.removeprefix(_VALUE)
    found, problem = read_answer(question, words)
    if problem is None:
        fields_of(draft).update(found)
    return problem


def _before(question: Question, draft: Draft) -> str:
    steps = NEEDED_STEPS if question.needed else MORE_STEPS
    place = steps.index(question.name)
    return steps[place - 1] if place else review(draft)


def _after(question: Question, draft: Draft) -> str:
    """Return the next question of the tour; behind the last one comes the whole."""
    if question.needed:
        # After going back, the questions that were answered already are passed over.
        return review(draft)
    place = MORE_STEPS.index(question.name) + 1
    is_touring = draft.data.get("tour") == SECOND_TOUR and place < len(MORE_STEPS)
    return MORE_STEPS[place] if is_touring else review(draft)


def _offered(glance: Glance) -> bool:
    return glance.is_direct and glance.identity.verified


def _step(question: Question) -> Step:
    # Topics are looked for while the question before theirs is answered.
    leads_there = question.name == MORE_STEPS[MORE_STEPS.index(TOPICS) - 1]
    return Step(partial(_ask, question), partial(_take, question), look_for_topics if leads_there else None)


def _steps() -> dict[str, Step]:
    steps = {question.name: _step(question) for question in QUESTIONS}
    return steps | {
        "which": Step(_ask_which, _take_which),
        "offer": Step(_ask_offer, _take_offer),
        "personal": Step(reviewing.personal, reviewing.decide_personal),
        "overview": Step(reviewing.overview, reviewing.decide_overview),
        "pick": Step(reviewing.pick, reviewing.decide_pick, prepare=look_for_topics),
        "change": Step(reviewing.change, reviewing.decide_change),
        "visibility": Step(wishing.visibility, wishing.decide_visibility),
        "circles": Step(wishing.circles, wishing.decide_circles),
        "attribution": Step(wishing.attribution, wishing.decide_attribution),
    }


EXPERIENCE = Dialogue("experience", NEEDED_STEPS[0], _steps())
COMMANDS = (
    Command(
        NAMES,
        lambda: _("Tell what you learned, also as a whole text or a file"),
        Handler(tell),
        where=frozenset({ChatKind.DIRECT}),
        offered=_offered,
        personal=True,
    ),
)
DIALOGUES = (EXPERIENCE,)
