"""Which of the offered choices somebody means: a button's key, a reaction's emoji, or a number that was typed."""

from bot.core.commands import parse_number, same_emoji
from bot.core.turn import Glance
from knowledge.chats.outbox import Outbox, SentEntry


def offered_key(sent: SentEntry | None, chosen: str) -> str | None:
    """Return the key of the choice below a message that a button or a reaction stands for."""
    if sent is None or not chosen:
        return None
    for key, emoji in sent.choices:
        if chosen == key or (emoji and same_emoji(chosen, emoji)):
            return key
    return _numbered(sent, parse_number(chosen) if not chosen.isascii() else None)


async def typed_key(glance: Glance, outbox: Outbox) -> str | None:
    """Return the key of the choice whose number somebody wrote.

    Meant are the choices of the message replied to; in direct chats of networks without buttons also the last ones.
    """
    incoming = glance.incoming
    number = parse_number(incoming.text)
    if number is None or glance.chat.is_new:
        return None
    if incoming.reply_to is not None:
        return _numbered(await outbox.sent(glance.network, incoming.reply_to), number)
    if glance.is_direct and not glance.features.buttons:
        return _numbered(await outbox.newest_choices(glance.chat.id), number)
    return None


def _numbered(sent: SentEntry | None, number: int | None) -> str | None:
    if sent is None or number is None or not 1 <= number <= len(sent.choices):
        return None
    return sent.choices[number - 1][0]
