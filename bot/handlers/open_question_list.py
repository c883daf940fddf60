"""``/fragen``: where one's questions stand, where one could help, and what one answered."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from bot.core.answer_text import echo
from bot.core.messages import Choice
from bot.core.replies import not_for_groups
from bot.core.text import Block, bold, note, paragraph, rich
from bot.core.turn import ChoiceHandler, Command, Handler, Turn
from bot.handlers.filling import filled
from bot.handlers.open_question_answer import say_own_alone
from bot.handlers.open_question_draft import member_of, reaches, split_key
from bot.handlers.open_question_release import NAMES as RELEASING
from bot.handlers.open_question_release import may_use_network
from bot.handlers.open_question_steps import joined_blocks
from bot.handlers.open_question_text import (
    ANSWER,
    JOIN,
    LEAVE,
    LONGEST_LABEL,
    LONGEST_LINE,
    NOT_IT,
    READ,
    SHOW,
    SURELY,
    WITHDRAW,
    YES,
    answer_blocks,
    asked_by,
    asker_choices,
    helping_choices,
    minding_choices,
    own_blocks,
    own_choices,
    question_blocks,
    reader_of,
    service_of,
    state_line,
    title_line,
)
from bot.handlers.watching import DIGITS
from bot.handlers.wording import command
from knowledge.kit.language import _
from knowledge.peers.profile import ProfileService
from knowledge.questions.errors import OwnQuestion, UnknownOpenAnswer, UnknownOpenQuestion
from knowledge.questions.schemas import OpenAnswerEntry, OpenQuestionEntry
from knowledge.topics.tree import load_tree

# How many of each are listed; there are no more digits to choose them by.
MOST_OWN, MOST_HELPING, MOST_ANSWERED = 4, 3, 2
MOST_READ = 5
# What a choice does with one's own answer, behind „open:".
MINE, TAKE_BACK, TAKEN, NOTHING = "k", "x", "z", "o"
# What may be chosen where others read along.
IN_GROUPS = frozenset({SHOW, JOIN})


@dataclass(frozen=True, slots=True)
class Listed:
    """A part of the list: its title, and each line with the choice behind it."""

    title: str
    lines: list[tuple[str, str, str]]


async def show_questions(turn: Turn) -> None:
    """List what concerns the person, or in a group what its circle could answer."""
    if turn.incoming.sender.anonymous:
        turn.say(not_for_groups())
    elif not await may_use_network(turn):
        return
    elif turn.glance.is_direct:
        await _show_own(turn)
    else:
        await _show_circle(turn)


async def _show_own(turn: Turn) -> None:
    service, reader = service_of(turn), reader_of(turn)
    own = await service.of_member(reader.member_id, viewer=reader.viewer)
    helps = frozenset(topic.id for topic in (await ProfileService(turn.unit).get(reader.member_id)).helps)
    helping = await _helping(turn, helps)
    answered = [entry for entry in await service.answers_of(reader.member_id, reader) if not entry.contributed]
    parts = [
        Listed(_("Your questions"), [_own_line(entry) for entry in own[:MOST_OWN]]),
        Listed(_("Open questions that you could help with"), [_helping_line(entry) for entry in helping]),
        Listed(_("Your answers"), [_answer_line(entry) for entry in answered[:MOST_ANSWERED]]),
    ]
    blocks, choices = _list(part for part in parts if part.lines)
    if len(own) > MOST_OWN:
        blocks.append(note(_("These are the newest ones; the hub shows all.")))
    turn.say(rich(*blocks, *_list_foot(turn, blocks, helps=bool(helps))), choices=choices)


def _list_foot(turn: Turn, blocks: list[Block], *, helps: bool) -> list[Block]:
    ask = command(turn.glance, *RELEASING)
    if not blocks:
        empty = filled(_("You have asked the network nothing yet. {command} does it."), command=ask)
        blocks = [paragraph(*empty)]
    else:
        blocks = [note(_("Choose a line to see what can be done with it."))]
    if not helps:
        sentence = _("Tell in {profile} which topics you can help with; then I bring you questions about them.")
        blocks.append(note(*filled(sentence, profile=command(turn.glance, "profil", "profile"))))
    return blocks


async def _helping(turn: Turn, helps: frozenset[UUID]) -> list[OpenQuestionEntry]:
    """Return what was brought to the person, and what else is about topics that they offered help with."""
    service, reader = service_of(turn), reader_of(turn)
    found = {entry.id: entry for entry in await service.asked_of(reader)}
    if helps:
        for entry in await service.open_for(reader, helps, limit=MOST_OWN + MOST_HELPING):
            if not (entry.mine or entry.joined or entry.my_answers):
                found.setdefault(entry.id, entry)
    return list(found.values())[:MOST_HELPING]


async def _show_circle(turn: Turn) -> None:
    circle = turn.chat.circle
    topics = (await load_tree(turn.unit.session)).resolve(circle.topics) if circle is not None else frozenset()
    if not topics:
        sentence = _("This circle has no topics yet that questions could go by. {command} sets them.")
        turn.say(rich(paragraph(*filled(sentence, command=command(turn.glance, "themen", "topics")))))
        return
    entries = await service_of(turn).open_for(reader_of(turn), topics, limit=MOST_OWN)
    if not entries:
        turn.say(rich(_("There is no open question about the topics of this circle.")))
        return
    lines = [_helping_line(entry) for entry in entries]
    blocks, choices = _list([Listed(_("Open questions that this circle could answer"), lines)])
    turn.say(rich(*blocks), choices=choices)


def _own_line(entry: OpenQuestionEntry) -> tuple[str, str, str]:
    mark = "" if entry.mine else _(" (yours, too)")
    return f"{title_line(entry)}{mark} – {state_line(entry)}", title_line(entry), f"{SHOW}{entry.id.hex}"


def _helping_line(entry: OpenQuestionEntry) -> tuple[str, str, str]:
    return f"{title_line(entry)} ({asked_by(entry)})", title_line(entry), f"{SHOW}{entry.id.hex}"


def _answer_line(entry: OpenAnswerEntry) -> tuple[str, str, str]:
    asked = echo(entry.question_text, LONGEST_LINE) or _("a question that was withdrawn")
    line = f"{asked} – " + _("it helped") if entry.helped else asked
    return line, asked, f"{MINE}{entry.id.hex}"


def _list(parts: Iterable[Listed]) -> tuple[list[Block], tuple[Choice, ...]]:
    """Return the parts with their lines numbered through, and a choice for each line."""
    blocks: list[Block] = []
    choices: list[Choice] = []
    for part in parts:
        lines = []
        for line, label, key in part.lines:
            number = len(choices) + 1
            lines.append(f"{number}. {line}")
            choices.append(Choice(f"open:{key}", f"{number}. {label[:LONGEST_LABEL]}", DIGITS[number - 1]))
        blocks += [paragraph(bold(part.title)), paragraph("\n".join(lines))]
    return blocks, tuple(choices)


# One of them


async def choose_open(turn: Turn) -> None:
    """Do what was chosen below a question or an answer."""
    mark, key = split_key(turn.glance.choice)
    if mark == NOTHING:
        turn.say(rich(_("Everything stays as it is.")))
        return
    deed = DEEDS.get(mark)
    if key is None or deed is None:
        raise UnknownOpenQuestion
    if turn.incoming.sender.anonymous:
        turn.say(not_for_groups())
    elif (turn.glance.is_direct or mark in IN_GROUPS) and await may_use_network(turn):
        await deed(turn, key)


async def _show(turn: Turn, key: UUID) -> None:
    entry = await service_of(turn).get(key, reader_of(turn))
    alone = turn.glance.is_direct
    if alone and (entry.mine or entry.joined):
        turn.say(rich(*own_blocks(entry)), choices=own_choices(entry))
    elif not entry.takes_answers:
        turn.say(rich(*question_blocks(entry)))
    else:
        hint = note(_("Choose “Answer”, or simply reply to this message."))
        turn.say(rich(*question_blocks(entry), hint), choices=helping_choices(entry, alone=alone))


async def _read(turn: Turn, key: UUID) -> None:
    entries = await service_of(turn).answers(key, reader_of(turn))
    if not entries:
        turn.say(rich(_("There is no answer yet.")))
    for entry in entries[-MOST_READ:]:
        choices = asker_choices(entry) if entry.asked_by_me else minding_choices(ANSWER, entry.id)
        turn.say(rich(*answer_blocks(entry)), choices=() if entry.mine else choices)
    if len(entries) > MOST_READ:
        turn.say(rich(note(_("These are the newest ones; the hub shows all."))))


async def _join(turn: Turn, key: UUID) -> None:
    try:
        entry = await service_of(turn).join(key, member_of(turn), viewer=turn.glance.viewer)
    except OwnQuestion:
        if turn.glance.is_direct:
            raise
        await say_own_alone(turn)
        return
    if turn.glance.is_direct or not await reaches(turn):
        turn.say(rich(*joined_blocks(turn, entry)))
    else:  # alone, as is said whose question it is
        turn.say_privately(rich(*joined_blocks(turn, entry)))


async def _leave(turn: Turn, key: UUID) -> None:
    await service_of(turn).leave(key, member_of(turn).member_id)
    turn.say(rich(_("Noted. You hear nothing more about this question.")))


async def _ask_withdrawing(turn: Turn, key: UUID) -> None:
    entry = await service_of(turn).get(key, reader_of(turn))
    what = _("Its words are erased then, and those who got it are told. Nobody can answer it any more.")
    yes = Choice(f"open:{SURELY}{key.hex}", _("Yes, withdraw it"), "🗑️")
    text = paragraph(_("Shall “{title}” be withdrawn?").format(title=title_line(entry)), " ", what)
    turn.say(rich(text), choices=(yes, _nothing()))


def _nothing() -> Choice:
    return Choice(f"open:{NOTHING}", _("Leave it as it is"), "↩️")


async def _withdraw(turn: Turn, key: UUID) -> None:
    await service_of(turn).withdraw(key, member_of(turn))
    turn.say(rich(_("Your question is withdrawn.")))


async def _reopen(turn: Turn, key: UUID) -> None:
    entry = await service_of(turn).not_it(key, member_of(turn))
    turn.say(rich(_("Noted. Your question is open again: {title}").format(title=title_line(entry))))


# One's own answers


async def _show_answer(turn: Turn, key: UUID) -> None:
    entry = await service_of(turn).find_answer(key, reader_of(turn))
    if not entry.mine:
        raise UnknownOpenAnswer
    know = () if entry.contributed else (Choice(f"know:{YES}{key.hex}", _("Make it an entry of the library"), "📚"),)
    choices = (
        Choice(f"word:{key.hex}", _("Write a word more"), "💬"),
        *know,
        Choice(f"open:{TAKE_BACK}{key.hex}", _("Withdraw it"), "🗑️"),
    )
    asked = paragraph(_("You answered the question “{question}”:").format(question=echo(entry.question_text, 200)))
    turn.say(rich(asked, *answer_blocks(entry)), choices=choices)


async def _ask_taking_back(turn: Turn, key: UUID) -> None:
    yes = Choice(f"open:{TAKEN}{key.hex}", _("Yes, withdraw it"), "🗑️")
    turn.say(rich(_("Shall your answer be withdrawn? Its words are erased then.")), choices=(yes, _nothing()))


async def _take_back(turn: Turn, key: UUID) -> None:
    await service_of(turn).withdraw_answer(key, member_of(turn))
    turn.say(rich(_("Your answer is withdrawn.")))


Deed = Callable[[Turn, UUID], Awaitable[None]]
DEEDS: Mapping[str, Deed] = {
    SHOW: _show,
    READ: _read,
    JOIN: _join,
    LEAVE: _leave,
    WITHDRAW: _ask_withdrawing,
    SURELY: _withdraw,
    NOT_IT: _reopen,
    MINE: _show_answer,
    TAKE_BACK: _ask_taking_back,
    TAKEN: _take_back,
}
COMMANDS = (
    Command(
        ("fragen", "questions"),
        lambda: _("Open questions: yours, and where you could help"),
        Handler(show_questions),
        offered=lambda glance: glance.identity.verified,
        personal=True,
    ),
)
CHOICES = (ChoiceHandler("open", Handler(choose_open)),)
