"""Telegram's updates in our own words; what is not for the bot is nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from telegram import (
    CallbackQuery,
    Chat,
    ChatMember,
    ChatMemberUpdated,
    Message,
    MessageEntity,
    PhotoSize,
    Update,
    User,
)
from telegram.constants import ChatMemberStatus, ChatType

from bot.core.commands import parse_command
from bot.core.messages import HANDING_OVER, HANDS_OVER, EventKind, FileNote, Incoming, Person, Place
from bot.telegram.numbers import event_name
from knowledge.kit.clock import now
from knowledge.models.chat import ChatKind, Network

KINDS = ("message", "edited_message", "callback_query", "my_chat_member", "chat_member")

# Posts of the linked channel come from here, and so do other messages of Telegram itself.
_TELEGRAM = 777000
# „GroupAnonymousBot" and „Channel_Bot" stand in for people who speak as their group or their channel.
_STAND_INS = (1087968824, 136817688)
_HERE = (ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.OWNER)
_FILES = ("document", "photo", "voice", "video", "audio", "animation", "video_note", "sticker")
_OTHERS = ("contact", "location", "venue", "poll", "dice", "game", "story", "checklist")


@dataclass(frozen=True, slots=True)
class _Speech:
    """What a message says and to whom."""

    text: str
    mentioned: bool
    for_another: bool
    is_command: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """Translates updates for one bot; ``overhears`` says of a group whether its other talk is wanted, too."""

    bot: int
    name: str
    overhears: Callable[[str], bool]

    def read(self, update: Update) -> list[Incoming]:
        """Return what an update means for the bot: mostly one event, often none."""
        if update.message is not None:
            return self._message(update.message)
        if update.edited_message is not None:
            return self._edit(update.edited_message, update.update_id)
        if update.callback_query is not None:
            return self._choice(update.callback_query)
        if update.my_chat_member is not None:
            return self._own_membership(update.my_chat_member, update.update_id)
        if update.chat_member is not None:
            return self._membership(update.chat_member)
        return []

    def _message(self, message: Message) -> list[Incoming]:
        if message.migrate_to_chat_id is not None:
            return [moved(message.chat.id, message.migrate_to_chat_id, message.date)]
        if message.new_chat_members:
            return self._joined(message)
        event = event_name(message.chat.id, message.message_id)
        if message.media_group_id and not message.caption:
            # The pictures of an album come one by one; those without words are one thing to be answered.
            event = f"{message.chat.id}/album/{message.media_group_id}"
        said = self._said(message, EventKind.MESSAGE, event)
        return [] if said is None else [said]

    def _edit(self, message: Message, update: int) -> list[Incoming]:
        about = event_name(message.chat.id, message.message_id)
        said = self._said(message, EventKind.EDIT, f"{about}/edit/{update}")
        return [] if said is None else [said]

    def _said(self, message: Message, kind: EventKind, event: str) -> Incoming | None:
        """Return what somebody said to the bot, or ``None``."""
        place, sender = _place(message), _sender(message)
        if place is None or sender is None:
            return None
        speech, files = self._speech(message), _files(message)
        replied = _replied_to(message)
        reply_to_bot = replied is not None and replied.from_user is not None and replied.from_user.id == self.bot
        if speech.for_another or not (speech.text or files or speech.mentioned):
            return None
        is_for_bot = place.kind is ChatKind.DIRECT or speech.mentioned or speech.is_command or reply_to_bot
        if not is_for_bot and not self.overhears(place.chat):
            return None
        return Incoming(
            event,
            kind,
            place,
            sender,
            (message.edit_date if kind is EventKind.EDIT else None) or message.date,
            text=speech.text,
            mentioned=speech.mentioned,
            reply_to=None if replied is None else event_name(replied.chat.id, replied.message_id),
            reply_to_bot=reply_to_bot,
            about=event_name(message.chat.id, message.message_id) if kind is EventKind.EDIT else None,
            files=files,
            language=_language(message.from_user),
            reply_author=_author(replied) if replied is not None and speech.is_command else None,
            handed_over=_handed_over(speech.text, message, replied),
        )

    def _speech(self, message: Message) -> _Speech:
        """Take mentions of the bot out of the text; a command for another bot is not ours at all."""
        text = message.text if message.text is not None else message.caption or ""
        entities = message.entities if message.text is not None else message.caption_entities
        units = text.encode("utf-16-le", "surrogatepass")
        cuts: list[tuple[int, int]] = []
        is_command = for_another = False
        for entity in sorted(entities, key=lambda entity: entity.offset):
            start, end = entity.offset * 2, (entity.offset + entity.length) * 2
            words = units[start:end].decode("utf-16-le", "replace")
            if entity.type == MessageEntity.BOT_COMMAND and not text[: _characters(units, start)].strip():
                command, at, name = words.partition("@")
                is_command = True
                for_another = bool(at) and name.lower() != self.name.lower()
                if at and not for_another:
                    cuts.append((start + len(command.encode("utf-16-le")), end))
            elif self._is_mention(entity, words):
                cuts.append((start, end))
        return _Speech(_without(units, cuts), bool(cuts), for_another, is_command)

    def _is_mention(self, entity: MessageEntity, words: str) -> bool:
        if entity.type == MessageEntity.TEXT_MENTION:
            return entity.user is not None and entity.user.id == self.bot
        return entity.type == MessageEntity.MENTION and words.lower() == f"@{self.name.lower()}"

    def _joined(self, message: Message) -> list[Incoming]:
        people = message.new_chat_members or ()
        return [joined for user in people for joined in self._newcomer(message.chat, user, message.date)]

    def _newcomer(self, chat: Chat, user: User, date: datetime) -> list[Incoming]:
        """Say that somebody came; the group's message and the administrators' update about it are one event."""
        place = _group(chat)
        if place is None or user.is_bot:
            return []
        event = f"{chat.id}/joined/{user.id}/{int(date.timestamp())}"
        sender = Person(Network.TELEGRAM, str(user.id))
        return [Incoming(event, EventKind.JOINED, place, sender, date, language=_language(user))]

    def _choice(self, query: CallbackQuery) -> list[Incoming]:
        message = query.message
        if message is None or not query.data or query.from_user.is_bot:
            return []
        place = _place(message) if isinstance(message, Message) else _chat_place(message.chat, None)
        if place is None:
            return []
        sender = Person(Network.TELEGRAM, str(query.from_user.id))
        return [
            Incoming(
                f"choice/{query.id}",
                EventKind.CHOICE,
                place,
                sender,
                # Telegram does not tell when a button was pressed.
                now(),
                about=event_name(message.chat.id, message.message_id),
                choice=query.data,
                language=_language(query.from_user),
                handed_over=_own_words(query),
            )
        ]

    def _own_membership(self, change: ChatMemberUpdated, update: int) -> list[Incoming]:
        """Say that the bot was added or removed; being blocked or unblocked by a person is noticed when sending."""
        place = _group(change.chat)
        was_here, is_here = _is_here(change.old_chat_member), _is_here(change.new_chat_member)
        if place is None or was_here == is_here:
            return []
        kind = EventKind.BOT_ADDED if is_here else EventKind.BOT_REMOVED
        event = f"{change.chat.id}/bot/{update}"
        language = _language(change.from_user)
        return [Incoming(event, kind, place, _changer(change), change.date, language=language)]

    def _membership(self, change: ChatMemberUpdated) -> list[Incoming]:
        if _is_here(change.old_chat_member) or not _is_here(change.new_chat_member):
            return []
        return self._newcomer(change.chat, change.new_chat_member.user, change.date)


def moved(old: int, new: int, date: datetime) -> Incoming:
    """Return the event of a group that became a supergroup, the same however it was heard of."""
    place = Place(Network.TELEGRAM, str(old), ChatKind.GROUP)
    sender = Person(Network.TELEGRAM, str(old), anonymous=True)
    return Incoming(f"{old}/moved/{new}", EventKind.MOVED, place, sender, date, moved_to=str(new))


def _characters(units: bytes, end: int) -> int:
    return len(units[:end].decode("utf-16-le", "replace"))


def _without(units: bytes, cuts: list[tuple[int, int]]) -> str:
    """Return the text without some stretches, each of which leaves at most one space."""
    kept, start = [], 0
    for cut, end in cuts:
        kept.append(units[start:cut])
        start = max(start, end)
    pieces = [piece.decode("utf-16-le", "replace") for piece in (*kept, units[start:])]
    text = pieces[0]
    for piece in pieces[1:]:
        text += piece.lstrip(" ") if text.endswith(" ") else piece
    return text.strip()


def _place(message: Message) -> Place | None:
    return _chat_place(message.chat, message.message_thread_id if message.is_topic_message else None)


def _chat_place(chat: Chat, thread: int | None) -> Place | None:
    if chat.type == ChatType.PRIVATE:
        kind = ChatKind.DIRECT
    elif chat.type in (ChatType.GROUP, ChatType.SUPERGROUP):
        kind = ChatKind.GROUP
    else:
        return None
    return Place(Network.TELEGRAM, str(chat.id), kind, None if thread is None else str(thread))


def _group(chat: Chat) -> Place | None:
    place = _chat_place(chat, None)
    return place if place is not None and place.kind is ChatKind.GROUP else None


def _sender(message: Message) -> Person | None:
    """Return who speaks; nobody for bots, Telegram itself and what a channel posts by itself."""
    if message.is_automatic_forward or message.from_user is None or message.from_user.id == _TELEGRAM:
        return None
    return _user(message.from_user, message.sender_chat)


def _user(user: User, speaks_as: Chat | None) -> Person | None:
    if user.id in _STAND_INS and speaks_as is not None:
        return Person(Network.TELEGRAM, str(speaks_as.id), anonymous=True)
    return None if user.is_bot else Person(Network.TELEGRAM, str(user.id))


def _changer(change: ChatMemberUpdated) -> Person:
    """Return who added or removed somebody."""
    user = change.from_user
    address = change.chat.id if user.id in _STAND_INS else user.id
    return Person(Network.TELEGRAM, str(address), is_bot=user.is_bot, anonymous=user.id in _STAND_INS)


def _replied_to(message: Message) -> Message | None:
    """Return the message of this chat that is replied to, as Telegram knows it.

    What people quote from elsewhere counts for nothing. Each message in a topic names the message that opened it,
    which is no reply.
    """
    replied = message.reply_to_message
    if replied is None or replied.chat.id != message.chat.id:
        return None
    if replied.forum_topic_created or (message.is_topic_message and replied.message_id == message.message_thread_id):
        return None
    return replied


def _author(message: Message) -> Person | None:
    """Return who wrote a message that is replied to, machines too."""
    user = message.from_user
    if user is None or user.id == _TELEGRAM or message.is_automatic_forward:
        return Person(Network.TELEGRAM, str(message.chat.id), anonymous=True)
    if user.id in _STAND_INS:
        return Person(Network.TELEGRAM, str((message.sender_chat or message.chat).id), anonymous=True)
    return Person(Network.TELEGRAM, str(user.id), is_bot=user.is_bot)


def _handed_over(text: str, message: Message, replied: Message | None) -> str | None:
    """Return the words of somebody's own message to which they reply with the command that hands them over."""
    command = parse_command(text)
    if replied is None or command is None or command[0] not in HANDING_OVER or _author(replied) != _sender(message):
        return None
    return replied.text or replied.caption


