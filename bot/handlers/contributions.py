"""``/beitraege``: where one's own contributions stand, answering what is asked, correcting, taking back."""

from collections.abc import Sequence
from uuid import UUID

from bot.core.commands import says_something
from bot.core.dialogue import Dialogue, Draft, Prompt, Step
from bot.core.dialogues import begin_dialogue
from bot.core.messages import Choice
from bot.core.text import Block, bold, item, note, paragraph, quote, rich
from bot.core.turn import ChoiceHandler, Command, Handler, Turn
from bot.handlers.correcting import begin_suggestion
from bot.handlers.experience import begin_with, may_contribute
from bot.handlers.experience_draft import LATER, author_of, draft_data, help_blocks, later_choice, note_miss
from bot.handlers.experience_text import experience_blocks
from bot.handlers.filling import filled
from bot.handlers.watching import DIGITS
from bot.handlers.wording import command
from knowledge.contributions.checking import SUGGESTION, label_of
from knowledge.contributions.errors import FieldInvalid, UnknownContribution, WrongState
from knowledge.contributions.schemas import ContributionEntry
from knowledge.contributions.service import UNDECIDED, ContributionService
from knowledge.kit.clock import HOME
from knowledge.kit.language import _, date_text
from knowledge.models.chat import ChatKind
from knowledge.models.contribution import ContributionState

State = ContributionState
# What a choice does, behind „mine:" and before the contribution's identifier.
SHOW, EDIT, CORRECT, WITHDRAW, SURELY = "d", "e", "c", "w", "y"
LONGEST_TITLE = 80


def title_of(entry: ContributionEntry) -> str:
    """Return what a contribution is called, also one without a title."""
    title = entry.title or str(entry.fields.get(SUGGESTION) or entry.fields.get("done") or "")
    line = " ".join(title.split()) or _("without a title")
    return line if len(line) <= LONGEST_TITLE else line[:LONGEST_TITLE].rstrip() + " …"


def state_word(entry: ContributionEntry) -> str:
    """Return where a contribution stands, in words."""
    words = {
        State.DRAFT: _("a draft, which only you see"),
        State.HOUSE: _("waits for your own house to release it"),
        State.WAITING: _("waits for a moderator"),
        State.ASKED: _("a moderator has a question"),
        State.POSTPONED: _("put off by the moderators"),
        State.PUBLISHED: _("published"),
        State.REJECTED: _("not published"),
        State.WITHDRAWN: _("withdrawn"),
    }
    if entry.state is State.DRAFT and entry.reason:
        return _("given back by your house")
    return words[entry.state]


def question_of(entry: ContributionEntry) -> str | None:
    """Return what a moderator asks, while no answer was given."""
    if entry.state is not State.ASKED:
        return None
    return next((message.text for message in reversed(entry.messages) if not message.from_author), None)


# The list


async def show_own(turn: Turn) -> None:
    """List what the person contributed, the newest first."""
    if not await may_contribute(turn):
        return
    entries = list(await ContributionService(turn.unit).of_author(_member(turn)))
    if not entries:
        sentence = _("You have not contributed anything yet. {command} begins.")
        turn.say(rich(paragraph(*filled(sentence, command=command(turn.glance, "erfahrung", "experience")))))
    elif len(entries) == 1:
        _say_entry(turn, entries[0])
    else:
        turn.say(rich(*_listed(entries)), choices=_list_choices(entries))


def _member(turn: Turn) -> UUID:
    author = author_of(turn)
    if author is None:
        raise UnknownContribution
    return author.member_id


def _listed(entries: Sequence[ContributionEntry]) -> list[Block]:
    shown = entries[: len(DIGITS)]
    lines = [f"{number}. {title_of(entry)} – {state_word(entry)}" for number, entry in enumerate(shown, start=1)]
    blocks = [paragraph(bold(_("Your contributions"))), paragraph("\n".join(lines))]
    for entry in shown:
        asked = question_of(entry)
        if asked:
            blocks.append(quote(f"{title_of(entry)}: {asked}"))
    if len(entries) > len(shown):
        blocks.append(note(_("These are the newest ones; the hub shows all.")))
    return [*blocks, note(_("Choose one to see what can be done with it."))]


