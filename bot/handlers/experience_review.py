"""Seeing an experience whole, changing what is not right yet, saying whom it is for, and sending it."""

from uuid import UUID

from bot.core.dialogue import ASIDE, Draft, Prompt
from bot.core.messages import Choice
from bot.core.text import Block, RichText, bold, item, note, paragraph, rich
from bot.core.turn import Turn
from bot.handlers.experience_draft import (
    BACK,
    LATER,
    MORE,
    ONE,
    PREVIEW,
    SECOND_TOUR,
    SEND,
    author_of,
    back_choice,
    fields_of,
    help_blocks,
    later_choice,
    missed,
    note_hit,
    note_miss,
    put_aside,
    read_wishes,
    wishes_of,
)
from bot.handlers.experience_personal import ask_personal, open_findings, take_personal
from bot.handlers.experience_questions import MORE_STEPS, question_words, read_value
from bot.handlers.experience_text import (
    attribution_word,
    choice_word,
    experience_blocks,
    has_value,
    is_long,
    missing,
    value_text,
    visibility_word,
)
from bot.handlers.experience_topics import suggested_blocks, suggested_choices, words_of
from bot.handlers.filling import filled
from bot.handlers.wording import command
from knowledge.contributions.checking import label_of
from knowledge.contributions.errors import WrongState
from knowledge.contributions.fields import BY_NAME, FIELDS
from knowledge.contributions.schemas import Author
from knowledge.contributions.service import ContributionService
from knowledge.kit.language import _
from knowledge.models.contribution import Attribution, ContributionState
from knowledge.models.document import Visibility
from knowledge.organisations.service import OrganisationService

PICK, WHO, WHOSE, CLEAR = ":pick", ":who", ":whose", ":clear"
_VALUE, _FIELD = ":v-", ":f-"


def review(draft: Draft) -> str:
    """Return the step that comes before sending: what is missing, too long, perhaps personal, and then all of it."""
    fields = fields_of(draft)
    left = missing(fields)
    if left:
        return left[0]
    for name in [field.name for field in FIELDS if has_value(fields, field.name)]:
        problem = None if BY_NAME[name].values else read_value(name, value_text(name, fields[name]))[1]
        if problem:
            draft.data["changing"] = name
            note_miss(draft, problem)
            return "change"
    return "personal" if open_findings(draft) else "overview"


# Personal data


async def personal(turn: Turn, draft: Draft) -> Prompt:
    """Ask about the next finding."""
    return await ask_personal(turn, draft)


async def decide_personal(turn: Turn, draft: Draft, answer: str) -> str | None:
    """Take what was decided about a finding."""
    if answer == LATER:
        put_aside(turn, draft)
        return ASIDE
    take_personal(draft, answer)
    return review(draft)


# The whole


async def overview(turn: Turn, draft: Draft) -> Prompt:
    """Show everything as it will read, with whom it is for, and ask whether to send it."""
    fields = fields_of(draft)
    choices = [Choice(SEND, _("Send it off"), "✅")]
    if any(not has_value(fields, name) for name in MORE_STEPS):
        choices.append(Choice(MORE, _("Tell more"), "➕"))
    choices.append(Choice(PICK, _("Change something"), "✏️"))
    choices += [Choice(WHO, _("Who sees it"), "👀"), Choice(WHOSE, _("Whose name"), "🏷️")]
    if is_long(fields):
        choices.append(Choice(PREVIEW, _("Read it whole"), "📖"))
    choices.append(later_choice())
    if missed(draft):
        return Prompt(rich(*help_blocks(turn, draft)), tuple(choices))
    return Prompt(rich(*_head(), *_whole(draft), *await _foot(turn, draft)), tuple(choices))


def _head() -> list[Block]:
    return [note(_("This is how others will read it:"))]


def _whole(draft: Draft) -> list[Block]:
    fields = fields_of(draft)
    return experience_blocks(fields, shortened=is_long(fields))


async def _foot(turn: Turn, draft: Draft) -> list[Block]:
    sentence = _("Would you like to tell more, or shall I send it like this? Then a moderator reads it.")
    return [*await wishes_blocks(turn, draft), paragraph(bold(sentence))]


async def wishes_blocks(turn: Turn, draft: Draft) -> list[Block]:
    """Return whom a contribution is for, and whose it is said to be."""
    wishes = wishes_of(draft)
    seen_by = visibility_word(Visibility(wishes["visibility"]), list(wishes["circles"].values()))
    whose = attribution_word(
        Attribution(wishes["attribution"]),
        organisation=await organisation_name(turn),
        described=wishes.get("described"),
    )
    return [item(bold(_("Seen by:")), " ", seen_by), item(bold(_("In the name of:")), " ", whose)]


async def organisation_name(turn: Turn) -> str | None:
    """Return what the person's organisation is called."""
    key = turn.identity.organisation_id
    found = await OrganisationService(turn.unit.session).repository.get(key) if key else None
    return found.name if found else None


async def decide_overview(turn: Turn, draft: Draft, answer: str) -> str | None:
    """Do what was chosen below the whole."""
    if answer == SEND:
        return await send(turn, draft)
    if answer == LATER:
        put_aside(turn, draft)
        return ASIDE
    if answer == PREVIEW:
        turn.say(rich(*experience_blocks(fields_of(draft))))
        note_miss(draft, _("That is all of it. What shall I do with it?"))
        return "overview"
    following = _following(draft, answer)
    if following is None:
        note_miss(draft, _("I do not know what to do with this here. Please choose below."))
        return "overview"
    note_hit(draft)
    return following


