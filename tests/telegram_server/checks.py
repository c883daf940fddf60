"""What the published Bot API says about the parameters of its methods."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
MOST_BUTTONS = 100
MOST_IN_A_ROW = 8
ENTITIES = {
    "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bold", "italic", "underline",
    "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre", "text_link", "text_mention",
    "custom_emoji",
}  # fmt: skip
QUOTES = {"blockquote", "expandable_blockquote"}
CODES = {"code", "pre"}
TARGET = {"chat_id", "message_thread_id"}
SENDING = TARGET | {
    "reply_markup", "reply_parameters", "disable_notification", "protect_content", "business_connection_id",
    "direct_messages_topic_id", "message_effect_id", "allow_paid_broadcast", "suggested_post_parameters",
}  # fmt: skip
PARAMETERS: Mapping[str, set[str]] = {
    "getMe": set(),
    "getUpdates": {"offset", "limit", "timeout", "allowed_updates"},
    "setWebhook": {
        "url", "certificate", "ip_address", "max_connections", "allowed_updates", "drop_pending_updates",
        "secret_token",
    },
    "deleteWebhook": {"drop_pending_updates"},
    "getWebhookInfo": set(),
    "sendMessage": SENDING | {"text", "parse_mode", "entities", "link_preview_options"},
    "editMessageText": {
        "chat_id", "message_id", "text", "parse_mode", "entities", "link_preview_options", "reply_markup",
        "business_connection_id", "inline_message_id",
    },
    "editMessageReplyMarkup": {"chat_id", "message_id", "reply_markup", "business_connection_id", "inline_message_id"},
    "deleteMessage": {"chat_id", "message_id"},
    "sendChatAction": TARGET | {"action", "business_connection_id"},
    "answerCallbackQuery": {"callback_query_id", "text", "show_alert", "url", "cache_time"},
    "setMyCommands": {"commands", "scope", "language_code"},
    "sendDocument": SENDING
    | {
        "document", "thumbnail", "caption", "parse_mode", "caption_entities", "disable_content_type_detection",
    },
    "sendPhoto": SENDING
    | {
        "photo", "caption", "parse_mode", "caption_entities", "show_caption_above_media", "has_spoiler",
    },
    "leaveChat": {"chat_id"},
    "getChat": {"chat_id"},
    "getFile": {"file_id"},
    "getChatMember": {"chat_id", "user_id"},
    "getChatMemberCount": {"chat_id"},
}  # fmt: skip


class ApiError(Exception):
    """Telegram's refusal of a call."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters

    @property
    def answer(self) -> dict[str, Any]:
        """The refusal as Telegram writes it."""
        more = {"parameters": self.parameters} if self.parameters else {}
        return {"ok": False, "error_code": self.status, "description": self.description, **more}


def bad(description: str, **parameters: Any) -> ApiError:
    """Return a refusal for a wrong call."""
    return ApiError(400, f"Bad Request: {description}", **parameters)


def check_names(method: str, given: Mapping[str, Any]) -> None:
    """Refuse parameters that the method does not have; Telegram would silently overlook them."""
    files = {str(value).removeprefix("attach://") for value in given.values() if str(value).startswith("attach://")}
    unknown = set(given) - PARAMETERS[method] - files
    if unknown:
        raise bad(f"{method} has no parameter {min(unknown)}")


def decoded(given: Mapping[str, Any], name: str, kind: type) -> Any:
    """Return a parameter that is written as JSON, ``None`` where it is not given."""
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise bad(f"can't parse {name} JSON object") from None
    if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
        raise bad(f"{name} must be of type {kind.__name__}")
    return value


def number(given: Mapping[str, Any], name: str) -> int:
    """Return a whole number that has to be given."""
    value = decoded(given, name, int)
    if value is None:
        raise bad(f"{name} is not specified")
    return int(value)


def checked_text(given: Mapping[str, Any], name: str, *, longest: int, entities: str) -> tuple[str, list[Any]]:
    """Return a text and its entities as Telegram would show them."""
    if given.get("parse_mode"):
        raise bad("can't parse entities: this server takes entities, not markup")
    text = str(given.get(name, "")).strip()
    units = len(text.encode("utf-16-le")) // 2
    if units > longest:
        raise bad("message is too long" if name == "text" else "message caption is too long")
    found = decoded(given, entities, list) or []
    check_entities(text, found)
    return text, found