def _list_choices(entries: Sequence[ContributionEntry]) -> tuple[Choice, ...]:
    pairs = enumerate(zip(DIGITS, entries, strict=False), start=1)
    return tuple(
        Choice(f"mine:{SHOW}{entry.id.hex}", f"{number}. {title_of(entry)[:24]}", digit)
        for number, (digit, entry) in pairs
    )


# One of them


def _say_entry(turn: Turn, entry: ContributionEntry) -> None:
    turn.say(rich(*_entry_blocks(entry)), choices=entry_choices(entry))


def _entry_blocks(entry: ContributionEntry) -> list[Block]:
    blocks = [paragraph(bold(title_of(entry))), item(bold(_("State:")), " ", state_word(entry))]
    if entry.corrects_id is not None:
        blocks.append(item(_("This is a correction.")))
    if entry.postponed_until is not None and entry.state is State.POSTPONED:
        day = date_text(entry.postponed_until.astimezone(HOME).date())
        blocks.append(item(_("They look at it again on {date}.").format(date=day)))
    if entry.reason:
        blocks += [paragraph(bold(_("The reason:"))), quote(entry.reason)]
    asked = question_of(entry)
    if asked:
        blocks += [paragraph(bold(_("The question:"))), quote(asked)]
        blocks.append(note(_("Choose “Answer”, or simply reply to this message.")))
    return blocks


def entry_choices(entry: ContributionEntry) -> tuple[Choice, ...]:
    """Return what can be done with a contribution where it stands."""
    key = entry.id.hex
    answer = Choice(f"ask:{key}", _("Answer"), "💬")
    edit = Choice(f"mine:{EDIT}{key}", _("Change it"), "✏️")
    withdraw = Choice(f"mine:{WITHDRAW}{key}", _("Withdraw it"), "🗑️")
    if entry.state is State.ASKED:
        return answer, edit, withdraw
    if entry.state is State.DRAFT:
        return Choice(f"mine:{EDIT}{key}", _("Go on with it"), "✏️"), Choice(withdraw.key, _("Delete it"), "🗑️")
    if entry.state in UNDECIDED:
        return edit, withdraw
    if entry.state is State.PUBLISHED:
        correct = (Choice(f"mine:{CORRECT}{key}", _("Correct it"), "✏️"),) if entry.document_id else ()
        return (*correct, withdraw)
    return () if entry.state is State.WITHDRAWN else (Choice(withdraw.key, _("Delete it"), "🗑️"),)


async def choose_own(turn: Turn) -> None:
    """Do what was chosen below a contribution of one's own."""
    deeds = {SHOW: _show, EDIT: edit_entry, CORRECT: _correct, WITHDRAW: _ask_withdrawing, SURELY: _withdraw}
    deed = deeds.get(turn.glance.choice[:1])
    if deed is None:
        turn.say(rich(_("Everything stays as it is.")))
    elif turn.glance.is_direct:
        await deed(turn, await own_entry(turn, turn.glance.choice[1:]))


async def own_entry(turn: Turn, key: str) -> ContributionEntry:
    """Return the person's own contribution that a choice names. Raises ``UnknownContribution``."""
    try:
        identifier = UUID(key)
    except ValueError as error:
        raise UnknownContribution from error
    return await ContributionService(turn.unit).get(identifier, member_id=_member(turn))


async def _show(turn: Turn, entry: ContributionEntry) -> None:
    _say_entry(turn, entry)


async def edit_entry(turn: Turn, entry: ContributionEntry) -> None:
    """Go on with a contribution in its dialogue."""
    if entry.state not in (State.DRAFT, *UNDECIDED):
        raise WrongState
    if SUGGESTION in entry.fields:
        await begin_suggestion(turn, entry)
        return
    await begin_with(turn, await draft_data(turn, entry))


