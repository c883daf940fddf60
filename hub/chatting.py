"""The conversation in the browser: what its pages need of the bot, which whoever starts the hub hands in.

Pages may not know the chat (see ``hub/services.py``). What was said is read from the database.
"""

from collections.abc import Sequence
from typing import Protocol

from knowledge.webchat.schemas import WebTurn


class WebChat(Protocol):
    """Takes what people do in the browser and answers it, as on every other network."""

    async def take(self, turn: WebTurn) -> bool:
        """Take something that somebody does and answer it; ``False`` where the answer is not there yet.

        Doing the same turn twice does nothing. Raises ``Unavailable`` while the bot is not ready.
        """
        ...

    async def take_up(self, events: Sequence[str]) -> None:
        """Answer those of some turns, by their keys, that another process took a while ago and did not finish.

        Returns at once; what comes of it is in the database later. Nothing is answered twice.
        """
        ...
