"""A queue in each process before the places of a training: few at a time, in the order in which they came.

Places are exact without it. But whoever holds the training's row needs the event loop and the processor to go on; when
all that wait for the row prepare themselves at the same time, each holds it several times as long.
"""

import asyncio
from uuid import UUID
from weakref import WeakKeyDictionary, WeakValueDictionary

from sqlalchemy import Pool, event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

# One may prepare while another one is served.
AT_ONCE = 2
# Under which a session knows its turns.
_HELD = "allmende.turns"

# By the connections that a process has to one database, then by training; forgotten when nobody is there.
_queues: WeakKeyDictionary[Pool, WeakValueDictionary[UUID, asyncio.Semaphore]] = WeakKeyDictionary()


async def wait_for_turn(session: AsyncSession, training: UUID) -> None:
    """Wait for one's turn, which lasts until the session's transaction ends, by commit or otherwise.

    On SQLite, transactions that write wait for each other anyway.
    """
    # Whoever has a turn must not need a connection that those who wait for theirs hold.
    connection = await session.connection()
    held = session.info.get(_HELD)
    if connection.dialect.name == "sqlite" or (held is not None and training in held):
        return
    turns = _queues.setdefault(connection.engine.pool, WeakValueDictionary())
    turn = turns.setdefault(training, asyncio.Semaphore(AT_ONCE))
    await turn.acquire()
    if held is None:
        held = session.info[_HELD] = {}
        event.listen(session.sync_session, "after_transaction_end", _let_go)
    held[training] = turn


def _let_go(session: Session, transaction: SessionTransaction) -> None:
    """Let the next ones come when the outermost transaction of a session ends."""
    if transaction.parent is not None:
        return
    held: dict[UUID, asyncio.Semaphore] = session.info[_HELD]
    while held:
        _training, turn = held.popitem()
        turn.release()
