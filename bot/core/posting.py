"""Keeping what is to be said in the transaction that decided it, and seeing that it is sent after the commit."""

from collections.abc import Callable, Sequence
from functools import partial

from bot.core.packing import pack_outgoing
from bot.core.turn import Said
from knowledge.chats.outbox import Outbox
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.chat import Network

# Told, after the commit, which chat has something to be sent.
Wake = Callable[[Network, str], None]


async def post(unit: UnitOfWork, said: Sequence[Said], *, wake: Wake) -> None:
    """Keep messages in a transaction; after its commit they are sent."""
    woken = [await _keep(unit, one) for one in said]
    if woken:
        unit.after_commit(partial(_tell, woken, wake))


async def _keep(unit: UnitOfWork, said: Said) -> tuple[Network, str]:
    """Keep one message; returns the chat to wake."""
    place, outbox = said.message.place, Outbox(unit.session)
    payload = {"message": pack_outgoing(said.message)}
    if said.to is not None:
        chat = await outbox.add_private(place.network, said.to, payload, exchange_id=said.exchange_id)
        return place.network, chat
    await outbox.add(place.network, place.chat, payload, exchange_id=said.exchange_id)
    return place.network, place.chat


async def _tell(woken: Sequence[tuple[Network, str]], wake: Wake) -> None:
    for network, chat in dict.fromkeys(woken):
        wake(network, chat)
