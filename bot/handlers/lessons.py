"""``/lernen``: choosing a lesson or a path, taking it step by step, stopping, going on, and rating it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.core.messages import Choice
from bot.core.replies import not_for_groups, stale_choice
from bot.core.text import note, paragraph, rich
from bot.core.turn import ChoiceHandler, Command, Glance, Handler, Turn
from bot.handlers.asking import prepare_words, say_prepared
from bot.handlers.filling import filled
from bot.handlers.lesson_choices import (
    ANSWER,
    BEGIN,
    GO_ON,
    HELPFUL,
    LIST,
    LOOK,
    NAME,
    PATH,
    RESUME,
    START_WORD,
    STOP,
    UNHELPFUL,
    WEEKLY,
    Chosen,
    go_on_choice,
    read_chosen,
    resume_choice,
)
from bot.handlers.lesson_list import MOST_SHOWN, NAMES, entries_of, list_choices, list_text, nothing_text
from bot.handlers.lesson_player import learner_of, say_explanation, say_opening, say_step, tell
from bot.handlers.open_question_draft import reaches
from bot.handlers.wording import command
from knowledge.kit.language import _, current_language
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.lessons.circles import CirclePathService
from knowledge.lessons.errors import NoSuchChoice, StepPassed, UnknownLesson, UnknownPath
from knowledge.lessons.learning import LearningService
from knowledge.lessons.schemas import RunState
from knowledge.lessons.steps import LinkStep
from knowledge.topics.tree import load_tree

# What there is


async def show_lessons(turn: Turn) -> None:
    """List what there is to learn, or what fits some words; from a group, in the direct chat."""
    if turn.incoming.sender.anonymous:
        turn.say(not_for_groups())
        return
    if turn.glance.is_direct or await reaches(turn):
        await _list(turn, turn.glance.argument, 0)
    if not turn.glance.is_direct:
        _point_to_chat(turn, "")


def _point_to_chat(turn: Turn, word: str) -> None:
    """Say in a group where one learns, with the way there where the network has one."""
    said = _("You learn in our own chat, at your own pace and without others looking on.")
    link = turn.services.direct_link(turn.glance.network, f"{START_WORD}{word}")
    turn.say(rich(said), choices=(Choice(f"{NAME}:chat", _("To our chat"), None, link),) if link else ())


async def _list(turn: Turn, words: str, offset: int) -> None:
    learning, learner = LearningService(turn.unit), learner_of(turn.glance)
    paths, lessons = await learning.paths(learner), await learning.offered(learner)
    tree = await load_tree(turn.unit.session)
    entries = entries_of(paths, lessons, words, current_language(), tree)
    if not entries:
        tell(turn, nothing_text(turn.glance, words))
        return
    shown = entries[offset : offset + MOST_SHOWN] or entries[:MOST_SHOWN]
    goes_on = offset + MOST_SHOWN < len(entries) and not words
    choices = list_choices(shown, following=offset + MOST_SHOWN if goes_on else None)
    tell(turn, list_text(turn.glance, shown, words), choices)


# Choosing


async def choose(turn: Turn) -> None:
    """Do what was chosen below a list, a step, an answer of the library, or a circle's lesson."""
    if turn.incoming.sender.anonymous:
        turn.say(not_for_groups())
        return
    text = turn.glance.choice
    if text.startswith(LIST) and text[1:].isdecimal():
        await _list(turn, "", int(text[1:]))
        return
    chosen = read_chosen(text)
    if chosen is None:
        turn.say(stale_choice())
    elif turn.glance.is_direct or await reaches(turn):
        await _do(turn, chosen)
    else:
        _point_to_chat(turn, f"-{text}")


async def _do(turn: Turn, chosen: Chosen) -> None:
    """Do it, or tell the person alone why not: what somebody may not find is nothing for a group to read."""
    try:
        await _DEEDS[chosen.deed](turn, chosen)
    except (UnknownLesson, UnknownPath, StepPassed, NoSuchChoice) as error:
        joining = filled(_("More is open to members: {command}"), command=command(turn.glance, "beitreten", "join"))
        tell(turn, rich(error.message, *([] if turn.identity.verified else [note(*joining)])))


async def continue_learning(turn: Turn, word: str) -> bool:
    """Go on in the direct chat with what was begun in a group; ``False`` for any other word."""
    if not turn.glance.is_direct or not word.startswith(START_WORD):
        return False
    chosen = read_chosen(word.removeprefix(START_WORD).removeprefix("-"))
    if chosen is None or chosen.deed not in _FROM_GROUPS:
        await _list(turn, "", 0)
    else:
        await _do(turn, chosen)
    return True


