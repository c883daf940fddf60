"""What comes in and what goes out, on every network alike."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.core.text import RichText
from knowledge.models.chat import ChatKind, Network

# Whoever presses a choice that begins so, below a message that replies to one of their own, hands its words over; and
# so does whoever gives one of these commands in reply to a message of their own.
HANDS_OVER = "keep:"
HANDING_OVER = ("merken", "keep")
# What every network shows as a picture.
PICTURES = frozenset({"image/png", "image/jpeg"})


class EventKind(StrEnum):
    """What happened."""

    # Somebody wrote something, or sent a file (``files``).
    MESSAGE = "message"
    # Somebody changed ``about``; ``text`` is the new text.
    EDIT = "edit"
    # Somebody took ``about`` back.
    REDACTION = "redaction"
    # Somebody pressed the button, or the reaction, of ``choice`` below the bot's message ``about``.
    CHOICE = "choice"
    # Somebody took a choice back (a reaction was removed).
    CHOICE_UNDONE = "choice_undone"
    # ``sender`` came into the group.
    JOINED = "joined"
    # The bot was added to the chat, or removed from it.
    BOT_ADDED = "bot_added"
    BOT_REMOVED = "bot_removed"
    # The chat has a new address (``moved_to``): a room was upgraded, a group became a supergroup.
    MOVED = "moved"
    # An encrypted message could not be read, also after asking for its key.
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is said: a chat, and a thread or forum topic in it."""

    network: Network
    chat: str
    kind: ChatKind
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Who does something. ``anonymous``: an administrator or channel that speaks as the group."""

    network: Network
    address: str
    is_bot: bool = False
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class FileNote:
    """A file that came with a message; its content is fetched only when somebody wants it."""

    name: str
    media_type: str | None
    size: int | None
    reference: str

    @property
    def is_document(self) -> bool:
        """Whether it may hold a text to be read, as pictures, voices and the like do not."""
        kind = (self.media_type or "").partition("/")[0]
        return "." in self.name and kind not in ("image", "audio", "video")


@dataclass(frozen=True, slots=True)
class Incoming:
    """An event of a network, translated by its adapter.

    ``event`` is the network's identifier, unique within the network; where a network numbers messages per chat, the
    adapter makes it so (``<chat>/<number>``). ``mentioned`` says that the bot is spoken to by a mention (which
    ``text`` no longer holds). ``reply_to`` is the event replied to, ``reply_to_bot`` whether that is one of the bot's
    own (as the network says, never as a quotation in the text claims).
    """

    event: str
    kind: EventKind
    place: Place
    sender: Person
    sent_at: datetime
    text: str = ""
    mentioned: bool = False
    reply_to: str | None = None
    reply_to_bot: bool = False
    about: str | None = None
    choice: str | None = None
    files: tuple[FileNote, ...] = ()
    moved_to: str | None = None
    # The language of the person's client, where the network tells it.
    language: str | None = None
    # How many people are in the chat, where the adapter knows.
    people: int | None = None
    # Who wrote what a command replies to, and, where that person hands it over (``HANDS_OVER``), the words of it. Only
    # networks that do not let the bot read a message later on fill in the words.
    reply_author: Person | None = None
    handed_over: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose below a message: a button on Telegram, a reaction or a number on Matrix.

    ``key`` comes back in ``Incoming.choice`` (at most 40 ASCII characters); ``emoji`` is the reaction that stands for
    it on networks without buttons. ``address`` makes it a link that opens something instead.
    """

    key: str
    label: str
    emoji: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that the bot sends; one with an image's media type is shown as a picture.

    ``alt`` says in words what a picture shows: whoever does not see it reads that. ``width`` and ``height`` are in
    pixels, where they are known.
    """

    name: str
    media_type: str
    content: bytes = field(repr=False)
    alt: str = ""
    width: int | None = None
    height: int | None = None

    @property
    def is_picture(self) -> bool:
        """Whether people see it in the chat itself."""
        return self.media_type in PICTURES


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What the bot says or does in a chat.

    ``edits``: events of the bot's own that this text replaces (the first is changed, further ones are deleted or
    changed as the text's length asks for). ``deletes``: events of the bot's own to be taken away; such a message has
    no text. ``automatic`` marks what was put together by the machine (answers), in a machine-readable way where the
    network has one. ``shows_answer`` keeps the sent events under the exchange of the outgoing message.
    """

    place: Place
    text: RichText | None = None
    choices: tuple[Choice, ...] = ()
    reply_to: str | None = None
    edits: tuple[str, ...] = ()
    deletes: tuple[str, ...] = ()
    attachment: Attachment | None = None
    automatic: bool = False
    # The bot leaves the chat; nothing else is said.
    leaves: bool = False
    # Which kind of thing it is, where it comes by itself: that of its notice, or ``digest``. By e-mail, people choose
    # which of these they want.
    about: str = ""
