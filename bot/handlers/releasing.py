"""``/freigaben``: an organisation's own people release what it contributes, or give it back."""

from uuid import UUID

from bot.core.commands import says_something
from bot.core.dialogue import Dialogue, Draft, Prompt, Step
from bot.core.dialogues import begin_dialogue
from bot.core.messages import Choice
from bot.core.text import RichText, bold, item, note, paragraph, rich
from bot.core.turn import ChoiceHandler, Command, Handler, Turn
from bot.handlers.contributions import title_of, whole_blocks
from bot.handlers.experience_draft import LATER, help_blocks, later_choice, note_miss
from bot.handlers.experience_text import attribution_word, visibility_word
from knowledge.circles.service import CircleService
from knowledge.contributions.errors import FieldInvalid, NotReleasing
from knowledge.contributions.schemas import ContributionEntry
from knowledge.contributions.service import ContributionService
from knowledge.kit.language import _, ngettext
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.members.schemas import MemberEntry
from knowledge.members.service import MemberService
from knowledge.models.chat import ChatKind
from knowledge.models.contribution import ContributionState
from knowledge.models.document import Visibility

RELEASE, GIVE_BACK = "r", "b"
# What is shown at once; the next ones come when these are done.
SHOWN = 3


async def show_waiting(turn: Turn) -> None:
    """Show what waits for the release of the person's house, each with what can be done."""
    member = await _member(turn)
    waiting = await _waiting(turn, member) if member else None
    if waiting is None:
        turn.say(rich(_("You do not release contributions for your organisation. Its administrators can change that.")))
        return
    if not waiting:
        turn.say(rich(_("Nothing waits for your release.")))
        return
    for entry in waiting[:SHOWN]:
        turn.say(await release_text(turn.unit, entry), choices=release_choices(entry))
    left = len(waiting) - SHOWN
    if left > 0:
        text = ngettext("{count} more waits.", "{count} more wait.", left).format(count=left)
        turn.say(rich(note(text)))


async def _member(turn: Turn) -> MemberEntry | None:
    key = turn.identity.member_id
    return await MemberService(turn.unit.session).find_by_id(key) if key else None


async def _waiting(turn: Turn, member: MemberEntry) -> list[ContributionEntry] | None:
    """Return what waits for this member's release; ``None`` for those who do not release."""
    service = ContributionService(turn.unit)
    if member.organisation_id is None or member.id not in await service.houses.releasing(member.organisation_id):
        return None
    return list(await service.to_release(member.organisation_id))


async def release_text(unit: UnitOfWork, entry: ContributionEntry) -> RichText:
    """Return a contribution whole, with whom it is for, for whoever releases it."""
    return rich(paragraph(bold(_("This waits for your release:")))) + await shown_whole(unit, entry)


async def shown_whole(unit: UnitOfWork, entry: ContributionEntry) -> RichText:
    """Return all that a contribution says, for whom it is, and whose it is said to be."""
    circles = [await CircleService(unit.session).by_id(key) for key in entry.circles]
    names = [circle.name for circle in circles if circle is not None]
    seen_by = visibility_word(Visibility(entry.visibility), names)
    whose = attribution_word(entry.attribution, organisation=entry.organisation_name, described=entry.described_as)
    return rich(
        *whole_blocks(entry),
        item(bold(_("Seen by:")), " ", seen_by),
        item(bold(_("In the name of:")), " ", whose),
    )


def release_choices(entry: ContributionEntry) -> tuple[Choice, ...]:
    """Return what can be done with it."""
    return (
        Choice(f"house:{RELEASE}{entry.id.hex}", _("Release it"), "✅"),
        Choice(f"house:{GIVE_BACK}{entry.id.hex}", _("Give it back"), "↩️"),
    )


async def choose_release(turn: Turn) -> None:
    """Release, or ask why it is given back."""
    if not turn.glance.is_direct:
        return
    member = await _member(turn)
    if member is None:
        raise NotReleasing
    key = _key(turn.glance.choice[1:])
    if turn.glance.choice.startswith(RELEASE):
        entry = await ContributionService(turn.unit).release(key, member)
        turn.say(rich(_("Released: {title}. The moderators read it now.").format(title=title_of(entry))))
        return
    entry = await ContributionService(turn.unit).find(key)
    if entry.state is not ContributionState.HOUSE or entry.organisation_id != member.organisation_id:
        raise NotReleasing
    await begin_dialogue(turn, REASON, {"contribution": entry.id.hex})


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotReleasing from error


async def _ask_reason(turn: Turn, draft: Draft) -> Prompt:
    blocks = help_blocks(turn, draft) or [
        paragraph(_("Why do you give it back? The author reads this and can go on with the draft."))
    ]
    return Prompt(rich(*blocks), (later_choice(),))


async def _take_reason(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == LATER:
        turn.say(rich(_("Gladly. It goes on waiting.")))
        return None
    if not says_something(answer):
        note_miss(draft, _("I see no word in that."))
        return "reason"
    member = await _member(turn)
    try:
        if member is None:
            raise NotReleasing
        entry = await ContributionService(turn.unit).give_back(_key(str(draft.data["contribution"])), member, answer)
    except FieldInvalid as error:
        note_miss(draft, error.message)
        return "reason"
    except NotReleasing as error:
        turn.say(rich(error.message))
        return None
    turn.say(rich(_("Given back, with your reason: {title}").format(title=title_of(entry))))
    return None


REASON = Dialogue("reason", "reason", {"reason": Step(_ask_reason, _take_reason)}, keep_days=7)
COMMANDS = (
    Command(
        ("freigaben", "releases"),
        lambda: _("What your organisation contributes and you release"),
        Handler(show_waiting),
        where=frozenset({ChatKind.DIRECT}),
        offered=lambda glance: (
            glance.is_direct and glance.identity.verified and glance.identity.organisation_id is not None
        ),
        personal=True,
    ),
)
CHOICES = (ChoiceHandler("house", Handler(choose_release)),)
DIALOGUES = (REASON,)
