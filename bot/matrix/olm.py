"""matrix-nio's client and Olm machine, with what the bot needs to be different.

Anybody may send anything: what matrix-nio stumbles over is left out, or the same sync would come again for ever.
The library is loaded with the first client, as loading it already starts programs.
"""

import logging
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from bot.matrix.session import Session
from knowledge.kit.logs import get_logger


@cache
def _careful_olm() -> Any:
    from nio import EncryptionError
    from nio.crypto import Olm

    class CarefulOlm(Olm):  # type: ignore[misc]  # matrix-nio has no types
        """Survives broken messages, and takes keys that it asked for also from the very device that made them."""

        def handle_to_device_event(self, event: Any) -> Any:
            try:
                return super().handle_to_device_event(event)
            except Exception as error:  # noqa: BLE001 - the edge: whatever others make up
                get_logger().warning("matrix_device_message_broken", error=type(error).__name__)
                return None

        def decrypt_megolm_event(self, event: Any, room_id: str | None = None) -> Any:
            try:
                return super().decrypt_megolm_event(event, room_id)
            except EncryptionError:
                raise
            except Exception as error:
                raise EncryptionError(type(error).__name__) from error

        def _should_accept_forward(self, sender: str, sender_key: str, event: Any) -> bool:
            request = self.outgoing_key_requests.get(event.session_id)
            if request is None or (event.algorithm, event.room_id) != (request.algorithm, request.room_id):
                return False
            if event.source["content"].get("sender_key") == sender_key:
                return True
            return bool(super()._should_accept_forward(sender, sender_key, event))

    return CarefulOlm


@cache
def _careful_client() -> Any:
    from nio import Client

    class CarefulClient(Client):  # type: ignore[misc]  # matrix-nio has no types
        """Takes in one room after the other, so that a broken one harms no other."""

        def load_store(self) -> None:
            super().load_store()
            self.olm = _careful_olm()(self.user_id, self.device_id, self.store)

        def _handle_joined_rooms(self, response: Any) -> None:
            for room, news in response.rooms.join.items():
                alone = replace(response, rooms=replace(response.rooms, join={room: news}))
                try:
                    super()._handle_joined_rooms(alone)
                except Exception as error:  # noqa: BLE001 - the edge: whatever others make up
                    get_logger().error("matrix_room_broken", error=type(error).__name__)
                    # Without knowing whether it is encrypted nothing may be said in it.
                    self.rooms.pop(room, None)

    return CarefulClient


def make_client(session: Session, folder: Path, store: str) -> Any:
    """Return matrix-nio's client without requests, with the session's keys from the folder."""
    from nio import ClientConfig
    from nio.store import SqliteStore

    # Its logs name people and rooms.
    logging.getLogger("nio").setLevel(logging.CRITICAL + 1)
    config = ClientConfig(store=SqliteStore, store_name=store, store_sync_tokens=False)
    client = _careful_client()(session.user, session.device, str(folder), config)
    client.restore_login(session.user, session.device, session.token)
    return client
