"""Reading what people wrote or sent, once more and for this moment only: nothing of it is stored here."""

from typing import Any

from bot.core.adapter import FileRefused, ReadMessage
from bot.core.messages import Incoming, Person, Place
from bot.matrix.known import KnownEvents
from bot.matrix.relations import BOT_MARK, content_of
from bot.matrix.speech import understand
from bot.matrix.vault import Vault
from bot.matrix.wire import Json, ServerAway, ServerRefused, Wire, as_send_error, path
from knowledge.kit.language import _
from knowledge.models.chat import Network

TEXTS = ("m.text", "m.emote", "m.notice")


class Fetcher:
    """Gets single events, their words and their files from the homeserver."""

    def __init__(self, wire: Wire, vault: Vault, known: KnownEvents) -> None:
        self._wire = wire
        self._vault = vault
        self._known = known

    async def read_message(self, place: Place, event: str) -> ReadMessage | None:
        """Return what a message says now; see ``ReadsMessages``."""
        found = await self._event(place.chat, event)
        sender = found.get("sender")
        content = await self._newest(place.chat, found)
        if not isinstance(sender, str) or content.get("msgtype") not in TEXTS:
            return None
        text = understand(content, self._known.account, self._known.names).text
        by_machine = sender == self._known.account or BOT_MARK in content or content["msgtype"] == "m.notice"
        return ReadMessage(Person(Network.MATRIX, sender), text, by_machine) if text else None

    async def fetch_file(self, incoming: Incoming, *, most: int) -> bytes:
        """Return the content of an event's file, in clear; see ``FetchesFiles``."""
        content = content_of(await self._event(incoming.place.chat, incoming.event))
        locked = content.get("file")
        address = locked.get("url") if isinstance(locked, dict) else content.get("url")
        if not isinstance(address, str) or not address.startswith("mxc://"):
            raise FileRefused(_("This file is not there any more. Please send it once more."))
        try:
            found = await self._wire.download(address, most=most)
        except ServerRefused as error:
            if error.is_passing:
                raise as_send_error(error) from error
            raise FileRefused(_("This file is not there any more. Please send it once more.")) from error
        except ServerAway as error:
            raise as_send_error(error) from error
        if found is None:
            raise FileRefused(_("This file is too large; I take at most {count} MB.").format(count=most // 2**20))
        return _unlocked(found, locked) if isinstance(locked, dict) else found

    async def _event(self, room: str, event: str) -> Json:
        """Return an event in clear; empty where it is gone. Raises ``SendPostponed``."""
        try:
            raw = await self._wire.get(path("rooms", room, "event", event))
        except ServerRefused as error:
            if error.is_passing:
                raise as_send_error(error) from error
            return {}
        except ServerAway as error:
            raise as_send_error(error) from error
        return self._clear(room, raw)

    def _clear(self, room: str, raw: Json) -> Json:
        if raw.get("type") != "m.room.encrypted":
            return raw
        return self._vault.unlock(room, raw) or {}

    async def _newest(self, room: str, found: Json) -> Json:
        """Return what a message says since its author changed it last."""
        edit: Any = found
        for name in ("unsigned", "m.relations", "m.replace"):
            edit = edit.get(name) if isinstance(edit, dict) else None
        if isinstance(edit, dict) and isinstance(edit.get("event_id"), str) and edit.get("sender") == found["sender"]:
            changed = content_of(await self._event(room, edit["event_id"])).get("m.new_content")
            if isinstance(changed, dict):
                return changed
        return content_of(found)


def _unlocked(content: bytes, keys: Json) -> bytes:
    """Return an encrypted file in clear. Raises ``FileRefused``."""
    from nio import EncryptionError
    from nio.crypto import decrypt_attachment

    try:
        return bytes(decrypt_attachment(content, keys["key"]["k"], keys["hashes"]["sha256"], keys["iv"]))
    except (EncryptionError, KeyError, TypeError, ValueError) as error:
        raise FileRefused(_("I could not decrypt this file. Please send it once more.")) from error
