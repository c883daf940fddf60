"""What people are told of contact requests: that they are asked, that it was accepted, or that nobody was available."""

from collections.abc import Mapping

from bot.core.text import RichText, bold, note, paragraph, rich
from bot.handlers.contact_text import (
    card_blocks,
    hub_blocks,
    of_organisation,
    own_card_hint,
    request_blocks,
    request_choices,
    topic_words,
)
from bot.handlers.telling import Teller, Telling, Words
from knowledge.access.visibility import NETWORK
from knowledge.kit.errors import NotFound
from knowledge.kit.language import _
from knowledge.models.chat import Network
from knowledge.models.member import Findable
from knowledge.peers.contacts import ACCEPTED, ASKED, NOT_AVAILABLE, PASSED_ON, ContactService
from knowledge.peers.profile import ProfileService
from knowledge.peers.schemas import ContactEntry, Outlook


async def _entry(telling: Telling, outlook: Outlook, *, mine: bool) -> ContactEntry | None:
    """Return the request of a notice, where it still stands so and is this person's to know of."""
    key, member = telling.key("request"), telling.to.member_id
    if key is None or member is None:
        return None
    try:
        entry = await ContactService(telling.unit).get(key, member)
    except NotFound:
        return None
    return entry if entry.outlook is outlook and entry.is_mine is mine else None


def _is_abroad(telling: Telling) -> bool:
    """Whether what members write may not be shown here."""
    access = telling.viewer.access
    return access is not None and NETWORK not in access


def _in_hub(telling: Telling, sentence: str) -> RichText:
    return rich(paragraph(bold(sentence)), *hub_blocks(telling.services.settings, _("Your contacts")))


async def _asked(telling: Telling) -> Words | None:
    return await _received(telling, _("{who} would like to talk to you."))


async def _passed_on(telling: Telling) -> Words | None:
    return await _received(telling, _("A colleague of your house named you: {who} would like to talk to somebody."))


async def _received(telling: Telling, lead: str) -> Words | None:
    entry, member = await _entry(telling, Outlook.WAITING, mine=False), telling.to.member_id
    if entry is None or member is None:
        return None
    if (await ProfileService(telling.unit).get(member)).findable is Findable.PAUSED:
        return None  # it stands in the list for when they are back
    if _is_abroad(telling):
        return _in_hub(telling, _("A member of the network would like to talk to you. You can read it in the hub.")), ()
    own = await ContactService(telling.unit).own_card(member)
    blocks = [*request_blocks(entry, lead), *own_card_hint(own)]
    if telling.to.network is Network.MAIL:
        blocks += hub_blocks(telling.services.settings, _("Decide in the hub"))
    return rich(*blocks), request_choices(entry)


async def _accepted(telling: Telling) -> Words | None:
    entry, member = await _entry(telling, Outlook.EXCHANGED, mine=True), telling.to.member_id
    if entry is None or member is None:
        return None
    if telling.to.network in (Network.TELEGRAM, Network.MAIL) or _is_abroad(telling):
        return _in_hub(telling, _("Your contact request was accepted. Name and address stand in the hub.")), ()
    try:
        card = await ContactService(telling.unit).exchanged(entry.id, member)
    except NotFound:
        return None
    said = _("Accepted: {who} would like to talk to you, too.").format(who=of_organisation(entry))
    return rich(paragraph(bold(said)), *card_blocks(card), note(_("They have your name and address as well."))), ()


async def _not_available(telling: Telling) -> Words | None:
    entry = await _entry(telling, Outlook.NOT_AVAILABLE, mine=True)
    if entry is None:
        return None
    if _is_abroad(telling):
        return _in_hub(telling, _("A contact request of yours has ended.")), ()
    said = _("Not available: {who}.").format(who=of_organisation(entry) + topic_words(entry))
    more = _("That says nothing about the reason. You can ask somebody else, or ask the network.")
    return rich(paragraph(bold(said)), paragraph(more)), ()


TELLERS: Mapping[str, Teller] = {
    ASKED: _asked,
    PASSED_ON: _passed_on,
    ACCEPTED: _accepted,
    NOT_AVAILABLE: _not_available,
}
