"""People, chats and messages of a small Telegram: what tests do in it, and what the bot is told of that."""

import re
import threading
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.telegram_server.queue import UpdateQueue

BOT_ID = 4200
GROUP_ANONYMOUS_BOT = 1087968824
CHANNEL_BOT = 136817688
TELEGRAM = 777000
PRESENT = ("member", "administrator", "creator")


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def found_entities(text: str) -> list[dict[str, Any]]:
    """Return the commands and mentions that clients mark by themselves."""
    found = []
    for match in re.finditer(r"(?<!\S)/[A-Za-z0-9_]{1,32}(?:@\w{3,})?|(?<!\w)@\w{3,}", text):
        kind = "bot_command" if match[0].startswith("/") else "mention"
        found.append({"type": kind, "offset": units(text[: match.start()]), "length": units(match[0])})
    return found


@dataclass(eq=False, slots=True)
class Message:
    """A message in a chat."""

    chat: "Chat"
    number: int
    sender: dict[str, Any]
    text: str
    date: int
    entities: list[dict[str, Any]] = field(default_factory=list)
    topic: int | None = None
    reply_to: "Message | None" = None
    buttons: list[list[dict[str, str]]] = field(default_factory=list)
    file: tuple[str, bytes] | None = None
    edits: int = 0
    deleted: bool = False
    # Anything that Telegram adds: quotations from elsewhere, files, who speaks as whom.
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def event(self) -> str:
        """The message as the adapter names it."""
        return f"{self.chat.id}/{self.number}"

    @property
    def by_bot(self) -> bool:
        """Whether our bot has sent it."""
        return self.sender.get("id") == BOT_ID

    def button(self, label: str) -> dict[str, str]:
        """Return the button with a label."""
        return next(button for row in self.buttons for button in row if button["text"] == label)

    def styled(self, kind: str) -> list[str]:
        """Return the stretches of the text that have a style."""
        coded = self.text.encode("utf-16-le")
        spans = [entity for entity in self.entities if entity["type"] == kind]
        return [coded[e["offset"] * 2 : (e["offset"] + e["length"]) * 2].decode("utf-16-le") for e in spans]

    def json(self, *, deep: bool = True) -> dict[str, Any]:
        """Return the message as the Bot API shows it."""
        shown: dict[str, Any] = {"message_id": self.number, "date": self.date, "chat": self.chat.json()}
        if self.sender:
            shown["from"] = self.sender
        if self.edits:
            shown["edit_date"] = int(self.chat.world.now())
        texts = ("caption", "caption_entities") if self.file or "photo" in self.extra else ("text", "entities")
        shown |= {texts[0]: self.text} if self.text else {}
        shown |= {texts[1]: self.entities} if self.entities else {}
        if self.buttons:
            shown["reply_markup"] = {"inline_keyboard": self.buttons}
        if self.topic is not None:
            shown |= {"message_thread_id": self.topic, "is_topic_message": True}
        replied = self.reply_to or (self.chat.topics.get(self.topic) if self.topic is not None else None)
        if deep and replied is not None and replied is not self:
            shown["reply_to_message"] = replied.json(deep=False)
            if self.chat.kind == "supergroup" and self.topic is None:
                shown["message_thread_id"] = replied.number
        return shown | self.extra