def checked_file(given: Mapping[str, Any], name: str, *, largest: int) -> tuple[str, bytes]:
    """Return the name and content of a file that has to come with the call."""
    file = given.get(name)
    if isinstance(file, str) and file.startswith("attach://"):
        file = given.get(file.removeprefix("attach://"))
    if not isinstance(file, tuple):
        raise bad(f"there is no {name} in the request")
    if not file[1]:
        raise bad("file must be non-empty")
    if len(file[1]) > largest:
        raise ApiError(413, "Request Entity Too Large")
    return str(file[0]), bytes(file[1])


def check_entities(text: str, entities: list[Any]) -> None:
    """Refuse entities that do not lie in the text, cut characters in two, or cannot stand together."""
    coded = text.encode("utf-16-le")
    spans: list[tuple[int, int, str]] = []
    for entity in entities:
        kind, start, length = entity.get("type"), entity.get("offset"), entity.get("length")
        if kind not in ENTITIES:
            raise bad(f"can't parse entities: unsupported type {kind!r}")
        if not isinstance(start, int) or not isinstance(length, int) or start < 0 or length < 1:
            raise bad("can't parse entities: wrong offset or length")
        end = start + length
        if end * 2 > len(coded):
            raise bad(f"can't parse entities: entity ends at {end} behind the text")
        if _inside_pair(coded, start) or _inside_pair(coded, end):
            raise bad("can't parse entities: entity begins or ends inside of a character")
        if kind == "text_link" and not _is_web_address(str(entity.get("url", ""))):
            raise bad("can't parse entities: text_link needs a URL")
        spans.append((start, end, kind))
    _check_nesting(spans)


def _inside_pair(coded: bytes, offset: int) -> bool:
    unit = coded[offset * 2 : offset * 2 + 2]
    return len(unit) == 2 and 0xDC00 <= int.from_bytes(unit, "little") <= 0xDFFF


def _check_nesting(spans: list[tuple[int, int, str]]) -> None:
    for index, (start, end, kind) in enumerate(spans):
        for other_start, other_end, other in spans[index + 1 :]:
            if end <= other_start or other_end <= start:
                continue
            is_nested = (start <= other_start and other_end <= end) or (other_start <= start and end <= other_end)
            if not is_nested:
                raise bad(f"can't parse entities: {kind} and {other} overlap")
            if {kind, other} <= QUOTES or ((kind in CODES) != (other in CODES) and not {kind, other} & QUOTES):
                raise bad(f"can't parse entities: {kind} and {other} can't be nested")


def _is_web_address(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "tg" or (parts.scheme in ("http", "https") and bool(parts.hostname))


def checked_keyboard(given: Mapping[str, Any]) -> list[list[dict[str, str]]]:
    """Return the rows of an inline keyboard, none where none is given."""
    markup = decoded(given, "reply_markup", dict)
    if markup is None:
        return []
    rows = markup.get("inline_keyboard")
    if not isinstance(rows, list) or not all(isinstance(row, list) and row for row in rows):
        raise bad("object expected as reply markup")
    if sum(map(len, rows)) > MOST_BUTTONS or any(len(row) > MOST_IN_A_ROW for row in rows):
        raise bad("REPLY_MARKUP_TOO_LONG")
    for button in (button for row in rows for button in row):
        _check_button(button)
    return rows


def _check_button(button: dict[str, Any]) -> None:
    if not str(button.get("text", "")).strip():
        raise bad("inline keyboard button text must be non-empty")
    if ("url" in button) == ("callback_data" in button):
        raise bad("text buttons are unallowed in the inline keyboard")
    if "url" in button and not _is_web_address(button["url"]):
        raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")


def checked_commands(given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return commands with what they do."""
    commands = decoded(given, "commands", list) or []
    if len(commands) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", str(command.get("command"))):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    language = given.get("language_code", "")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad("invalid language code specified")
    return [(command["command"], command["description"]) for command in commands]
