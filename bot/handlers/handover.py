"""``/uebergabe``: a short interview while there is still time; what somebody looks after goes to a colleague."""

from typing import Any
from uuid import UUID

from bot.core.commands import says_something
from bot.core.dialogue import ASIDE, Dialogue, Draft, Prompt, Step
from bot.core.dialogues import begin_dialogue
from bot.core.messages import Choice
from bot.core.text import Block, bold, item, note, paragraph, rich
from bot.core.turn import Command, Glance, Handler, Turn
from bot.handlers.experience import may_contribute
from bot.handlers.experience_draft import LATER, author_of, help_blocks, later_choice, note_hit, note_miss
from bot.handlers.filling import filled
from bot.handlers.profile import warn_once
from bot.handlers.wording import command
from knowledge.access.visibility import Viewer
from knowledge.contributions.errors import FieldInvalid, UnknownContribution
from knowledge.contributions.schemas import Author, ContributionEntry
from knowledge.contributions.service import ContributionService
from knowledge.handover.errors import NoHouse
from knowledge.handover.interview import draft_of, send_drafts
from knowledge.handover.schemas import Area, Colleague, Duties
from knowledge.handover.service import HandoverService
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _, ngettext
from knowledge.models.chat import ChatKind
from knowledge.models.contribution import ContributionState
from knowledge.personal_data.finder import find_personal_data

NOTHING, NOBODY, SEND, KEEP = ":nothing", ":nobody", ":send", ":keep"
_COLLEAGUE = ":c-"
# Documents that are named; of more only the number is said.
SHOWN = 5
LONGEST_AREA = 150


async def begin(turn: Turn) -> None:
    """Begin the interview, or go on with it."""
    if not await may_contribute(turn):
        return
    if turn.identity.organisation_id is None:
        raise NoHouse
    await warn_once(turn)
    await begin_dialogue(turn, HANDOVER)


def _author(turn: Turn) -> Author:
    author = author_of(turn)
    if author is None:
        raise NoHouse
    return author


async def _duties(turn: Turn) -> Duties:
    return await HandoverService(turn.unit.session).looking_after(_author(turn).member_id)


def _drafts(draft: Draft) -> list[str]:
    drafts: list[str] = draft.data.setdefault("drafts", [])
    return drafts


def _aside(turn: Turn, draft: Draft) -> str:
    """Say that everything is kept, and how to go on."""
    note_hit(draft)
    sentence = _("Put aside. {command} goes on with it, within 30 days.")
    turn.say(rich(paragraph(*filled(sentence, command=command(turn.glance, "uebergabe", "handover")))))
    return ASIDE


# What do you look after?


async def _ask_area(turn: Turn, draft: Draft) -> Prompt:
    blocks = help_blocks(turn, draft)
    if not blocks and not _drafts(draft):
        blocks = [
            *_opening(await _duties(turn), turn.glance.viewer),
            paragraph(bold(_("What do you look after? Please name one thing."))),
        ]
    elif not blocks:
        blocks = [paragraph(_("Noted, as a draft.")), paragraph(bold(_("What else do you look after?")))]
    label = _("Nothing more to write down") if _drafts(draft) else _("Nothing to write down")
    return Prompt(rich(*blocks), (Choice(NOTHING, label, "➡️"), later_choice()))


def _opening(duties: Duties, viewer: Viewer) -> list[Block]:
    """Return how it begins; titles are left out where they may not be shown, such as on Telegram."""
    blocks = [
        paragraph(
            _("What you know is to stay when you go. Three short questions about each thing that you look after.")
        ),
    ]
    if duties.documents:
        count = len(duties.documents)
        said = ngettext(
            "In the library you look after {count} document:", "In the library you look after {count} documents:", count
        )
        blocks.append(paragraph(said.format(count=count)))
        titles = [one.title for one in duties.documents if viewer.access is None or one.access in viewer.access]
        blocks += [item(title) for title in titles[:SHOWN]]
    return blocks


