"""What is told about handovers and unused accounts, and what can be chosen below."""

from collections.abc import Mapping
from uuid import UUID

from bot.core.messages import Choice
from bot.core.text import Block, bold, item, note, paragraph, rich
from bot.core.turn import ChoiceHandler, Handler, Turn
from bot.handlers.telling import Teller, Telling, Words
from knowledge.handover.errors import UnknownHandover
from knowledge.handover.schemas import HandoverEntry
from knowledge.handover.service import HandoverService
from knowledge.kit.language import _, ngettext
from knowledge.models.chat import Network
from knowledge.models.handover import HandoverReason, HandoverState
from knowledge.models.member import Role

TAKE, REFUSE = "t", "n"
SHOWN = 5


async def _found(telling: Telling) -> HandoverEntry | None:
    """Return the handover, if the person works in its house."""
    key, member = telling.key("handover"), telling.to.member_id
    if key is None or member is None:
        return None
    try:
        return (await HandoverService(telling.unit.session).get(key, member)).shown_to(telling.viewer)
    except UnknownHandover:
        return None


async def _offered(telling: Telling) -> Words | None:
    entry = await _found(telling)
    if entry is None or entry.state is not HandoverState.OFFERED or entry.successor_id != telling.to.member_id:
        return None
    asks = _("{name} hands over and asks whether you take over.").format(name=entry.member_name or _("A colleague"))
    text = rich(
        paragraph(bold(asks)),
        *_documents(telling, entry),
        note(_("Looking after a document means being asked now and then whether it still holds.")),
        *telling.hub("/nachfolge", _("See it in the hub")),
    )
    return text, _choices(entry)


async def _open(telling: Telling) -> Words | None:
    entry = await _found(telling)
    if entry is None:
        return await _open_in_empty_house(telling)
    if entry.state is not HandoverState.OPEN or not entry.documents:
        return None
    text = rich(
        paragraph(bold(_("Succession open in your organisation: who looks after this from now on?"))),
        *_documents(telling, entry),
        *telling.hub("/nachfolge", _("See it in the hub")),
    )
    return text, _choices(entry)[:1]


async def _open_in_empty_house(telling: Telling) -> Words | None:
    """Tell an administrator of another house that nobody is there to take over; titles are not theirs to read."""
    key = telling.key("handover")
    row = await HandoverService(telling.unit.session).repository.row(key) if key else None
    if row is None or row[0].state is not HandoverState.OPEN or telling.to.role is not Role.ADMINISTRATOR:
        return None
    count = len(await HandoverService(telling.unit.session).repository.handed_over([row[0].id]))
    if not count:
        return None
    said = ngettext("{count} document of the library", "{count} documents of the library", count).format(count=count)
    sentence = _("Succession open in an organisation where nobody else takes part: {organisation}.")
    text = rich(
        paragraph(bold(sentence.format(organisation=row[2] or _("no organisation")))),
        paragraph(said),
        note(_("Whoever joins from there finds it under “Succession open” in the hub.")),
    )
    return text, ()


def _documents(telling: Telling, entry: HandoverEntry) -> list[Block]:
    """Name the documents; on Telegram, which is a foreign house, only how many there are."""
    count = len(entry.documents)
    said = ngettext("{count} document of the library", "{count} documents of the library", count).format(count=count)
    if telling.to.network is Network.TELEGRAM:
        return [paragraph(said)]
    left = count - SHOWN
    more = ngettext("and {count} more", "and {count} more", left).format(count=left)
    shown: list[Block] = [item(document.title) for document in entry.documents[:SHOWN]]
    return [*shown, item(more)] if left > 0 else shown


def _choices(entry: HandoverEntry) -> tuple[Choice, ...]:
    return (
        Choice(f"handover:{TAKE}{entry.id.hex}", _("Take it over"), "✅"),
        Choice(f"handover:{REFUSE}{entry.id.hex}", _("I cannot"), "↩️"),
    )


async def _accepted(telling: Telling) -> Words | None:
    entry = await _found(telling)
    if entry is None or entry.state is not HandoverState.ACCEPTED or entry.member_id != telling.to.member_id:
        return None
    name = entry.successor_name or _("A colleague")
    return rich(paragraph(bold(_("{name} takes over from you. Thank you for all of it!").format(name=name)))), ()


async def _declined(telling: Telling) -> Words | None:
    entry = await _found(telling)
    if entry is None or entry.state is not HandoverState.OPEN or entry.member_id != telling.to.member_id:
        return None
    text = rich(
        paragraph(bold(_("Your colleague cannot take over."))),
        paragraph(_("Your organisation is told that the succession is open. /uebergabe asks somebody else.")),
    )
    return text, ()


async def _office(telling: Telling) -> Words | None:
    key = telling.key("handover")
    row = await HandoverService(telling.unit.session).repository.row(key) if key else None
    if row is None or not telling.to.moderates:
        return None
    handover, name, organisation, _successor = row
    sentence = _("{name} ({organisation}) goes and has an office here: releasing, moderating or publishing.")
    if handover.reason is not HandoverReason.LEAVING:
        sentence = _(
            "{name} ({organisation}) was not here for long and has an office: releasing, moderating, publishing."
        )
    said = sentence.format(name=name or _("Somebody"), organisation=organisation or _("no organisation"))
    return rich(
        paragraph(bold(said), " ", _("Please give it to somebody else.")),
        *telling.hub("/mitglieder", _("To the members in the hub")),
    ), ()


async def _unused(telling: Telling) -> Words | None:
    if telling.to.member_id is None:
        return None
    text = rich(
        paragraph(bold(_("We have not heard from you for a year. Are you still there?"))),
        paragraph(_("If not, what you look after is handed over to your colleagues in a month.")),
        note(_("To pass it on yourself: /uebergabe. To be forgotten: /loeschen.")),
        *telling.hub("/uebergabe", _("Hand over in the hub")),
    )
    return text, (Choice("present:", _("I am still there"), "👋"),)


async def choose(turn: Turn) -> None:
    """Take over, or say no."""
    member = turn.identity.member_id
    if not turn.glance.is_direct or member is None:
        return
    try:
        key = UUID(turn.glance.choice[1:])
    except ValueError as error:
        raise UnknownHandover from error
    service = HandoverService(turn.unit.session)
    if turn.glance.choice.startswith(TAKE):
        await service.accept(key, member)
        turn.say(rich(paragraph(bold(_("Thank you, you look after it from now on.")))))
    else:
        await service.decline(key, member)
        turn.say(rich(_("All right. Your organisation is told that the succession is open.")))


async def still_there(turn: Turn) -> None:
    """Note that a silent member is there."""
    member = turn.identity.member_id
    if member is None or not turn.glance.is_direct:
        return
    row = await HandoverService(turn.unit.session).repository.member(member)
    if row is not None:
        row.asked_unused_at = None
    turn.say(rich(_("Good to hear from you! Everything stays as it is.")))


TELLERS: Mapping[str, Teller] = {
    "handover.offered": _offered,
    "handover.open": _open,
    "handover.accepted": _accepted,
    "handover.declined": _declined,
    "handover.office": _office,
    "account.unused": _unused,
}
CHOICES = (ChoiceHandler("handover", Handler(choose)), ChoiceHandler("present", Handler(still_there)))
