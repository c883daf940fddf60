"""What people are told about their e-mail address: to confirm it, their link for signing in, that it takes no mail."""

from collections.abc import Mapping

from bot.core.messages import Choice
from bot.core.text import bold, note, paragraph, rich
from bot.handlers.telling import Teller, Telling, Words
from knowledge.access.keys import load_key
from knowledge.access.links import AccessLinks
from knowledge.kit.clock import HOME, now
from knowledge.kit.language import _
from knowledge.mailing.kinds import CONFIRM, SIGN_IN, STOPPED
from knowledge.mailing.limits import SIGN_IN_LASTS
from knowledge.mailing.service import MailingService
from knowledge.mailing.tokens import MailTokens
from knowledge.models.chat import Network

# Where a link leads that confirms an address; its token follows.
CONFIRM_PATH = "/post/bestaetigen/"


async def _confirm(telling: Telling) -> Words | None:
    """Send the link that confirms an address; nothing to one that somebody else has confirmed."""
    member_id, address = telling.key("member"), telling.to
    if address.network is not Network.MAIL or member_id is None:
        return None
    mailing = MailingService(telling.unit)
    entry = await mailing.repository.by_identity(address.id)
    is_there = entry is not None and await mailing.repository.takes_part(member_id)
    if not is_there or await mailing.is_taken(address.id, by_other_than=member_id):
        return None
    tokens = MailTokens(load_key(telling.services.settings.hub_key_path))
    path = CONFIRM_PATH + tokens.confirmation(address.id, member_id, now())
    text = rich(
        paragraph(
            _(
                "Somebody, probably you, wants to hear from Allmende, the network of municipalities, at this address. "
                "Please confirm that with the link. It works for two days."
            )
        ),
        paragraph(
            _("If it was not you, there is nothing to do: without that, nothing else comes, and the address is erased.")
        ),
    )
    return text, (_button(telling, "confirm", _("Confirm this address"), path),)


async def _sign_in(telling: Telling) -> Words | None:
    """Send a link into the hub to a confirmed address."""
    member_id = telling.to.member_id
    if telling.to.network is not Network.MAIL or member_id is None:
        return None
    issued = await AccessLinks(telling.unit.session).sign_in_link(member_id, lasts=SIGN_IN_LASTS)
    until = f"{issued.expires_at.astimezone(HOME):%H:%M}"
    text = rich(
        paragraph(_("Here is the link that you asked for. It works once, until {time}.").format(time=until)),
        paragraph(_("If it was not you, there is nothing to do. Please do not pass it on: it opens your account.")),
    )
    return text, (_button(telling, "sign_in", _("Sign in"), issued.path),)


async def _stopped(telling: Telling) -> Words | None:
    """Say that mail came back too often."""
    if telling.to.network is Network.MAIL or telling.to.member_id is None:
        return None
    text = rich(
        paragraph(bold(_("E-mails to you came back several times, so no more are sent."))),
        paragraph(_("Please check your address in the hub, under “Your account”.")),
        *telling.hub("/konto/post", _("To your e-mail in the hub")),
        note(_("Here in the chat nothing changes.")),
    )
    return text, ()


def _button(telling: Telling, key: str, label: str, path: str) -> Choice:
    return Choice(f"mail:{key}", label, address=telling.services.settings.hub.address + path)


TELLERS: Mapping[str, Teller] = {CONFIRM: _confirm, SIGN_IN: _sign_in, STOPPED: _stopped}
