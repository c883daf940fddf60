"""``/hub``: a one-time link into the hub, for the person alone."""

from datetime import timedelta

from bot.core.text import bold, link, note, paragraph, rich
from bot.core.turn import Command, Handler, Turn
from bot.handlers.experience import may_contribute
from knowledge.access.links import AccessLinks
from knowledge.kit.clock import now
from knowledge.kit.language import _
from knowledge.models.chat import Network


async def give_link(turn: Turn) -> None:
    """Give a member a link that signs them in, once and for some minutes."""
    if not turn.glance.is_direct:
        turn.say(rich(_("Please write this to me in a direct chat, where nobody else reads along.")))
        return
    if turn.glance.network is Network.WEB:
        turn.say(rich(_("You are in the hub already.")))
        return
    address = hub_address(turn)
    member = turn.identity.member_id
    if member is None or address is None:
        if address is None:
            turn.say(rich(_("No address of the hub is set here yet. Whoever runs this service can set it.")))
        else:
            await may_contribute(turn)
        return
    issued = await AccessLinks(turn.unit.session).sign_in_link(member)
    minutes = max(1, round((issued.expires_at - now()) / timedelta(minutes=1)))
    whole = f"{address}{issued.path}"
    text = _("This link signs you in to the hub, once and within {count} minutes:").format(count=minutes)
    turn.say(
        rich(
            paragraph(bold(text)),
            paragraph(link(whole, whole)),
            note(_("Whoever has it speaks in your name. Please give it to nobody.")),
        )
    )


def hub_address(turn: Turn) -> str | None:
    """Return where people reach the hub; in the terminal, which runs beside it, also without a setting."""
    hub = turn.services.settings.hub
    return hub.address if hub.hub_url is not None or turn.glance.network is Network.TERMINAL else None


COMMANDS = (
    Command(
        ("hub",),
        lambda: _("A link into the hub, for you alone"),
        Handler(give_link),
        offered=lambda glance: glance.is_direct and glance.identity.verified and glance.network is not Network.WEB,
        personal=True,
    ),
)