async def _correct(turn: Turn, entry: ContributionEntry) -> None:
    """Begin a correction of what was published; one that was begun is gone on with."""
    author, service = author_of(turn), ContributionService(turn.unit)
    if author is None or entry.document_id is None or entry.state is not State.PUBLISHED:
        raise WrongState
    begun = [
        other
        for other in await service.of_author(author.member_id)
        if other.corrects_id == entry.document_id and other.state is State.DRAFT
    ]
    correction = begun[0] if begun else await service.start(author, corrects=entry.document_id)
    await edit_entry(turn, correction)


async def _ask_withdrawing(turn: Turn, entry: ContributionEntry) -> None:
    what = _("Nothing of it is kept then.")
    if entry.state is State.PUBLISHED:
        what = _("Then it can be found nowhere any more, and its words are erased.")
    yes = Choice(f"mine:{SURELY}{entry.id.hex}", _("Yes, withdraw it"), "🗑️")
    text = rich(paragraph(_("Shall “{title}” be withdrawn?").format(title=title_of(entry)), " ", what))
    turn.say(text, choices=(yes, Choice("mine:n", _("Leave it as it is"), "↩️")))


async def _withdraw(turn: Turn, entry: ContributionEntry) -> None:
    author = author_of(turn)
    if author is not None:
        await ContributionService(turn.unit).withdraw(entry.id, author)
        turn.say(rich(_("Withdrawn: {title}").format(title=title_of(entry))))


# Answering


async def begin_answering(turn: Turn) -> None:
    """Ask for the answer to a moderator's question."""
    if not turn.glance.is_direct:
        return
    entry = await own_entry(turn, turn.glance.choice)
    if question_of(entry) is None:
        raise WrongState
    await begin_dialogue(turn, ANSWER, {"contribution": entry.id.hex})


async def answer_by_reply(turn: Turn) -> None:
    """Take a reply to the message that shows the question."""
    if turn.glance.is_direct:
        await _answer(turn, await own_entry(turn, turn.glance.choice), turn.glance.argument)


async def _answer(turn: Turn, entry: ContributionEntry, text: str) -> None:
    author = author_of(turn)
    if author is None:
        raise UnknownContribution
    await ContributionService(turn.unit).answer(entry.id, author, text)
    turn.say(rich(_("Thank you, your answer is on its way to the moderator.")))


async def _ask_answer(turn: Turn, draft: Draft) -> Prompt:
    entry = await own_entry(turn, str(draft.data["contribution"]))
    asked = question_of(entry)
    blocks = help_blocks(turn, draft) or [
        paragraph(bold(title_of(entry))),
        *([quote(asked)] if asked else []),
        paragraph(_("What do you answer?")),
    ]
    return Prompt(rich(*blocks), (later_choice(),))


async def _take_answer(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == LATER:
        sentence = _("Gladly. {command} shows the question again.")
        turn.say(rich(paragraph(*filled(sentence, command=command(turn.glance, "beitraege", "contributions")))))
        return None
    if not says_something(answer):
        note_miss(draft, _("I see no word in that."))
        return "answer"
    try:
        await _answer(turn, await own_entry(turn, str(draft.data["contribution"])), answer)
    except FieldInvalid as error:
        note_miss(draft, error.message)
        return "answer"
    except (UnknownContribution, WrongState) as error:
        turn.say(rich(error.message))
    return None


def whole_blocks(entry: ContributionEntry) -> list[Block]:
    """Return all that a contribution says."""
    if SUGGESTION in entry.fields:
        return [paragraph(bold(label_of(name)), "\n", str(text)) for name, text in entry.fields.items() if text]
    return experience_blocks(entry.fields)


ANSWER = Dialogue("answer", "answer", {"answer": Step(_ask_answer, _take_answer)})
COMMANDS = (
    Command(
        ("beitraege", "contributions", "beiträge"),
        lambda: _("Your contributions: where they stand, answering, correcting, withdrawing"),
        Handler(show_own),
        where=frozenset({ChatKind.DIRECT}),
        offered=lambda glance: glance.is_direct and glance.identity.verified,
        personal=True,
    ),
)
CHOICES = (
    ChoiceHandler("mine", Handler(choose_own)),
    ChoiceHandler("ask", Handler(begin_answering), replied=Handler(answer_by_reply)),
)
DIALOGUES = (ANSWER,)