def _following(draft: Draft, answer: str) -> str | None:
    """Return the step that was chosen below the whole, or called by the name of a field."""
    if answer == MORE:
        draft.data["tour"] = SECOND_TOUR
        return next((name for name in MORE_STEPS if not has_value(fields_of(draft), name)), "overview")
    steps = {PICK: "pick", WHO: "visibility", WHOSE: "attribution"}
    if answer in steps:
        return steps[answer]
    named = _named(answer)
    if named is not None:
        draft.data["changing"], draft.data["tour"] = named, ONE
    return "change" if named else None


def _named(answer: str) -> str | None:
    """Return the field that somebody calls by its name."""
    return next((field.name for field in FIELDS if label_of(field.name).casefold() == answer.casefold()), None)


# Changing one field


async def pick(turn: Turn, draft: Draft) -> Prompt:
    """Ask which field shall be changed, by its number."""
    choices = [Choice(f"{_FIELD}{field.name}", label_of(field.name)) for field in FIELDS]
    blocks = help_blocks(turn, draft) or [paragraph(_("Which part shall be different? Write its number, or press it."))]
    return Prompt(rich(*blocks), (*choices, back_choice()))


async def decide_pick(_turn: Turn, draft: Draft, answer: str) -> str | None:
    """Go to the field that was picked."""
    name = answer.removeprefix(_FIELD) if answer.startswith(_FIELD) else _named(answer)
    if answer == BACK:
        note_hit(draft)
        return review(draft)
    if name not in BY_NAME:
        note_miss(draft, _("There is no such part. Please write one of the numbers."))
        return "pick"
    note_hit(draft)
    draft.data["changing"], draft.data["tour"] = name, ONE
    return "change"


async def change(turn: Turn, draft: Draft) -> Prompt:
    """Ask for one field anew, and show what it says now."""
    name = str(draft.data["changing"])
    fields, field = fields_of(draft), BY_NAME[str(draft.data["changing"])]
    choices = [Choice(f"{_VALUE}{value.value}", choice_word(field, value)) for value in field.values or ()]
    if has_value(fields, name) and not field.needed:
        choices.append(Choice(CLEAR, _("Leave it empty"), "🧹"))
    blocks = [*help_blocks(turn, draft), paragraph(bold(question_words(name)))]
    if has_value(fields, name) and not missed(draft):
        blocks.append(note(_("So far: {text}").format(text=value_text(name, fields[name]))))
    if name == "topics":
        blocks += suggested_blocks(turn, draft)
        choices += suggested_choices(draft)
    return Prompt(rich(*blocks), (*choices, back_choice()))


async def decide_change(_turn: Turn, draft: Draft, answer: str) -> str | None:
    """Put something else into a field."""
    name, fields = str(draft.data["changing"]), fields_of(draft)
    if answer == CLEAR and not BY_NAME[name].needed:
        fields.pop(name, None)
    elif answer != BACK:
        value, problem = read_value(name, words_of(draft, answer.removeprefix(_VALUE)))
        if problem:
            note_miss(draft, problem)
            return "change"
        fields[name] = value
    note_hit(draft)
    return review(draft)


# Sending


async def send(turn: Turn, draft: Draft) -> str | None:
    """Hand it in, in this transaction; what the service refuses is said, and nothing of the draft is lost."""
    author = author_of(turn)
    if author is None:
        join = command(turn.glance, "beitreten", "join")
        turn.say(rich(paragraph(*filled(_("To send it you need to belong: {join}. Your text is kept."), join=join))))
        return ASIDE
    service = ContributionService(turn.unit)
    key = await keep_as_draft(turn, draft, author)
    await service.change(key, author, wishes=read_wishes(draft))
    entry = await service.submit(key, author)
    turn.say(sent_text(turn, entry.state))
    return None


async def keep_as_draft(turn: Turn, draft: Draft, author: Author) -> UUID:
    """Keep the fields as a contribution that only its author sees, and return its identifier.

    What waits to be decided becomes a draft again by that.
    """
    service, fields = ContributionService(turn.unit), fields_of(draft)
    if not draft.data.get("contribution"):
        return (await service.start(author, fields=fields)).id
    key = UUID(draft.data["contribution"])
    changed = {field.name: None for field in FIELDS} | fields
    try:
        await service.change(key, author, fields=changed)
    except WrongState:
        await service.reopen(key, author)
        await service.change(key, author, fields=changed)
    return key


def sent_text(turn: Turn, state: ContributionState) -> RichText:
    """Return the thanks, with who reads it now."""
    if state is ContributionState.HOUSE:
        follows = _("Somebody of your own house releases it first, then the moderators of the network read it.")
    else:
        follows = _("A moderator reads it now. I tell you what becomes of it, or ask if something is unclear.")
    where = filled(_("{command} shows where it stands."), command=command(turn.glance, "beitraege", "contributions"))
    return rich(paragraph(bold(_("Thank you, it is sent."))), paragraph(follows), note(*where))