async def _begin(turn: Turn, chosen: Chosen) -> None:
    await _show_begun(turn, await LearningService(turn.unit).begin(learner_of(turn.glance), chosen.key))


async def _begin_path(turn: Turn, chosen: Chosen) -> None:
    """Begin the first lesson of a path that is not done yet, or go on with it."""
    learning, learner = LearningService(turn.unit), learner_of(turn.glance)
    path = await learning.path(chosen.key, learner)
    following = path.next or (path.lessons[0] if path.lessons else None)
    if following is None:
        tell(turn, rich(_("There are no lessons here yet.")))
        return
    await _show_begun(turn, await learning.begin(learner, following.lesson.id, path.path.id))


async def _begin_weekly(turn: Turn, chosen: Chosen) -> None:
    """Begin the lesson that a circle was brought, as a part of its path."""
    brought = await CirclePathService(turn.unit.session).lesson(chosen.key)
    if brought is None:
        tell(turn, rich(_("The circle takes this learning path no longer.")))
        return
    learner = learner_of(turn.glance)
    await _show_begun(turn, await LearningService(turn.unit).begin(learner, brought.lesson_id, brought.path_id))


async def _show_begun(turn: Turn, state: RunState) -> None:
    if state.at == 0:
        say_opening(turn, state)
    else:
        await say_step(turn, state, again=True)


async def _resume(turn: Turn, chosen: Chosen) -> None:
    """Show where somebody is; a lesson that they stopped is gone on with."""
    state = await LearningService(turn.unit).state(learner_of(turn.glance), chosen.key)
    await say_step(turn, state, again=state.at > 0)


async def _go_on(turn: Turn, chosen: Chosen) -> None:
    state = await LearningService(turn.unit).go_on(learner_of(turn.glance), chosen.key, chosen.step)
    if state.moved:
        await say_step(turn, state)
    elif state.at != chosen.step + 1:  # else it was pressed twice, and what comes next stands there already
        await say_step(turn, state, again=True)


async def _answer(turn: Turn, chosen: Chosen) -> None:
    learning, learner = LearningService(turn.unit), learner_of(turn.glance)
    say_explanation(turn, await learning.answer(learner, chosen.key, chosen.step, chosen.choice))


async def _stop(turn: Turn, chosen: Chosen) -> None:
    state = await LearningService(turn.unit).stop(learner_of(turn.glance), chosen.key)
    if state.finished:
        return
    told = _("“{title}” is kept where you are, step {number} of {count}. You can go on at any time, on any network:")
    said = told.format(title=state.lesson.title, number=state.at + 1, count=len(state.steps))
    tell(turn, rich(paragraph(said, " ", command(turn.glance, *NAMES))), (resume_choice(state.run_id),))


async def _rate(turn: Turn, chosen: Chosen) -> None:
    await LearningService(turn.unit).rate(learner_of(turn.glance), chosen.key, helpful=chosen.deed == HELPFUL)
    tell(turn, rich(_("Thank you. This is counted without your name.")))


_DEEDS: Mapping[str, Callable[[Turn, Chosen], Awaitable[None]]] = {
    BEGIN: _begin,
    PATH: _begin_path,
    WEEKLY: _begin_weekly,
    RESUME: _resume,
    GO_ON: _go_on,
    ANSWER: _answer,
    STOP: _stop,
    HELPFUL: _rate,
    UNHELPFUL: _rate,
}
# What a link from a group may begin.
_FROM_GROUPS = frozenset({BEGIN, PATH, WEEKLY})


# The library


async def _prepare_look(glance: Glance) -> Any:
    """Ask the library what a step's link looks for."""
    chosen = read_chosen(glance.choice)
    if chosen is None:
        return None
    async with unit_of_work(glance.services.database, writes=False) as unit:
        state = await LearningService(unit).state(learner_of(glance), chosen.key)
    step = state.steps[chosen.step] if chosen.step < len(state.steps) else None
    return await prepare_words(glance, step.search) if isinstance(step, LinkStep) else None


async def _look(turn: Turn) -> None:
    """Say what the library knows, and how to go on with the lesson behind it."""
    chosen = read_chosen(turn.glance.choice)
    if chosen is None or turn.prepared is None:
        turn.say(stale_choice())
        return
    await say_prepared(turn, turn.prepared, more=(go_on_choice(chosen.key, chosen.step),))


COMMANDS = (Command(NAMES, lambda: _("Learn in five minutes: lessons and learning paths"), Handler(show_lessons)),)
CHOICES = (
    ChoiceHandler(NAME, Handler(choose)),
    ChoiceHandler(LOOK, Handler(_look, _prepare_look, asks=True)),
)
