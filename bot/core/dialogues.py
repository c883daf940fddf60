"""Leading people through guided dialogues: beginning, going on, leaving with the draft kept, and cancelling."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

from bot.core.commands import parse_number, visible
from bot.core.dialogue import ASIDE, Dialogue, Draft, Prompt
from bot.core.messages import Choice
from bot.core.replies import marked
from bot.core.text import note, rich
from bot.core.turn import Act, Glance, Handler, Turn
from knowledge.chats.dialogues import DialogueBook, DialogueState
from knowledge.kit.language import _

# Choices below the n-th question of a dialogue have the key "d<n>:<answer>"; no handler of choices has such a name.
_KEY = re.compile(r"d(\d+):(.*)", re.DOTALL)


def parse_dialogue_key(key: str) -> tuple[int, str] | None:
    """Return which question of a dialogue a choice answers, and the answer; ``None`` for other choices."""
    found = _KEY.fullmatch(key)
    return (int(found[1]), found[2]) if found else None


async def begin_dialogue(
    turn: Turn, dialogue: Dialogue, data: dict[str, Any] | None = None, *, step: str | None = None
) -> None:
    """Begin a dialogue with the person of this turn, or go on with the draft that they left.

    Args:
        turn: the event that begins it.
        dialogue: must be among the registered ones.
        data: what is known already. With it, an earlier draft is dropped and the dialogue begins anew.
        step: where it begins then, if not with its first step.
    """
    book = _book(turn)
    left = await book.named(dialogue.name)
    await book.leave()
    if data is not None or left is None or left.step not in dialogue.steps:
        # Counted on, so that choices below a question of the draft that is dropped are recognised as stale.
        asked = left.asked if left else 0
        fresh = DialogueState(dialogue.name, step or dialogue.first, dict(data or {}), asked=asked)
        await _ask(turn, dialogue, fresh)
        return
    preface = _("Let us go on where you left. /abbrechen drops what you entered.")
    await _ask(turn, dialogue, left, preface=preface)


def answer_handler(dialogue: Dialogue, state: DialogueState, answer: str) -> Handler:
    """Return the handler that gives an answer to the step in which somebody is."""
    prepare = dialogue.steps[state.step].prepare
    act = partial(_take, dialogue, state, answer)
    return Handler(act, partial(_prepare, prepare, state, answer) if prepare is not None else None)


async def _prepare(
    prepare: Callable[[Glance, Draft, str], Awaitable[Any]], state: DialogueState, answer: str, glance: Glance
) -> Any:
    return await prepare(glance, Draft(dict(state.data)), answer)


async def _take(dialogue: Dialogue, state: DialogueState, answer: str, turn: Turn) -> None:
    draft = Draft(dict(state.data))
    following = await dialogue.steps[state.step].take(turn, draft, answer)
    if following is None:
        await _book(turn).forget(dialogue.name)
        return
    if following == ASIDE:
        await _book(turn).keep(replace(state, data=draft.data), keep_days=dialogue.keep_days)
        await _book(turn).leave()
        return
    await _ask(turn, dialogue, replace(state, step=following, data=draft.data))


async def _ask(turn: Turn, dialogue: Dialogue, state: DialogueState, *, preface: str | None = None) -> None:
    draft = Draft(dict(state.data))
    prompt = await dialogue.steps[state.step].ask(turn, draft)
    number = state.asked + 1
    choices = tuple(_numbered(choice, number) for choice in prompt.choices)
    text = marked(rich(note(preface)), turn.glance) + prompt.text if preface else prompt.text
    turn.say(text, choices=choices)
    known = replace(state, data=draft.data, asked=number, choices=_labels(prompt))
    await _book(turn).keep(known, keep_days=dialogue.keep_days)


def _numbered(choice: Choice, number: int) -> Choice:
    return choice if choice.address else replace(choice, key=f"d{number}:{choice.key}")


def _labels(prompt: Prompt) -> tuple[tuple[str, str], ...]:
    return tuple((choice.key, choice.label) for choice in prompt.choices if not choice.address)


def read_answer(state: DialogueState, text: str) -> str:
    """Return what a typed text answers: the key of the choice whose number or label it is, or the text itself."""
    number, plain = parse_number(text), visible(text)
    if number is not None and 1 <= number <= len(state.choices):
        return state.choices[number - 1][0]
    meant = [key for key, label in state.choices if visible(label).casefold() == plain.casefold()]
    return meant[0] if meant else plain


def leaving(handler: Handler, state: DialogueState) -> Handler:
    """Return the handler of a command that somebody gives in the middle of a dialogue."""
    return replace(handler, act=partial(_act_and_leave, handler.act, state))


async def _act_and_leave(act: Act, state: DialogueState, turn: Turn) -> None:
    await act(turn)
    book = _book(turn)
    current = await book.active()
    # The command itself may have gone on with the dialogue, or begun another one.
    if current is None or current.name != state.name or current.asked != state.asked:
        return
    await book.leave()
    aside = _("What you had entered is put aside. Send the command again to go on with it; /abbrechen drops it.")
    turn.say(marked(rich(note(aside)), turn.glance))


async def cancel(turn: Turn) -> None:
    """End the dialogue that the person is in, or drop the draft that they left last."""
    book = _book(turn)
    state = await book.newest()
    if state is None:
        turn.say(rich(_("There is nothing to cancel.")))
        return
    await book.forget(state.name)
    turn.say(rich(_("Cancelled. What you had entered was not kept.")))


def _book(turn: Turn) -> DialogueBook:
    return DialogueBook(turn.unit.session, turn.identity.id, turn.chat.id)
