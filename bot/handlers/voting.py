"""Whether an answer helped: kept without the person, and quietly, so that a group is not filled with thanks."""

from bot.core.text import rich
from bot.core.turn import ChoiceHandler, Handler, Turn
from bot.handlers.answers import (
    change_choices,
    choices_there,
    chosen_exchange,
    events_of,
    release_choice,
    watch_choice,
)
from knowledge.conversations.schemas import ExchangeEntry
from knowledge.conversations.service import ConversationService
from knowledge.kit.language import _

VALUES = {"+": True, "-": False}


async def _vote(turn: Turn) -> None:
    helpful = VALUES.get(turn.glance.choice[:1])
    exchange = await chosen_exchange(turn)
    if helpful is None or exchange is None:
        return
    conversations = ConversationService(turn.unit.session)
    changed = await conversations.vote(exchange, turn.identity.id, helpful=helpful)
    if turn.glance.features.buttons:
        if not changed:  # pressed once more: a button has no other way of taking back
            await conversations.take_vote_back(exchange, turn.identity.id, helpful=helpful)
        await _show(turn, exchange)
    if changed and not helpful and turn.glance.is_direct:
        turn.say(
            rich(_("Thank you. Please try other words, or let me tell you when something fitting is published.")),
            choices=(watch_choice(exchange), *release_choice(turn.glance, exchange)),
        )


async def _take_back(turn: Turn) -> None:
    helpful = VALUES.get(turn.glance.choice[:1])
    exchange = await chosen_exchange(turn)
    if helpful is not None and exchange is not None:
        conversations = ConversationService(turn.unit.session)
        await conversations.take_vote_back(exchange, turn.identity.id, helpful=helpful)


async def _show(turn: Turn, exchange: ExchangeEntry) -> None:
    """Mark below the answer what was chosen."""
    sent = await ConversationService(turn.unit.session).sent(exchange.id)
    if events := events_of(sent, turn.chat, number=0):
        change_choices(turn, events, await choices_there(turn, exchange, sent), exchange)


CHOICES = (ChoiceHandler("vote", Handler(_vote), Handler(_take_back)),)
