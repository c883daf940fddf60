"""How contact requests read, and what can be chosen below them."""

from collections.abc import Sequence

from bot.core.messages import Choice
from bot.core.text import Block, Span, bold, item, link, note, paragraph, quote
from bot.handlers.open_question_text import CONTACT
from knowledge.kit.clock import HOME
from knowledge.kit.language import _, date_text
from knowledge.kit.settings import Settings
from knowledge.models.chat import Network
from knowledge.peers.schemas import ContactCard, ContactEntry, Outlook

# What a choice does, behind „con:" and before the request's identifier.
ACCEPT, DECLINE, PASS_ON, BLOCK, SURELY_BLOCK, WITHDRAW, CARD, SHOW = "a", "d", "p", "b", "B", "w", "c", "s"


def of_organisation(entry: ContactEntry) -> str:
    """Return the other side as it may be named before both said yes."""
    if entry.organisation is None:
        return _("somebody of the network")
    return _("somebody of {organisation}").format(organisation=entry.organisation)


def topic_words(entry: ContactEntry) -> str:
    """Return what it is about, to put behind a name; empty where nothing is known."""
    return f" ({entry.topic.name})" if entry.topic else ""


def request_blocks(entry: ContactEntry, lead: str) -> list[Block]:
    """Return a request as whoever is asked reads it."""
    day = date_text(entry.expires_at.astimezone(HOME).date())
    return [
        paragraph(bold(lead.format(who=of_organisation(entry) + topic_words(entry)))),
        quote(entry.text),
        note(
            _(
                "If you accept, each of you gets the other's name and address. If you decline, or do nothing until "
                "{date}, they only read that nobody was available."
            ).format(date=day)
        ),
    ]


def request_choices(entry: ContactEntry) -> tuple[Choice, ...]:
    """Return what whoever is asked can do."""
    key = entry.id.hex
    return (
        Choice(f"con:{ACCEPT}{key}", _("Accept"), "✅"),
        Choice(f"con:{DECLINE}{key}", _("Decline"), "🚫"),
        Choice(f"con:{PASS_ON}{key}", _("Name a colleague"), "👉"),
        Choice(f"con:{BLOCK}{key}", _("Block"), "⛔"),
        Choice(f"flag:{CONTACT}{key}", _("Report"), "⚑"),
    )


def entry_line(entry: ContactEntry) -> str:
    """Return a request in one line of a list."""
    day = date_text(entry.created_at.astimezone(HOME).date())
    return f"{of_organisation(entry)}{topic_words(entry)}, {day}: {outlook_word(entry)}"


def outlook_word(entry: ContactEntry) -> str:
    """Return where a request stands, in words, for the side that looks."""
    if entry.outlook is Outlook.WAITING:
        return _("waits for an answer") if entry.is_mine else _("waits for your answer")
    return {
        Outlook.EXCHANGED: _("names exchanged"),
        Outlook.NOT_AVAILABLE: _("not available"),
        Outlook.WITHDRAWN: _("withdrawn"),
        Outlook.DECLINED: _("declined"),
        Outlook.PASSED_ON: _("passed on to a colleague"),
        Outlook.OVER: _("over"),
    }[entry.outlook]


def card_blocks(card: ContactCard) -> list[Block]:
    """Return what is exchanged: name, organisation, addresses."""
    who = ", ".join(part for part in (card.name, card.organisation) if part)
    lines = [item(bold(network_label(network)), " ", _address(network, address)) for network, address in card.addresses]
    missing = note(_("There is no address yet by which people write to each other. I tell nobody another one."))
    return [paragraph(bold(who)), *(lines or [missing])]


def network_label(network: Network) -> str:
    """Return what stands before an address."""
    return _("E-mail:") if network is Network.MAIL else "Matrix:"


def _address(network: Network, address: str) -> Span:
    scheme = "mailto:" if network is Network.MAIL else "https://matrix.to/#/"
    return link(address, f"{scheme}{address}")


def hub_blocks(settings: Settings, label: str) -> list[Block]:
    """Return the way to one's contacts in the hub, where names are exchanged that must not be said here."""
    if settings.hub.hub_url is None:
        return [note(_("Names are not exchanged here, and the hub has no address yet. Please ask whoever runs it."))]
    return [paragraph(link(label, f"{settings.hub.address}/kontakte"))]


def own_card_hint(card: ContactCard) -> Sequence[Block]:
    """Say that nothing could be exchanged, where somebody has no address for it."""
    if card.addresses:
        return ()
    return (note(_("You have no address yet to be passed on. You can confirm your e-mail address in the hub.")),)