def _own_words(query: CallbackQuery) -> str | None:
    """Return the words that a press hands over: of the presser's own message, to which the bot's one replies."""
    message = query.message
    if not (query.data or "").startswith(HANDS_OVER) or not isinstance(message, Message):
        return None
    replied = message.reply_to_message
    if replied is None or replied.from_user is None or replied.from_user.id != query.from_user.id:
        return None
    return replied.text or replied.caption


def _files(message: Message) -> tuple[FileNote, ...]:
    """Note what came with a message; of contacts, places and the like only that there was one."""
    for kind in _FILES:
        found = getattr(message, kind)
        if found:
            return (_file_note(kind, found[-1] if kind == "photo" else found),)
    return tuple(FileNote(kind, None, None, "") for kind in _OTHERS if getattr(message, kind, None))[:1]


def _file_note(kind: str, found: PhotoSize) -> FileNote:
    name = getattr(found, "file_name", None) or kind
    return FileNote(name, getattr(found, "mime_type", None), found.file_size, found.file_id)


def _is_here(member: ChatMember) -> bool:
    return member.status in _HERE or bool(getattr(member, "is_member", False))


def _language(user: User | None) -> str | None:
    code = (user.language_code if user is not None else None) or ""
    return code.partition("-")[0].lower() or None