async def _take_area(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == LATER:
        return _aside(turn, draft)
    if answer == NOTHING:
        note_hit(draft)
        return "successor"
    if not says_something(answer):
        note_miss(draft, _("I see no word in that."))
        return "area"
    note_hit(draft)
    draft.data["area"] = " ".join(answer.split())[:LONGEST_AREA]
    return "needs"


# What would a successor have to know?


async def _ask_needs(turn: Turn, draft: Draft) -> Prompt:
    blocks = help_blocks(turn, draft) or [
        paragraph(bold(_("“{area}”: what would a successor have to know?").format(area=draft.data["area"]))),
        note(_("How it is done, where things lie, who helps, what never to forget. A few sentences are enough.")),
    ]
    return Prompt(rich(*blocks), (later_choice(),))


async def _take_needs(turn: Turn, draft: Draft, answer: str) -> str | None:
    return _take_text(turn, draft, answer, ("needs", "stands"))


async def _ask_stands(turn: Turn, draft: Draft) -> Prompt:
    blocks = help_blocks(turn, draft) or [
        paragraph(bold(_("How does it stand, and what comes next?"))),
        note(_("Dates, contracts, open ends.")),
    ]
    return Prompt(rich(*blocks), (later_choice(),))


async def _take_stands(turn: Turn, draft: Draft, answer: str) -> str | None:
    following = _take_text(turn, draft, answer, ("stands", "area"))
    if following != "area":
        return following
    data = draft.data
    try:
        entry = await draft_of(turn.unit, _author(turn), Area(data["area"], data["needs"], data["stands"]))
    except FieldInvalid as error:
        note_miss(draft, error.message)
        return "needs" if error.field == "done" else "stands"
    _drafts(draft).append(entry.id.hex)
    for name in ("area", "needs", "stands"):
        data.pop(name, None)
    return "area"


def _take_text(turn: Turn, draft: Draft, answer: str, steps: tuple[str, str]) -> str | None:
    """Keep an answer under the name of its step, the first; the second follows."""
    if answer == LATER:
        return _aside(turn, draft)
    if not says_something(answer):
        note_miss(draft, _("I see no word in that."))
        return steps[0]
    note_hit(draft)
    draft.data[steps[0]] = answer.strip()
    return steps[1]


# Who is it?


async def _ask_successor(turn: Turn, draft: Draft) -> Prompt:
    colleagues = await _colleagues(turn, str(draft.data.get("name", "")))
    draft.data["colleagues"] = [colleague.id.hex for colleague in colleagues]
    blocks = help_blocks(turn, draft) or [
        paragraph(bold(_("Who takes over from you?"))),
        note(_("Please choose a colleague of your organisation who takes part here, or write a name.")),
        note(_("That person is asked first. Until somebody says yes, you go on looking after it.")),
    ]
    choices = [Choice(f"{_COLLEAGUE}{place}", one.name) for place, one in enumerate(colleagues)]
    return Prompt(rich(*blocks), (*choices, Choice(NOBODY, _("Nobody yet"), "🤷"), later_choice()))


async def _colleagues(turn: Turn, name: str) -> list[Colleague]:
    return await HandoverService(turn.unit.session).colleagues(_author(turn).member_id, name)


async def _take_successor(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == LATER:
        return _aside(turn, draft)
    known: list[str] = draft.data.get("colleagues", [])
    place = answer.removeprefix(_COLLEAGUE)
    if answer == NOBODY:
        draft.data["successor"] = None
    elif answer.startswith(_COLLEAGUE) and place.isdecimal() and int(place) < len(known):
        draft.data["successor"] = known[int(place)]
    else:
        found = await _colleagues(turn, answer)
        if len(found) != 1:
            draft.data["name"] = answer[:100] if found else ""
            note_miss(
                draft, _("Which one is it?") if found else _("Nobody of your organisation is called like this here.")
            )
            return "successor"
        draft.data["successor"] = found[0].id.hex
    note_hit(draft)
    return "confirm"


# A last look


async def _ask_confirm(turn: Turn, draft: Draft) -> Prompt:
    entries = await _entries(turn, draft)
    blocks = [*help_blocks(turn, draft), paragraph(bold(_("Your handover")))]
    blocks += [item(entry.title) for entry in entries]
    duties = await _duties(turn)
    shared = len(duties.shared)
    if shared:
        said = ngettext("{count} document of the library", "{count} documents of the library", shared)
        blocks.append(item(said.format(count=shared)))
    blocks.append(item(bold(_("Goes to:")), " ", await _successor_name(turn, draft) or _("open (“Nachfolge offen”)")))
    blocks += _notes(entries, duties)
    send = Choice(SEND, _("Hand it over"), "✅")
    keep = (Choice(KEEP, _("Hand over, keep the drafts for now"), "📝"),) if entries else ()
    return Prompt(rich(*blocks), (send, *keep, later_choice()))


def _notes(entries: list[ContributionEntry], duties: Duties) -> list[Block]:
    blocks: list[Block] = []
    found = [finding.text for entry in entries for value in entry.fields.values() for finding in _findings(value)]
    if found:
        said = _("This looks like personal data: {found}. Names of offices are better than names of people.")
        blocks.append(note(said.format(found=", ".join(dict.fromkeys(found)))))
    if entries:
        blocks.append(note(_("What you wrote goes to the moderators as drafts for your own organisation only.")))
    if duties.has_office:
        blocks.append(note(_("Your role here is for an administrator to give to somebody else; they are told.")))
    return blocks


def _findings(value: Any) -> list[Any]:
    return list(find_personal_data(value)) if isinstance(value, str) else []


async def _entries(turn: Turn, draft: Draft) -> list[ContributionEntry]:
    """Return the drafts of the interview, as far as they are still drafts."""
    member, found = _author(turn).member_id, []
    for key in _drafts(draft):
        try:
            entry = await ContributionService(turn.unit).get(UUID(key), member_id=member)
        except UnknownContribution:
            continue
        found += [entry] if entry.state is ContributionState.DRAFT else []
    return found


async def _successor_name(turn: Turn, draft: Draft) -> str | None:
    wanted = draft.data.get("successor")
    return next((one.name for one in await _colleagues(turn, "") if one.id.hex == wanted), None) or (
        await _name_of(turn, wanted) if wanted else None
    )


async def _name_of(turn: Turn, key: str) -> str | None:
    member = await HandoverService(turn.unit.session).repository.member(UUID(key))
    return member.name if member else None


async def _take_confirm(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == LATER:
        return _aside(turn, draft)
    if answer not in (SEND, KEEP):
        note_miss(draft, _("I do not know what to do with this here. Please choose below."))
        return "confirm"
    author, wanted = _author(turn), draft.data.get("successor")
    try:
        # First what may be refused for being too much, so that nobody is asked for nothing.
        sending = await _entries(turn, draft) if answer == SEND else []
        sent = await send_drafts(turn.unit, author, [entry.id for entry in sending])
        await HandoverService(turn.unit.session).begin(author.member_id, UUID(wanted) if wanted else None)
    except AllmendeError as error:
        note_miss(draft, error.message)
        return "successor"
    turn.say(rich(*_thanks(turn, sent=sent, has_successor=bool(wanted))))
    return None


def _thanks(turn: Turn, *, sent: int, has_successor: bool) -> list[Block]:
    asked = _("Your colleague is asked now, and you hear of the answer.")
    told = _("Your organisation is told that the succession is open.")
    blocks = [paragraph(bold(_("Thank you! Nothing of it is lost now.")), " ", asked if has_successor else told)]
    if sent:
        said = _("What you wrote is on its way to the moderators; {command} shows where it stands.")
        blocks.append(note(*filled(said, command=command(turn.glance, "beitraege", "contributions"))))
    return blocks


def _offered(glance: Glance) -> bool:
    return glance.is_direct and glance.identity.verified and glance.identity.organisation_id is not None


HANDOVER = Dialogue(
    "handover",
    "area",
    {
        "area": Step(_ask_area, _take_area),
        "needs": Step(_ask_needs, _take_needs),
        "stands": Step(_ask_stands, _take_stands),
        "successor": Step(_ask_successor, _take_successor),
        "confirm": Step(_ask_confirm, _take_confirm),
    },
)
COMMANDS = (
    Command(
        ("uebergabe", "handover", "übergabe"),
        lambda: _("When you go: pass on what you look after"),
        Handler(begin),
        where=frozenset({ChatKind.DIRECT}),
        offered=_offered,
        personal=True,
    ),
)
DIALOGUES = (HANDOVER,)
