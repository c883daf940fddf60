"""Words that several handlers need: commands as they are written here, whom to ask."""

from bot.core.text import Span, code
from bot.core.turn import Glance
from knowledge.kit.language import _, current_language
from knowledge.models.chat import Network


def command(glance: Glance, german: str, english: str, argument: str = "") -> Span:
    """Return a command as it is written on this network and in the current language."""
    marks = glance.features.command_marks
    name = german if current_language() == "de" else english
    return code(f"{marks[0] if marks else '/'}{name}{' ' + argument if argument else ''}")


def whom_to_ask(glance: Glance) -> str:
    """Return who helps with what a person cannot do alone."""
    chats = glance.services.settings.chats
    known = ", ".join(part for part in (chats.operator, chats.operator_contact) if part)
    if known:
        return _("Please ask a moderator of your circle, or whoever runs this service: {operator}.").format(
            operator=known
        )
    return _("Please ask a moderator of your circle, or whoever runs this service.")


def shows_public_only(glance: Glance) -> bool:
    """Whether this network is a foreign house where only what is public is shown."""
    return glance.network is Network.TELEGRAM and glance.services.settings.telegram.telegram_visibility == "public"
