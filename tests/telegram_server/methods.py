"""The methods of the Bot API, each on the checked parameters of one call."""

import re
import time
from collections import deque
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.telegram_server.checks import (
    LONGEST_CAPTION,
    LONGEST_TEXT,
    ApiError,
    bad,
    check_names,
    checked_commands,
    checked_file,
    checked_keyboard,
    checked_text,
    decoded,
    number,
)
from tests.telegram_server.world import PRESENT, Chat, Message, World

DELETABLE_SECONDS = 48 * 3600
LARGEST_FILE, LARGEST_PHOTO = 50 * 2**20, 10 * 2**20
# How a PNG and a JPEG begin.
PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
LARGEST_FETCHED = 20 * 2**20
GENERAL_TOPIC = 1
WITHOUT_CHAT = {"private": "user", "group": "group chat", "supergroup": "supergroup chat", "channel": "channel chat"}


class Methods:
    """Answers calls from the state of a world.

    ``group_limit`` is how many messages a minute a group takes; ``None`` switches that off.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.group_limit: int | None = None
        self._recent: dict[int, deque[float]] = {}
        self._methods = {
            "getMe": self._get_me,
            "getWebhookInfo": self._webhook_info,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getFile": self._get_file,
            "sendMessage": self._send_message,
            "sendDocument": self._send_document,
            "sendPhoto": self._send_photo,
            "editMessageText": self._edit_text,
            "editMessageReplyMarkup": self._edit_buttons,
            "deleteMessage": self._delete_message,
            "sendChatAction": self._chat_action,
            "answerCallbackQuery": self._answer_press,
            "setMyCommands": self._set_commands,
            "leaveChat": self._leave,
            "getChat": self._get_chat,
            "getChatMember": self._get_member,
            "getChatMemberCount": self._count_members,
        }
        self.names = {name.lower(): name for name in (*self._methods, "getUpdates")}

    def call(self, name: str, given: Mapping[str, Any]) -> Any:
        """Return a method's result; raises ``ApiError``."""
        with self.world.lock:
            check_names(name, given)
            return self._methods[name](given)

    async def updates(self, given: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return updates, waiting for some as long as was asked; raises ``ApiError``."""
        check_names("getUpdates", given)
        queue = self.world.queue
        limit, seconds = decoded(given, "limit", int) or 100, decoded(given, "timeout", int) or 0
        if not 1 <= limit <= 100:
            raise bad("limit must be between 1 and 100")
        queue.allow(decoded(given, "allowed_updates", list))
        return await queue.fetch(decoded(given, "offset", int) or 0, limit=limit, seconds=seconds)

    def _get_me(self, _given: Mapping[str, Any]) -> dict[str, Any]:
        can = {"can_join_groups": True, "can_read_all_group_messages": not self.world.privacy_mode}
        return self.world.bot_user | can | {"supports_inline_queries": False}

    def _webhook_info(self, _given: Mapping[str, Any]) -> dict[str, Any]:
        queue = self.world.queue
        return {"url": queue.webhook, "has_custom_certificate": False, "pending_update_count": len(queue.waiting)}

    def _set_webhook(self, given: Mapping[str, Any]) -> bool:
        address, secret = str(given.get("url", "")), str(given.get("secret_token", ""))
        parts = urlsplit(address)
        # As the real server lets one that runs in the same house: there no encryption is asked for.
        if address and (parts.scheme not in ("https", "http") or not parts.hostname):
            raise bad("bad webhook: invalid webhook URL specified")
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise bad("secret token contains unallowed characters")
        if not 1 <= (decoded(given, "max_connections", int) or 40) <= 100:
            raise bad("max_connections must be between 1 and 100")
        self.world.queue.allow(decoded(given, "allowed_updates", list))
        self.world.queue.set_webhook(address, secret)
        return True

    def _delete_webhook(self, given: Mapping[str, Any]) -> bool:
        if decoded(given, "drop_pending_updates", bool):
            self.world.queue.waiting.clear()
        self.world.queue.set_webhook("", "")
        return True

    def _chat(self, given: Mapping[str, Any]) -> Chat:
        """Return the chat that a call is for, if the bot may act there."""
        chat = self.world.chats.get(number(given, "chat_id"))
        if chat is None:
            raise bad("chat not found")
        if chat.moved_to is not None:
            raise bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.moved_to)
        if chat.bot == "none":
            raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")
        if chat.bot == "kicked":
            verb = "blocked by" if chat.kind == "private" else "kicked from"
            raise ApiError(403, f"Forbidden: bot was {verb} the {WITHOUT_CHAT[chat.kind]}")
        if chat.bot not in PRESENT:
            raise ApiError(403, f"Forbidden: bot is not a member of the {WITHOUT_CHAT[chat.kind]}")
        return chat

    def _topic(self, given: Mapping[str, Any], chat: Chat, *, general: bool = False) -> int | None:
        topic: int | None = decoded(given, "message_thread_id", int)
        if topic is None or (general and chat.is_forum and topic == GENERAL_TOPIC):
            return topic
        if not chat.is_forum or topic not in chat.topics:
            raise bad("message thread not found")
        if topic in chat.closed_topics:
            raise bad("TOPIC_CLOSED")
        return topic

    def _replied(self, given: Mapping[str, Any], chat: Chat) -> Message | None:
        reply = decoded(given, "reply_parameters", dict)
        if reply is None:
            return None
        found = chat.messages.get(number(reply, "message_id"))
        if found is None or found.deleted:
            if reply.get("allow_sending_without_reply"):
                return None
            raise bad("message to be replied not found")
        return found

    def _limit(self, chat: Chat) -> None:
        """Refuse what is too much for a group."""
        if self.group_limit is None or chat.id > 0:
            return
        recent, now = self._recent.setdefault(chat.id, deque()), time.monotonic()
        while recent and now - recent[0] >= 60:
            recent.popleft()
        if len(recent) >= self.group_limit:
            seconds = int(60 - (now - recent[0])) + 1
            raise ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        recent.append(now)

    def _send_message(self, given: Mapping[str, Any]) -> dict[str, Any]:
        chat = self._chat(given)
        text, entities = checked_text(given, "text", longest=LONGEST_TEXT, entities="entities")
        if not text:
            raise bad("message text is empty")
        return self._sent(given, chat, text=text, entities=entities)

    def _send_document(self, given: Mapping[str, Any]) -> dict[str, Any]:
        chat = self._chat(given)
        text, entities = checked_text(given, "caption", longest=LONGEST_CAPTION, entities="caption_entities")
        document = checked_file(given, "document", largest=LARGEST_FILE)
        return self._sent(given, chat, text=text, entities=entities, file=document)

    def _send_photo(self, given: Mapping[str, Any]) -> dict[str, Any]:
        chat = self._chat(given)
        text, entities = checked_text(given, "caption", longest=LONGEST_CAPTION, entities="caption_entities")
        photo = checked_file(given, "photo", largest=LARGEST_PHOTO)
        if not photo[1].startswith(PICTURES):
            raise bad("IMAGE_PROCESS_FAILED")
        shown = [{"file_id": "p", "file_unique_id": "u", "width": 90, "height": 90}]
        return self._sent(given, chat, text=text, entities=entities, file=photo, extra={"photo": shown})

    def _sent(self, given: Mapping[str, Any], chat: Chat, **content: Any) -> dict[str, Any]:
        topic, replied, rows = self._topic(given, chat), self._replied(given, chat), checked_keyboard(given)
        self._limit(chat)
        message = chat.add(self.world.bot_user, topic=topic, reply_to=replied, buttons=rows, **content)
        self.world.sent.append(message)
        shown = message.json()
        if message.file and "photo" not in message.extra:
            shown["document"] = {"file_id": "f", "file_unique_id": "u", "file_name": message.file[0]}
        return shown

    def _own(self, given: Mapping[str, Any], deed: str) -> Message:
        chat = self._chat(given)
        message = chat.messages.get(number(given, "message_id"))
        if message is None or message.deleted:
            raise bad(f"message to {deed} not found")
        if not message.by_bot:
            raise bad(f"message can't be {deed}ed" if deed == "edit" else "message can't be deleted")
        return message

    def _edit_text(self, given: Mapping[str, Any]) -> dict[str, Any]:
        message = self._own(given, "edit")
        text, entities = checked_text(given, "text", longest=LONGEST_TEXT, entities="entities")
        if not text:
            raise bad("message text is empty")
        return self._changed(message, text, entities=entities, rows=checked_keyboard(given))

    def _edit_buttons(self, given: Mapping[str, Any]) -> dict[str, Any]:
        message = self._own(given, "edit")
        return self._changed(message, message.text, entities=message.entities, rows=checked_keyboard(given))

    def _changed(self, message: Message, text: str, *, entities: list[Any], rows: list[Any]) -> dict[str, Any]:
        if (message.text, message.entities, message.buttons) == (text, entities, rows):
            raise bad(
                "message is not modified: specified new message content and reply markup are exactly the same "
                "as a current content and reply markup of the message"
            )
        message.text, message.entities, message.buttons = text, entities, rows
        message.edits += 1
        return message.json()

    def _delete_message(self, given: Mapping[str, Any]) -> bool:
        message = self._own(given, "delete")
        if self.world.now() - message.date > DELETABLE_SECONDS:
            raise bad("message can't be deleted for everyone")
        message.deleted = True
        return True

    def _chat_action(self, given: Mapping[str, Any]) -> bool:
        chat = self._chat(given)
        if given.get("action") not in ("typing", "upload_document"):
            raise bad("wrong parameter action in request")
        chat.typing.append(self._topic(given, chat, general=True))
        return True

    def _answer_press(self, given: Mapping[str, Any]) -> bool:
        press = str(given.get("callback_query_id", ""))
        if self.world.presses.get(press) is not False:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        self.world.presses[press] = True
        return True

    def _set_commands(self, given: Mapping[str, Any]) -> bool:
        self.world.commands[str(given.get("language_code", ""))] = checked_commands(given)
        return True

    def _leave(self, given: Mapping[str, Any]) -> bool:
        chat = self._chat(given)
        if chat.kind == "private":
            raise bad("chat member status can't be changed in private chats")
        chat.bot = "left"
        change = ("member", "left")
        self.world.tell_membership("my_chat_member", chat, self.world.bot_user, who=self.world.bot_user, status=change)
        return True

    def _get_file(self, given: Mapping[str, Any]) -> dict[str, Any]:
        name = str(given.get("file_id", ""))
        content = self.world.files.get(name)
        if content is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if len(content) > LARGEST_FETCHED:
            raise bad("file is too big")
        return {"file_id": name, "file_unique_id": name, "file_size": len(content), "file_path": f"documents/{name}"}

    def _get_chat(self, given: Mapping[str, Any]) -> dict[str, Any]:
        types = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": {}}
        return self._chat(given).json() | types

    def _get_member(self, given: Mapping[str, Any]) -> dict[str, Any]:
        person = self._chat(given).members.get(number(given, "user_id"))
        if person is None:
            raise bad("member not found")
        return {"user": person.json(), "status": "member"}

    def _count_members(self, given: Mapping[str, Any]) -> int:
        return len(self._chat(given).members) + 1