@dataclass(eq=False, slots=True)
class Chat:
    """A chat, seen from above: everything in it, whether the bot may see it or not."""

    world: "World"
    id: int
    kind: str
    title: str
    is_forum: bool = False
    members: dict[int, "Person"] = field(default_factory=dict)
    # What the bot is here: member, administrator, left, kicked; in direct chats also none (not opened yet).
    bot: str = "left"
    topics: dict[int, Message] = field(default_factory=dict)
    closed_topics: set[int] = field(default_factory=set)
    moved_to: int | None = None
    messages: dict[int, Message] = field(default_factory=dict)
    typing: list[int | None] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The chat as the core names it."""
        return str(self.id)

    def json(self) -> dict[str, Any]:
        """Return the chat as the Bot API shows it."""
        shown: dict[str, Any] = {"id": self.id, "type": self.kind}
        if self.kind == "private":
            return shown | {"first_name": self.title}
        return shown | {"title": self.title} | ({"is_forum": True} if self.is_forum else {})

    def shown(self) -> list[Message]:
        """Return what the bot has said here and not taken away, in order."""
        return [message for message in self.messages.values() if message.by_bot and not message.deleted]

    def said(self) -> list[str]:
        """Return the texts of ``shown``."""
        return [message.text for message in self.shown()]

    def add(self, sender: dict[str, Any], text: str = "", **more: Any) -> Message:
        """Put a message into the chat without telling anybody."""
        with self.world.lock:
            message = Message(self, next(self.world.numbers), sender, text, int(self.world.now()), **more)
            self.messages[message.number] = message
        return message

    def topic(self, name: str, *, by: "Person | None" = None, by_bot: bool = False) -> int:
        """Open a forum topic and return its number."""
        sender = self.world.bot_user if by_bot else (by or next(iter(self.members.values()))).json()
        opening = self.add(sender, extra={"forum_topic_created": {"name": name, "icon_color": 7322096}})
        opening.topic = opening.number
        self.topics[opening.number] = opening
        return opening.number

    def delete_topic(self, topic: int) -> None:
        """Delete a forum topic with all its messages."""
        del self.topics[topic]
        for message in self.messages.values():
            message.deleted = message.deleted or message.topic == topic

    def migrates(self) -> "Chat":
        """Make a supergroup of a group, which has another number from then on."""
        world = self.world
        new = world.supergroup(self.title, *self.members.values(), bot=self.bot)
        self.moved_to = new.id
        person = next(iter(self.members.values())).json()
        world.tell("message", self.add(person, extra={"migrate_to_chat_id": new.id}).json())
        world.tell("message", new.add(person, extra={"migrate_from_chat_id": self.id}).json())
        return new

    def posts(self, text: str, into: "Chat") -> Message:
        """Post in this channel; its linked group gets the post by itself."""
        world = self.world
        post = self.add({}, text)
        sender = {"id": TELEGRAM, "is_bot": False, "first_name": "Telegram"}
        origin = {"type": "channel", "chat": self.json(), "message_id": post.number, "date": post.date}
        extra = {"sender_chat": self.json(), "is_automatic_forward": True, "forward_origin": origin}
        forward = into.add(sender, text, entities=found_entities(text), extra=extra)
        world.tell("message", forward.json())
        return forward


@dataclass(eq=False, slots=True)
class Person:
    """Somebody on Telegram."""

    world: "World"
    id: int
    name: str
    language: str | None = "de"
    username: str | None = None
    is_bot: bool = False

    @property
    def direct(self) -> Chat:
        """The direct chat with the bot, which exists on paper before it is opened."""
        with self.world.lock:
            if self.id not in self.world.chats:
                self.world.chats[self.id] = Chat(self.world, self.id, "private", self.name, bot="none")
            return self.world.chats[self.id]

    def json(self) -> dict[str, Any]:
        """Return the person as the Bot API shows them."""
        shown: dict[str, Any] = {"id": self.id, "is_bot": self.is_bot, "first_name": self.name}
        shown |= {"language_code": self.language} if self.language else {}
        return shown | ({"username": self.username} if self.username else {})

    def writes(self, chat: Chat | None, text: str, *, as_chat: Chat | None = None, **more: Any) -> Message:
        """Write into a chat, by default the direct one.

        ``more``: ``topic``, ``reply_to``, ``entities``, ``extra`` of the message. ``as_chat`` speaks as the group
        itself (an anonymous administrator) or as a channel.
        """
        chat = chat or self.direct
        if chat.kind == "private" and chat.bot == "none":
            chat.bot = "member"
        sender = self.json()
        if as_chat is not None:
            bot = GROUP_ANONYMOUS_BOT if as_chat is chat else CHANNEL_BOT
            sender = {"id": bot, "is_bot": True, "first_name": "Group"}
            more["extra"] = {"sender_chat": as_chat.json()} | more.get("extra", {})
        more.setdefault("entities", found_entities(text))
        message = chat.add(sender, text, **more)
        if self.world.bot_sees(message):
            self.world.tell("message", message.json())
        return message

    def starts(self, word: str = "") -> Message:
        """Open the direct chat with the bot, perhaps by a link."""
        return self.writes(None, f"/start {word}".strip())

    def sends_file(
        self, chat: Chat | None, name: str, *, caption: str = "", content: bytes = b"twelve bytes"
    ) -> Message:
        """Send a document."""
        self.world.files[f"file-{name}"] = content
        size = len(content)
        file: dict[str, Any] = {"file_id": f"file-{name}", "file_unique_id": name, "file_name": name, "file_size": size}
        shown: dict[str, Any] = {"document": file | {"mime_type": "application/pdf"}}
        shown |= {"caption": caption, "caption_entities": found_entities(caption)} if caption else {}
        return self.writes(chat, "", extra=shown)

    def edits(self, message: Message, text: str) -> None:
        """Change what was written."""
        message.text, message.entities = text, found_entities(text)
        message.edits += 1
        if self.world.bot_sees(message):
            self.world.tell("edited_message", message.json())

    def presses(self, message: Message, label: str) -> str:
        """Press a button below a message of the bot; returns the press's identifier."""
        press = f"{self.id}{next(self.world.numbers)}"
        self.world.presses[press] = False
        data = message.button(label)["callback_data"]
        content = {"id": press, "from": self.json(), "message": message.json(), "chat_instance": "1", "data": data}
        self.world.tell("callback_query", content)
        return press

    def joins(self, chat: Chat) -> None:
        """Come into a group: the group shows a message, administrators are told besides."""
        chat.members[self.id] = self
        message = chat.add(self.json(), extra={"new_chat_members": [self.json()]})
        if chat.bot in PRESENT:
            self.world.tell("message", message.json())
        if chat.bot == "administrator":
            change: dict[str, Any] = {"who": self.json(), "status": ("left", "member"), "date": message.date}
            self.world.tell_membership("chat_member", chat, self.json(), **change)

    def adds_bot(self, chat: Chat, *, as_admin: bool = False) -> None:
        """Add the bot to a group."""
        self._changes_bot(chat, "administrator" if as_admin else "member")
        extra = {"new_chat_members": [self.world.bot_user]}
        self.world.tell("message", chat.add(self.json(), extra=extra).json())

    def removes_bot(self, chat: Chat) -> None:
        """Throw the bot out of a group."""
        self._changes_bot(chat, "kicked")

    def blocks(self) -> None:
        """Block the bot."""
        self._changes_bot(self.direct, "kicked")

    def unblocks(self) -> None:
        """Let the bot write again."""
        self._changes_bot(self.direct, "member")

    def _changes_bot(self, chat: Chat, status: str) -> None:
        before, chat.bot = chat.bot, status
        change = ("left" if before == "none" else before, status)
        self.world.tell_membership("my_chat_member", chat, self.world.bot_user, who=self.json(), status=change)


@dataclass(slots=True)
class World:
    """Everything that there is on this Telegram."""

    bot_name: str = "allmende_bot"
    privacy_mode: bool = True
    lock: threading.RLock = field(default_factory=threading.RLock)
    chats: dict[int, Chat] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    # Presses of buttons, and whether they were answered.
    presses: dict[str, bool] = field(default_factory=dict)
    commands: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    # Everything that the bot has sent, in order.
    sent: list[Message] = field(default_factory=list)
    # What people sent, by the identifiers that the bot is told.
    files: dict[str, bytes] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: count(1001))
    _ids: Any = field(default_factory=lambda: count(1))
    queue: UpdateQueue = field(init=False)
    # How far Telegram's clock is ahead of ours.
    ahead: float = 0.0

    def __post_init__(self) -> None:
        self.queue = UpdateQueue(self.lock)

    def now(self) -> float:
        """Telegram's own time."""
        return time.time() + self.ahead

    @property
    def bot_user(self) -> dict[str, Any]:
        """The bot as others see it."""
        return {"id": BOT_ID, "is_bot": True, "first_name": "Allmende", "username": self.bot_name}

    def person(self, name: str, **more: Any) -> Person:
        """Make somebody; ``more``: ``language``, ``username``, ``is_bot``."""
        with self.lock:
            person = Person(self, 500_000 + next(self._ids), name, **more)
            self.people[person.id] = person
        return person

    def group(self, title: str, *members: Person, bot: str = "member") -> Chat:
        """Make a group with the bot in it."""
        return self._chat("group", -(4000 + next(self._ids)), title, *members, bot=bot)

    def supergroup(self, title: str, *members: Person, bot: str = "member", forum: bool = False) -> Chat:
        """Make a supergroup, perhaps with topics."""
        chat = self._chat("supergroup", -(1_001_000_000_000 + next(self._ids)), title, *members, bot=bot)
        chat.is_forum = forum
        return chat

    def channel(self, title: str) -> Chat:
        """Make a channel."""
        return self._chat("channel", -(1_001_000_000_000 + next(self._ids)), title, bot="left")

    def _chat(self, kind: str, number: int, title: str, *members: Person, bot: str) -> Chat:
        with self.lock:
            chat = Chat(self, number, kind, title, members={person.id: person for person in members}, bot=bot)
            self.chats[number] = chat
        return chat

    def tell(self, kind: str, content: dict[str, Any]) -> int | None:
        """Give the bot an update."""
        return self.queue.push(kind, content)

    def tell_membership(
        self,
        kind: str,
        chat: Chat,
        user: dict[str, Any],
        *,
        who: dict[str, Any],
        status: tuple[str, str],
        date: int | None = None,
    ) -> None:
        """Give the bot an update on who is in a chat."""
        before, after = ({"user": user, "status": state} | _rights(state) for state in status)
        content = {"chat": chat.json(), "from": who, "date": date or int(self.now())}
        self.tell(kind, content | {"old_chat_member": before, "new_chat_member": after})

    def bot_sees(self, message: Message) -> bool:
        """Whether Telegram gives the bot a message that somebody has written."""
        chat = message.chat
        if chat.bot not in PRESENT or chat.kind == "channel":
            return False
        if chat.kind == "private" or chat.bot == "administrator" or not self.privacy_mode:
            return True
        text = str(message.text or message.extra.get("caption", "")).lower()
        name = f"@{self.bot_name.lower()}"
        is_command = text.startswith("/") and ("@" not in text.split()[0] or name in text.split()[0])
        is_mention = name in text or any("user" in entity for entity in message.entities)
        return is_command or is_mention or (message.reply_to is not None and message.reply_to.by_bot)


def _rights(status: str) -> dict[str, Any]:
    if status == "kicked":
        return {"until_date": 0}
    if status != "administrator":
        return {}
    rights = (
        "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members "
        "can_promote_members can_change_info can_invite_users can_post_stories can_edit_stories can_delete_stories"
    )
    return dict.fromkeys(rights.split(), False)
